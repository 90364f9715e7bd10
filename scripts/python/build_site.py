"""Builds the lesson as a static site: a page for each notebook as it was committed, and a first page that lists them.

usage: build_site.py OUT, in the project's root

It uses nbconvert's Markdown and filters and its own template: for eight pages, Jupyter Book would bring in Node or Sphinx, a
theme and external scripts. Nothing on the pages comes from another site, not even the mathematics.
"""

import shutil
import sys
from pathlib import Path

import jinja2
from lesson_site import page
from lesson_site.markdown import Unusable

NOTEBOOKS, TEMPLATES = Path("notebooks"), Path("scripts/pages")
STATIC = ["style.css", "page.js"]
HERO = "figures/cifar10_modern.png"


def build(out: Path) -> list[page.Page]:
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    pages = [page.read(path, out) for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))]
    if not pages:
        raise Unusable(f"{NOTEBOOKS}/: found no notebooks; run this in the project's root")
    loader = jinja2.FileSystemLoader(TEMPLATES)
    templates = jinja2.Environment(loader=loader, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    for before, current, after in zip([None, *pages], pages, [*pages[1:], None]):
        text = templates.get_template("lesson.html.j2").render(pages=pages, page=current, before=before, after=after)
        (out / current.file).write_text(text, encoding="utf-8")
    text = templates.get_template("index.html.j2").render(pages=pages, page=None, hero=HERO)
    (out / "index.html").write_text(text, encoding="utf-8")
    for name in STATIC:
        shutil.copyfile(TEMPLATES / name, out / name)
    for name in {HERO}.union(*(each.images for each in pages)):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(NOTEBOOKS / name, out / name)
    return pages


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit((__doc__ or "").split("\n")[2])
    try:
        built = build(Path(sys.argv[1]))
    except (OSError, ValueError, Unusable) as error:
        sys.exit(f"build_site.py: {error}")
    print(f"{len(built)} pages; open {Path(sys.argv[1]) / 'index.html'}")
