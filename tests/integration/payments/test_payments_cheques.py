"""The deposit list over HTTP (PAY-7): which cheques are held, as they come, move, are cashed and handed back."""

import csv
import io
from typing import Any

import pytest
from pypdf import PdfReader

from carnet.events.contracts import OnSite
from carnet.ids import new_id
from payments.receipts.api import cheques as slips
from payments.receipts.store import CHEQUES, DEPOSIT_ORDER, Deposits
from tests.integration.payments.conftest import Desk, Payments, euros, stages
from tests.integration.payments.received_records import SALE_DAY, Family, Story, organisation_record
from tests.refused import problem


def a_cheque(due: str, amount: int, holder: str = "Inès Martin", bank: str = "Banque du Nord") -> dict[str, Any]:
    return {"due": due, "amount": euros(amount), "bank": bank, "holder": holder}


async def holding(desk: Desk, family: Family, *cheques: dict[str, Any]) -> Story:
    """A contract of 900 paid on site for which these cheques are held: its schedule is at version 2."""
    story = Story(family)
    await desk.payments.handles(story.opened(900, OnSite(), mode="on_site"))
    answer = await desk.post(f"/v1/schedules/{story.contract}/cheques", {"cheques": list(cheques)}, version=1)
    assert answer.status_code == 201, answer.text
    return story


async def listed(desk: Desk, **query: Any) -> list[tuple[str, int]]:
    answer = await desk.get("/v1/cheques", desk.headers("payments:read"), **query)
    assert answer.status_code == 200, answer.text
    return [(each["due"], each["amount"]["amount"]) for each in answer.json()["items"]]


async def ids(desk: Desk) -> list[str]:
    return [each["id"] for each in (await desk.get("/v1/cheques")).json()["items"]]


async def test_the_list_says_whose_cheque_goes_to_the_bank_when(desk: Desk, family: Family) -> None:
    story = await holding(desk, family, a_cheque("2027-01-05", 301), a_cheque("2026-12-05", 300))
    answer = (await desk.get("/v1/cheques")).json()
    schedule = (await desk.get(f"/v1/schedules/{story.contract}")).json()
    assert answer == {
        "items": [
            {
                "id": each["id"],
                "contract": story.contract,
                "number": None,
                "account": family.account,
                "due": due,
                "amount": euros(amount),
                "bank": "Banque du Nord",
                "holder": "Inès Martin",
            }
            for each, due, amount in zip(schedule["instalments"], ("2026-12-05", "2027-01-05"), (300, 301), strict=True)
        ],
        "next": None,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [1, 2, 3]),
        ({"from": "2026-12-05"}, [2, 3]),
        ({"until": "2026-12-05"}, [1, 2]),
        ({"from": "2026-12-05", "until": "2026-12-05"}, [2]),
        ({"from": "2026-12-06", "until": "2027-01-04"}, []),
    ],
)
async def test_a_period_includes_both_its_days(
    desk: Desk, family: Family, query: dict[str, Any], expected: list[int]
) -> None:
    await holding(desk, family, a_cheque("2027-01-05", 3), a_cheque("2026-12-04", 1), a_cheque("2026-12-05", 2))
    assert [amount for _, amount in await listed(desk, **query)] == expected
    lines = (await desk.get("/v1/cheques.csv", **query)).text.splitlines()[1:]
    assert [line.split(",")[3] for line in lines] == [f"0.0{amount}" for amount in expected]


