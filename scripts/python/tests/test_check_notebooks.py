"""Every rule finds the notebook that breaks it, and a notebook that breaks no rule passes."""

import check_notebooks
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from notebook_rules import form, spelling

TERMS = ["Rust"]
FIRST, SECOND, LAST = "07_uno.ipynb", "08_dos.ipynb", "09_conclusiones.ipynb"
ENTRY = '- <a id="goodfellow2014"></a>I. Goodfellow y otros, *Generative Nets*, 2014. [arXiv:1406.2661](https://arxiv.org/abs/1406.2661)'
OLD_ENTRY = '- <a id="maas2013"></a>A. Maas, *Rectifiers*, 2013. [PDF](https://ai.stanford.edu/x.pdf)'


def head(links: str) -> str:
    return f"# Título\n\nUna red en Rust, con $n_x$ y `codigoo`.\n\n| | |\n|---|---|\n| **Meta** | leer |\n| **Tiempo** | un minuto |\n| **Antes** | nada |\n\n{links}"


def code(source: str, count: int, **metadata) -> nbformat.NotebookNode:
    return new_code_cell(source, execution_count=count, metadata=metadata)


def notebook(links: str, text: str) -> nbformat.NotebookNode:
    """Cells: 0 head, 1 :dep, 2 text, 3 a figure, 4 to 9 three exercises with solutions, 10 the end."""
    cells = [new_markdown_cell(head(links)), code(form.DEP, 1), new_markdown_cell(text), code("figura()", 2)]
    figure = '<img alt="curva" src="data:image/png;base64,AAAA/tmp/BBBB">'
    cells[3].outputs = [new_output("execute_result", {"text/html": figure}, execution_count=2)]
    for number in (1, 2, 3):
        title = "## 5 · Ahora tú\n\n" if number == 1 else ""
        cells.append(new_markdown_cell(f"{title}{number}. Cambia una cosa{'.' * number}"))
        cells.append(code("probar()", 2 + number, tags=["solution"], jupyter={"source_hidden": True}))
    cells.append(new_markdown_cell(f"## Para recordar\n\nTodo.\n\n{links}"))
    return new_notebook(cells=cells, metadata={"kernelspec": dict(form.KERNEL)})


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    """Three good notebooks in their own repository: a dict from name to notebook, and a function that checks them."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "mapa.png").write_bytes(b"")
    (tmp_path / "terms.txt").write_text("\n".join(["# names", *TERMS]))
    monkeypatch.setattr(check_notebooks, "ROOT", tmp_path)
    monkeypatch.setattr(spelling, "TERMS", tmp_path / "terms.txt")
    cite = "Lo propuso [Goodfellow y otros, 2014](09_conclusiones.ipynb#goodfellow2014) ([Maas, 2013](09_conclusiones.ipynb#maas2013))."
    books = {
        FIRST: notebook(f"[sigue]({SECOND})", f"{cite} Es un *checkpoint*. ![un mapa](mapa.png)"),
        SECOND: notebook(f"[antes]({FIRST}) [sigue]({LAST})", "Aquí [otra vez](07_uno.ipynb#Título)."),
        LAST: notebook(f"[antes]({SECOND})", "Fin."),
    }
    books[LAST].cells.append(new_markdown_cell(f"## Referencias\n\n{ENTRY}\n{OLD_ENTRY}"))
    books[LAST].cells.append(new_markdown_cell(f"## Y después\n\n[antes]({SECOND})"))

    def check(only: str | None = None) -> list[str]:
        for name, book in books.items():
            nbformat.write(book, folder / name)
        paths = sorted(folder.glob("*.ipynb")) if only is None else [folder / only]
        return check_notebooks.findings(paths, whole=only is None)

    check.folder = folder
    return books, check


def test_a_good_lesson_has_no_findings(lesson):
    _, check = lesson
    assert check() == []
    assert check(only=FIRST) == []


def put(cell: int, text: str):
    """Adds a text to a cell of the first notebook."""

    def change(book):
        book.cells[cell].source += text

    return change


def change(cell: int, **values):
    def change(book):
        book.cells[cell].update(values)

    return change


def output(cell: int, **values):
    def change(book):
        book.cells[cell].outputs = [new_output(**values)]

    return change


def without(cell: int):
    def change(book):
        del book.cells[cell]

    return change


def kernel(book):
    book.metadata["kernelspec"]["name"] = "rust"


def invalid(book):
    book.cells[1].outputs = [nbformat.NotebookNode(output_type="stream", text="no name")]


def tagged(book):
    book.cells[3].metadata["tags"] = ["no-output"]


def open_solution(book):
    del book.cells[5].metadata["jupyter"]


def untagged(book):
    book.cells[5].metadata["tags"] = []


def unexecuted(book):
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.execution_count = None


def timed(book):
    book.cells[3].metadata["execution"] = {"iopub.status.busy": "2026-01-01"}


def misplaced(book):
    book.cells[3].metadata = {"tags": ["solution"], "jupyter": {"source_hidden": True}}


def more_exercises(book):
    book.cells[4].source += "\n2. Otra.\n3. Otra.\n4. Otra."


BROKEN = {
    "kernelspec": (kernel, "kernelspec is"),
    "format": (invalid, "not a valid notebook"),
    "dep": (put(1, "\nuse std::path;"), "must be just `:dep gan_nb"),
    "second dep": (put(3, "\n:dep anyhow"), "another `:dep`"),
    "code after code": (without(2), "directly follows the code of cell 2"),
    "too many lines": (put(3, "\nx();" * 12), "13 lines of code"),
    "too long a line": (put(3, "\n" + "x" * 111), "a line of 111 characters"),
    "not executed": (change(3, execution_count=None), "executed as [None], expected [2]"),
    "never executed": (unexecuted, "was never executed"),
    "out of order": (change(3, execution_count=7), "executed as [7], expected [2]"),
    "error": (output(3, output_type="error", ename="Error", evalue="panic", traceback=[]), "its output is an error"),
    "stderr": (output(3, output_type="stream", name="stderr", text="no such file"), "printed on stderr"),
    "no alt in a figure": (output(3, output_type="display_data", data={"text/html": "<img src='x'>"}), "a figure without"),
    "training images": (tagged, "tagged no-output"),
    "times": (timed, "execution times"),
    "path in code": (put(3, '\nopen("/home/ana/x")'), "an absolute path: /home/ana/x"),
    "path in prose": (put(2, " `/tmp/x`"), "an absolute path: /tmp/x"),
    "Windows path": (put(2, r" `C:\Users\ana`"), "an absolute path: C:"),
    "path in an output": (output(3, output_type="stream", name="stdout", text="en /root/.cache\n"), "an absolute path: /root/.cache"),
    "no title": (change(0, source=head("").replace("# Título", "Título")), "does not begin with a title"),
    "no table row": (change(0, source=head("").replace("Tiempo", "Dura")), "no row Tiempo"),
    "no link before the code": (change(0, source=head("")), f"no link to its neighbour {SECOND} before the first code"),
    "no link at the end": (change(10, source="## Para recordar\n\nTodo."), f"no link to its neighbour {SECOND} in the last cell"),
    "no exercises": (change(4, source="## Y ahora\n\n1. Cambia."), "no section `## Ahora tú`"),
    "too few exercises": (change(6, source="Cambia."), "2 exercises"),
    "too many exercises": (more_exercises, "6 exercises"),
    "no solution": (untagged, "the exercise «Cambia una cosa.» has no cell tagged solution"),
    "code among the exercises": (untagged, "without the tag solution"),
    "open solution": (open_solution, "not collapsed"),
    "solution elsewhere": (misplaced, "a solution outside"),
    "no summary": (change(10, source=f"[sigue]({SECOND})"), "no section `## Para recordar`"),
    "dead link": (put(2, " [x](nada.ipynb)"), "leads nowhere: there is no notebooks/nada.ipynb"),
    "dead image": (put(2, " ![x](nada.png)"), "leads nowhere"),
    "dead HTML image": (put(2, ' <img alt="x" src="nada.png">'), "leads nowhere"),
    "dead anchor": (put(2, f" [x]({SECOND}#nada)"), 'has no <a id="nada"></a>'),
    "out of the repository": (put(2, " [x](../../x)"), "leads out of the repository"),
    "http": (put(2, " [x](http://example.org)"), "must be https"),
    "no alt": (put(2, " ![](mapa.png)"), "mapa.png has no alternative text"),
    "no alt in HTML": (put(2, ' <img src="mapa.png">'), "mapa.png has no alternative text"),
    "citation without a link": (put(2, " (Maas y otros, 2013)"), "cited without a link: (Maas y otros, 2013)"),
    "year without a link": (put(2, " Maas (2013)"), "cited without a link: (2013)"),
    "not listed": (put(2, f" [X, 2001]({LAST}#x2001)"), "cites x2001, which has no entry"),
    "misspelt": (put(2, " Un generadro."), "«generadro» is not in the dictionary"),
    "misspelt heading": (put(2, "\n\n## Un generadro"), "«generadro» is not"),
    "misspelt table": (put(0, "\n\n| a | b |\n|---|---|\n| un | generadro |"), "«generadro» is not"),
    "English outside italics": (put(2, " Un checkpoint."), "«checkpoint» is not"),
    "gap": (put(2, " Tarda TIEMPO."), "«TIEMPO» is not in the dictionary"),
    "misspelt italics": (put(2, " Un *generadro*."), "«generadro» is not"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_notebook_is_found(lesson, name):
    books, check = lesson
    breaks, expected = BROKEN[name]
    breaks(books[FIRST])
    found = check(only=FIRST)
    assert any(expected in text and text.startswith(FIRST) for text in found), found


def references(text: str):
    def change(books):
        books[LAST].cells[-2].source = f"## Referencias\n\n{text}"

    return change


UNLISTED = {
    "not cited": (references(f'{ENTRY}\n{OLD_ENTRY}\n{ENTRY.replace("goodfellow2014", "nadie2014")}'), "nadie2014 is cited nowhere"),
    "no identifier": (references(f"{ENTRY.split('[')[0]}\n{OLD_ENTRY}"), "goodfellow2014 has no link to a DOI"),
    "malformed identifier": (references(f"{ENTRY.replace('1406.2661)', '14062661)')}\n{OLD_ENTRY}"), "goodfellow2014 has no link to a DOI"),
    "no link at all": (references(f"{ENTRY}\n{OLD_ENTRY.split('[')[0]}"), "maas2013 has no link at all"),
    "needless exception": (references(f"{ENTRY}\n{OLD_ENTRY.replace('https://ai.stanford.edu/x.pdf', 'https://doi.org/10.1000/1')}"), "remove it from"),
    "no anchor": (references(f"{ENTRY}\n{OLD_ENTRY}\n- Otra."), "an entry without one anchor"),
    "twice": (references(f"{ENTRY}\n{ENTRY}\n{OLD_ENTRY}"), "goodfellow2014 is listed twice"),
}


@pytest.mark.parametrize("name", UNLISTED)
def test_the_list_of_works_is_exactly_the_cited_ones(lesson, name):
    books, check = lesson
    breaks, expected = UNLISTED[name]
    breaks(books)
    assert any(expected in text and LAST in text for text in check())


@pytest.mark.parametrize(
    ("terms", "expected"), [("Rust\nzeta", "no notebook needs «zeta»"), ("Rust\nKeras", "not sorted"), ("Rust\nRust", "a term twice")]
)
def test_the_terms_are_sorted_and_used(lesson, terms, expected):
    _, check = lesson
    spelling.TERMS.write_text(terms)
    assert any(expected in text for text in check())


@pytest.mark.parametrize("title", ["### Uno", "**1. Uno.** Cambia.", "**1 · Uno.** Cambia.", "1. Uno"])
def test_exercises_may_be_written_in_several_ways(lesson, title):
    books, check = lesson
    books[FIRST].cells[4].source = f"## Ahora tú\n\n{title}"
    assert check() == []


def test_a_verb_may_have_its_pronoun(lesson):
    books, check = lesson
    books[FIRST].cells[2].source += " Calcúlalo, midámoslo, preguntémosle, encuéntralas, encogerla, decírselo."
    assert check() == []
    books[FIRST].cells[2].source += " Calculalo, encojerla, casalo."
    assert sum("is not in the dictionary" in text for text in check()) == 3


def test_mathematics_and_base64_are_not_paths(lesson):
    books, check = lesson
    books[FIRST].cells[2].source += r" $G:\mathbb{R}\to U$ y ~/.cache/tmp y ../tmp/x"
    assert not any("path" in text for text in check())


def test_without_hunspell_it_says_so(lesson, monkeypatch):
    _, check = lesson
    monkeypatch.setenv("PATH", "")
    with pytest.raises(spelling.Unavailable, match="apt-get install hunspell"):
        check()
