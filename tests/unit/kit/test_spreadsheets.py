"""Lists as CSV: in the form of a language, and never with a formula, whatever parts the cells of who opens them."""

import csv
import doctest
import io
import unicodedata
from collections.abc import AsyncIterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.http import spreadsheets
from carnet.http.spreadsheets import ENGLISH, FRENCH, Cell, Form, Word, as_csv, decimal, preferred, text
from carnet.money import Money

BLANK = " \t\u00a0\u200b\ufeff\u2060\u3164"
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\u2212"


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        (0, "EUR", "0.00"),
        (5, "EUR", "0.05"),
        (10**12, "EUR", "10000000000.00"),
        (1200, "JPY", "1200"),
        (-5, "EUR", "-0.05"),
    ],
)
def test_mon_1_amounts_keep_their_units(amount: int, currency: str, expected: str) -> None:
    assert decimal(amount, currency) == expected
    assert FRENCH.cell(Money(amount=amount, currency=currency)) == expected.replace(".", ",")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        (" @SUM(A1)", "' @SUM(A1)"),
        ("\tx", "'\tx"),
        ("x;=1+1;", "x;'=1+1;"),
        ("x, -1", "x,' -1"),
        ("x\n=1", "x\n'=1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\u200b=1", "'\u200b=1"),
        ("\ufeff\uff0b1", "'\ufeff\uff0b1"),
        ("Jean-Luc", "Jean-Luc"),
        ("Inès Martin, Noé", "Inès Martin, Noé"),
        ("a = b", "a = b"),
    ],
)
def test_a_text_is_never_a_formula(value: str, expected: str) -> None:
    assert text(value) == expected


@given(st.lists(st.sampled_from(["Inès", *BLANK, *SIGNS, ";", ",", "|", "\n", '"']), max_size=12).map("".join))
async def test_no_cell_begins_with_a_formula_whatever_parts_the_cells(written: str) -> None:
    for form in (ENGLISH, FRENCH):
        content = await whole([["x", written]], form)
        for separator in ",;|\t":
            for row in csv.reader(io.StringIO(content, newline=""), delimiter=separator):
                for cell in row:
                    seen = cell.lstrip(BLANK + "\r\n")
                    assert unicodedata.normalize("NFKC", seen)[:1] not in {*"=+-@\u2212"}, (content, separator)


async def test_cells_are_written_by_their_kind() -> None:
    line = ['Noé; dit "Nono"', date(2027, 9, 1), True, False, None, Money(amount=123456, currency="EUR")]
    assert await whole([line], FRENCH) == 'a\r\n"Noé; dit ""Nono""";2027-09-01;oui;non;;1234,56\r\n'
    assert await whole([line], ENGLISH) == 'a\r\n"Noé; dit ""Nono""",2027-09-01,yes,no,,1234.56\r\n'


async def whole(lines: list[list[Cell]], form: Form, header: tuple[str, ...] = ("a",)) -> str:
    async def given_lines() -> AsyncIterator[list[Cell]]:
        for line in lines:
            yield line

    content = "".join([chunk async for chunk in as_csv(header, given_lines(), form)])
    assert content.startswith("\ufeff")
    return content[1:]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA, en;q=0.8", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("en;q=0.2, FR;q=0.9", "fr"),
        ("de, fr;q=0.1", "fr"),
        ("de", "en"),
        ("fr;q=0", "en"),
        ("*", "en"),
        (", ;q=, fr;q=x, \u00e9", "en"),
    ],
)
def test_the_language_is_the_one_that_is_preferred(header: str, language: str) -> None:
    assert preferred(header).language == language


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(spreadsheets).failed == 0


async def test_french_has_french_headings_and_fixed_values_and_leaves_what_people_wrote() -> None:
    lines = whole([["online", Word("online"), Word("on_site"), True]], FRENCH, ("owner", "mode", "late", "x"))
    assert await lines == "responsable;mode;en retard;x\r\nonline;en ligne;sur place;oui\r\n"
