"""Checks that a training cell can be rerun again and again without its kernel's memory growing.

usage: check_leaks.py [--reruns N]

Starts the kernel gan_nb as set up, twice: once the cell trains a GAN for a few iterations, once it is the control,
`let x = 1;`. Looks at the memory after the first tenth of the reruns, when everything is warm, and at the end. What is judged
is how much more it has grown with the training than with the control:

- the blocks in use in the process in which the cells run, as its C library counts them, to the byte. Every cell costs some
  KiB, most of them the loader's notes on the cell's library. (The process's own size would show nothing: freed memory stays
  with it, see crate/src/platform/malloc.rs, and what leaks first fills the gaps);
- the size of the front evcxr_live. In it is evcxr, whose analyser's memory grows with every cell.

The libraries that evcxr compiles from the cells and never unloads are shown, not judged: that growth is evcxr's, and nearly
all of it is pages of a file, which the system can drop.

Do not change anything in crate/ while it runs: evcxr would recompile it beneath variables made with the old version.

Linux with glibc 2.33 or newer only. The exit code is 1 if something judged has grown by more than its bound.
"""

import argparse
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "kernel/tests"))
from kernels import Kernel  # noqa: E402  (it lies beside the kernel's tests)

SET_UP = [
    ':dep gan_nb = { path = "../crate" }',
    "use gan_nb::prelude::*;",
    "let x_train = Shapes::generate(256, 1)?;\nlet mut gan = Gan::new(GanConfig::tutorial())?;",
    """#[repr(C)]
pub struct MallInfo2 {
    arena: usize, ordblks: usize, smblks: usize, hblks: usize, hblkhd: usize,
    usmblks: usize, fsmblks: usize, uordblks: usize, fordblks: usize, keepcost: usize,
}
unsafe extern "C" {
    fn mallinfo2() -> MallInfo2;
}
pub fn bytes_in_use() -> usize {
    let now = unsafe { mallinfo2() };
    now.uordblks + now.hblkhd
}""",
]
CELLS = {"training": "gan.train_gan(&x_train, 3, 8, 3)?;", "control": "let x = 1;"}
IN_USE, LIBRARIES, FRONT = "cells, in use", "cells, libraries", "front"
# How much more may stay of a training than of the control, in KiB a rerun. A training's library is larger, and so are the
# loader's notes on it: 3 KiB. The front's size moves by some MiB as pictures pass through it, each of which takes tens of KiB;
# if it kept them, 200 reruns would still show it.
IN_USE_BOUND = 16.0
FRONT_MOVES = 4096.0  # KiB in all
MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+\s*(.*)$")


def size(pid: int, libraries: bool) -> float:
    """KiB of a process in memory: of the libraries that evcxr compiled from cells, or of everything else."""
    total, in_library = 0, False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if mapping := MAPPING.match(line):
            in_library = Path(mapping[1]).name.startswith("libcode_")
        elif line.startswith("Rss:") and in_library == libraries:
            total += int(line.split()[1])
    return total


def look(kernel: Kernel) -> dict[str, float]:
    """KiB in each place."""
    in_use = int(run(kernel, 'println!("{}", bytes_in_use());')) / 1024
    return {IN_USE: in_use, LIBRARIES: size(kernel.child().pid, True), FRONT: size(kernel.front().pid, False)}


def run(kernel: Kernel, code: str) -> str:
    """What the cell prints."""
    cell = kernel.client.run(code, timeout=900)
    if cell.status != "ok":
        raise SystemExit("\n".join(cell.reply["content"]["traceback"]))
    # The client keeps everything it has seen, for the tests.
    kernel.client.seen.clear()
    kernel.client.cells.clear()
    return cell.text()


def measure(name: str, reruns: int) -> tuple[dict[str, float], dict[str, float]]:
    """The processes' memory after the first tenth of the reruns of this cell, and after the last."""
    kernel = Kernel("gan_nb", cwd=ROOT / "notebooks")
    try:
        # The control, too, starts with the memory that a first training takes.
        for code in [*SET_UP, CELLS["training"]]:
            run(kernel, code)
        pid, tenth = kernel.child().pid, reruns // 10
        warm = {}
        for number in range(1, reruns + 1):
            run(kernel, CELLS[name])
            if number % tenth == 0:
                now = look(kernel)
                warm = warm or now
                print(f"{name:<9}{number:5}  " + "  ".join(f"{what} {kib:.0f}" for what, kib in now.items()), flush=True)
        if kernel.child().pid != pid:
            raise SystemExit(f"{name}: the process that runs the cells has died and was replaced")
        return warm, look(kernel)
    finally:
        kernel.destroy()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reruns", type=int, default=200)
    options = parser.parse_args()
    if options.reruns < 10:
        parser.error("--reruns must be 10 or more: the first tenth is for warming up")
    # A spare that takes over would not be among the processes whose memory is counted.
    os.environ["EVCXR_LIVE_SPARE"] = "0"
    print(f"{options.reruns} reruns of each cell; memory in KiB:")
    results = {name: measure(name, options.reruns) for name in CELLS}

    cells = options.reruns - options.reruns // 10
    print(f"\n{'process':<18}{'cell':<10}{'warm KiB':>10}{'end KiB':>10}{'KiB a rerun':>13}")
    over = []
    bounds = {IN_USE: IN_USE_BOUND, FRONT: FRONT_MOVES / cells}
    for what in (IN_USE, LIBRARIES, FRONT):
        growth = {}
        for name, (warm, end) in results.items():
            growth[name] = (end[what] - warm[what]) / cells
            print(f"{what:<18}{name:<10}{warm[what]:10.0f}{end[what]:10.0f}{growth[name]:13.1f}")
        if what in bounds and growth["training"] - growth["control"] > bounds[what]:
            more = growth["training"] - growth["control"]
            over.append(f"{what}: a training leaves {more:.1f} KiB more than the control; bound {bounds[what]:.0f}")
    print("\n" + ("\n".join(over) or "within the bounds: " + ", ".join(f"{what} {kib:.0f} KiB" for what, kib in bounds.items())))
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
