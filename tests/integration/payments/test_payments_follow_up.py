"""The follow-up (PAY-9): searching, filtering, sorting, paging, each by an index."""

import csv
import io
from datetime import date, timedelta
from itertools import product
from typing import Any, get_args

import pytest

from carnet.events.contracts import AtOnce, Instalments, Later
from carnet.ids import new_id
from payments.follow_up.store.rows import (
    FOLLOW_UPS,
    SORT_FIELDS,
    Filter,
    Selection,
    Sorting,
    follow_up,
    whole_follow_up,
)
from payments.schedules.store import SCHEDULES
from tests.integration.payments.conftest import Desk, Payments, euros, stages
from tests.integration.payments.received_records import SALE_DAY, Family, Story, clock_at, organisation_record
from tests.refused import problem

FAMILIES = {"martin": ("Inès", "Martin"), "oeuvrard": ("Zoé", "Œuvrard"), "durand": ("Éric", "Durand-Petit")}


@pytest.fixture
async def contracts(payments: Payments) -> dict[str, str]:
    """Three families: Martin is late and owes most, Œuvrard is paid, Durand-Petit is to be refunded."""
    families = {name: Family(payments.organisation, owner_name=names) for name, names in FAMILIES.items()}
    families["oeuvrard"].child_name = ("Noé", "Œuvrard")
    families["durand"].child_name = ("Léa", "Martinet")
    families["martin"].number, families["durand"].number = "2026-0007", "2026-0042"
    stories = {name: Story(family) for name, family in families.items()}
    stories["martin"].number, stories["durand"].number = "2026-0042", "2026-0043"
    await payments.handles(*(family.changed(1) for family in families.values()))
    await payments.handles(
        stories["martin"].opened(900, Instalments(count=3)),
        stories["oeuvrard"].opened(0, AtOnce()),
        stories["durand"].opened(500, Later()),
    )
    foreign = Story(Family(new_id()))
    await payments.handles(foreign.family.changed(1))
    await payments.handles(foreign.opened(100))
    await payments.database[FOLLOW_UPS.name].update_one(
        {"_id": stories["durand"].contract},
        {"$set": {"paid": 700, "due": 0, "open": False, "fully_paid": True, "refund_due": 200}},
    )
    return {name: story.contract for name, story in stories.items()}


async def found(payments: Payments, contracts: dict[str, str], **wanted: Any) -> list[str]:
    names = {contract: name for name, contract in contracts.items()}
    asked = Selection(payments.organisation, **{"today": SALE_DAY, **wanted})
    rows = await follow_up(payments.database, asked, after=None, limit=50)
    assert [row.id async for row in whole_follow_up(payments.database, asked)] == [row.id for row in rows]
    return [names[row.id] for row in rows]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("", ["durand", "martin", "oeuvrard"]),
        ("MART", ["durand", "martin"]),
        ("martin in", ["martin"]),
        ("oeu", ["oeuvrard"]),
        ("Œuv zoe", ["oeuvrard"]),
        ("éric PETIT", ["durand"]),
        ("art", []),
        (".*", ["durand", "martin", "oeuvrard"]),
        ("martin nobody", []),
        ("2026-0042", ["durand", "martin"]),
        ("2026-43", ["durand"]),
        ("2026-0007", ["martin"]),
        ("mart 2026-0043", ["durand"]),
        ("2026-00421", []),
    ],
)
async def test_names_are_found_by_the_beginnings_of_their_words(
    payments: Payments, contracts: dict[str, str], search: str, expected: list[str]
) -> None:
    assert await found(payments, contracts, search=search) == expected


@pytest.mark.parametrize(
    ("only", "today", "expected"),
    [
        ("late", SALE_DAY, []),
        ("late", SALE_DAY + timedelta(days=1), ["martin"]),
        ("to_refund", SALE_DAY, ["durand"]),
        ("paid", SALE_DAY, ["durand", "oeuvrard"]),
        ("open", SALE_DAY, ["martin"]),
    ],
)
async def test_filters(
    payments: Payments, contracts: dict[str, str], only: Filter, today: date, expected: list[str]
) -> None:
    assert await found(payments, contracts, only=only, today=today) == expected


