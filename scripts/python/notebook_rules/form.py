"""The form of a notebook: kernelspec, cells and their outputs, header, exercises."""

import re

import nbformat

from .lesson import Cell, Lesson, Token, plain, tags_of, walk

MAX_LINES, MAX_COLUMNS = 12, 110
DEP = ':dep gan_nb = { path = "../crate" }'
HEADER_ROWS = ["Meta", "Tiempo", "Antes"]
EXERCISES, SUMMARY = "Ahora tú", "Para recordar"
KERNEL = {"name": "gan_nb", "display_name": "Rust (gan_nb)", "language": "rust"}
# A Windows path is recognized by its first folder: G:\mathbb{R} is mathematics.
ABSOLUTE = re.compile(r"(?<![\w.~/$*-])/(?:home|root|work|tmp|Users|var|opt|mnt)(?=/|\b)[^\s\"'<>)]*|[A-Z]:\\\\?(?:Users|Windows|Program)\b", re.I)
BASE64 = re.compile(r"base64,[A-Za-z0-9+/=\s]+")


def check(lesson: Lesson) -> None:
    document(lesson)
    first_cell(lesson)
    code_cells(lesson)
    outputs(lesson)
    absolute_paths(lesson)
    header(lesson)
    exercises(lesson)


def document(lesson: Lesson) -> None:
    try:
        nbformat.validate(lesson.node)
    except nbformat.ValidationError as error:
        lesson.find(None, f"not a valid notebook: {str(error).splitlines()[0]}; write it with nbformat or JupyterLab")
    found = lesson.node.metadata.get("kernelspec")
    if found != KERNEL:
        lesson.find(None, f"kernelspec is {found}, expected {KERNEL}; choose the kernel Rust (gan_nb)")


def first_cell(lesson: Lesson) -> None:
    if lesson.code and lesson.code[0].source.strip() != DEP:
        lesson.find(lesson.code[0], f"the first code cell must be just `{DEP}`")
    for cell in lesson.code[1:]:
        if any(line.lstrip().startswith(":dep") for line in cell.source.splitlines()):
            lesson.find(cell, "another `:dep`; put what the lesson needs into crate/, so that it is compiled only once")


def code_cells(lesson: Lesson) -> None:
    for before, cell in zip([None, *lesson.cells], lesson.cells):
        if not cell.is_code:
            continue
        if before and before.is_code:
            lesson.find(cell, f"directly follows the code of cell {before.number}; put a sentence between them")
        lines = cell.source.splitlines()
        if len(lines) > MAX_LINES:
            lesson.find(cell, f"{len(lines)} lines of code, at most {MAX_LINES} are allowed; split it")
        for line in lines:
            if len(line) > MAX_COLUMNS:
                lesson.find(cell, f"a line of {len(line)} characters, at most {MAX_COLUMNS} are allowed: {line[:60]} …")


def outputs(lesson: Lesson) -> None:
    counts = [cell.node.execution_count for cell in lesson.code]
    if not any(counts):
        lesson.find(None, "was never executed; run scripts/notebooks --in-place at full length")
    for count, cell in enumerate(lesson.code, 1):
        if any(counts) and cell.node.execution_count != count:
            lesson.find(cell, f"executed as [{cell.node.execution_count}], expected [{count}]; run scripts/notebooks --in-place")
        for output in cell.node.outputs:
            if output.output_type == "error":
                lesson.find(cell, f"its output is an error: {output.ename}: {output.evalue}; fix it and run it again")
            if output.get("name") == "stderr":
                lesson.find(cell, f"printed on stderr, where evcxr reports errors: {output.text.strip()[:80]}; fix it and run it again")
            for tag, attributes in tags_of(text_of(output.get("data", {}).get("text/html", ""))):
                if tag == "img" and not attributes.get("alt", "").strip():
                    lesson.find(cell, "a figure without alternative text; give the Figure one")
        if "no-output" in cell.tags and cell.node.outputs:
            lesson.find(cell, "tagged no-output, but it has output: training images must not be committed; clear it")
    for cell in lesson.cells:
        if "execution" in cell.node.metadata:
            lesson.find(cell, "has execution times in its metadata; run scripts/notebooks --in-place, which removes them")


