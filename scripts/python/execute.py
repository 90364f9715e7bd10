"""Executes notebooks under the kernel `gan_nb`, without a browser, and shows what the cells print while they run.

usage: execute.py [--in-place] [--kernel {gan_nb,rust}] NOTEBOOK...

The executed notebook and its HTML go to out/, even if a cell fails. --in-place instead rewrites the notebook itself,
tidied for a commit (see tidy.py), and only if all cells succeed. A notebook that fails does not stop the others; a table at
the end says which failed. --kernel rust uses plain evcxr_jupyter (see plain.py).
"""

import argparse
import asyncio
import os
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import plain
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from peak import Peak
from tidy import tidy

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "out"


# cargo's progress as evcxr prints it, the only thing on stderr that is not an error.
NO_COMPLAINT = re.compile(r"^\s*Compiling .*$", re.M)


class Failed(Exception):
    """A notebook that could not be read or executed, in words for the reader."""


class Stopped(Failed):
    """A notebook that someone stopped; the others are not run either."""


class Runner(NotebookClient):
    """Runs all cells of a notebook in its folder, with no time limit, and shows its progress."""

    def __init__(self, notebook: nbformat.NotebookNode, folder: Path, kernel: str = "gan_nb"):
        hooks = {"on_cell_execute": self.announce, "on_cell_executed": self.look_back}
        super().__init__(notebook, kernel_name=kernel, timeout=None, record_timing=False, **hooks)
        self.resources = {"metadata": {"path": str(folder)}}
        self.start = time.monotonic()
        self.current = ""
        self.stderr = ""

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
            if content["name"] == "stderr":
                self.stderr += content["text"]
        elif message["msg_type"] == "error":
            print("\n".join(content["traceback"]) or f"{content['ename']}: {content['evalue']}", flush=True)
        return super().process_message(message, cell, cell_index)

    def look_back(self, cell: nbformat.NotebookNode, cell_index: int, execute_reply: dict) -> None:
        """Plain evcxr counts a cell that a `?` ended early as a success; only its stderr shows the error."""
        if complaint := NO_COMPLAINT.sub("", self.stderr).strip():
            raise Failed(f"{self.current} printed on stderr, as evcxr does for an error: {complaint}")

    def run(self) -> None:
        try:
            self.execute()
        except CellExecutionError as error:
            raise Failed(f"{self.current} ended with an error: {error.evalue or error.ename}") from error
        except RuntimeError as error:  # DeadKernelError is one; a kernel that does not start raises another
            raise Failed(f"{self.current or 'at its start'}: the kernel died") from error
        except AttributeError as error:
            if self.km is not None:
                raise
            # Ctrl-C: nbclient has shut the kernel down, and fails when it does so a second time.
            raise Stopped(f"{self.current}: stopped") from error
        finally:
            # A cell's prints arrive in pieces, as they were flushed.
            CoalesceStreamsPreprocessor().preprocess(self.nb, {})


def read(path: Path) -> nbformat.NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError) as error:
        raise Failed(f"{path}: not a notebook: {error}") from error


def write_out(notebook: nbformat.NotebookNode, name: str) -> None:
    OUT.mkdir(exist_ok=True)
    nbformat.write(notebook, OUT / f"{name}.ipynb")
    html, _ = HTMLExporter().from_notebook_node(notebook, {"metadata": {"name": name}})
    (OUT / f"{name}.html").write_text(html, encoding="utf-8")
    print(f"written: out/{name}.ipynb and out/{name}.html")


@dataclass
class Outcome:
    """How a notebook ended: a line of the table."""

    name: str
    seconds: float
    gib: float
    failure: str = ""

    def __str__(self) -> str:
        return f"{self.name:32} {self.seconds:8.0f} s {self.gib:8.1f} GiB   {'FAILED' if self.failure else 'ok'}"


def execute(path: Path, in_place: bool, kernel: str) -> Outcome:
    start = time.monotonic()
    outcome = Outcome(path.stem, 0, 0)
    with Peak() as peak:
        try:
            run(path, in_place, kernel)
        except Stopped:
            raise
        except Failed as error:
            outcome.failure = f"{path}: {error}"
            print(f"FAILED: {outcome.failure}", flush=True)
    outcome.seconds, outcome.gib = time.monotonic() - start, peak.gib
    return outcome


def run(path: Path, in_place: bool, kernel: str) -> None:
    notebook = read(path)
    runner = Runner(notebook, path.resolve().parent, kernel)
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
    parser.add_argument("--kernel", choices=["gan_nb", plain.NAME], default="gan_nb")
    parser.add_argument("notebooks", nargs="+", type=Path)
    arguments = parser.parse_args()
    if arguments.in_place and arguments.kernel == plain.NAME:
        parser.error("--in-place needs the kernel gan_nb, with which the lesson is committed")
    # A spare that takes over would not be among the processes whose memory is counted.
    os.environ["EVCXR_LIVE_SPARE"] = "0"
    try:
        if arguments.kernel == plain.NAME:
            plain.prepare()
        outcomes = [execute(path, arguments.in_place, arguments.kernel) for path in arguments.notebooks]
    except Stopped as error:
        sys.exit(f"FAILED: {error}")
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("stopped")
    if len(outcomes) > 1:
        print("", f"{'notebook':32} {'time':>10} {'peak memory':>12}   end", *outcomes, sep="\n")
    if failures := [outcome.failure for outcome in outcomes if outcome.failure]:
        sys.exit("\n".join(f"FAILED: {failure}" for failure in failures))


if __name__ == "__main__":
    main()
