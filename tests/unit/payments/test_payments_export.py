"""The follow-up (PAY-9) and the deposit list (PAY-7) as CSV: nothing that a spreadsheet would run, nothing lost."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import date

import pytest

from carnet.http.spreadsheets import CHUNK, ENGLISH, FRENCH, Cell, Form, as_csv
from payments.accounts.domain import Names
from payments.follow_up.api.export import HEADER, cells
from payments.follow_up.domain import FollowUp
from payments.receipts.api import cheques
from payments.receipts.domain.cheques import HeldCheque
from tests.unit.payments.payments_builders import CONTRACT, a_schedule, an_id, an_instalment, used


def a_row(number: int, owner: str | None, members: tuple[str, ...] = ()) -> FollowUp:
    schedule = a_schedule(an_instalment(1, "2026-11-20", 1005), an_instalment(2, "2026-12-05", 2000), paid=7)
    return FollowUp.of(schedule.but(id=an_id(number)), Names(owner=owner, members=members))


async def written(*rows: FollowUp, form: Form = ENGLISH) -> tuple[list[str], list[dict[str, str]]]:
    async def given() -> AsyncIterator[list[Cell]]:
        for row in rows:
            yield cells(row, date(2026, 11, 21))

    chunks = [chunk async for chunk in as_csv(HEADER, given(), form)]
    content = "".join(chunks)
    assert content.startswith("\ufeff")
    return chunks, list(csv.DictReader(io.StringIO(content[1:], newline=""), delimiter=form.separator))


async def test_a_line_has_the_figures_of_its_contract() -> None:
    _, (line,) = await written(a_row(9, "Inès Martin", ("Inès Martin", 'Noé, dit "Nono"')))
    assert line == {
        "contract": an_id(9),
        "owner": "Inès Martin",
        "members": 'Inès Martin, Noé, dit "Nono"',
        "mode": "online",
        "currency": "EUR",
        "total": "30.12",
        "paid": "0.07",
        "processing": "0.00",
        "due": "30.05",
        "late": "10.05",
        "late_since": "2026-11-20",
        "to_refund": "0.00",
        "fully_paid": "no",
        "awaiting_correction": "0.00",
        "to_refund_since": "",
        "credit_used": "0.00",
        "lost": "0.00",
        "number": "",
        "account_number": "",
    }


async def test_an_erased_family_leaves_its_figures() -> None:
    _, (line,) = await written(a_row(9, None))
    assert (line["owner"], line["members"], line["due"]) == ("", "", "30.05")


async def test_a_french_spreadsheet_has_semicolons_and_a_decimal_comma() -> None:
    chunks, (line,) = await written(a_row(9, "Inès Martin", ("Inès Martin", 'Noé; dit "Nono"')), form=FRENCH)
    assert chunks[0].startswith("\ufeffcontrat;responsable;membres;mode;devise;total;payé;")
    assert chunks[0].endswith("\r\n")
    assert (line["membres"], line["mode"], line["total"], line["payé"]) == (
        'Inès Martin, Noé; dit "Nono"',
        "en ligne",
        "30,12",
        "0,07",
    )


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+33", "-1", "@SUM(A1)", "\tx", " =1", "\uff1d1", "\ufeff=1"])
@pytest.mark.parametrize("form", [ENGLISH, FRENCH])
async def test_a_name_is_never_a_formula(name: str, form: Form) -> None:
    _, (line,) = await written(a_row(9, name, (name,)), form=form)
    assert line[form.word("owner")] == f"'{name}"
    assert line[form.word("members")] == f"'{name}"


async def test_pay_3_a_refund_line_of_an_online_contract_has_its_amount_and_its_day() -> None:
    schedule = a_schedule(paid=1000, refund_due=250, credit_uses=(used(an_id(90), 300),))
    row = FollowUp.of(schedule, Names()).model_copy(update={"refund_since": date(2026, 10, 2)})
    _, (line,) = await written(row)
    shown = (line["to_refund"], line["awaiting_correction"], line["to_refund_since"], line["credit_used"])
    assert shown == ("2.50", "2.50", "2026-10-02", "3.00")


async def test_no_contract_is_the_header_alone() -> None:
    chunks, lines = await written()
    assert lines == []
    assert chunks == ["\ufeff" + ",".join(HEADER) + "\r\n"]


async def test_many_lines_come_in_pieces_and_none_is_lost() -> None:
    chunks, lines = await written(*(a_row(number, "Inès Martin") for number in range(500)))
    assert len(chunks) > 1
    assert max(len(chunk) for chunk in chunks) < 2 * CHUNK
    assert [line["contract"] for line in lines] == [an_id(number) for number in range(500)]


def test_a_cheque_is_a_line() -> None:
    held = an_instalment(2, "2027-01-05", 123456, held=True)
    (cheque,) = HeldCheque.of(a_schedule(an_instalment(1, "2026-12-05", 1000), held))
    line = dict(zip(cheques.HEADER, cheques.cells(cheque.model_copy(update={"holder": None})), strict=True))
    assert {name: ENGLISH.cell(value) for name, value in line.items()} == {
        "deposit_date": "2027-01-05",
        "bank": cheque.bank,
        "holder": "",
        "amount": "1234.56",
        "currency": "EUR",
        "contract": CONTRACT,
        "number": "",
    }
