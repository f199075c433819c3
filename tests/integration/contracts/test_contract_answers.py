"""What credits answers about a change that waits: in any order, once, for whose organisation (CRE-4, CON-11)."""

import asyncio
from itertools import permutations
from typing import Any

import pytest
from prometheus_client import REGISTRY

from carnet.batches import Batches
from carnet.events.base import ServiceRefusal
from carnet.events.catalog import DiscountDetails
from carnet.ids import new_id
from carnet.mongo import transact
from carnet.requests.alarm import Alarm
from contracts.contracts.reactions import CREDIT_REACTIONS
from contracts.contracts.store import PENDING_CHANGES, forget_notes
from tests.integration.contracts.conftest import Family, Product, School, ten_percent
from tests.integration.contracts.selling_credits import sold
from tests.refused import problem
from tests.waits import patiently


async def test_con_5_the_advice_on_a_change_that_waited_is_given_with_its_outcome(
    school: School, family: Family
) -> None:
    case = await sold(family)
    await school.handles(family.schedule(case.contract, paid=35000))
    confirming = asyncio.create_task(patiently(case.confirms()))
    await case.handles(case.removed(await case.requested(), case.credits[0]))
    assert [advice["rule"] for advice in (await confirming).json()["advice"]] == ["CON-5"]


