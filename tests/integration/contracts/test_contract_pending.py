"""A change that cancels what sold client credits, over HTTP and by the answers of credits (CRE-4, CRE-5, CON-8)."""

import asyncio
from dataclasses import dataclass
from datetime import date
from itertools import permutations
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from carnet import parking
from carnet.batches import Batches
from carnet.events.catalog import DiscountDetails
from carnet.events.credits import CreditGrantPostponed, CreditRemovalRefused, CreditRemoved
from carnet.http import within_patience
from carnet.ids import new_id
from carnet.mongo import transact
from carnet.requests.alarm import Alarm
from contracts.contracts.reactions import CREDIT_REACTIONS
from contracts.contracts.store import PENDING_CHANGES, forget_notes
from tests.integration.contracts.conftest import Family, Product, School, a_course, a_credit, ten_percent
from tests.records import Given, record
from tests.refused import problem

ON = date(2026, 11, 22)


@dataclass
class Sold:
    """A contract of a course and one client credit or more, and what credits tells of these."""

    family: Family
    course: Product
    contract: dict[str, Any]

    @property
    def school(self) -> School:
        return self.family.school

    @property
    def path(self) -> str:
        return f"/v1/contracts/{self.contract['id']}"

    @property
    def credits(self) -> list[str]:
        return [line["id"] for line in self.contract["lines"] if line["kind"] == "client_credit"]

    @property
    def cancelling(self) -> dict[str, Any]:
        """The body of a change that cancels every credit and adds a course."""
        return {"cancel": self.credits, "add": [self.course.bought_for(self.family.child)], "schedule_version": 1}

    async def confirms(self, body: Any = None, *, key: str | None = None, route: str = "/changes") -> httpx.Response:
        version = self.contract["version"]
        return await self.school.post(self.path + route, body or self.cancelling, version=version, key=key)

    async def asks(self, body: Any = None, *, route: str = "/changes") -> dict[str, Any]:
        """A change that waits, as the API answers it once nobody waits any longer."""
        answer = await self.confirms(body, route=route)
        assert answer.status_code == 202, answer.text
        waiting: dict[str, Any] = answer.json()
        assert answer.headers["location"] == f"{self.path}/changes/{waiting['change']}"
        return waiting

    async def requested(self) -> str:
        """The request, once it is made."""

        async def look() -> str | None:
            rows = await self.told("CreditRemovalRequested")
            return rows[-1]["data"]["request"] if rows else None

        request = await within_patience(look)
        assert request is not None, "credits is not asked"
        return request

    async def told(self, *names: str) -> list[dict[str, Any]]:
        rows = await self.school.journal(self.contract["id"])
        return [row for row in rows if not names or row["type"].split(".")[2] in names]

    async def names_told(self) -> list[str]:
        return [row["type"].split(".")[2] for row in await self.told()]

    def removed(self, request: str | None, credit: str, organisation: str = "") -> Given:
        """Credits tells that the credit is gone: it was not granted yet, so that is the first thing told of it."""
        body = CreditRemoved(
            credit=credit,
            account=self.family.account,
            amount=5000,
            left=0,
            currency="EUR",
            contract=self.contract["id"],
            line=credit,
            effective_on=ON,
            request=request,
        )
        return record(body, aggregate=credit, sequence=1, organisation=organisation or self.school.organisation)

    def postponed(self, request: str, *lines: str) -> Given:
        """Credits says that these lines sold no credit yet."""
        body = CreditGrantPostponed(request=request, contract=self.contract["id"], lines=lines, effective_on=ON)
        return record(body, aggregate=request, sequence=1, organisation=self.school.organisation)

    def refused(self, request: str, credit: str, left: int = 2000, **fields: Any) -> Given:
        """Credits tells that less is left of the credit than was sold, or that it exists."""
        body = CreditRemovalRefused(
            request=request,
            contract=self.contract["id"],
            credit=credit,
            amount=5000,
            left=left,
            currency="EUR",
            effective_on=ON,
            **fields,
        )
        return record(body, aggregate=request, sequence=1, organisation=self.school.organisation)

    async def hears(self, *records: Given) -> None:
        await self.school.hears(*records)

    async def parked(self) -> list[str]:
        """Of what is parked, what is about this contract and its credits."""
        concerned = {self.contract["id"], *self.credits}
        return [each.aggregate for each in await parking.listing(self.school.database) if each.aggregate in concerned]

    async def shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = (await self.school.get(self.path)).json()
        return shown


