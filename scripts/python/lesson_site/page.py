"""A notebook, in the form that its page's template needs."""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbconvert.preprocessors import CoalesceStreamsPreprocessor

from .code import highlighted, outputs_of
from .markdown import Heading, Renderer, Unusable, parser, plain

# The last picture of the cell with this tag represents its notebook on the first page.
COVER = "portada"
# What the first page says about a notebook: its first paragraph that is more than links, and a row of its table.
LEAD = re.compile(r"<p>(.*?)</p>", re.DOTALL)
LINK = re.compile(r"<a\b.*?</a>", re.DOTALL)
TIME = re.compile(r"<strong>Tiempo</strong></td>\s*<td[^>]*>(.*?)</td>", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A cell: `kind` is prose, code or solution."""

    kind: str
    html: str
    output: str = ""
    hidden: bool = False  # its output shows training images


@dataclass(frozen=True)
class Page:
    """One page of the site."""

    name: str
    number: str
    title: str
    lead: str
    time: str
    cover: str
    blocks: list[Block]
    contents: list[Heading]
    images: set[str]

    @property
    def file(self) -> str:
        return f"{self.name}.html"


def read(path: Path, out: Path) -> Page:
    """Reads a notebook; pictures in its outputs are written to `out`."""
    renderer = Renderer()
    markdown = parser(renderer)
    blocks, cover = [], ""
    for number, cell in enumerate(nbformat.read(path, as_version=4).cells, 1):
        try:
            if cell.cell_type == "markdown":
                blocks.append(Block("prose", markdown(cell.source)))
                continue
            tags = cell.metadata.get("tags", [])
            kind = "solution" if "solution" in tags else "code"
            CoalesceStreamsPreprocessor().preprocess_cell(cell, {}, number)
            output = outputs_of(cell, out)
            blocks.append(Block(kind, highlighted(cell.source, "rust"), output, hidden="no-output" in tags))
            if COVER in tags:
                cover = cover_of(output)
        except Unusable as error:
            raise Unusable(f"{path.name}, cell {number}: {error}") from error
    first = blocks[0].html if blocks else ""
    return Page(
        name=path.stem,
        number=path.stem[:2].lstrip("0"),
        title=next((plain(heading.html) for heading in renderer.headings if heading.level == 1), path.stem),
        lead=next((unlinked(text) for text in LEAD.findall(first) if len(plain(LINK.sub("", text))) > 40), ""),
        time=found(TIME, first),
        cover=cover,
        blocks=blocks,
        contents=[heading for heading in renderer.headings if heading.level == 2],
        images=renderer.images,
    )


def cover_of(output: str) -> str:
    """The last picture. Drawings are shown whole; for grids of images, a square is enough."""
    if not (images := re.findall(r"<img [^>]*>", output)):
        return ""
    [source] = re.findall(r'src="([^"]+)"', images[-1])
    return f'<img src="{source}" alt=""{" class=pixels" if "pixelated" in images[-1] else ""}>'


def found(pattern: re.Pattern, html: str) -> str:
    match = pattern.search(html)
    return unlinked(match[1]) if match else ""


def unlinked(html: str) -> str:
    """Removes links: a card on the first page is itself a link, and links can't be nested."""
    return re.sub(r"</?a\b[^>]*>", "", html)
