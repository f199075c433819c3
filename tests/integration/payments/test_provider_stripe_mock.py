"""Every question that is asked of Stripe, held against the description of its API by stripe-mock.

It answers examples, whatever was asked before, and keeps nothing: so it shows that a request is well formed
and that an answer can be read, and not what Stripe does with it (docs/operations/stripe.md says what that leaves).
"""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
import stripe

from carnet.ids import new_id
from payments.collection.domain.orders import Failed, Pending, Succeeded
from payments.provider.bounds import Bounds
from payments.provider.interface import Charge, Refund, UnansweredError
from payments.provider.stripe import SIGNATURE, Stripe
from tests.stripe_mock import stripe_mock
from tests.waits import BOUND

HUSH = "whsec_of_the_tests"
OUTCOMES = (Succeeded, Pending, Failed)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stripe_mock(tmp_path_factory.mktemp("stripe")) as running:
        yield running


@pytest.fixture
async def provider(address: str) -> AsyncIterator[Stripe]:
    bounds = Bounds("stripe", calls=4, seconds=BOUND)
    made = Stripe("sk_test_123", webhook_secret=HUSH, bounds=bounds, url=address)
    yield made
    await made.close()


def charge(kind: Any = "card", currency: str = "EUR") -> Charge:
    return Charge(new_id(), new_id(), 5000, currency, "cus_1/pm_1", kind)


def refund() -> Refund:
    return Refund(new_id(), new_id(), 2000, "EUR", "pi_1")


@pytest.mark.parametrize("kind", ["card", "direct_debit"])
async def test_a_charge_is_a_request_that_stripe_describes(provider: Stripe, kind: str) -> None:
    assert isinstance(await provider.charge(charge(kind)), OUTCOMES)


async def test_a_refund_is_a_request_that_stripe_describes(provider: Stripe) -> None:
    assert isinstance(await provider.refund(refund()), OUTCOMES)


async def test_looking_for_orders_is_a_request_that_stripe_describes(provider: Stripe) -> None:
    # Its examples bear no metadata of ours.
    assert await provider.find(charge()) is None
    assert await provider.find(refund()) is None


@pytest.mark.parametrize(
    ("published", "about"),
    [
        ("refund.failed", {"id": "re_1", "status": "failed", "metadata": {"carnet_order": "k1"}}),
        (
            "charge.dispute.funds_withdrawn",
            {"id": "dp_1", "amount": 5, "currency": "eur", "reason": "general", "payment_intent": "pi_1"},
        ),
    ],
)
async def test_what_a_webhook_makes_us_read_is_a_request_that_stripe_describes(
    provider: Stripe, published: str, about: dict[str, Any]
) -> None:
    body = orjson.dumps({"id": "evt_1", "object": "event", "type": published, "data": {"object": about}})
    now = datetime.now(UTC)
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), HUSH, int(now.timestamp()))
    notices = await provider.notices(body, {SIGNATURE: header}, now)
    assert len(notices) == (1 if published == "refund.failed" else 0)


async def test_a_key_that_is_none_is_no_failure_of_an_order(address: str) -> None:
    bounds = Bounds("stripe", calls=4, seconds=BOUND)
    stranger = Stripe("nobody", webhook_secret=HUSH, bounds=bounds, url=address)
    with pytest.raises(UnansweredError, match="AuthenticationError") as raised:
        await stranger.charge(charge())
    assert raised.value.refuses_all
    await stranger.close()


async def test_a_request_that_stripe_does_not_describe_is_seen_here(address: str) -> None:
    http = stripe.HTTPXClient()
    client = stripe.StripeClient("sk_test_123", base_addresses={"api": address}, http_client=http)
    wrong: Any = {"amount": 5000, "currency": "eur", "of_tomorrow": True}
    with pytest.raises(stripe.InvalidRequestError, match="additional properties"):
        await client.v1.payment_intents.create_async(wrong)
    await http.close_async()
