"""Makes an executed notebook fit for a commit."""

import os
import re
from pathlib import Path

import nbformat

# A cell with this tag shows training images: its output stays out of the repository.
NO_OUTPUT = "no-output"


def tidy(notebook: nbformat.NotebookNode, root: Path) -> None:
    """Empties cells tagged `no-output`, removes execution times, and shortens this machine's paths in all text."""
    shorten = shortener({os.environ.get("GAN_NB_DATA", ""): "$GAN_NB_DATA", str(root): ".", str(Path.home()): "~"})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        if NO_OUTPUT in cell.metadata.get("tags", []):
            cell.outputs = []
        for output in cell.outputs:
            if "text" in output:
                output.text = shorten(output.text)
            for mime, content in output.get("data", {}).items():
                if isinstance(content, str) and not mime.startswith("image/"):
                    output.data[mime] = shorten(content)


def shortener(names: dict[str, str]):
    """A function that replaces each whole path, longest first; never inside base64 or a longer name."""
    names = {path.rstrip("/"): name for path, name in names.items() if path.rstrip("/")}
    paths = "|".join(re.escape(path) for path in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w+/=.-])(?:{paths})(?![\w+=.-])")
    return lambda text: pattern.sub(lambda match: names[match.group()], text)
