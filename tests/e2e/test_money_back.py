"""Money that goes back, through a running suite and its payment provider (PAY-4, PAY-13)."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from carnet.dates import utc_now, write_instant
from carnet_operations.verify import verify
from carnet_play.story.desk import Json, RefusedError, money
from carnet_play.story.waiting import eventually
from carnet_suite.supervisor import Suite
from tests.builders import AT_ONCE, Contract, School, school_on
from tests.waits import BOUND

PRICE = 30_000
DAYS = 2
"""After so many days, or one day more, the provider reports what becomes of these."""


@pytest.fixture(scope="module")
async def school(running: Suite) -> AsyncIterator[School]:
    async with school_on(running) as opened:
        yield opened


async def collected(school: School, token: str, kind: str = "card") -> Contract:
    """A contract of a course that was collected by a payment method with that token."""
    account = await school.family()
    methods = f"/payments/v1/accounts/{account.id}/payment-methods"

    async def known() -> bool:
        try:
            await school.desk.read(methods)
        except RefusedError:
            return False
        return True

    await eventually(known, "payments knows the account")
    await school.desk.send(methods, {"provider": "sandbox", "kind": kind, "token": token})
    contract = await school.contract(account, sale=AT_ONCE)
    # The run may have been faster: then nothing is due any more.
    await school.desk.send("/payments/v1/collections", {})
    return contract


async def balance(school: School, contract: Contract) -> dict[str, int]:
    schedule = (await school.desk.schedule(contract.id)).body
    return {name: amount["amount"] for name, amount in schedule["balance"].items()}


async def becomes(school: School, contract: Contract, what: str, **amounts: int) -> None:
    async def so() -> bool:
        now = await balance(school, contract)
        return all(now[name] == amount for name, amount in amounts.items())

    await eventually(so, what)


async def settled(school: School, contract: Contract, body: Json) -> Json:
    seen = await school.desk.schedule(contract.id)
    path = f"/payments/v1/schedules/{contract.id}/settlements"
    preview = await school.desk.send(f"{path}/preview", body)
    done: Json = (await school.desk.send(path, body, version=seen.version)).body
    assert done["schedule"]["balance"] == preview.body["after"]["balance"]
    return done


async def days_later(school: School, days: int) -> None:
    """Move the clock of the school, on which the provider's days pass, too."""
    profile = await school.desk.read("/catalog/v1/organisation")
    ahead = timedelta(seconds=profile.body["clock_ahead"])
    instant = write_instant(utc_now() + ahead + timedelta(days=days))
    await school.desk.move_clock(instant, profile.version or 0)


async def cancelled(school: School, contract: Contract) -> None:
    """The contract cancelled whole: a refund line of all that was collected."""
    await becomes(school, contract, "it is collected", paid=PRICE, processing=0)

    async def received() -> bool:
        schedule = (await school.desk.contract(contract.id)).body["schedule"]
        return schedule is not None and schedule["paid"]["amount"] == PRICE

    await eventually(received, "contracts has received it")
    followed = await school.followed(contract.id)
    await school.change(followed, {"cancel": [contract.lines["Ballet"]]})
    await becomes(school, contract, "there is a refund line", refund_due=PRICE)


async def test_pay_4_a_refund_that_fails_days_later_is_listed_again_and_converted(school: School) -> None:
    contract = await collected(school, f"tok_refund_fails:{DAYS}")
    await cancelled(school, contract)
    done = await settled(school, contract, {"amount": money(PRICE), "how": "refunded"})
    assert [part["amount"] for part in done["settlement"]["payments"]] == [money(PRICE)]

    async def handed_over() -> bool:
        attempts = (await school.desk.read(f"/payments/v1/schedules/{contract.id}/attempts")).body["items"]
        return any((each["kind"], each["status"]) == ("refund", "pending") for each in attempts)

    await eventually(handed_over, "the provider is at the refund")
    assert (await balance(school, contract))["paid"] == 0
    await days_later(school, DAYS)
    await becomes(school, contract, "what was not refunded is paid again", paid=PRICE, refund_due=PRICE)
    lines = (await school.desk.read("/payments/v1/refund-lines")).body["items"]
    (line,) = [line for line in lines if line["contract"] == contract.id]
    assert line["cause"] == {"kind": "refund_failed", "id": done["settlement"]["id"]}
    converted = await settled(school, contract, {"amount": money(PRICE), "how": "converted"})

    async def granted() -> bool:
        found = await school.desk.credits(line["account"])
        return [(each["id"], each["left"]) for each in found] == [(converted["settlement"]["credit"], money(PRICE))]

    await eventually(granted, "the credit is granted")


async def test_pay_13_a_debit_that_the_bank_returns_is_due_again_on_request(school: School) -> None:
    contract = await collected(school, f"tok_debit_returned:{DAYS}", "direct_debit")
    await becomes(school, contract, "the debit is under way", processing=PRICE)
    await days_later(school, DAYS)
    await becomes(school, contract, "the debit has succeeded", paid=PRICE, processing=0)
    await days_later(school, DAYS)
    await becomes(school, contract, "the debit is returned", paid=0, planned=PRICE)
    (again,) = (await school.desk.schedule(contract.id)).body["instalments"]
    assert again["on_request"] is True
    (reversal,) = (await school.desk.read(f"/payments/v1/schedules/{contract.id}/reversals")).body["items"]
    assert (reversal["reason"], reversal["amount"], reversal["beyond"]) == ("returned_debit", money(PRICE), money(0))


async def test_pay_13_a_return_that_is_reported_before_the_success_is_not_lost(school: School) -> None:
    contract = await collected(school, "tok_webhook_reordered", "direct_debit")
    path = f"/payments/v1/schedules/{contract.id}/reversals"

    async def reversed_once() -> bool:
        found = (await school.desk.read(path)).body["items"]
        return [each["amount"] for each in found] == [money(PRICE)]

    await eventually(reversed_once, "the return is applied")
    await becomes(school, contract, "it is due again", paid=0, processing=0, planned=PRICE)


async def test_pay_13_a_chargeback_of_what_was_refunded_is_kept_beyond(school: School) -> None:
    contract = await collected(school, f"tok_chargeback:{DAYS}")
    await cancelled(school, contract)
    await settled(school, contract, {"amount": money(PRICE), "how": "on_site"})
    await days_later(school, DAYS)

    async def beyond() -> bool:
        (payment,) = (await school.desk.read(f"/payments/v1/schedules/{contract.id}/payments")).body["items"]
        return (payment["reversed"], payment["beyond"]) == (money(0), money(PRICE))

    await eventually(beyond, "what the bank took is kept")
    assert set((await balance(school, contract)).values()) == {0}


async def test_all_of_it_is_proven(running: Suite, school: School) -> None:
    servers, sandbox = running.servers, running.sandbox
    report = await verify(servers.mongo_url, servers.kafka_bootstrap, running.namespace, sandbox=sandbox, wait=BOUND)
    assert report.findings == []
    assert report.notes == []
