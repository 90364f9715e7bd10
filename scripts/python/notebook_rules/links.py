"""Every link leads somewhere; every work that is cited is listed, and every work that is listed is cited."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat

from .lesson import Cell, Lesson, Token, html_tags, plain, walk

REFERENCES, LIST = "09_conclusiones.ipynb", "Referencias"
KEY = re.compile(r"[a-z]+(?:19|20)\d\d[a-z]?")
IDENTIFIER = re.compile(r"https?://(?:doi\.org/10\.\d{4,}/\S+|arxiv\.org/abs/\d{4}\.\d{4,5}(?:v\d+)?)$")
# Works that have neither a DOI nor an arXiv number, and where they were published. Each needs another kind of link.
WITHOUT_IDENTIFIER = {
    "krizhevsky2009": "technical report of the University of Toronto",
    "maas2013": "ICML workshop, no proceedings with DOIs",
}
# A year in brackets is a citation, and a citation must be a link.
UNLINKED = re.compile(r"\((?:[^()]*,\s*)?(?:19[5-9]|20[0-2])\d[a-z]?\)")


def check(lesson: Lesson) -> None:
    """The checks that need only one notebook."""
    known: dict[Path, set[str]] = {lesson.path.resolve(): anchors(lesson.node)}
    for cell in lesson.prose:
        for url in urls(cell.tokens):
            if problem := unresolved(url, lesson, known):
                lesson.find(cell, problem)
        for token in walk(cell.tokens, without=("link", "codespan", "block_code")):
            if token["type"] == "image" and not plain(token).strip():
                lesson.find(cell, f"the image {token['attrs']['url']} has no alternative text")
        for tag, attributes in html_tags(cell.tokens):
            if tag == "img" and not attributes.get("alt", "").strip():
                lesson.find(cell, f"the image {attributes.get('src')} has no alternative text")
    for cell in lesson.prose:
        for text in paragraphs(cell, lesson):
            for found in UNLINKED.findall(text):
                lesson.find(cell, f"a work cited without a link: {found}; write [Autor, año]({REFERENCES}#clave)")


def paragraphs(cell: Cell, lesson: Lesson) -> list[str]:
    listed = {id(token) for _, tokens in lesson.section(LIST) for token in tokens}
    tokens = walk([token for token in cell.tokens if id(token) not in listed], without=("link", "image"))
    return [plain_outside_links(token) for token in tokens if token["type"] in ("paragraph", "block_text", "heading", "table_cell")]


def plain_outside_links(token: Token) -> str:
    return "".join(each["raw"] for each in walk(token["children"], without=("link", "image")) if each["type"] == "text")


def urls(tokens: list[Token]) -> list[str]:
    own = [token["attrs"]["url"] for token in walk(tokens) if token["type"] in ("link", "image")]
    return own + [attributes[name] for _, attributes in html_tags(tokens) for name in ("href", "src") if attributes.get(name)]


def unresolved(url: str, lesson: Lesson, known: dict[Path, set[str]]) -> str | None:
    """What is wrong with a link within the repository; links to elsewhere are not followed."""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return None if parts.scheme == "https" else f"the link {url}: external links must be https"
    target = (lesson.path.parent / unquote(parts.path)).resolve() if parts.path else lesson.path.resolve()
    if not target.is_relative_to(lesson.root.resolve()):
        return f"the link {url} leads out of the repository"
    if not target.exists():
        return f"the link {url} leads nowhere: there is no {target.relative_to(lesson.root.resolve())}"
    if parts.fragment and target.suffix == ".ipynb":
        if target not in known:
            known[target] = anchors(nbformat.read(target, as_version=4))
        if unquote(parts.fragment) not in known[target]:
            return f'the link {url}: {target.name} has no <a id="{unquote(parts.fragment)}"></a> and no heading of that name'
    return None


def anchors(node: nbformat.NotebookNode) -> set[str]:
    """The targets of fragments: ids of HTML tags, and headings as Jupyter names them (spaces become hyphens)."""
    found = set()
    for cell in Lesson(Path(), Path(), node).prose:
        found |= {attributes["id"] for _, attributes in html_tags(cell.tokens) if "id" in attributes}
        found |= {plain(token).strip().replace(" ", "-") for token in walk(cell.tokens) if token["type"] == "heading"}
    return found


def check_together(lessons: list[Lesson]) -> None:
    """The check that needs all notebooks: that cited and listed works are the same."""
    listing = next((lesson for lesson in lessons if lesson.path.name == REFERENCES), None)
    listed = entries(listing) if listing else {}
    cited = set()
    for lesson in lessons:
        for cell in lesson.prose:
            for url in urls(cell.tokens):
                path, _, key = url.partition("#")
                if not KEY.fullmatch(key) or path not in ("", REFERENCES) or (path == "" and lesson is not listing):
                    continue
                cited.add(key)
                if listing and key not in listed:  # without the list the links are dead, which was reported already
                    lesson.find(cell, f"cites {key}, which has no entry in the list of {REFERENCES}; add it there")
    for key, (cell, links) in listed.items():
        if key not in cited:
            listing.find(cell, f"the reference {key} is cited nowhere; cite it or remove it")
        if not any(IDENTIFIER.fullmatch(link) for link in links):
            if key not in WITHOUT_IDENTIFIER:
                listing.find(cell, f"the reference {key} has no link to a DOI or to arXiv")
            elif not any(link.startswith("https://") for link in links):
                listing.find(cell, f"the reference {key} has no link at all")
        elif key in WITHOUT_IDENTIFIER:
            listing.find(cell, f"the reference {key} has a DOI or arXiv number; remove it from WITHOUT_IDENTIFIER in links.py")


def entries(listing: Lesson) -> dict[str, tuple[Cell, list[str]]]:
    """The works of the list by key, each with its cell and its links."""
    found = {}
    section = listing.section(LIST)
    if not section:
        listing.find(None, f"no section `## {LIST}`; the lesson's list of works belongs there")
    for cell, tokens in section:
        for item in (token for token in walk(tokens) if token["type"] == "list_item"):
            ids = [attributes["id"] for _, attributes in html_tags(item["children"]) if "id" in attributes]
            if len(ids) != 1 or not KEY.fullmatch(ids[0]):
                listing.find(cell, f'an entry without one anchor <a id="apellido2014"></a>: {plain(item)[:60]} …')
                continue
            if ids[0] in found:
                listing.find(cell, f"the reference {ids[0]} is listed twice")
            found[ids[0]] = (cell, [url for url in urls(item["children"]) if not url.startswith("#")])
    return found
