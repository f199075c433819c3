"""Access is withheld while a payment is late by the days of the organisation, and given back once paid (CON-20)."""

from datetime import date, timedelta
from typing import Any

import pytest

from carnet.dates import utc_now
from carnet.events.catalog import Contact, OnlinePlanDetails, OrganisationChanged
from carnet.events.payments import Balance, Instalment, ScheduleAdjusted
from carnet.ids import new_id
from carnet.journal import SLOTS
from carnet.organisations import ORGANISATIONS
from contracts.access.domain import access_id
from contracts.access.withholding import Withholder
from contracts.contracts.store import SCHEDULES, find_contract, late_query, withheld_query
from tests.integration.contracts.conftest import Family, Product, School
from tests.records import Given, record

ALL_SLOTS = frozenset(range(SLOTS))
PLAN = OnlinePlanDetails(courses=("harmony",))


def describing(school: School, sequence: int, days: int | None, ahead: int = 0) -> Given:
    """The profile of the school: after so many days late accesses are withheld; its clock is so many days ahead."""
    body = OrganisationChanged(
        organisation=school.organisation,
        name="School of dance",
        currency="EUR",
        time_zone="Europe/Paris",
        languages=("en",),
        contact=Contact(),
        support_email="help@example.org",
        mode="test",
        clock_ahead=ahead * 86400,
        access_late_days=days,
    )
    return record(body, aggregate=school.organisation, sequence=sequence, organisation=school.organisation)


def planning(school: School, contract: dict[str, Any], sequence: int, due: date | None, *, held: bool = False) -> Given:
    """The schedule has one instalment, due on that day; without a day all is paid."""
    total = contract["total"]["amount"]
    planned = total if due else 0
    balance = Balance(total=total, paid=total - planned, processing=0, planned=planned, unscheduled=0, refund_due=0)
    body = ScheduleAdjusted(
        contract=contract["id"],
        account=contract["account"],
        mode="online",
        currency="EUR",
        effective_on=utc_now().date(),
        change=new_id(),
        covers=contract["version"],
        balance=balance,
        balance_before=balance,
        instalments=(Instalment(id=new_id(), due=due, amount=planned, held=held),) if due else (),
    )
    return record(body, aggregate=contract["id"], sequence=sequence, organisation=school.organisation)


async def published(school: School, family: Family) -> list[tuple[str, str | None]]:
    rows = await school.journal(access_id(family.child, "harmony"))
    return [(row["type"].split(".")[2], row["data"].get("why")) for row in rows]


async def published_by(school: School, contract: dict[str, Any]) -> list[dict[str, Any]]:
    """What the contract published of what is withheld, with its type and version."""
    return [
        {**row["data"], "type": row["type"].split(".")[2], "version": row["sequence"], "change": row["change"]}
        for row in await school.journal(contract["id"])
        if row["type"].startswith("carnet.contracts.Plans")
    ]


async def studying(school: School, family: Family) -> dict[str, Any]:
    plan = Product(PLAN, 12000)
    await school.sells(plan)
    return await family.opens(plan)


def ago(days: int) -> date:
    """So many days before the school's today: the contract is opened on it, so both have the same clock."""
    return utc_now().date() - timedelta(days=days)


@pytest.mark.parametrize("first", ["setting", "schedule"])
async def test_con_20_what_is_late_is_withheld_and_given_back_once_paid_in_either_order(
    school: School, family: Family, first: str
) -> None:
    contract, worker = await studying(school, family), Withholder(school.database)
    setting, late = describing(school, 2, 10), planning(school, contract, 1, ago(12))
    await school.handles(*((setting, late) if first == "setting" else (late, setting)))
    assert await worker.round(frozenset()) == 0
    assert await worker.round(ALL_SLOTS) == 1
    assert await worker.round(ALL_SLOTS) == 0
    assert await published(school, family) == [("AccessGranted", None), ("AccessRevoked", "late")]
    (shown,) = (await school.get(f"/v1/accounts/{family.account}/accesses")).json()["items"]
    assert (shown["open"], shown["why"]) == (False, "late")
    (withheld,) = await published_by(school, contract)
    assert (withheld["type"], withheld["due_since"]) == ("PlansWithheld", ago(12).isoformat())
    line = contract["lines"][0]
    assert withheld["plans"] == [
        {"line": line["id"], "product": line["product"], "name": line["name"], "participant": family.child}
    ]
    assert withheld["version"] == contract["version"] + 1
    assert withheld["change"] == (await school.journal(access_id(family.child, "harmony")))[-1]["change"]

    await school.handles(planning(school, contract, 2, None))
    assert await worker.round(ALL_SLOTS) == 1
    assert await worker.round(ALL_SLOTS) == 0
    assert (await published(school, family))[2:] == [("AccessGranted", None)]
    back = (await published_by(school, contract))[1:]
    assert [(each["type"], each["plans"]) for each in back] == [("PlansGivenBack", withheld["plans"])]
    # The schedule answers changes alone: what is withheld is none.
    found = await find_contract(school.database, school.organisation, contract["id"])
    assert found is not None
    assert (found.version, found.whole_version) == (contract["version"] + 2, contract["version"])


