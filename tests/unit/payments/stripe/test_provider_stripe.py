"""What is asked of Stripe, and what its answers mean (PAY-6, PAY-12).

The answers are those that Stripe's reference describes; that the questions are well formed is shown
against its API's description, in tests/integration/payments.
"""

from typing import Any

import httpx
import pytest
import stripe

from carnet.ids import made_at, new_id
from payments.collection.domain.orders import Failed, Outcome, Pending, Succeeded
from payments.provider.bounds import FEWEST
from payments.provider.interface import (
    UnansweredError,
)
from payments.provider.stripe import SKEW, Stripe
from payments.provider.stripe_meanings import from_stripe, to_stripe
from tests.unit.payments.stripe.answering import Answers, charge, intent, listed, refund, refunded

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
    assert asked.parameters == {
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
async def test_a_status_gives_the_outcome(provider: Stripe, answers: Answers, status: str, means: Outcome) -> None:
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
    parameters = {"code": code, "payment_intent": intent("requires_payment_method")}
    for _ in range(2 * FEWEST):
        answers.refuse(402, "card_error", **parameters, **({"decline_code": decline} if decline else {}))
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
    assert first.parameters == {"customer": "cus_1", "created[gte]": str(since), "limit": "100"}
    assert second.parameters["starting_after"] == "pi_1"


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
    ("parameters", "means"),
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
async def test_pay_4_a_refund_is_one_request_and_its_status_gives_the_outcome(
    provider: Stripe, answers: Answers, parameters: dict[str, Any], means: Outcome
) -> None:
    answers.answer(**refunded(**parameters))
    order = refund()
    assert await provider.refund(order) == means
    (asked,) = answers.asked
    assert (asked.method, asked.path, asked.key) == ("POST", "/v1/refunds", order.key)
    assert asked.parameters == {
        "payment_intent": "pi_1",
        "amount": "2000",
        "metadata[carnet_order]": order.key,
        "metadata[carnet_organisation]": "org",
    }
    answers.answer(**listed(refunded("succeeded", new_id()), refunded(**parameters, order=order.key)))
    assert await provider.find(order) == means
    assert (answers.asked[1].path, answers.asked[1].parameters["payment_intent"]) == ("/v1/refunds", "pi_1")


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
    assert answers.asked[0].parameters["amount"] == str(theirs)


@pytest.mark.parametrize(("currency", "amount"), [("MGA", 501), ("KWD", 5011)])
async def test_an_amount_that_stripe_cannot_write_is_refused_and_never_rounded(
    provider: Stripe, answers: Answers, currency: str, amount: int
) -> None:
    assert await provider.charge(charge(currency=currency, amount=amount)) == Failed("other", "amount")
    assert await provider.refund(refund(currency=currency, amount=amount)) == Failed("other", "amount")
    assert not answers.asked