async def sold(family: Family, count: int = 1) -> Sold:
    course, credit = a_course(), a_credit()
    await family.school.sells(course, credit)
    return Sold(family, course, await family.opens(course, *[credit] * count))


async def test_cre_4_a_confirmation_waits_for_credits_and_is_answered_as_ever(school: School, family: Family) -> None:
    case = await sold(family)
    confirming = asyncio.create_task(case.confirms())
    request = await case.requested()
    await case.hears(case.removed(request, case.credits[0]))
    answer = await confirming
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert answer.headers["etag"] == f'"{changed["version"]}"'
    assert "location" not in answer.headers
    assert (changed["change"], changed["pending"], changed["advice"]) == (request, None, [])
    assert [line["state"] for line in changed["lines"]] == ["live", "cancelled", "live"]
    assert changed["total"]["amount"] == 60000
    assert changed["version"] == changed["whole_version"] == case.contract["version"] + 4
    rows = (await case.told())[3:]
    assert [row["type"].split(".")[2] for row in rows] == [
        "CreditRemovalRequested", "ProductCancelled", "ProductAdded", "ContractChanged",
    ]  # fmt: skip
    assert {row["change"] for row in rows} == {request}
    assert {row["actor"] for row in rows} == {"user:staff-1"}
    assert rows[-1]["data"]["version"] == rows[-1]["sequence"] == changed["version"]
    assert {row["data"]["effective_on"] for row in rows} == {rows[0]["data"]["effective_on"]}
    assert [row["causation"] is None for row in rows] == [True, False, False, False]


async def test_cre_5_a_confirmation_is_refused_naming_the_credit_that_is_used(school: School, family: Family) -> None:
    case = await sold(family)
    confirming = asyncio.create_task(case.confirms())
    request = await case.requested()
    await case.hears(case.refused(request, case.credits[0]))
    found = problem(await confirming, 409, "credit-used")
    assert found["rule"] == "CRE-5"
    assert found["params"] == {
        "contract": case.contract["id"], "change": request, "credit": case.credits[0], "amount": 5000, "left": 2000,
        "currency": "EUR",
    }  # fmt: skip
    shown = await case.shown()
    assert (shown["lines"], shown["total"]) == (case.contract["lines"], case.contract["total"])
    assert shown["pending"] is None
    assert (shown["refused_change"]["change"], shown["refused_change"]["credit"]) == (request, case.credits[0])
    assert shown["refused_change"]["left"] == {"amount": 2000, "currency": "EUR"}
    assert (await case.names_told())[3:] == ["CreditRemovalRequested", "ChangeRefused", "ConfirmationRefused"]
    change = (await school.get(f"{case.path}/changes/{request}")).json()
    assert (change["status"], change["version"], change["refused"]["left"]["amount"]) == ("refused", None, 2000)


async def test_cre_4_what_takes_longer_is_seen_where_it_stands_and_found_once_it_is_made(
    school: School, family: Family
) -> None:
    case = await sold(family, count=2)
    waiting = await case.asks()
    request, (first, second) = waiting["change"], case.credits
    assert (waiting["status"], waiting["awaited"], waiting["version"]) == ("pending", [first, second], None)
    shown = await case.shown()
    assert (shown["lines"], shown["total"]) == (case.contract["lines"], case.contract["total"])
    assert shown["pending"]["change"] == request
    assert shown["pending"]["total"]["amount"] == 60000
    assert shown["whole_version"] == case.contract["version"] == shown["version"] - 1
    listed = (await school.get(f"/v1/accounts/{family.account}/contracts")).json()["items"]
    assert [each["pending"]["awaited"] for each in listed] == [[first, second]]
    others = (await school.get("/v1/contracts?pending=true")).json()["items"]
    assert [each["id"] for each in others] == [case.contract["id"]]

    await case.hears(case.removed(request, second))
    change = (await school.get(f"{case.path}/changes/{request}")).json()
    assert (change["status"], change["awaited"]) == ("pending", [first])
    await case.hears(case.removed(request, first))
    answer = await school.get(f"{case.path}/changes/{request}", school.client_of(family.account))
    change = answer.json()
    assert (change["status"], change["awaited"], change["refused"]) == ("made", [], None)
    assert change["version"] == (await case.shown())["version"]
    assert answer.headers["etag"] == f'"{change["version"]}"'


