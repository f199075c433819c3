"""The adapter of payments and the sandbox understand each other."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from carnet.ids import new_id
from payments.collection.domain.orders import Failed, Pending, Succeeded
from payments.provider.bounds import Bounds
from payments.provider.interface import Charge, Ended, Refund, Reversed, UnansweredError
from payments.provider.sandbox import REASONS, Sandbox
from tests.unit.sandbox.conftest import HOOK, HUSH, MERCHANT, Played
from tests.waits import BOUND


def provider_of(played: Played, seconds: float) -> Sandbox:
    bounds = Bounds("sandbox", calls=4, seconds=seconds)
    return Sandbox("http://sandbox", secret=HUSH, webhooks=HOOK, bounds=bounds, transport=played.transport)


@pytest.fixture
async def provider(played: Played) -> Sandbox:
    made = provider_of(played, BOUND)
    await made.send_clock(MERCHANT, timedelta())
    return made


def charge(token: str) -> Charge:
    return Charge(new_id(), MERCHANT, 5000, "EUR", token, "card")


def refund(of: str, amount: int = 2000) -> Refund:
    return Refund(new_id(), MERCHANT, amount, "EUR", of)


async def succeeded(provider: Sandbox, token: str) -> str:
    outcome = await provider.charge(charge(token))
    assert isinstance(outcome, Succeeded)
    return outcome.reference


async def test_charges_and_refunds_have_the_same_outcome_however_often_they_are_asked(provider: Sandbox) -> None:
    order = charge("tok_success")
    assert await provider.find(order) is None
    outcome = await provider.charge(order)
    assert isinstance(outcome, Succeeded)
    assert await provider.charge(order) == await provider.find(order) == outcome
    back = refund(outcome.reference)
    assert await provider.refund(back) == await provider.refund(back) == await provider.find(back)


@pytest.mark.parametrize("token", ["insufficient_funds", "refused", "expired", "authentication", "mandate_revoked"])
async def test_every_refusal_of_the_sandbox_has_a_reason(provider: Sandbox, token: str) -> None:
    outcome = await provider.charge(charge(f"tok_{token}"))
    assert isinstance(outcome, Failed)
    assert outcome.code in REASONS
    assert outcome.reason != "other"


async def test_what_is_no_token_is_an_unknown_method(provider: Sandbox) -> None:
    assert isinstance(unknown := await provider.charge(charge("anything")), Failed)
    assert unknown.reason == "unknown_method"


@pytest.mark.parametrize(
    ("token", "surely_not_done"),
    [("timeout_charged", False), ("timeout_not_charged", False), ("error_500", False), ("rate_limited", True)],
)
async def test_pay_6_what_is_not_answered_is_found_or_asked_again(
    provider: Sandbox, played: Played, token: str, surely_not_done: bool
) -> None:
    order = charge(f"tok_{token}:1")
    asked = provider_of(played, 0.5) if token.startswith("timeout") else provider
    with pytest.raises(UnansweredError) as raised:
        await asked.charge(order)
    assert raised.value.refuses_all is surely_not_done
    known = await provider.find(order)
    assert isinstance(known or await provider.charge(order), Succeeded)
    assert len(await played.book()) == 1


async def test_a_debit_is_pending_and_its_webhook_reports_the_outcome(provider: Sandbox, played: Played) -> None:
    order = charge("tok_debit_bounces:2")
    pending = await provider.charge(order)
    assert isinstance(pending, Pending)
    await provider.send_clock(MERCHANT, timedelta(days=2))
    await played.webhooks(1)
    failed = Failed("insufficient_funds", "insufficient_funds", pending.reference)
    assert await _notices(provider, played) == [Ended(order.key, failed)]


async def test_a_refund_that_fails_is_reported_by_webhook(provider: Sandbox, played: Played) -> None:
    order = refund(await succeeded(provider, "tok_refund_fails:1"))
    pending = await provider.refund(order)
    assert isinstance(pending, Pending)
    await provider.send_clock(MERCHANT, timedelta(days=1))
    await played.webhooks(1)
    failed = Failed("account_closed", "account_closed", pending.reference)
    assert await _notices(provider, played) == [Ended(order.key, failed)]


@pytest.mark.parametrize(
    ("token", "reason"), [("chargeback:1", "chargeback"), ("webhook_reordered:0", "returned_debit")]
)
async def test_pay_13_a_reversal_is_reported_with_its_own_id(
    provider: Sandbox, played: Played, token: str, reason: str
) -> None:
    order = charge(f"tok_{token}")
    await provider.charge(order)
    await provider.send_clock(MERCHANT, timedelta(days=2))
    await played.until(lambda: any(webhooks["type"] == "charge.reversed" for webhooks in played.mailbox.taken))
    webhooks = next(notice for notice in await _notices(provider, played) if isinstance(notice, Reversed))
    assert (webhooks.key, webhooks.amount, webhooks.reason) == (order.key, 5000, reason)
    assert webhooks.id == (await played.book())[-1]["reference"]


async def _notices(provider: Sandbox, played: Played) -> list[Ended | Reversed]:
    now = datetime.fromtimestamp(played.clock.now, UTC)
    return [
        notice
        for request in played.mailbox.requests
        for notice in await provider.notices(request.content, _lowered(request), now)
    ]


def _lowered(request: httpx.Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}
