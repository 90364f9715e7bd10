"""Code and its output, as HTML."""

import base64
import hashlib
import re
from html import escape
from pathlib import Path

from nbconvert.filters import ansi2html
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

EMBEDDED = re.compile(r'src="data:image/(\w+);base64,([^"]+)"')


def highlighted(source: str, language: str) -> str:
    """The style sheet sets the colours: each kind of word has its class."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    inner = highlight(source.strip("\n"), lexer, HtmlFormatter(nowrap=True))
    # A tabindex, so that it can be scrolled with the keyboard.
    return f'<pre class="code" tabindex="0"><code>{inner}</code></pre>\n'


def outputs_of(cell: NotebookNode, folder: Path) -> str:
    return "\n".join(output_html(output, folder) for output in cell.outputs)


def output_html(output: NotebookNode, folder: Path) -> str:
    if output.output_type == "stream":
        return f'<pre class="printed" tabindex="0">{ansi2html(output.text).rstrip()}</pre>'
    data = output.data
    if "text/html" in data:
        return f'<div class="shown">{with_files(data["text/html"], folder)}</div>'
    if "image/png" in data:
        return with_files(f'<div class="shown"><img src="data:image/png;base64,{data["image/png"]}" alt=""></div>', folder)
    return f'<pre class="printed" tabindex="0">{escape(data.get("text/plain", "")).rstrip()}</pre>'


def with_files(html: str, folder: Path) -> str:
    """Moves embedded pictures into files beside the page, so that the page loads fast."""

    def to_file(match: re.Match) -> str:
        picture = base64.b64decode(match[2])
        name = f"{hashlib.sha256(picture).hexdigest()[:16]}.{match[1]}"
        (folder / "images").mkdir(parents=True, exist_ok=True)
        (folder / "images" / name).write_bytes(picture)
        return f'src="images/{name}"'

    return EMBEDDED.sub(to_file, html)
