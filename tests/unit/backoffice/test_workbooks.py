"""Lists as workbooks: what people call things, numbers that count, sums, and texts that stay texts."""

import io
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from backoffice.languages import Language
from backoffice.web.spreadsheets import workbook
from carnet.ids import new_id
from carnet.money import Money
from carnet.spreadsheets import FORMS, Cell, Word, as_csv

HEADINGS = ("contract", "received_on", "owner", "number", "method", "amount", "to_refund", "balance", "payment", "mode")
HOSTILE = '=HYPERLINK("http://evil.example")'


def a_row(owner: str, amount: int, currency: str, number: str | None = "2027-0001") -> tuple[Cell, ...]:
    money = Money(amount=amount, currency=currency)
    ids = new_id(), new_id()
    day = date(2027, 1, 4)
    return (ids[0], day, owner, number, Word("direct_debit"), money, money, money, ids[1], Word("on_site"))


async def sheet(rows: Sequence[Sequence[Cell]], language: str, **how: Any) -> list[list[Any]]:
    """The cells of the workbook of a list, row by row."""

    async def lines() -> AsyncIterator[Sequence[Cell]]:
        for row in rows:
            yield row

    async def pieces() -> AsyncIterator[bytes]:
        async for piece in as_csv(HEADINGS, lines(), FORMS[language]):
            yield piece.encode()

    book = await workbook(pieces(), Language.of(language), "A list", **how)
    return [list(row) for row in load_workbook(io.BytesIO(book), data_only=True).active.iter_rows()]


def values(row: Sequence[Any]) -> list[Any]:
    return [cell.value for cell in row]


@pytest.mark.parametrize(
    ("language", "headings", "said"),
    [
        (
            "fr",
            ["contrat", "reçu le", "responsable", "moyen de paiement", "montant", "à rembourser", "solde", "mode"],
            ["2027-0001", "prélèvement", "sur place"],
        ),
        (
            "en",
            ["contract", "received on", "owner", "method", "amount", "to refund", "balance", "mode"],
            ["2027-0001", "direct debit", "on site"],
        ),
    ],
)
async def test_a_workbook_has_the_words_and_numbers_that_people_say(
    language: str, headings: list[str], said: list[str]
) -> None:
    first, row = await sheet([a_row("Inès Martin", 12_050, "EUR")], language)
    assert values(first) == headings
    assert [row[0].value, row[3].value, row[7].value] == said
    assert row[1].value.date() == date(2027, 1, 4)
    assert row[4].value == 120.5
    assert row[4].data_type == "n"


async def test_a_contract_without_a_number_keeps_its_id() -> None:
    first, numbered, other = await sheet([a_row("A", 100, "EUR"), a_row("B", 100, "EUR", None)], "fr")
    assert values(first)[:4] == ["contrat", "reçu le", "responsable", "numéro"]
    assert len(str(numbered[0].value)) == len(str(other[0].value)) == 36


@pytest.mark.parametrize(
    ("currency", "amounts", "total", "shown"),
    [
        ("EUR", (1_000, 250), 12.5, "#,##0.00"),
        ("XPF", (1_000, 250), 1_250, "#,##0"),
        ("TND", (1_500, 5), 1.505, "#,##0.000"),
    ],
)
async def test_amounts_are_numbers_in_every_currency_and_are_summed_up(
    currency: str, amounts: tuple[int, int], total: float, shown: str
) -> None:
    *_, last_row, totals = await sheet([a_row("A", each, currency) for each in amounts], "fr", totals=True)
    assert last_row[4].data_type == "n"
    assert last_row[4].number_format == shown
    assert (totals[0].value, totals[4].value, totals[5].value) == ("Total", total, total)
    assert totals[6].value is None, "balances are not summed up"


@pytest.mark.parametrize("text", [HOSTILE, "+33 1", "-1", "@SUM(A1)", "x;=1+1", "12.50", "2027", "'Aïcha"])
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_what_somebody_typed_stays_that_text(text: str, language: str) -> None:
    _, row = await sheet([a_row(text, 100, "EUR")], language)
    assert (row[2].value, row[2].data_type) == (text, "s")
