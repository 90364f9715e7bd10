"""Checks that a cell which trains can be run again and again: what its kernel's processes hold must not grow.

usage: check_leaks.py [--reruns N] [--bound PERCENT]

Starts the kernel gan_nb as set up, twice: once the cell trains a GAN for a few iterations, once it is `let x = 1;`, the
control. Compares what each process holds in memory (RSS) when all is warm, after the first tenth of the reruns, with the
end. Three things are told apart:

- the cells' libraries: for every cell evcxr compiles one and loads it for good, with all of gan_nb in it that the cell
  reaches. That grows by evcxr's making, nearly all of it pages of a file, which the system can drop. Shown, not judged;
- the rest of the process in which the cells run: what a training leaves there. It must not grow by more than the bound.
  (In 200 reruns 2 % of it are 26 KiB a rerun: less than that is not seen);
- the front evcxr_live, judged as well (less than 2 MiB is no growth), and evcxr_jupyter, whose memory is its compiler's and
  its analyser's: shown, not judged.

While it runs nothing in crate/ may change: evcxr would compile it anew under variables that are made of the old.

Linux. Ends with 1 when something judged has grown by more than the bound.
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
REST, LIBRARIES, FRONT, EVCXR = "cells, the rest", "cells, libraries", "front", "evcxr_jupyter"
JUDGED = [REST, FRONT]
# What the small front holds goes up and down by half of this, as pictures pass through it; a cell's are tens of KiB, so that
# keeping them would still show in 200 reruns.
FRONT_MOVES = 2.0  # MiB
MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+\s*(.*)$")


def held(pid: int) -> tuple[float, float]:
    """MiB in libraries that evcxr made of cells, and in all else."""
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
    front, evcxr = (held(process.pid)[1] for process in (kernel.front(), kernel.evcxr()))
    return {REST: rest, LIBRARIES: libraries, FRONT: front, EVCXR: evcxr}


def run(kernel: Kernel, code: str) -> None:
    cell = kernel.client.run(code, timeout=900)
    if cell.status != "ok":
        raise SystemExit("\n".join(cell.reply["content"]["traceback"]))
    # The client keeps all that it has seen, for tests.
    kernel.client.seen.clear()
    kernel.client.cells.clear()


def measure(name: str, reruns: int) -> tuple[dict[str, float], dict[str, float]]:
    """What the processes hold after the first tenth of the reruns of this cell, and after the last."""
    kernel = Kernel("gan_nb", cwd=ROOT / "notebooks")
    try:
        # The control, too, has all that a training takes once.
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
            raise SystemExit(f"{name}: the process of the cells has ended, and another has taken its place")
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
    print(f"{options.reruns} reruns of each cell; what is held, in MiB:")
    results = {name: measure(name, options.reruns) for name in CELLS}

    cells = options.reruns - options.reruns // 10
    print(f"\n{'process':<18}{'cell':<10}{'warm MiB':>10}{'end MiB':>10}{'growth':>10}{'a cell':>12}")
    over = []
    for what in (REST, LIBRARIES, FRONT, EVCXR):
        for name, (warm, end) in results.items():
            grown = end[what] - warm[what]
            percent = 100 * grown / warm[what]
            a_cell = f"{1024 * grown / cells:.1f} KiB"
            judgement = ""
            if what in JUDGED:
                within = percent <= options.bound or (what == FRONT and grown <= FRONT_MOVES)
                judgement = "  ok" if within else f"  OVER {options.bound:g} %"
                over += [] if within else [f"{what}, {name}"]
            print(f"{what:<18}{name:<10}{warm[what]:10.1f}{end[what]:10.1f}{percent:8.2f} %{a_cell:>12}{judgement}")
    if over:
        print(f"\ngrew by more than {options.bound:g} %: {'; '.join(over)}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
