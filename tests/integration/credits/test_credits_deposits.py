"""Deposits that the bank takes back, over HTTP: a cheque that became a credit, was used, and bounced (CRE-2)."""

from typing import Any
from uuid import UUID

import pytest

from carnet.ids import new_id
from tests.callers import command
from tests.integration.credits.conftest import Books
from tests.integration.credits.story import Story
from tests.integration.credits.test_credits_granting import Counter, counter
from tests.refused import problem

__all__ = ["counter"]  # a fixture is found by its name here


def money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


DEPOSIT = {"origin": "deposit", "amount": money(10_000), "reason": "a place", "method": "cheque"}


async def deposit(counter: Counter) -> dict[str, Any]:
    answer = await counter.grant(DEPOSIT)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def post(counter: Counter, credit: str, what: str, body: Any, version: int, **claims: Any) -> Any:
    headers = command(counter.headers(**claims), version=version)
    return await counter.client.post(f"/v1/credits/{credit}/{what}", json=body, headers=headers)


async def used(counter: Counter, books: Books, credit: str, amount: int) -> Story:
    paying = Story(books.organisation, account=counter.account)
    await books.handles(paying.use_requested(credit, amount))
    return paying


async def test_cre_2_a_deposit_that_was_used_and_bounces_is_recorded_listed_recovered_and_settled(
    counter: Counter, books: Books
) -> None:
    credit = (await deposit(counter))["id"]
    paying = await used(counter, books, credit, 7_000)
    answer = await post(counter, credit, "reversal", {"reason": "bounced_cheque"}, 2)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["left"], shown["reversed"], shown["due"]) == (money(0), money(10_000), money(7_000))
    (listed,) = (await counter.client.get("/v1/credits/due", headers=counter.headers())).json()["items"]
    assert (listed["id"], listed["account"], listed["due"]) == (credit, counter.account, money(7_000))

    await books.handles(paying.given_back(credit, 2_000))
    shown = await counter.read(credit)
    assert (shown["left"], shown["due"]) == (money(0), money(5_000))
    assert [(each["kind"], each["reason"], each["amount"]["amount"]) for each in shown["entries"]][2:] == [
        ("taken_back", "deposit_reversed", -3_000),
        ("restored", "given_back", 2_000),
        ("taken_back", "due_recovered", -2_000),
    ]

    body = {"amount": money(5_000), "how": "paid", "method": "cash", "reason": "in cash, on Tuesday"}
    settled = await post(counter, credit, "due-settlements", body, 5)
    assert (settled.status_code, settled.json()["due"]) == (200, money(0))
    assert (await counter.read(credit))["due_note"] == "in cash, on Tuesday"
    assert (await counter.client.get("/v1/credits/due", headers=counter.headers())).json()["items"] == []
    names = ["CreditIssued", "CreditUsed", "DepositReversed", "CreditRestored", "CreditTakenBack", "DepositDueSettled"]
    assert await books.names_published(credit) == names
    said = (await books.published(credit))[-1]["data"]
    assert (said["how"], said["method"]) == ("paid", "cash")
    assert UUID(said["receipt"])
    assert said["receipt"] != credit


async def test_cre_2_what_cannot_be_is_refused_and_changes_nothing(counter: Counter, books: Books) -> None:
    credit = (await deposit(counter))["id"]
    too_much = {"reason": "other", "amount": money(10_001)}
    assert problem(await post(counter, credit, "reversal", too_much, 1), 409, "more-than-deposit")["rule"] == "CRE-2"
    problem(await post(counter, credit, "reversal", {"reason": "other"}, 2), 412, "version-moved")
    problem(await post(counter, new_id(), "reversal", {"reason": "other"}, 1), 404, "unknown-credit")
    for body in ({}, {"reason": "bored"}, {"reason": "other", "amount": money(0)}, {"reason": "other", "x": 1}):
        problem(await post(counter, credit, "reversal", body, 1), 422, "request-invalid")
    other = {"reason": "other", "amount": {"amount": 1, "currency": "USD"}}
    problem(await post(counter, credit, "reversal", other, 1), 422, "other-currency")
    nothing_due = {"amount": money(1), "how": "paid", "reason": "x"}
    problem(await post(counter, credit, "due-settlements", nothing_due, 1), 409, "more-than-due")
    waived = {"amount": money(1), "how": "waived", "method": "cash", "reason": "x"}
    problem(await post(counter, credit, "due-settlements", waived, 1), 422, "waived-by-method")
    gift = (await counter.grant({"origin": "staff", "amount": money(100), "reason": "x"})).json()["id"]
    problem(await post(counter, gift, "reversal", {"reason": "other"}, 1), 409, "not-a-deposit")
    assert await books.names_published(credit) == ["CreditIssued"]


@pytest.mark.parametrize("what", ["reversal", "due-settlements"])
async def test_org_1_org_2_strangers_record_nothing(counter: Counter, books: Books, what: str) -> None:
    credit = (await deposit(counter))["id"]
    body = {"reason": "other"} if what == "reversal" else {"amount": money(1), "how": "paid", "reason": "x"}
    assert (await post(counter, credit, what, body, 1, scopes="credits:read")).status_code == 403
    owner = {"kind": "client", "sub": "c", "account": counter.account}
    assert (await post(counter, credit, what, body, 1, **owner)).status_code == 403
    listed = await counter.client.get("/v1/credits/due", headers=counter.headers(**owner))
    assert listed.status_code == 403
    assert await books.names_published(credit) == ["CreditIssued"]


async def test_org_4_what_staff_wrote_about_what_is_due_goes_with_the_people(counter: Counter, books: Books) -> None:
    credit = (await deposit(counter))["id"]
    await used(counter, books, credit, 10_000)
    await post(counter, credit, "reversal", {"reason": "bounced_cheque"}, 2)
    body = {"amount": money(1), "how": "waived", "reason": "Anne has moved"}
    await post(counter, credit, "due-settlements", body, 3)
    await books.handles(Story(books.organisation, account=counter.account).account_erased(2))
    shown = await counter.read(credit)
    assert (shown["due_note"], shown["due"]) == (None, money(9_999))
