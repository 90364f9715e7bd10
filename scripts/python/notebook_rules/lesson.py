"""A notebook as the rules see it: its cells, with their Markdown as a tree."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

import mistune
from mistune.plugins.table import table
from nbconvert.filters.markdown_mistune import MathBlockParser, MathInlineParser
from nbformat import NotebookNode

# The parser with which nbconvert makes the site's pages, so that both read the same Markdown.
PARSER = mistune.Markdown(renderer=None, block=MathBlockParser(), inline=MathInlineParser(), plugins=[table])
Token = dict


@dataclass(frozen=True, order=True)
class Finding:
    """A broken rule: where, and what to do. Cells count from 1; 0 is the whole notebook."""

    notebook: str
    cell: int
    text: str

    def __str__(self) -> str:
        return f"{self.notebook}{f', cell {self.cell}' if self.cell else ''}: {self.text}"


@dataclass
class Cell:
    """A cell with its number, counted from 1 over all cells."""

    number: int
    node: NotebookNode

    @property
    def is_code(self) -> bool:
        return self.node.cell_type == "code"

    @property
    def source(self) -> str:
        return self.node.source

    @property
    def tags(self) -> list[str]:
        return self.node.metadata.get("tags", [])

    @cached_property
    def tokens(self) -> list[Token]:
        """The Markdown's tree; none for a code cell."""
        return [] if self.is_code else PARSER.parse(self.source)[0]


@dataclass
class Lesson:
    """One notebook, with the path from which its links start and the root that they must not leave."""

    path: Path
    root: Path
    node: NotebookNode
    findings: list[Finding] = field(default_factory=list)

    @cached_property
    def cells(self) -> list[Cell]:
        return [Cell(number, node) for number, node in enumerate(self.node.cells, 1)]

    @property
    def code(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.is_code]

    @property
    def prose(self) -> list[Cell]:
        return [cell for cell in self.cells if not cell.is_code]

    def find(self, cell: Cell | None, text: str) -> None:
        self.findings.append(Finding(self.path.name, cell.number if cell else 0, text))

    def section(self, title: str) -> list[tuple[Cell, list[Token]]]:
        """Each cell of the section that a heading `## title` (a number may stand before it) opens, with its tokens."""
        found, inside = [], False
        for cell in self.cells:
            tokens = []
            for token in cell.tokens:
                if token["type"] == "heading" and token["attrs"]["level"] <= 2:
                    inside = token["attrs"]["level"] == 2 and plain(token).split("·")[-1].strip() == title
                if inside:
                    tokens.append(token)
            if tokens or (inside and cell.is_code):
                found.append((cell, tokens))
        return found


def walk(tokens: list[Token], without: tuple[str, ...] = ()) -> Iterator[Token]:
    """All tokens of a tree, top down, except those of the types `without` and everything in them."""
    for token in tokens:
        if token["type"] not in without:
            yield token
            yield from walk(token.get("children", []), without)


def plain(token: Token) -> str:
    """The words of a token, without markup."""
    own = token.get("raw", "") if token["type"] in ("text", "codespan", "inline_math") else ""
    return own + "".join(plain(child) for child in token.get("children", []))


def html_tags(tokens: list[Token]) -> Iterator[tuple[str, dict[str, str]]]:
    """The HTML tags in the Markdown, each with its attributes."""
    for token in walk(tokens):
        if token["type"] in ("inline_html", "block_html"):
            yield from tags_of(token["raw"])


def tags_of(html: str) -> list[tuple[str, dict[str, str]]]:
    """The opening tags in a piece of HTML, each with its attributes."""
    parser = _Tags()
    parser.feed(html)
    return parser.found


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {name: value or "" for name, value in attrs}))
