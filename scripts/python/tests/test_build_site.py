"""How a notebook becomes a page. scripts/browser/site.mjs tests in a browser how the pages look and work."""

import base64
from pathlib import Path

import build_site
import nbformat
import pytest
from lesson_site.markdown import Unusable
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

HEAD = """# Uno & dos

[02](02_b.ipynb) →

Un párrafo con $x < y$, [otro cuaderno](02_b.ipynb#Fin) y [la biblioteca](../crate/src/lib.rs), que es bastante largo.

| | |
|---|---|
| **Tiempo** | un minuto |

## Con $\\hat{x}$

![un mapa](figures/mapa.png)"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Builds a site from a notebook with these code cells; returns its page and the first page."""
    monkeypatch.setattr(build_site, "TEMPLATES", Path(build_site.__file__).resolve().parents[1] / "pages")
    monkeypatch.setattr(build_site, "NOTEBOOKS", tmp_path / "notebooks")
    figures = tmp_path / "notebooks/figures"
    figures.mkdir(parents=True)
    for name in ("mapa.png", Path(build_site.HERO).name):
        (figures / name).write_bytes(b"png")

    def build(*cells, head: str = HEAD) -> tuple[str, str]:
        for name, content in (("01_a", [new_markdown_cell(head), *cells]), ("02_b", [new_markdown_cell("# Dos")])):
            nbformat.write(new_notebook(cells=content), tmp_path / f"notebooks/{name}.ipynb")
        build_site.build(tmp_path / "out")
        return (tmp_path / "out/01_a.html").read_text(), (tmp_path / "out/index.html").read_text()

    build.out = tmp_path / "out"
    return build


def test_links_lead_to_pages_and_repository_files_are_not_linked(site):
    page, _ = site()
    assert '<a href="02_b.html#Fin">otro cuaderno</a>' in page
    assert "ipynb" not in page and "la biblioteca" in page and "crate" not in page
    assert 'rel="next" href="02_b.html"' in page and 'rel="prev"' not in page


def test_pictures_are_files_with_their_alternative_text(site):
    picture = base64.b64encode(b"a picture").decode()
    html = f'<img src="data:image/png;base64,{picture}" alt="curva">'
    page, index = site(new_code_cell("f()", outputs=[new_output("display_data", {"text/html": html})], metadata={"tags": ["portada"]}))
    [file] = (site.out / "images").iterdir()
    assert file.read_bytes() == b"a picture" and f'<img src="images/{file.name}" alt="curva">' in page
    assert f'<img src="images/{file.name}" alt="">' in index, "the cover"
    assert (site.out / "figures/mapa.png").exists() and '<img src="figures/mapa.png" alt="un mapa">' in page


def test_mathematics_needs_no_script(site):
    page, _ = site()
    assert "$" not in page and page.count("<math") == 3, "in the text, in a heading and in the list of contents"
    with pytest.raises(Unusable, match=r"01_a.ipynb, cell 1: the formula .*nada"):
        site(head=r"# Uno $\nada$")


def test_solutions_are_folded_and_training_images_are_named(site):
    page, _ = site(new_code_cell("let x = 1;", metadata={"tags": ["solution"]}), new_code_cell("y", metadata={"tags": ["no-output"]}))
    assert page.index("<summary>Solución</summary>") < page.index('<span class="kd">let</span>') < page.index("</details>\n<div")
    assert page.count("no se publican") == 1


def test_text_printed_in_pieces_is_joined(site):
    outputs = [new_output("stream", name="stdout", text=text) for text in ("a <b>\n", "c\n")]
    page, _ = site(new_code_cell("f()", outputs=outputs))
    assert '<pre class="printed" tabindex="0">a &lt;b&gt;\nc</pre>' in page


def test_the_first_page_has_a_card_for_each_notebook(site):
    _, index = site()
    assert index.count('<h2><a href="0') == 2 and "Uno &amp; dos" in index and "un minuto" in index
    assert "<p>Un párrafo con <math" in index, "the first paragraph that is more than links"