async def test_pay_9_what_is_in_attempt_awaits_correction_or_was_paid_by_a_credit_is_found_and_shown(
    desk: Desk, payments: Payments, contracts: dict[str, str]
) -> None:
    rows = payments.database[FOLLOW_UPS.name]
    await rows.update_one({"_id": contracts["martin"]}, {"$set": {"processing": 300, "due": 600}})
    on_site = {"mode": "on_site", "refund_due": 50, "paid": 50, "credit_used": 20}
    await rows.update_one({"_id": contracts["oeuvrard"]}, {"$set": on_site})
    for only, names in (
        ("in_attempt", ["martin"]),
        ("to_refund", ["durand", "oeuvrard"]),
        ("awaiting_correction", ["durand"]),
        ("credit_used", ["oeuvrard"]),
    ):
        assert await found(payments, contracts, only=only) == names
        shown = (await desk.get("/v1/follow-up", status=only)).json()["items"]
        assert [row["contract"] for row in shown] == [contracts[name] for name in names]
        for row in shown:
            figures = (row["processing"], row["to_refund"], row["awaiting_correction"], row["credit_used"])
            assert [each["amount"] for each in figures] == {
                contracts["martin"]: [300, 0, 0, 0],
                contracts["durand"]: [0, 200, 200, 0],
                contracts["oeuvrard"]: [0, 50, 0, 20],
            }[row["contract"]]


@pytest.mark.parametrize(
    ("sorting", "first", "last"),
    [("name", "durand", "oeuvrard"), ("late_since", "martin", None), ("due", None, "martin"), ("paid", None, "durand")],
)
async def test_sorting_both_ways(
    payments: Payments, contracts: dict[str, str], sorting: Sorting, first: str | None, last: str | None
) -> None:
    ascending = await found(payments, contracts, sorting=sorting)
    assert first in {None, ascending[0]}
    assert last in {None, ascending[-1]}
    assert await found(payments, contracts, sorting=sorting, descending=True) == ascending[::-1]


async def test_what_is_late_is_what_was_planned_before_the_day(payments: Payments, contracts: dict[str, str]) -> None:
    row = await payments.row(contracts["martin"])
    assert (row.late(SALE_DAY), row.late_since(SALE_DAY)) == (0, None)
    assert (row.late(date(2026, 12, 22)), row.late_since(date(2026, 12, 22))) == (600, SALE_DAY)


@pytest.fixture
async def many(payments: Payments) -> set[str]:
    family = Family(payments.organisation)
    stories = [Story(family) for _ in range(23)]
    await payments.handles(*(story.opened(100 * (number % 4)) for number, story in enumerate(stories)))
    await payments.handles(family.changed(1))
    return {story.contract for story in stories}


async def test_pages_give_every_row_once_though_many_sort_alike(payments: Payments, many: set[str]) -> None:
    for sorting, descending in product(SORT_FIELDS, (False, True)):
        wanted = Selection(payments.organisation, SALE_DAY, sorting=sorting, descending=descending)
        seen: list[str] = []
        after: tuple[str | int, str] | None = None
        while page := await follow_up(payments.database, wanted, after=after, limit=5):
            seen += [row.id for row in page]
            after = wanted.key_of(page[-1])
        assert len(seen) == len(many), (sorting, descending)
        assert set(seen) == many, (sorting, descending)


