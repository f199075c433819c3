"""A change that cancels what sold client credits, over HTTP and by the answers of credits (CRE-4, CRE-5, CON-8)."""

import asyncio
from typing import Any

from carnet.ids import new_id
from tests.integration.contracts.conftest import Family, School
from tests.integration.contracts.selling_credits import sold
from tests.refused import problem
from tests.waits import patiently


async def test_cre_4_a_confirmation_waits_for_credits_and_is_answered_as_ever(school: School, family: Family) -> None:
    case = await sold(family)
    confirming = asyncio.create_task(patiently(case.confirms()))
    request = await case.requested()
    await case.handles(case.removed(request, case.credits[0]))
    answer = await confirming
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert answer.headers["etag"] == f'"{changed["version"]}"'
    assert "location" not in answer.headers
    assert (changed["change"], changed["pending"], changed["advice"]) == (request, None, [])
    assert [line["state"] for line in changed["lines"]] == ["live", "cancelled", "live"]
    assert changed["total"]["amount"] == 60000
    assert changed["version"] == changed["whole_version"] == case.contract["version"] + 4
    rows = (await case.published())[3:]
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
    confirming = asyncio.create_task(patiently(case.confirms()))
    request = await case.requested()
    await case.handles(case.refused(request, case.credits[0]))
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
    assert (await case.names_published())[3:] == ["CreditRemovalRequested", "ChangeRefused", "ConfirmationRefused"]
    change = (await school.get(f"{case.path}/changes/{request}")).json()
    assert (change["status"], change["version"], change["refused"]["left"]["amount"]) == ("refused", None, 2000)


async def test_cre_4_what_takes_longer_is_shown_with_its_status_and_found_once_it_is_made(
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

    await case.handles(case.removed(request, second))
    change = (await school.get(f"{case.path}/changes/{request}")).json()
    assert (change["status"], change["awaited"]) == ("pending", [first])
    await case.handles(case.removed(request, first))
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
    assert len(await case.published()) == case.contract["version"] + 1

    await case.handles(case.refused(waiting["change"], case.credits[0]))
    added = await school.post(case.path + "/changes", others[1][1], version=case.contract["version"] + 3)
    assert (added.status_code, added.json()["refused_change"]) == (200, None)
    assert added.json()["version"] == added.json()["whole_version"]


async def test_a_confirmation_sent_again_finds_what_became_of_it(school: School, family: Family) -> None:
    case, key = await sold(family), new_id()
    first, twin = await asyncio.gather(case.confirms(key=key), case.confirms(key=key))
    assert (first.status_code, twin.status_code) == (202, 202)
    assert first.json() == twin.json()
    await case.handles(case.removed(first.json()["change"], case.credits[0]))
    again = await case.confirms(key=key)
    assert (again.status_code, again.json()["change"]) == (200, first.json()["change"])
    assert again.json()["total"]["amount"] == 60000
    assert len(await case.published("CreditRemovalRequested")) == 1


async def test_a_refused_confirmation_sent_again_is_refused_again(school: School, family: Family) -> None:
    case, key = await sold(family), new_id()
    first = await case.confirms(key=key)
    await case.handles(case.refused(first.json()["change"], case.credits[0]))
    problem(await case.confirms(key=key), 409, "credit-used")
    assert (await case.names_published())[3:] == ["CreditRemovalRequested", "ChangeRefused", "ConfirmationRefused"]
