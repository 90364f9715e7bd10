"""Markdown to HTML as nbconvert reads it, with mathematics as MathML, which browsers render without scripts."""

import re
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import quote

import mistune
from math_core import LatexError, LatexToMathML
from mistune.plugins.table import table
from nbconvert.filters.markdown_mistune import MathBlockParser, MathInlineParser

from .code import highlighted

NOTEBOOK = re.compile(r"^(\d\d_\w+)\.ipynb(#.*)?$")
LINKING = re.compile(r"""\b(href|src)=(["'])(.*?)\2""")
MATH = LatexToMathML(fancy_error=False)


class Unusable(Exception):
    """Something in a notebook that can't be shown on a page; the message is for the author."""


@dataclass(frozen=True)
class Heading:
    """A heading for the table of contents; `html` includes its mathematics and code."""

    level: int
    anchor: str
    html: str


class Renderer(mistune.HTMLRenderer):
    """Collects the headings and the local images; links to notebooks become links to their pages."""

    def __init__(self):
        super().__init__(escape=False)
        self.headings: list[Heading] = []
        self.images: set[str] = set()

    def heading(self, text: str, level: int, **_) -> str:
        anchor = plain(text).replace(" ", "-")  # as JupyterLab names it
        self.headings.append(Heading(level, quote(anchor), text))
        return f'<h{level} id="{escape(anchor)}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        target = self.target(url)
        return f'<a href="{escape(target)}">{text}</a>' if target else text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f'<img src="{escape(self.local_image(url))}" alt="{escape(text)}">'

    def inline_html(self, html: str) -> str:
        return LINKING.sub(self._relinked, html)

    def block_html(self, html: str) -> str:
        return self.inline_html(html) + "\n"

    def block_code(self, code: str, info: str | None = None) -> str:
        return highlighted(code, (info or "text").split()[0])

    def inline_math(self, latex: str) -> str:
        return mathml(latex, displaystyle=False)

    def block_math(self, latex: str) -> str:
        return mathml(latex, displaystyle=True)

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", displaystyle=True)

    def target(self, url: str) -> str | None:
        """Where a link leads on the site; None for a file of the repository that has no page."""
        if page := NOTEBOOK.match(url):
            return f"{page[1]}.html{page[2] or ''}"
        return url if url.startswith(("https://", "#")) else None

    def local_image(self, url: str) -> str:
        if not url.startswith(("https://", "data:")):
            self.images.add(url)
        return url

    def _relinked(self, match: re.Match) -> str:
        name, mark, url = match.groups()
        return f"{name}={mark}{self.local_image(url) if name == 'src' else self.target(url) or '#'}{mark}"


def table_head(renderer: Renderer, text: str) -> str:
    """Omits an empty table head, which Markdown can't leave out."""
    return f"<thead>\n<tr>{text}</tr>\n</thead>\n" if plain(text).strip() else ""


def scrolled_table(renderer: Renderer, text: str) -> str:
    return f'<div class="table"><table>\n{text}</table></div>\n'


def parser(renderer: Renderer) -> mistune.Markdown:
    markdown = mistune.Markdown(renderer, block=MathBlockParser(), inline=MathInlineParser(), plugins=[table])
    renderer.register("table_head", table_head)
    renderer.register("table", scrolled_table)
    return markdown


def mathml(latex: str, displaystyle: bool) -> str:
    try:
        return MATH.convert_with_local_state(unescape(latex), displaystyle=displaystyle)
    except LatexError as error:
        raise Unusable(f"the formula {latex!r}: {error}") from error


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))
