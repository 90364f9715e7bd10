"""Checks all notebooks against the lesson's rules; each finding names the notebook, the cell and what to do.

usage: check_notebooks.py [NOTEBOOK...]    (default: all in notebooks/)

    .venv/bin/python scripts/python/check_notebooks.py                                # all, as scripts/test does
    .venv/bin/python scripts/python/check_notebooks.py notebooks/04_superresolucion.ipynb    # your own draft

The rules, in notebook_rules/: form.py (kernelspec, cells and outputs, header, exercises), links.py (links, citations and the
list of works in 07), spelling.py (hunspell; names and terms that it does not know go into terms.txt, one per line, sorted).
If you name notebooks, the rules that need all of them are skipped: works that none cites, terms that none uses.
"""

import sys
from pathlib import Path

import nbformat
from notebook_rules import form, links, spelling
from notebook_rules.lesson import Lesson

ROOT = Path(__file__).resolve().parents[2]


def read(path: Path) -> Lesson:
    return Lesson(path, ROOT, nbformat.read(path, as_version=4))


def findings(paths: list[Path], whole: bool) -> list[str]:
    """What is wrong with these notebooks, in words; `whole` says that these are all notebooks."""
    lessons = [read(path) for path in paths]
    for lesson in lessons:
        form.check(lesson)
        links.check(lesson)
    complaints = spelling.check_together(lessons, spelling.read_terms(), whole)
    beside = Path(paths[0]).parent / links.REFERENCES
    if not whole and beside.exists() and beside.name not in {path.name for path in paths}:
        links.check_together([*lessons, read(beside)])  # only for the list of works; its own check reports what is wrong there
    elif lessons:
        links.check_together(lessons)
    found = [str(each) for lesson in lessons for each in sorted(set(lesson.findings))]
    return found + complaints


def main() -> None:
    if any(argument.startswith("-") for argument in sys.argv[1:]):
        sys.exit((__doc__ or "").split("\n")[2])
    named = [Path(argument) for argument in sys.argv[1:]]
    paths = named or sorted((ROOT / "notebooks").glob("*.ipynb"))
    try:
        found = findings(paths, whole=not named)
    except (OSError, ValueError, spelling.Unavailable) as error:
        sys.exit(f"check_notebooks.py: {error}")
    if found:
        sys.exit("\n".join([*found, f"FAILED: {len(found)} findings in {len(paths)} notebooks"]))
    print(f"{len(paths)} notebooks keep all rules")


if __name__ == "__main__":
    main()