def absolute_paths(lesson: Lesson) -> None:
    for cell in lesson.cells:
        texts = [cell.source]
        for output in cell.node.get("outputs", []):
            kinds = output.get("data", {}).items()
            texts += [text_of(content) for kind, content in kinds if not kind.startswith("image/")]
            texts += [text_of(output.get("text", "")), text_of(output.get("traceback", ""))]
        for found in sorted({found for text in texts for found in ABSOLUTE.findall(BASE64.sub("", text))}):
            lesson.find(cell, f"an absolute path: {found}; make it relative to the notebook")


def header(lesson: Lesson) -> None:
    """Before the first code: title, table with goal, time and prerequisites, links to the neighbours; links also at the end."""
    first = lesson.code[0].number if lesson.code else len(lesson.cells) + 1
    before = [cell for cell in lesson.prose if cell.number < first]
    tokens = [token for cell in before for token in cell.tokens]
    if not tokens or tokens[0]["type"] != "heading" or tokens[0]["attrs"]["level"] != 1:
        lesson.find(None, "does not begin with a title, `# …`")
    rows = [plain(row["children"][0]).strip() for row in walk(tokens) if row["type"] == "table_row"]
    if missing := [name for name in HEADER_ROWS if name not in rows]:
        lesson.find(None, f"no row {', '.join(missing)} in a table before the first code; see the top of 02")
    neighbours(lesson, before, "before the first code")
    neighbours(lesson, lesson.prose[-1:], "in the last cell")


def neighbours(lesson: Lesson, cells: list[Cell], where: str) -> None:
    number = int(lesson.path.name[:2])
    beside = [path.name for next_to in (number - 1, number + 1) for path in lesson.path.parent.glob(f"{next_to:02}_*.ipynb")]
    linked = {token["attrs"]["url"].split("#")[0] for cell in cells for token in walk(cell.tokens) if token["type"] == "link"}
    for name in beside:
        if name not in linked:
            lesson.find(None, f"no link to its neighbour {name} {where}")


def exercises(lesson: Lesson) -> None:
    """The section of exercises: three to five, each followed by a collapsed cell with its solution."""
    section = lesson.section(EXERCISES)
    if not section:
        lesson.find(None, f"no section `## {EXERCISES}`; add one with three to five exercises")
    asked, solved = [], set()
    for cell, tokens in section:
        asked += [(cell, title) for title in exercise_titles(tokens)]
        if "solution" in cell.tags and asked:
            solved.add(asked[-1][1])
        elif cell.is_code and asked:
            lesson.find(cell, "code among the exercises without the tag solution; only code before the first exercise may be open")
    if section and not 3 <= len(asked) <= 5:
        lesson.find(section[0][0], f"{len(asked)} exercises (`### …`, `**1. …**` or `1. …`); there must be three to five")
    for cell, title in asked:
        if title not in solved:
            lesson.find(cell, f"the exercise «{title[:40]}» has no cell tagged solution after it, before the next")
    for cell in lesson.code:
        if "solution" in cell.tags and not cell.node.metadata.get("jupyter", {}).get("source_hidden"):
            lesson.find(cell, "a solution that is not collapsed: set jupyter.source_hidden in its metadata")
        if "solution" in cell.tags and all(cell is not each for each, _ in section):
            lesson.find(cell, f"a solution outside the section `## {EXERCISES}`")
    if not lesson.section(SUMMARY):
        lesson.find(None, f"no section `## {SUMMARY}`; add one that sums up in a few lines")


def exercise_titles(tokens: list[Token]) -> list[str]:
    """An exercise begins with a third-level heading, with a bold number, or as an item of a numbered list."""
    titles = []
    for token in tokens:
        children = token.get("children", [])
        if token["type"] == "heading" and token["attrs"]["level"] == 3:
            titles.append(plain(token))
        elif token["type"] == "paragraph" and children[0]["type"] == "strong" and plain(children[0])[:1].isdigit():
            titles.append(plain(children[0]))
        elif token["type"] == "list" and token["attrs"]["ordered"]:
            titles += [plain(item) for item in children]
    return titles


def text_of(content: object) -> str:
    return "".join(content) if isinstance(content, list) else str(content)
