"""Other prices than the tariff's and free lines, over HTTP: previewed, journalled, shown, erased (CON-2, ORG-4)."""

from typing import Any

from carnet.mongo import transact
from contracts.contracts.store import forget_notes
from tests.integration.contracts.conftest import Family, School, a_course

FEE = {"name": "Registration", "price": {"amount": 1234, "currency": "EUR"}, "vat_rate": 2000}
LATE = {"price": {"amount": 25000, "currency": "EUR"}, "reason": "Ben joined late"}


def money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


async def test_con_2_another_price_and_a_free_line_are_sold_shown_and_published(school: School, family: Family) -> None:
    course = a_course()
    await school.sells(course)
    body = family.buying(course, free=[FEE])
    body["add"][0] |= LATE
    answer = await school.post("/v1/contracts", body)
    assert answer.status_code == 201, answer.text
    opened = answer.json()
    bought, fee = opened["lines"]
    assert opened["total"] == money(26234)
    assert (bought["price"], bought["list_price"], bought["free"]) == (money(25000), money(30000), False)
    assert (fee["name"], fee["kind"], fee["price"], fee["list_price"], fee["free"]) == (
        "Registration", "item", money(1234), None, True,
    )  # fmt: skip
    assert fee["product"] == fee["id"]
    rows = await school.journal(opened["id"])
    assert rows[1]["personal"] == {"reason": "Ben joined late"}
    assert "Ben joined late" not in str(rows[1]["data"])
    shown = (await school.get(f"/v1/contracts/{opened['id']}/journal")).json()["items"]
    assert "Ben joined late" in str(shown[1])


async def test_con_2_a_free_line_is_added_by_a_change_beside_a_cancelled_line(school: School, family: Family) -> None:
    course = a_course()
    await school.sells(course)
    opened = await family.opens(course)
    body = {"cancel": [opened["lines"][0]["id"]], "free": [FEE], "schedule_version": 0}
    changed = await school.post(f"/v1/contracts/{opened['id']}/changes", body, version=opened["version"])
    assert changed.status_code == 200, changed.text
    assert changed.json()["total"] == money(1234)


async def test_org_4_why_a_price_was_another_one_is_erased_with_the_person(school: School, family: Family) -> None:
    course = a_course()
    await school.sells(course)
    body = family.buying(course)
    body["add"][0] |= LATE
    opened = (await school.post("/v1/contracts", body)).json()
    await transact(school.database, lambda unit: forget_notes(unit, school.organisation, family.account, family.child))
    row = (await school.journal(opened["id"]))[1]
    assert "personal" not in row
    assert row["data"]["purchase"]["price"] == 25000
