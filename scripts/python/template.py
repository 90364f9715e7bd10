"""Compiles the dependencies in the notebooks' `:dep` lines, by running those lines in a kernel whose folder is FOLDER.

usage: template.py FOLDER, in the project's root
"""

import os
import shutil
import sys
from pathlib import Path

import nbformat
from execute import Failed, Runner
from kernelspec import FIRST


def dep_lines(notebooks: Path) -> list[str]:
    lines = [FIRST]
    for path in sorted(notebooks.glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        lines += [line for cell in cells if cell.cell_type == "code" for line in cell.source.splitlines()]
    return list(dict.fromkeys(line.strip() for line in lines if line.startswith(":dep ")))


def main() -> None:
    folder, notebooks = Path(sys.argv[1]), Path("notebooks")
    folder.mkdir(parents=True, exist_ok=True)
    # evcxr's own crate does not see the project's Cargo.lock; a copy keeps the versions fixed.
    shutil.copyfile("Cargo.lock", folder / "Cargo.lock")
    # With modification times, so that a template that is made again need not compile them again.
    shutil.copytree("scripts/companions", folder / "companions", dirs_exist_ok=True)
    os.environ["EVCXR_TMPDIR"] = str(folder)  # evcxr_live then copies nothing; everything else is as for any kernel
    notebooks.mkdir(exist_ok=True)  # the lines' relative paths start there
    cells = [nbformat.v4.new_code_cell("\n".join(dep_lines(notebooks)))]
    Runner(nbformat.v4.new_notebook(cells=cells), notebooks).run()


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        sys.exit(f"template.py: {error}")
