"""Spelling of the Spanish prose, with hunspell and a list of terms that its dictionary lacks."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from .lesson import Cell, Lesson, Token
from .links import LIST

SPANISH, ENGLISH = "es_ES", "en_US"
TERMS = Path(__file__).resolve().parents[1] / "terms.txt"
WORD = re.compile(r"(?<!\w)[^\W\d_]{2,}(?!\w)")  # a word with digits is a name: pix2pix
PRONOUNS = re.compile(r"(?:me|te|se|nos)?(?:lo|la|le|los|las|les|me|te|se|nos)$")
UNACCENTED = str.maketrans("áéíóú", "aeiou")
SKIPPED = ("codespan", "block_code", "inline_math", "block_math", "latex_environment", "inline_html", "block_html")


class Unavailable(Exception):
    """hunspell or one of its dictionaries is missing."""


def check_together(lessons: list[Lesson], terms: list[str], whole: bool) -> list[str]:
    """Adds a finding for each unknown word; returns what is wrong with the terms. `whole`: these are all notebooks.

    Plain prose must be Spanish; words in italics, such as technical terms, may also be English.
    """
    words = [(lesson, cell, *word) for lesson in lessons for cell in lesson.prose for word in prose(lesson, cell)]
    foreign = unknown({word for *_, word, _ in words}, SPANISH)
    wrong = unknown({verb for word in foreign for verb in verbs(word)}, SPANISH)
    foreign = {word for word in foreign if verbs(word) <= wrong}
    foreign |= {word for *_, word, _ in words if word.isupper() and len(word) > 3}  # an acronym, or a placeholder still to be filled in
    nowhere = unknown({word for *_, word, italic in words if italic and word in foreign}, ENGLISH)
    used, seen = set(), set()
    for lesson, cell, word, italic in words:
        if word not in (nowhere if italic else foreign):
            continue
        if term := next((form for form in (word, word[0].lower() + word[1:]) if form in terms), None):
            used.add(term)
        elif (lesson.path, word) not in seen:
            seen.add((lesson.path, word))
            english = "" if italic else ", put it in *italics* if it is English"
            lesson.find(cell, f"«{word}» is not in the dictionary: fix it{english}, or add a name or term to {TERMS.name}")
    complaints = []
    if terms != sorted(set(terms), key=lambda term: (term.casefold(), term)):
        complaints.append(f"{TERMS.name} is not sorted, or has a term twice; sort it without regard to capitals")
    if whole:
        complaints += [f"{TERMS.name}: no notebook needs «{term}»; remove it" for term in terms if term not in used]
    return complaints


def read_terms() -> list[str]:
    lines = TERMS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def prose(lesson: Lesson, cell: Cell) -> Iterator[tuple[str, bool]]:
    """The words of a cell's text, headings and tables, each with whether it is in italics."""
    listed = {id(token) for _, tokens in lesson.section(LIST) for token in tokens if token["type"] != "heading"}
    yield from words_of([token for token in cell.tokens if id(token) not in listed], italic=False)


def words_of(tokens: list[Token], italic: bool) -> Iterator[tuple[str, bool]]:
    for token in tokens:
        kind = token["type"]
        if kind == "text":
            yield from ((word, italic) for word in WORD.findall(token["raw"]))
        elif kind not in SKIPPED and not (kind == "link" and not is_inner(token["attrs"]["url"])):
            yield from words_of(token.get("children", []), italic or kind == "emphasis")


def verbs(word: str) -> set[str]:
    """The verbs that `word` may hide before a final pronoun, which the dictionary lacks: calcúlalo is calcula, verla is ver."""
    stem = PRONOUNS.sub("", word)
    if stem == word:
        return set()
    bare = stem.translate(UNACCENTED)
    if bare == stem:
        return {stem} if stem.endswith("r") else set()
    return {bare, f"{bare}s"} if bare.endswith("mo") else {bare}  # midámonos is midamos


def is_inner(url: str) -> bool:
    """Whether a link's text is the lesson's own words, unlike citations and the names of external pages."""
    return "://" not in url and not re.search(r"#[a-z]+(?:19|20)\d\d[a-z]?$", url)


def unknown(words: set[str], dictionary: str) -> set[str]:
    if not words:
        return set()
    try:
        text = "\n".join(sorted(words))
        done = subprocess.run(["hunspell", "-l", "-i", "utf-8", "-d", dictionary], input=text, capture_output=True, encoding="utf-8")
    except FileNotFoundError as error:
        raise Unavailable("hunspell: not found; on Debian: apt-get install hunspell hunspell-es hunspell-en-us") from error
    if done.returncode != 0 or done.stderr.strip():
        raise Unavailable(f"hunspell -d {dictionary}: {done.stderr.strip() or done.returncode}; on Debian: apt-get install hunspell-es hunspell-en-us")
    return set(done.stdout.split())