async def test_every_change_can_be_found_by_its_id_and_no_other(school: School, family: Family) -> None:
    case = await sold(family)
    opening = (await school.get(f"{case.path}/changes/{case.contract['change']}")).json()
    assert (opening["status"], opening["version"]) == ("made", case.contract["version"])
    body = {"add": [case.course.bought_for(family.child)], "schedule_version": 1}
    changed = (await case.confirms(body)).json()
    found = (await school.get(f"{case.path}/changes/{changed['change']}")).json()
    assert (found["status"], found["version"]) == ("made", changed["version"])
    problem(await school.get(f"{case.path}/changes/{new_id()}"), 404, "unknown-change")
    other = await sold(family)
    problem(await school.get(f"{other.path}/changes/{changed['change']}"), 404, "unknown-change")
    elsewhere = school.client_of(new_id())
    problem(await school.get(f"{case.path}/changes/{changed['change']}", elsewhere), 404, "unknown-contract")


async def test_while_a_change_is_pending_every_other_is_refused_whatever_version_it_saw(
    school: School, family: Family
) -> None:
    case = await sold(family)
    waiting = await case.asks()
    course = case.contract["lines"][0]["id"]
    others: list[tuple[str, dict[str, Any]]] = [
        ("/changes", case.cancelling),
        ("/changes", {"add": [case.course.bought_for(family.child)], "schedule_version": 1}),
        ("/changes", {"edit": [{"line": course, "price": {"amount": 1, "currency": "EUR"}}], "schedule_version": 1}),
        ("/changes", {"edit": [{"line": course, "notes": "Late."}], "schedule_version": 1}),
        ("/cancellation", {"schedule_version": 1}),
    ]
    for version in (case.contract["version"], case.contract["version"] + 1):
        for route, body in others:
            answer = await school.post(case.path + route, body, version=version)
            found = problem(answer, 409, "change-pending")
            assert found["params"] == {"contract": case.contract["id"], "change": waiting["change"]}
    for route, body in others:
        problem(await school.post(f"{case.path}{route}/preview", body), 409, "change-pending")
    assert len(await case.told()) == case.contract["version"] + 1

    await case.hears(case.refused(waiting["change"], case.credits[0]))
    added = await school.post(case.path + "/changes", others[1][1], version=case.contract["version"] + 3)
    assert (added.status_code, added.json()["refused_change"]) == (200, None)
    assert added.json()["version"] == added.json()["whole_version"]


async def test_a_confirmation_sent_again_finds_what_became_of_it(school: School, family: Family) -> None:
    case, key = await sold(family), new_id()
    first, twin = await asyncio.gather(case.confirms(key=key), case.confirms(key=key))
    assert (first.status_code, twin.status_code) == (202, 202)
    assert first.json() == twin.json()
    await case.hears(case.removed(first.json()["change"], case.credits[0]))
    again = await case.confirms(key=key)
    assert (again.status_code, again.json()["change"]) == (200, first.json()["change"])
    assert again.json()["total"]["amount"] == 60000
    assert len(await case.told("CreditRemovalRequested")) == 1


async def test_a_refused_confirmation_sent_again_is_refused_again(school: School, family: Family) -> None:
    case, key = await sold(family), new_id()
    first = await case.confirms(key=key)
    await case.hears(case.refused(first.json()["change"], case.credits[0]))
    problem(await case.confirms(key=key), 409, "credit-used")
    assert (await case.names_told())[3:] == ["CreditRemovalRequested", "ChangeRefused", "ConfirmationRefused"]


async def test_con_5_the_advice_on_a_change_that_waited_is_given_with_its_outcome(
    school: School, family: Family
) -> None:
    case = await sold(family)
    await school.hears(family.schedule(case.contract, paid=35000))
    confirming = asyncio.create_task(case.confirms())
    await case.hears(case.removed(await case.requested(), case.credits[0]))
    assert [advice["rule"] for advice in (await confirming).json()["advice"]] == ["CON-5"]