async def test_con_20_it_is_late_by_so_many_days_on_the_clock_of_the_organisation(
    school: School, family: Family
) -> None:
    contract, worker = await studying(school, family), Withholder(school.database)
    known = await school.database[ORGANISATIONS.name].find_one({"_id": school.organisation})
    today = ORGANISATIONS.read(known or {}).today(utc_now())
    await school.handles(describing(school, 2, 10), planning(school, contract, 1, today))
    for ahead, moved in ((8, 0), (11, 1)):  # a day more or less, where midnight passes meanwhile
        await school.handles(describing(school, 3 + ahead, 10, ahead))
        assert await worker.round(ALL_SLOTS) == moved
    # Staff puts it off: it is not late any more.
    await school.handles(planning(school, contract, 2, today + timedelta(days=60)))
    assert await worker.round(ALL_SLOTS) == 1
    assert [name for name, _ in await published(school, family)] == ["AccessGranted", "AccessRevoked", "AccessGranted"]


async def test_con_20_nothing_is_withheld_for_a_held_cheque_nor_where_the_organisation_does_not_wish_it(
    school: School, family: Family
) -> None:
    contract, worker = await studying(school, family), Withholder(school.database)
    await school.handles(planning(school, contract, 1, ago(90)))
    assert await worker.round(ALL_SLOTS) == 0
    await school.handles(planning(school, contract, 2, ago(90), held=True), describing(school, 2, 5))
    assert await worker.round(ALL_SLOTS) == 0
    await school.handles(planning(school, contract, 3, ago(90)))
    assert await worker.round(ALL_SLOTS) == 1
    # The organisation withdraws its wish.
    await school.handles(describing(school, 3, None))
    assert await worker.round(ALL_SLOTS) == 1
    assert [name for name, _ in await published(school, family)] == ["AccessGranted", "AccessRevoked", "AccessGranted"]


async def test_con_20_a_plan_cancelled_while_it_is_withheld_does_not_come_back(school: School, family: Family) -> None:
    contract, worker = await studying(school, family), Withholder(school.database)
    await school.handles(describing(school, 2, 10), planning(school, contract, 1, ago(12)))
    assert await worker.round(ALL_SLOTS) == 1
    cancelled = await school.post(
        f"/v1/contracts/{contract['id']}/changes",
        {"schedule_version": 1, "cancel": [contract["lines"][0]["id"]]},
        version=contract["version"] + 1,
    )
    assert cancelled.status_code == 200, cancelled.text
    await school.handles(planning(school, contract, 2, None))
    assert await worker.round(ALL_SLOTS) == 1
    assert len(await published(school, family)) == 2
    assert [each["type"] for each in await published_by(school, contract)] == ["PlansWithheld"], "nothing is open again"


async def test_con_20_the_family_is_not_informed_where_another_plan_opens_the_same_course(
    school: School, family: Family
) -> None:
    late, worker = await studying(school, family), Withholder(school.database)
    paid = await studying(school, family)
    await school.handles(describing(school, 2, 10), planning(school, late, 1, ago(12)))
    assert await worker.round(ALL_SLOTS) == 1
    assert [name for name, _ in await published(school, family)] == ["AccessGranted", "AccessChanged"]
    assert await published_by(school, late) == await published_by(school, paid) == []


async def test_con_20_one_look_for_all_organisations_uses_indexes(school: School) -> None:
    days = {ago(days): [school.organisation, new_id()] for days in (10, 12)}
    schedules = school.database[SCHEDULES.name]
    one = frozenset({1})
    queries = (late_query(days, ALL_SLOTS), late_query(days, one), withheld_query(days, one), withheld_query({}, one))
    for query in queries:
        plan = str((await schedules.find(query).explain())["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan
        assert "COLLSCAN" not in plan
