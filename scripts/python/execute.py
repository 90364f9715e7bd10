"""Executes notebooks under the kernel `gan_nb`, without a browser, printing what the cells print as they print it.

usage: execute.py [--in-place] NOTEBOOK...

The executed notebook and its HTML go to out/, also when a cell fails. --in-place instead rewrites the notebook itself,
tidied for a commit (see tidy.py), and only when all cells succeed.
"""

import argparse
import asyncio
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter
from tidy import tidy

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "out"


class Failed(Exception):
    """A notebook that could not be read or executed, in words for the reader."""


class Runner(NotebookClient):
    """Runs all cells of a notebook in its folder, with no time limit, and shows its progress."""

    def __init__(self, notebook: nbformat.NotebookNode, folder: Path):
        super().__init__(notebook, kernel_name="gan_nb", timeout=None, record_timing=False, on_cell_execute=self.announce)
        self.resources = {"metadata": {"path": str(folder)}}
        self.start = time.monotonic()
        self.current = ""

    def announce(self, cell: nbformat.NotebookNode, cell_index: int) -> None:
        if cell.cell_type != "code":
            return
        line = next(iter(cell.source.splitlines()), "")
        self.current = f"cell {cell_index + 1} of {len(self.nb.cells)}: {line[:90]}"
        print(f"[{time.monotonic() - self.start:6.1f} s] {self.current}", flush=True)

    def process_message(self, message, cell, cell_index):
        content = message["content"]
        if message["msg_type"] == "stream":
            print(content["text"], end="", flush=True)
        elif message["msg_type"] == "error":
            print("\n".join(content["traceback"]) or f"{content['ename']}: {content['evalue']}", flush=True)
        return super().process_message(message, cell, cell_index)

    def run(self) -> None:
        try:
            self.execute()
        except CellExecutionError as error:
            raise Failed(f"{self.current} ended with an error: {error.evalue or error.ename}") from error
        except DeadKernelError as error:
            raise Failed(f"{self.current}: the kernel died") from error
        except AttributeError as error:
            if self.km is not None:
                raise
            # Ctrl-C: nbclient has ended the kernel, and stumbles over ending it a second time.
            raise Failed(f"{self.current}: stopped") from error


def read(path: Path) -> nbformat.NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError) as error:
        raise Failed(f"{path}: expected a notebook, found: {error}") from error


def write_out(notebook: nbformat.NotebookNode, name: str) -> None:
    OUT.mkdir(exist_ok=True)
    nbformat.write(notebook, OUT / f"{name}.ipynb")
    html, _ = HTMLExporter().from_notebook_node(notebook, {"metadata": {"name": name}})
    (OUT / f"{name}.html").write_text(html, encoding="utf-8")
    print(f"written: out/{name}.ipynb and out/{name}.html")


def execute(path: Path, in_place: bool) -> None:
    notebook = read(path)
    runner = Runner(notebook, path.resolve().parent)
    try:
        runner.run()
        print(f"{path}: all cells ran, {time.monotonic() - runner.start:.0f} s")
        if in_place:
            tidy(notebook, ROOT)
            nbformat.write(notebook, path)
            print(f"written: {path}")
    finally:
        if not in_place:
            write_out(notebook, path.stem)


def main() -> None:
    parser = argparse.ArgumentParser(usage=(__doc__ or "").split("\n")[2].removeprefix("usage: "))
    parser.add_argument("--in-place", action="store_true")
    parser.add_argument("notebooks", nargs="+", type=Path)
    arguments = parser.parse_args()
    try:
        for path in arguments.notebooks:
            execute(path, arguments.in_place)
    except Failed as error:
        sys.exit(f"FAILED: {error}")
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("stopped")


if __name__ == "__main__":
    main()