async def test_con_22_a_contract_that_sold_credits_is_cancelled_whole_once_they_are_removed(
    school: School, family: Family
) -> None:
    case = await sold(family, count=2)
    confirming = asyncio.create_task(case.confirms({"schedule_version": 1}, route="/cancellation"))
    request = await case.requested()
    await case.hears(*(case.removed(request, credit) for credit in case.credits))
    cancelled = (await confirming).json()
    assert (cancelled["cancelled_on"] is None, cancelled["live_lines"], cancelled["total"]["amount"]) == (False, 0, 0)
    assert (await case.names_told())[-2:] == ["ContractChanged", "ContractCancelled"]
    assert (await case.told("ContractChanged"))[0]["data"]["version"] == cancelled["version"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_answers_are_taken_once_in_any_order_with_what_payments_tells(
    school: School, family: Family, order: tuple[int, ...]
) -> None:
    case = await sold(family, count=2)
    confirming = asyncio.create_task(case.confirms())
    request = await case.requested()
    records = [*(case.removed(request, credit) for credit in case.credits), family.schedule(case.contract, paid=100)]
    for index in order:
        await case.hears(records[index], records[index])
    await case.hears(*records, *(records[index] for index in order))
    changed = (await confirming).json()
    assert [line["state"] for line in changed["lines"]] == ["live", "cancelled", "cancelled", "live"]
    shown = await case.shown()
    assert (shown["version"], shown["total"]) == (changed["version"], changed["total"])
    assert shown["schedule"]["paid"]["amount"] == 100
    assert (await case.names_told())[4:] == [
        "CreditRemovalRequested", "ProductCancelled", "ProductCancelled", "ProductAdded", "ContractChanged",
    ]  # fmt: skip
    assert await case.parked() == []


async def test_all_answers_in_one_batch_make_the_change_once(school: School, family: Family) -> None:
    case = await sold(family, count=2)
    waiting = await case.asks()
    first, second = (case.removed(waiting["change"], credit) for credit in case.credits)
    await Batches("contracts", school.database, CREDIT_REACTIONS).apply([first, second, first])
    assert (await case.shown())["total"]["amount"] == 60000
    assert len(await case.told("ContractChanged")) == 1


async def test_a_refusal_is_taken_once_and_late_news_of_it_change_nothing(school: School, family: Family) -> None:
    case = await sold(family, count=2)
    first = await case.asks()
    refused = case.refused(first["change"], case.credits[1])
    await case.hears(refused, refused)
    assert (await case.names_told())[-3:] == ["CreditRemovalRequested", "ChangeRefused", "ConfirmationRefused"]
    again = await school.post(f"{case.path}/changes", case.cancelling, version=case.contract["version"] + 3)
    assert again.status_code == 202
    await case.hears(case.removed(first["change"], case.credits[0]))
    assert (await case.shown())["pending"]["awaited"] == case.credits
    await case.hears(case.removed(again.json()["change"], case.credits[1]))
    assert (await case.shown())["pending"]["awaited"] == [case.credits[0]]


async def test_a_credit_removed_without_a_request_is_none_of_its_business(school: School, family: Family) -> None:
    case = await sold(family)
    before = await case.shown()
    await case.hears(case.removed(None, case.credits[0]))
    assert await case.shown() == before
    assert await case.parked() == []


async def test_org_1_an_answer_of_another_organisation_is_parked(school: School, family: Family) -> None:
    case = await sold(family)
    waiting = await case.asks()
    foreign = new_id()
    await case.hears(case.removed(waiting["change"], case.credits[0], organisation=foreign))
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

    await case.hears(case.removed(waiting["change"], case.credits[0]))
    shown = await case.shown()
    assert (shown["lines"][0]["notes"], shown["total"]["amount"]) == (None, 30001)
    assert "faints" not in str(await case.told())


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
    await case.hears(case.removed(waiting["change"], case.credits[0]))
    await alarm.look()
    assert age_shown() < aged


def lowering(line: str, amount: int = 0) -> dict[str, Any]:
    return {"edit": [{"line": line, "price": {"amount": amount, "currency": "EUR"}}], "schedule_version": 0}


async def test_con_11_a_lower_price_of_a_credit_that_does_not_exist_is_made_once_credits_says_so(
    school: School, family: Family
) -> None:
    case = await sold(family)
    (credit,) = case.credits
    confirming = asyncio.create_task(case.confirms(lowering(credit, 4000)))
    request = await case.requested()
    (asked,) = await case.told("CreditRemovalRequested")
    assert (asked["data"]["lines"], asked["data"]["lowered"]) == ([], [credit])
    await case.hears(case.postponed(request, credit))
    answer = await confirming
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"]["amount"] == 34000
    assert (await case.names_told())[3:] == ["CreditRemovalRequested", "ProductEdited", "ContractChanged"]
    assert await case.parked() == []


async def test_con_11_a_lower_price_of_a_credit_that_exists_is_refused_in_its_own_words(
    school: School, family: Family
) -> None:
    case = await sold(family)
    (credit,) = case.credits
    confirming = asyncio.create_task(case.confirms(lowering(credit)))
    request = await case.requested()
    await case.hears(case.refused(request, credit, left=5000, why="exists"))
    assert problem(await confirming, 409, "credit-exists")["rule"] == "CON-11"
    shown = await case.shown()
    assert (shown["total"], shown["refused_change"]["why"]) == (case.contract["total"], "exists")


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