async def test_con_22_a_contract_that_sold_credits_is_cancelled_whole_once_they_are_removed(
    school: School, family: Family
) -> None:
    case = await sold(family, count=2)
    confirming = asyncio.create_task(patiently(case.confirms({"schedule_version": 1}, route="/cancellation")))
    request = await case.requested()
    await case.handles(*(case.removed(request, credit) for credit in case.credits))
    cancelled = (await confirming).json()
    assert (cancelled["cancelled_on"] is None, cancelled["live_lines"], cancelled["total"]["amount"]) == (False, 0, 0)
    assert (await case.names_published())[-2:] == ["ContractChanged", "ContractCancelled"]
    assert (await case.published("ContractChanged"))[0]["data"]["version"] == cancelled["version"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_answers_are_handled_once_in_any_order_with_the_events_of_payments(
    school: School, family: Family, order: tuple[int, ...]
) -> None:
    case = await sold(family, count=2)
    confirming = asyncio.create_task(patiently(case.confirms()))
    request = await case.requested()
    records = [*(case.removed(request, credit) for credit in case.credits), family.schedule(case.contract, paid=100)]
    for index in order:
        await case.handles(records[index], records[index])
    await case.handles(*records, *(records[index] for index in order))
    changed = (await confirming).json()
    assert [line["state"] for line in changed["lines"]] == ["live", "cancelled", "cancelled", "live"]
    shown = await case.shown()
    assert (shown["version"], shown["total"]) == (changed["version"], changed["total"])
    assert shown["schedule"]["paid"]["amount"] == 100
    assert (await case.names_published())[4:] == [
        "CreditRemovalRequested", "ProductCancelled", "ProductCancelled", "ProductAdded", "ContractChanged",
    ]  # fmt: skip
    assert await case.parked() == []


async def test_all_answers_in_one_batch_make_the_change_once(school: School, family: Family) -> None:
    case = await sold(family, count=2)
    waiting = await case.asks()
    first, second = (case.removed(waiting["change"], credit) for credit in case.credits)
    await Batches("contracts", school.database, CREDIT_REACTIONS).apply([first, second, first])
    assert (await case.shown())["total"]["amount"] == 60000
    assert len(await case.published("ContractChanged")) == 1


async def test_a_refusal_is_taken_once_and_late_news_of_it_change_nothing(school: School, family: Family) -> None:
    case = await sold(family, count=2)
    first = await case.asks()
    refused = case.refused(first["change"], case.credits[1])
    await case.handles(refused, refused)
    assert (await case.names_published())[-3:] == ["CreditRemovalRequested", "ChangeRefused", "ConfirmationRefused"]
    again = await school.post(f"{case.path}/changes", case.cancelling, version=case.contract["version"] + 3)
    assert again.status_code == 202
    await case.handles(case.removed(first["change"], case.credits[0]))
    assert (await case.shown())["pending"]["awaited"] == case.credits
    await case.handles(case.removed(again.json()["change"], case.credits[1]))
    assert (await case.shown())["pending"]["awaited"] == [case.credits[0]]


async def test_a_credit_removed_without_a_request_is_none_of_its_business(school: School, family: Family) -> None:
    case = await sold(family)
    before = await case.shown()
    await case.handles(case.removed(None, case.credits[0]))
    assert await case.shown() == before
    assert await case.parked() == []


async def test_org_1_an_answer_of_another_organisation_is_parked(school: School, family: Family) -> None:
    case = await sold(family)
    waiting = await case.asks()
    foreign = new_id()
    await case.handles(case.removed(waiting["change"], case.credits[0], organisation=foreign))
    assert await case.parked() == [case.credits[0]]
    assert (await case.shown())["pending"]["awaited"] == case.credits


async def test_org_4_a_person_erased_meanwhile_is_erased_from_what_is_pending(school: School, family: Family) -> None:
    case = await sold(family)
    course = case.contract["lines"][0]["id"]
    added = case.course.bought_for(family.child) | {"price": {"amount": 1, "currency": "EUR"}, "reason": "He faints."}
    body = case.cancelling | {"add": [added], "edit": [{"line": course, "notes": "Ben faints easily."}]}
    waiting = await case.asks(body)
    kept = await school.database["contracts"].find_one({"_id": case.contract["id"]})
    assert "faints" in str(kept)
    await transact(school.database, lambda unit: forget_notes(unit, school.organisation, family.account, family.child))
    kept = await school.database["contracts"].find_one({"_id": case.contract["id"]})
    assert "faints" not in str(kept)

    await case.handles(case.removed(waiting["change"], case.credits[0]))
    shown = await case.shown()
    assert (shown["lines"][0]["notes"], shown["total"]["amount"]) == (None, 30001)
    assert "faints" not in str(await case.published())


async def test_the_age_of_the_oldest_change_that_waits_is_shown(school: School, family: Family) -> None:
    case = await sold(family)
    waiting = await case.asks()
    await school.database["contracts"].update_one(
        {"_id": case.contract["id"]}, {"$set": {"pending.asked_at": "2020-01-01T00:00:00Z"}}
    )
    alarm = Alarm("watched", school.database, (PENDING_CHANGES,))

    def age_shown() -> float:
        return REGISTRY.get_sample_value("carnet_request_oldest_seconds", {"service": "watched"}) or 0.0

    await alarm.look()
    aged = age_shown()
    assert aged > 5 * 365 * 86400
    await case.handles(case.removed(waiting["change"], case.credits[0]))
    await alarm.look()
    assert age_shown() < aged


def lowering(line: str, amount: int = 0) -> dict[str, Any]:
    return {"edit": [{"line": line, "price": {"amount": amount, "currency": "EUR"}}], "schedule_version": 0}


async def test_con_11_a_lower_price_of_a_credit_that_does_not_exist_is_made_once_credits_confirms(
    school: School, family: Family
) -> None:
    case = await sold(family)
    (credit,) = case.credits
    confirming = asyncio.create_task(patiently(case.confirms(lowering(credit, 4000))))
    request = await case.requested()
    (asked,) = await case.published("CreditRemovalRequested")
    assert (asked["data"]["lines"], asked["data"]["lowered"]) == ([], [credit])
    await case.handles(case.postponed(request, credit))
    answer = await confirming
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"]["amount"] == 34000
    assert (await case.names_published())[3:] == ["CreditRemovalRequested", "ProductEdited", "ContractChanged"]
    assert await case.parked() == []


async def test_con_11_a_lower_price_of_a_credit_that_exists_is_refused_in_its_own_words(
    school: School, family: Family
) -> None:
    case = await sold(family)
    (credit,) = case.credits
    confirming = asyncio.create_task(patiently(case.confirms(lowering(credit))))
    request = await case.requested()
    await case.handles(case.refused(request, credit, left=5000, why="exists"))
    assert problem(await confirming, 409, "credit-exists")["rule"] == "CON-11"
    shown = await case.shown()
    assert (shown["total"], shown["refused_change"]["why"]) == (case.contract["total"], "exists")


async def test_the_client_reads_what_credits_said_in_its_own_words_and_by_its_rule(
    school: School, family: Family
) -> None:
    case = await sold(family)
    (credit,) = case.credits
    confirming = asyncio.create_task(patiently(case.confirms(lowering(credit, 4000))))
    request = await case.requested()
    waiting = problem(await case.confirms(lowering(credit, 3000)), 409, "change-pending")
    assert waiting["rule"] == "CRE-4", "what is asked of credits"
    said = ServiceRefusal(
        cause="credit-removal",
        asked_of="credits",
        problem="credit-audited",
        rule="CRE-7",
        detail="The books of this credit are closed. Open them first.",
        params={"credit": credit},
    )
    await case.handles(case.refused(request, credit, refusal=said))
    found = problem(await confirming, 409, "credit-audited")
    assert (found["rule"], found["detail"], found["params"]) == ("CRE-7", said.detail, {"credit": credit})
    change = (await school.get(f"{case.path}/changes/{request}")).json()
    assert [each["detail"] for each in change["refusals"]] == [said.detail]
    assert (await case.names_published())[3:] == ["CreditRemovalRequested", "ConfirmationRefused"]


async def test_con_7_a_discount_that_names_a_credit_waits_for_credits_and_one_on_everything_leaves_it(
    school: School, family: Family
) -> None:
    case = await sold(family)
    (credit,) = case.credits
    product = case.contract["lines"][1]["product"]
    everything = ten_percent()
    naming = Product(DiscountDetails(rate=5000, products=(product,)), participant=False)
    await school.sells(everything, naming)
    placed = await case.confirms({"discounts": [{"product": everything.id}], "schedule_version": 0})
    assert placed.status_code == 200, placed.text
    case.contract = placed.json()
    assert case.contract["total"]["amount"] == 27000 + 5000
    waiting = await case.asks({"discounts": [{"product": naming.id}], "schedule_version": 0})
    assert waiting["awaited"] == [credit]
