"""What the webhooks of Stripe mean, and that they are its own (PAY-6, PAY-13)."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
import stripe

from payments.collection.domain.orders import Failed, Succeeded
from payments.provider.interface import (
    OLDEST_WEBHOOK,
    BadWebhookError,
    Ended,
    Reversed,
    UnansweredError,
)
from payments.provider.stripe import SIGNATURE, Stripe
from tests.unit.payments.stripe.answering import HUSH, NOW, Answers, intent, refunded


def event(named: str, about: dict[str, Any]) -> bytes:
    return orjson.dumps({"id": "evt_1", "object": "event", "type": named, "data": {"object": about}, "livemode": False})


def signed(body: bytes, *, at: datetime = NOW, secret: str = HUSH) -> dict[str, str]:
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, int(at.timestamp()))
    return {SIGNATURE: header}


@pytest.mark.parametrize(
    ("named", "about", "means"),
    [
        ("payment_intent.succeeded", intent("succeeded", "k1"), (Ended("k1", Succeeded("pi_1")),)),
        (
            "payment_intent.payment_failed",
            intent("requires_payment_method", "k1", last_payment_error={"code": "debit_not_authorized"}),
            (Ended("k1", Failed("mandate_revoked", "debit_not_authorized", "pi_1")),),
        ),
        ("payment_intent.succeeded", intent("succeeded"), ()),
        ("payment_intent.processing", intent("processing", "k1"), ()),
        ("of.tomorrow", {}, ()),
    ],
)
async def test_a_webhook_gives_the_outcome_of_a_charge(
    provider: Stripe, named: str, about: dict[str, Any], means: tuple[Ended, ...]
) -> None:
    body = event(named, about)
    assert await provider.notices(body, signed(body), NOW) == means


@pytest.mark.parametrize("named", ["refund.failed", "refund.updated", "charge.refund.updated"])
async def test_pay_4_a_refund_is_read_anew_so_that_webhooks_may_overtake_each_other(
    provider: Stripe, answers: Answers, named: str
) -> None:
    body = event(named, refunded("succeeded", "k2"))
    answers.answer(**refunded("failed", "k2", failure_reason="declined"))
    parameters = await provider.notices(body, signed(body), NOW)
    assert parameters == (Ended("k2", Failed("refused", "declined", "re_1")),)
    assert answers.asked[0].path == "/v1/refunds/re_1"


async def test_a_refund_that_is_under_way_or_not_ours_is_ignored(provider: Stripe, answers: Answers) -> None:
    answers.answer(**refunded("pending", "k2"))
    for about in (refunded("pending", "k2"), refunded("failed")):
        body = event("refund.updated", about)
        assert await provider.notices(body, signed(body), NOW) == ()
    assert len(answers.asked) == 1


@pytest.mark.parametrize(
    ("reason", "means"),
    [("fraudulent", "chargeback"), ("debit_not_authorized", "returned_debit"), ("of_tomorrow", "chargeback")],
)
async def test_pay_13_what_a_dispute_withdraws_is_a_reversal_of_our_order(
    provider: Stripe, answers: Answers, reason: str, means: Any
) -> None:
    about = {"id": "dp_1", "amount": 50000, "currency": "isk", "reason": reason, "payment_intent": "pi_1"}
    body = event("charge.dispute.funds_withdrawn", about)
    answers.answer(**intent("succeeded", "k1"))
    assert await provider.notices(body, signed(body), NOW) == (Reversed("dp_1", "k1", 500, means),)
    assert answers.asked[0].path == "/v1/payment_intents/pi_1"


@pytest.mark.parametrize("payment_intent", ["pi_1", None])
async def test_a_dispute_of_what_is_not_ours_is_ignored(
    provider: Stripe, answers: Answers, payment_intent: str | None
) -> None:
    about = {"id": "dp_1", "amount": 5, "currency": "eur", "reason": "fraudulent", "payment_intent": payment_intent}
    body = event("charge.dispute.funds_withdrawn", about)
    answers.answer(**intent("succeeded"))
    assert await provider.notices(body, signed(body), NOW) == ()


async def test_a_webhook_that_cannot_be_understood_without_stripe_is_to_be_sent_again(
    provider: Stripe, answers: Answers
) -> None:
    body = event("refund.failed", refunded("failed", "k2"))
    answers.refuse(500, "api_error")
    with pytest.raises(UnansweredError):
        await provider.notices(body, signed(body), NOW)


@pytest.mark.parametrize("time", ["9" * 400, "9" * 5000, "-1"])
async def test_a_signature_of_no_time_is_refused(provider: Stripe, time: str) -> None:
    body = event("payment_intent.succeeded", intent("succeeded", "k1"))
    signature = hmac.new(HUSH.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest()
    with pytest.raises(BadWebhookError):
        await provider.notices(body, {SIGNATURE: f"t={time},v1={signature}"}, NOW)


async def test_a_webhook_that_is_not_stripes_is_refused(provider: Stripe) -> None:
    body = event("payment_intent.succeeded", intent("succeeded", "k1"))
    old = signed(body, at=NOW - OLDEST_WEBHOOK - timedelta(seconds=1))
    for headers, why in (
        ({}, "not signed"),
        ({SIGNATURE: "t=x,v1="}, "not signed"),
        (signed(body, secret="another"), "not signed"),
        (signed(body + b" "), "not signed"),
        (old, "too old"),
    ):
        with pytest.raises(BadWebhookError, match=why):
            await provider.notices(body, headers, NOW)


@pytest.mark.parametrize(
    "body", [b"", b"[]", event("payment_intent.succeeded", {"id": 1}), event("charge.dispute.funds_withdrawn", {})]
)
async def test_a_webhook_that_cannot_be_read_is_refused(provider: Stripe, body: bytes) -> None:
    with pytest.raises(BadWebhookError, match="not what Stripe sends"):
        await provider.notices(body, signed(body), NOW)


async def test_bytes_that_are_no_text_are_refused(provider: Stripe) -> None:
    with pytest.raises(BadWebhookError):
        await provider.notices(b"\xff", {SIGNATURE: "t=1,v1=00"}, NOW)


async def test_org_5_the_clock_of_an_organisation_is_not_sent_to_it(provider: Stripe, answers: Answers) -> None:
    await provider.send_clock("org", timedelta(days=3))
    assert not answers.asked