async def test_pay_7_the_slip_for_the_bank_lists_the_cheques_of_these_days_with_their_sum(
    desk: Desk, family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheques = (a_cheque("2026-12-04", 100), a_cheque("2026-12-05", 23, bank="Crédit Mutuel"))
    await holding(desk, family, *cheques, a_cheque("2027-01-05", 777))
    answer = await desk.get("/v1/cheques.pdf", **{"from": "2026-12-01", "until": "2026-12-31"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().replace("\xa0", " ").replace("\u202f", " ")
    for words in ("Bordereau de remise de chèques", "Crédit Mutuel", "1,00 €", "0,23 €", "1,23 €"):
        assert words in text, text
    assert "7,77" not in text
    english = await desk.get("/v1/cheques.pdf", language="en", until="2020-01-01")
    assert "No cheque is to be deposited" in PdfReader(io.BytesIO(english.content)).pages[0].extract_text()
    monkeypatch.setattr(slips, "LONGEST_SLIP", 2)
    problem(await desk.get("/v1/cheques.pdf"), 409, "slip-too-long")
    stranger = desk.headers("payments:read", organisation=new_id())
    problem(await desk.get("/v1/cheques.pdf", stranger), 409, "organisation-not-known")


async def test_pages_give_every_cheque_once_though_many_fall_on_one_day(desk: Desk, family: Family) -> None:
    for _ in range(2):
        await holding(desk, family, *(a_cheque(f"2026-12-{1 + each % 3:02}", 10 + each) for each in range(10)))
    seen: list[tuple[str, str]] = []
    cursor: dict[str, Any] = {}
    while True:
        page = (await desk.get("/v1/cheques", limit=7, until="2026-12-03", **cursor)).json()
        seen += [(each["due"], each["id"]) for each in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert len(set(seen)) == 20
    assert seen == sorted(seen)
    problem(await desk.get("/v1/cheques", cursor=cursor["cursor"]), 422, "cursor-invalid")


async def test_it_follows_the_schedules(desk: Desk, payments: Payments, family: Family) -> None:
    cheques = [a_cheque("2026-12-05", 100), a_cheque("2027-01-05", 200), a_cheque("2027-02-05", 600)]
    story = await holding(desk, family, *cheques)
    first, second, third = await ids(desk)
    moved = await desk.move(story.contract, f"instalments/{second}/changes", {"due": "2027-03-05"}, version=2)
    assert moved.status_code == 200
    assert await listed(desk) == [("2026-12-05", 100), ("2027-02-05", 600), ("2027-03-05", 200)]
    assert await ids(desk) == [first, third, second]
    cashed = await desk.pay(story.contract, 100, version=3, instalment=first, method="cheque")
    assert cashed.status_code == 201
    assert await ids(desk) == [third, second]
    handed_back = await desk.move(story.contract, f"instalments/{third}/cancellation", None, version=4)
    assert handed_back.json()["balance"]["unscheduled"] == euros(600)
    assert await ids(desk) == [second]
    await payments.handles(story.changed(250))  # a fall that reaches the cheque hands it back whole (PAY-2)
    assert await ids(desk) == []
    assert (await payments.schedule(story.contract)).unscheduled == 150


async def test_org_1_each_organisation_has_its_own_list(desk: Desk, payments: Payments, family: Family) -> None:
    await holding(desk, family, a_cheque("2026-12-05", 100))
    neighbour = new_id()
    await payments.handles(organisation_record(neighbour))
    headers = desk.headers(organisation=neighbour)
    assert (await desk.get("/v1/cheques", headers)).json() == {"items": [], "next": None}
    assert (await desk.get("/v1/cheques.csv", headers)).text.count("\n") == 1


@pytest.mark.parametrize("how", ["account", "member"])
async def test_org_4_erasing_removes_the_holders_from_the_list_and_nothing_else(
    desk: Desk, payments: Payments, family: Family, how: str
) -> None:
    other = Family(payments.organisation)
    await payments.handles(family.changed(1), other.changed(1))
    story = await holding(desk, family, a_cheque("2026-12-05", 100))
    await holding(desk, other, a_cheque("2027-01-05", 200, "Zoé Petit"))
    await payments.handles(family.erased(2) if how == "account" else family.changed(2, erased=[family.owner]))
    items = (await desk.get("/v1/cheques")).json()["items"]
    assert [each["holder"] for each in items] == [None, "Zoé Petit"]
    moved = await desk.move(story.contract, f"instalments/{items[0]['id']}/changes", {"due": "2026-12-06"}, version=2)
    assert moved.status_code == 200
    items = (await desk.get("/v1/cheques")).json()["items"]
    assert [(each["due"], each["holder"]) for each in items] == [("2026-12-06", None), ("2027-01-05", "Zoé Petit")]


async def test_the_list_as_csv(desk: Desk, family: Family) -> None:
    story = await holding(
        desk, family, a_cheque("2026-12-05", 300, holder="=cmd|' /C calc'!A0", bank='Banque "du" Nord, Lille')
    )
    answer = await desk.get("/v1/cheques.csv", desk.headers("payments:read"))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="cheques-{SALE_DAY.isoformat()}.csv"'
    (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert line == {
        "deposit_date": "2026-12-05",
        "bank": 'Banque "du" Nord, Lille',
        "holder": "'=cmd|' /C calc'!A0",
        "amount": "3.00",
        "currency": "EUR",
        "contract": story.contract,
        "number": "",
    }


async def test_an_index_gives_the_list_in_its_order(desk: Desk, payments: Payments, family: Family) -> None:
    await holding(desk, family, a_cheque("2026-12-05", 300))
    for since, until in ((None, None), (SALE_DAY, None), (None, SALE_DAY), (SALE_DAY, SALE_DAY)):
        query = Deposits(payments.organisation, since, until).query()
        cursor = payments.database[CHEQUES.name].find(query).sort(DEPOSIT_ORDER)
        plan = stages((await cursor.explain())["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan
        assert not {"COLLSCAN", "SORT"} & plan
