"""What is wrong in files is said in French and English, with its names filled in (IMP-1)."""

import re
from pathlib import Path

import pytest

from backoffice.imports import words
from backoffice.languages.language import Language
from carnet.importing.problems import CellProblem, FileError
from tests.pages import ROOT

SOURCES = [
    *(ROOT / "libs/common/src/carnet/importing").glob("*.py"),
    ROOT / "services/contracts/src/contracts/imports/checks.py",
]
NAMES = ("name", "most", "found", "row", "column", "sheet", "columns", "lost", "new", "shown", "currency", "words")
PARAMS = dict.fromkeys(NAMES, ("x", "x"))


def problems(source: Path) -> set[str]:
    """What a file of the readers calls what is wrong."""
    text = source.read_text("utf-8")
    return set(re.findall(r'(?:FileError|CellError|Problem)\([^"]{0,60}"([a-z-]+)", ', text)) | set(
        re.findall(r'(?:FileError|CellError)\(\s*"([a-z-]+)"', text)
    )


@pytest.mark.parametrize("code", ["fr", "en"])
def test_every_problem_has_a_sentence_in_which_nothing_is_left_open(code: str) -> None:
    language = Language.of(code)
    shown = [words.file_sentence(FileError(each, "x", "", PARAMS), language) for each in words.FILES]
    shown += [words.said(CellProblem("s", 1, "c", each, "", PARAMS), language).sentence for each in words.CELLS]
    assert all(sentence and "{" not in sentence and sentence.endswith(".") for sentence in shown)


def test_no_problem_of_the_readers_is_without_a_sentence() -> None:
    named = set().union(*(problems(source) for source in SOURCES))
    assert {"file-garbled", "no-date", "paid-above-total", "columns-lost"} <= named
    assert named - {"columns-unknown", "owner"} <= {*words.FILES, *words.CELLS}
