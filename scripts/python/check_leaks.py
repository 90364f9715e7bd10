"""Checks that a training cell can be rerun again and again without its kernel's memory growing.

usage: check_leaks.py [--reruns N] [--bound PERCENT]

Starts the kernel gan_nb as set up, twice: once the cell trains a GAN for a few iterations, once it is the control,
`let x = 1;`. Compares the memory (RSS) of each process after the first tenth of the reruns, when everything is warm, with
the end. It tells three things apart:

- the cells' libraries: evcxr compiles one for every cell and never unloads it, with all parts of gan_nb that the cell
  reaches. This growth is evcxr's, and nearly all of it is pages of a file, which the system can drop. Shown, not judged;
- the rest of the process in which the cells run, where a leak of the training would be. It must not grow by more than the
  bound. (In 200 reruns, 2 % of it is 26 KiB a rerun: a smaller leak goes unseen);
- the front evcxr_live. In it is evcxr, whose analyser's memory grows with every cell, so what is judged is how much more the
  front has grown with the training's pictures than with the control (less than 4 MiB does not count).

Do not change anything in crate/ while it runs: evcxr would recompile it beneath variables made with the old version.

Linux only. The exit code is 1 if something judged has grown by more than the bound.
"""

import argparse
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
]
CELLS = {"training": "gan.train_gan(&x_train, 3, 8, 3)?;", "control": "let x = 1;"}
REST, LIBRARIES, FRONT = "cells, the rest", "cells, libraries", "front"
# The front's memory varies by half of this as pictures pass through it. A cell's pictures take tens of KiB, so if the front
# kept them, 200 reruns would still show it.
FRONT_MOVES = 4.0  # MiB
MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+\s*(.*)$")


def held(pid: int) -> tuple[float, float]:
    """MiB in the libraries that evcxr compiled from cells, and in everything else."""
    libraries = rest = 0
    in_library = False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if mapping := MAPPING.match(line):
            in_library = Path(mapping[1]).name.startswith("libcode_")
        elif line.startswith("Rss:"):
            kib = int(line.split()[1])
            libraries, rest = (libraries + kib, rest) if in_library else (libraries, rest + kib)
    return libraries / 1024, rest / 1024


def look(kernel: Kernel) -> dict[str, float]:
    libraries, rest = held(kernel.child().pid)
    return {REST: rest, LIBRARIES: libraries, FRONT: held(kernel.front().pid)[1]}


def run(kernel: Kernel, code: str) -> None:
    cell = kernel.client.run(code, timeout=900)
    if cell.status != "ok":
        raise SystemExit("\n".join(cell.reply["content"]["traceback"]))
    # The client keeps everything it has seen, for the tests.
    kernel.client.seen.clear()
    kernel.client.cells.clear()


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
                print(f"{name:<9}{number:5}  " + "  ".join(f"{what} {mib:.1f}" for what, mib in now.items()), flush=True)
        if kernel.child().pid != pid:
            raise SystemExit(f"{name}: the process that runs the cells has died and was replaced")
        return warm, look(kernel)
    finally:
        kernel.destroy()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reruns", type=int, default=200)
    parser.add_argument("--bound", type=float, default=2.0)
    options = parser.parse_args()
    if options.reruns < 10:
        parser.error("--reruns must be 10 or more: the first tenth is for warming up")
    print(f"{options.reruns} reruns of each cell; memory in MiB:")
    results = {name: measure(name, options.reruns) for name in CELLS}

    cells = options.reruns - options.reruns // 10
    print(f"\n{'process':<18}{'cell':<10}{'warm MiB':>10}{'end MiB':>10}{'growth':>10}{'a cell':>12}")
    over = []
    growth = {name: end[FRONT] - warm[FRONT] for name, (warm, end) in results.items()}
    for what in (REST, LIBRARIES, FRONT):
        for name, (warm, end) in results.items():
            grown = end[what] - warm[what]
            percent = 100 * grown / warm[what]
            a_cell = f"{1024 * grown / cells:.1f} KiB"
            judgement = ""
            if what == REST or (what == FRONT and name != "control"):
                within = percent <= options.bound or (what == FRONT and grown - growth["control"] <= FRONT_MOVES)
                judgement = "  ok" if within else f"  OVER {options.bound:g} %"
                over += [] if within else [f"{what}, {name}"]
            print(f"{what:<18}{name:<10}{warm[what]:10.1f}{end[what]:10.1f}{percent:8.2f} %{a_cell:>12}{judgement}")
    if over:
        print(f"\ngrew by more than {options.bound:g} %: {'; '.join(over)}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
