"""What is asked of Stripe, and what its answers and webhooks mean (PAY-6, PAY-12, PAY-13).

The answers are those that Stripe's reference describes; that the questions are well formed is shown
against its API's description, in tests/integration/payments.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pytest
import stripe

from carnet.ids import made_at, new_id
from payments.collection.domain.orders import Failed, Outcome, Pending, Succeeded
from payments.provider.bounds import FEWEST, Bounds
from payments.provider.interface import (
    OLDEST_WEBHOOK,
    BadWebhookError,
    Charge,
    Ended,
    Refund,
    Reversed,
    UnansweredError,
)
from payments.provider.stripe import SIGNATURE, SKEW, Stripe
from payments.provider.stripe_meanings import from_stripe, to_stripe

HUSH = "whsec_of_the_tests"
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
CARD = "cus_1/pm_1"


def charge(token: str = CARD, **other: Any) -> Charge:
    told = {"amount": 5000, "currency": "EUR", "kind": "card", **other}
    return Charge(key=new_id(), organisation="org", token=token, **told)


def refund(**other: Any) -> Refund:
    told = {"amount": 2000, "currency": "EUR", **other}
    return Refund(key=new_id(), organisation="org", charge="pi_1", **told)


@dataclass
class Asked:
    method: str
    path: str
    told: dict[str, str]
    key: str | None


@dataclass
class Answers(stripe.HTTPClient):
    """Answers as Stripe does, in the order given."""

    coming: list[Any] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    name = "played"

    def __post_init__(self) -> None:
        super().__init__()

    def answer(self, status: int = 200, /, **body: Any) -> None:
        self.coming.append((orjson.dumps(body), status, {"request-id": "req_1"}))

    def refuse(self, status: int, kind: str, **error: Any) -> None:
        self.answer(status, error={"type": kind, "message": "no", **error})

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        split = urlsplit(url)
        told = {name: values[0] for name, values in parse_qs(post_data or split.query).items()}
        self.asked.append(Asked(method.upper(), split.path, told, headers.get("Idempotency-Key")))
        coming = self.coming.pop(0)
        if isinstance(coming, Exception):
            raise coming
        answered: tuple[bytes, int, Mapping[str, str]] = coming
        return answered


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def bounds() -> Bounds:
    return Bounds("stripe", calls=4, seconds=2)


@pytest.fixture
def provider(answers: Answers, bounds: Bounds) -> Stripe:
    return Stripe("sk_test_1", webhook_secret=HUSH, bounds=bounds, http_client=answers)


def intent(status: str, order: str | None = None, **other: Any) -> dict[str, Any]:
    metadata = {"carnet_order": order} if order else {}
    return {"id": "pi_1", "object": "payment_intent", "status": status, "metadata": metadata, **other}


def refunded(status: str, order: str | None = None, **other: Any) -> dict[str, Any]:
    metadata = {"carnet_order": order} if order else {}
    return {"id": "re_1", "object": "refund", "status": status, "metadata": metadata, **other}


def listed(*objects: dict[str, Any], more: bool = False) -> dict[str, Any]:
    return {"object": "list", "data": list(objects), "has_more": more, "url": "/v1/payment_intents"}


# Charges


@pytest.mark.parametrize(("kind", "theirs"), [("card", "card"), ("direct_debit", "sepa_debit")])
async def test_pay_6_a_charge_is_one_request_under_the_orders_key(
    provider: Stripe, answers: Answers, kind: str, theirs: str
) -> None:
    answers.answer(**intent("succeeded"))
    order = charge(kind=kind)
    assert await provider.charge(order) == Succeeded("pi_1")
    (asked,) = answers.asked
    assert (asked.method, asked.path, asked.key) == ("POST", "/v1/payment_intents", order.key)
    assert asked.told == {
        "amount": "5000",
        "currency": "eur",
        "customer": "cus_1",
        "payment_method": "pm_1",
        "allowed_payment_method_types[0]": theirs,
        "confirm": "true",
        "off_session": "true",
        "metadata[carnet_order]": order.key,
        "metadata[carnet_organisation]": "org",
    }


@pytest.mark.parametrize(
    ("status", "means"),
    [
        ("processing", Pending("pi_1")),
        ("requires_action", Failed("authentication_required", "requires_action", "pi_1")),
        ("canceled", Failed("other", "canceled", "pi_1")),
    ],
)
async def test_a_status_tells_the_outcome(provider: Stripe, answers: Answers, status: str, means: Outcome) -> None:
    answers.answer(**intent(status))
    assert await provider.charge(charge()) == means


@pytest.mark.parametrize(
    ("code", "decline", "means"),
    [
        ("card_declined", "insufficient_funds", Failed("insufficient_funds", "insufficient_funds", "pi_1")),
        ("card_declined", "generic_decline", Failed("refused", "generic_decline", "pi_1")),
        ("card_declined", "of_tomorrow", Failed("refused", "of_tomorrow", "pi_1")),
        ("card_declined", None, Failed("refused", "card_declined", "pi_1")),
        ("expired_card", None, Failed("expired", "expired_card", "pi_1")),
        (
            "authentication_required",
            "authentication_required",
            Failed("authentication_required", "authentication_required", "pi_1"),
        ),
        ("processing_error", None, Failed("other", "processing_error", "pi_1")),
    ],
)
async def test_a_declined_card_is_a_failure_with_its_reason_and_no_fault_of_stripes(
    provider: Stripe, answers: Answers, code: str, decline: str | None, means: Failed
) -> None:
    told = {"code": code, "payment_intent": intent("requires_payment_method")}
    for _ in range(2 * FEWEST):
        answers.refuse(402, "card_error", **told, **({"decline_code": decline} if decline else {}))
        assert await provider.charge(charge()) == means
    assert provider.accepts


async def test_a_payment_method_that_is_not_there_is_unknown(provider: Stripe, answers: Answers) -> None:
    answers.refuse(400, "invalid_request_error", code="resource_missing", param="payment_method")
    assert await provider.charge(charge()) == Failed("unknown_method", "resource_missing")


@pytest.mark.parametrize("token", ["pm_1", "cus_1", "cus_1/", "cus_1/tok_1", "tok_success", "cus_1/pm_1/x"])
async def test_a_token_names_a_customer_and_a_payment_method(provider: Stripe, answers: Answers, token: str) -> None:
    order = charge(token)
    assert await provider.find(order) is None
    assert await provider.charge(order) == Failed("unknown_method", "token")
    assert not answers.asked


@pytest.mark.parametrize(
    ("answered", "surely_not_done"),
    [
        ((500, "api_error", {}), False),
        ((429, "rate_limit", {}), True),
        ((429, "invalid_request_error", {"code": "lock_timeout"}), True),
        ((409, "idempotency_error", {"code": "idempotency_key_in_use"}), False),
        ((400, "idempotency_error", {}), False),
        ((401, "invalid_request_error", {}), True),
        ((403, "invalid_request_error", {}), True),
        ((400, "invalid_request_error", {"code": "parameter_unknown"}), True),
    ],
)
async def test_pay_11_what_does_not_concern_the_order_itself_fails_none(
    provider: Stripe, answers: Answers, answered: tuple[int, str, dict[str, Any]], surely_not_done: bool
) -> None:
    status, kind, error = answered
    answers.refuse(status, kind, **error)
    with pytest.raises(UnansweredError) as raised:
        await provider.charge(charge())
    assert raised.value.refuses_all is surely_not_done


@pytest.mark.parametrize(("fault", "surely_not_done"), [(httpx.ConnectError, True), (httpx.ReadTimeout, False)])
async def test_a_line_that_breaks_may_have_carried_the_charge(
    provider: Stripe, answers: Answers, fault: type[Exception], surely_not_done: bool
) -> None:
    broken = stripe.APIConnectionError("broken", should_retry=True)
    broken.__cause__ = fault("broken")
    answers.coming.append(broken)
    with pytest.raises(UnansweredError) as raised:
        await provider.charge(charge())
    assert raised.value.refuses_all is surely_not_done
    assert len(answers.asked) == 1


@pytest.mark.parametrize("answer", [(b"<html>", 502, {}), (b"{}", 200, {}), (b"<html>", 200, {})])
async def test_an_answer_that_cannot_be_read_is_none(provider: Stripe, answers: Answers, answer: Any) -> None:
    answers.coming.append(answer)
    with pytest.raises(UnansweredError):
        await provider.charge(charge())


# Finding


async def test_pay_6_a_charge_is_found_among_its_customers_since_the_order_was_made(
    provider: Stripe, answers: Answers
) -> None:
    order = charge()
    other = intent("succeeded", new_id(), id="pi_other")
    answers.answer(**listed(other, intent("succeeded"), more=True))
    answers.answer(**listed(intent("processing", order.key, id="pi_2")))
    assert await provider.find(order) == Pending("pi_2")
    first, second = answers.asked
    since = int((made_at(order.key) - SKEW).timestamp())
    assert (first.method, first.path) == ("GET", "/v1/payment_intents")
    assert first.told == {"customer": "cus_1", "created[gte]": str(since), "limit": "100"}
    assert second.told["starting_after"] == "pi_1"


async def test_a_charge_that_was_declined_is_found_with_its_reason(provider: Stripe, answers: Answers) -> None:
    order = charge()
    problem = {"code": "card_declined", "decline_code": "stolen_card"}
    answers.answer(**listed(intent("requires_payment_method", order.key, last_payment_error=problem)))
    assert await provider.find(order) == Failed("refused", "stolen_card", "pi_1")


async def test_what_is_not_there_is_not_found(provider: Stripe, answers: Answers) -> None:
    answers.answer(**listed(intent("succeeded", new_id())))
    assert await provider.find(charge()) is None
    answers.refuse(404, "invalid_request_error", code="resource_missing", param="payment_intent")
    assert await provider.find(refund()) is None


async def test_what_cannot_be_looked_for_is_not_said_to_be_missing(provider: Stripe, answers: Answers) -> None:
    for order in (charge(), refund()):
        answers.refuse(500, "api_error")
        with pytest.raises(UnansweredError):
            await provider.find(order)


# Refunds


@pytest.mark.parametrize(
    ("told", "means"),
    [
        ({"status": "succeeded"}, Succeeded("re_1")),
        ({"status": "pending"}, Pending("re_1")),
        ({"status": "requires_action"}, Pending("re_1")),
        ({"status": "failed", "failure_reason": "declined"}, Failed("refused", "declined", "re_1")),
        (
            {"status": "failed", "failure_reason": "expired_or_canceled_card"},
            Failed("expired", "expired_or_canceled_card", "re_1"),
        ),
        # It is the Stripe account that has not enough, not the client.
        ({"status": "failed", "failure_reason": "insufficient_funds"}, Failed("other", "insufficient_funds", "re_1")),
        ({"status": "canceled"}, Failed("other", "canceled", "re_1")),
    ],
)
async def test_pay_4_a_refund_is_one_request_and_its_status_tells_the_outcome(
    provider: Stripe, answers: Answers, told: dict[str, Any], means: Outcome
) -> None:
    answers.answer(**refunded(**told))
    order = refund()
    assert await provider.refund(order) == means
    (asked,) = answers.asked
    assert (asked.method, asked.path, asked.key) == ("POST", "/v1/refunds", order.key)
    assert asked.told == {
        "payment_intent": "pi_1",
        "amount": "2000",
        "metadata[carnet_order]": order.key,
        "metadata[carnet_organisation]": "org",
    }
    answers.answer(**listed(refunded("succeeded", new_id()), refunded(**told, order=order.key)))
    assert await provider.find(order) == means
    assert (answers.asked[1].path, answers.asked[1].told["payment_intent"]) == ("/v1/refunds", "pi_1")


async def test_a_refund_that_stripe_refuses_has_failed_and_one_that_lacks_money_there_waits(
    provider: Stripe, answers: Answers
) -> None:
    answers.refuse(400, "invalid_request_error", code="charge_already_refunded")
    assert await provider.refund(refund()) == Failed("other", "charge_already_refunded")
    answers.refuse(400, "invalid_request_error", code="balance_insufficient")
    with pytest.raises(UnansweredError):
        await provider.refund(refund())


# Amounts


@pytest.mark.parametrize(
    ("currency", "ours", "theirs"),
    [
        ("EUR", 5000, 5000),
        ("JPY", 500, 500),
        ("ISK", 500, 50000),
        ("UGX", 7, 700),
        ("MGA", 500, 5),
        ("KWD", 5010, 5010),
    ],
)
async def test_mon_1_an_amount_is_the_same_money_at_stripe(
    provider: Stripe, answers: Answers, currency: str, ours: int, theirs: int
) -> None:
    assert to_stripe(ours, currency) == theirs
    assert from_stripe(theirs, currency.lower()) == ours
    answers.answer(**intent("succeeded"))
    await provider.charge(charge(currency=currency, amount=ours))
    assert answers.asked[0].told["amount"] == str(theirs)


@pytest.mark.parametrize(("currency", "amount"), [("MGA", 501), ("KWD", 5011)])
async def test_an_amount_that_stripe_cannot_write_is_refused_and_never_rounded(
    provider: Stripe, answers: Answers, currency: str, amount: int
) -> None:
    assert await provider.charge(charge(currency=currency, amount=amount)) == Failed("other", "amount")
    assert await provider.refund(refund(currency=currency, amount=amount)) == Failed("other", "amount")
    assert not answers.asked


# Webhooks


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
async def test_a_webhook_tells_what_became_of_a_charge(
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
    told = await provider.notices(body, signed(body), NOW)
    assert told == (Ended("k2", Failed("refused", "declined", "re_1")),)
    assert answers.asked[0].path == "/v1/refunds/re_1"


async def test_a_refund_that_is_under_way_or_not_ours_tells_nothing(provider: Stripe, answers: Answers) -> None:
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
async def test_a_dispute_of_what_is_not_ours_tells_nothing(
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


async def test_org_5_the_clock_of_an_organisation_says_nothing_to_it(provider: Stripe, answers: Answers) -> None:
    await provider.tell_clock("org", timedelta(days=3))
    assert not answers.asked