async def test_every_query_has_an_index(payments: Payments, many: set[str]) -> None:
    filters: tuple[Filter | None, ...] = (None, *get_args(Filter))
    for only, sorting, search in product(filters, SORT_FIELDS, ("", "mar")):
        wanted = Selection(payments.organisation, SALE_DAY, search=search, only=only, sorting=sorting)
        cursor = payments.database[FOLLOW_UPS.name].find(wanted.query()).sort(wanted.order())
        plan = stages((await cursor.explain())["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan, wanted
        assert "COLLSCAN" not in plan, wanted


async def test_the_follow_up_over_http(desk: Desk, payments: Payments, contracts: dict[str, str]) -> None:
    await payments.handles(
        organisation_record(payments.organisation, 2, clock_ahead=clock_at(SALE_DAY + timedelta(days=31)))
    )
    first = (await desk.get("/v1/follow-up", limit=2, sort="due", order="desc")).json()
    (top, _) = first["items"]
    assert top == {
        "contract": contracts["martin"],
        "number": "2026-0042",
        "account": top["account"],
        "account_number": "2026-0007",
        "owner": "Inès Martin",
        "members": ["Inès Martin", "Noé Martin"],
        "mode": "online",
        "total": euros(900),
        "paid": euros(0),
        "processing": euros(0),
        "due": euros(900),
        "late": euros(600),
        "late_since": "2026-11-21",
        "next_due": "2027-01-21",
        "next_amount": euros(300),
        "to_refund": euros(0),
        "awaiting_correction": euros(0),
        "to_refund_since": None,
        "credit_used": euros(0),
        "lost": euros(0),
        "fully_paid": False,
    }
    rest = (await desk.get("/v1/follow-up", limit=2, sort="due", order="desc", cursor=first["next"])).json()
    assert (len(rest["items"]), rest["next"]) == (1, None)
    for name, query in {
        "martin": {"status": "late"},
        "durand": {"status": "to_refund"},
        "oeuvrard": {"search": "œuv"},
    }.items():
        (found,) = (await desk.get("/v1/follow-up", **query)).json()["items"]
        assert found["contract"] == contracts[name]
    answer = await desk.get("/v1/follow-up", cursor=first["next"])
    problem(answer, 422, "cursor-invalid")


async def test_the_follow_up_as_csv(desk: Desk, payments: Payments, contracts: dict[str, str]) -> None:
    family = Family(payments.organisation, owner_name=("=cmd|' /C calc'!A0", ""))
    await payments.handles(family.changed(1))
    story = Story(family)
    await payments.handles(story.opened(7))
    answer = await desk.get("/v1/follow-up.csv", sort="name")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="follow-up-2026-11-21.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert {line["contract"] for line in lines} == {*contracts.values(), story.contract}
    assert {line["contract"]: line["owner"] for line in lines}[story.contract] == "'=cmd|' /C calc'!A0"
    (martin,) = [line for line in lines if line["contract"] == contracts["martin"]]
    assert (martin["total"], martin["due"], martin["late"]) == ("9.00", "9.00", "0.00")
    assert (martin["number"], martin["account_number"]) == ("2026-0042", "2026-0007")
    assert [line["number"] for line in lines if line["contract"] == contracts["oeuvrard"]] == [""]
    for french in (
        await desk.get("/v1/follow-up.csv", sort="name", language="fr"),
        await desk.get("/v1/follow-up.csv", desk.headers() | {"Accept-Language": "fr-FR,en;q=0.5"}, sort="name"),
    ):
        assert french.headers["content-language"] == "fr"
        content = io.StringIO(french.content.decode("utf-8-sig"), newline="")
        rows = {row["contrat"]: row for row in csv.DictReader(content, delimiter=";")}
        assert rows.keys() == {line["contract"] for line in lines}
        assert (rows[contracts["martin"]]["total"], rows[story.contract]["responsable"]) == (
            "9,00",
            "'=cmd|' /C calc'!A0",
        )
    late = await desk.get("/v1/follow-up.csv", search="mart", status="to_refund")
    assert late.text.count("\n") == 2


@pytest.mark.parametrize("first", ["account", "contract"])
async def test_con_27_numbers_stand_beside_the_names_whichever_came_first_and_outlive_them(
    payments: Payments, first: str
) -> None:
    family = Family(payments.organisation, number="2026-0007")
    story = Story(family, number="2026-0042")
    records = [family.changed(1), story.opened(500)]
    for each in records if first == "account" else reversed(records):
        await payments.handles(each)
    row = await payments.row(story.contract)
    assert (row.number, row.names.number) == ("2026-0042", "2026-0007")
    await payments.handles(family.erased(2))
    row = await payments.row(story.contract)
    assert (row.number, row.names.number, row.names.owner) == ("2026-0042", "2026-0007", None)


async def test_con_27_rows_and_schedules_of_the_time_before_numbers_are_read_without_one(
    desk: Desk, payments: Payments
) -> None:
    story = Story(Family(payments.organisation))
    await payments.handles(story.family.changed(1))
    await payments.handles(story.opened(500))
    for collection in (FOLLOW_UPS, SCHEDULES):
        gone = {"number": "", "names.number": ""}
        await payments.database[collection.name].update_one({"_id": story.contract}, {"$unset": gone})
    (row,) = (await desk.get("/v1/follow-up")).json()["items"]
    assert (row["number"], row["account_number"]) == (None, None)
    assert (await desk.get(f"/v1/schedules/{story.contract}")).json()["number"] is None
