"""What is wrong in files is said in French and English, its names filled in: by the page and the command (IMP-1)."""

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from carnet.importing.problems import CellProblem, FileError
from carnet.importing.words import CELLS, FILES, Words, cell_sentence, file_sentence
from carnet_operations.commands.import_words import WORDS
from tests.pages import ROOT

SOURCES = [
    *(ROOT / "libs/common/src/carnet/importing").glob("*.py"),
    ROOT / "services/contracts/src/contracts/imports/checks.py",
]
NAMES = ("name", "most", "found", "row", "column", "sheet", "columns", "lost", "new", "shown", "currency", "words")
PARAMS = dict.fromkeys(NAMES, ("an English value", "une valeur"))


def problems(source: Path) -> set[str]:
    """What a file of the readers calls what is wrong."""
    text = source.read_text("utf-8")
    return set(re.findall(r'(?:FileError|CellError|Problem)\([^"]{0,60}"([a-z-]+)", ', text)) | set(
        re.findall(r'(?:FileError|CellError)\(\s*"([a-z-]+)"', text)
    )


def sentences(language: str) -> Iterator[str]:
    """Every sentence of a language, filled in."""
    for each in FILES:
        yield file_sentence(FileError(each, "x", "", PARAMS), language)
    for each in CELLS:
        yield cell_sentence(CellProblem("s", 1, "c", each, "", PARAMS), language)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_problem_has_a_sentence_in_which_nothing_is_left_open(language: str) -> None:
    shown = list(sentences(language))
    assert all(each and "{" not in each and each.endswith(".") for each in shown)
    assert any("une valeur" in each for each in shown) is (language == "fr")
    assert any("an English value" in each for each in shown) is (language == "en")


@pytest.mark.parametrize("words", [*FILES.values(), *CELLS.values(), *WORDS.values()], ids=lambda words: words[0][:30])
def test_the_french_has_the_values_of_the_english(words: Words) -> None:
    english, french = ({name for _, name, *_ in string.Formatter().parse(each) if name} for each in words)
    assert english == french


def test_no_problem_of_the_readers_is_without_a_sentence() -> None:
    named = set().union(*(problems(source) for source in SOURCES))
    assert {"file-garbled", "no-date", "paid-above-total", "columns-lost"} <= named
    assert named - {"columns-unknown", "owner"} <= {*FILES, *CELLS}


def test_a_problem_of_a_newer_release_is_said_in_its_own_words() -> None:
    assert cell_sentence(CellProblem("s", 1, None, "new-problem", "Do this."), "fr") == "Do this."
