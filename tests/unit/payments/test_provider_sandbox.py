"""What the sandbox's answers and webhooks mean (PAY-6)."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from payments.collection.domain.orders import Failed, Pending, Succeeded
from payments.provider.bounds import Bounds
from payments.provider.interface import (
    OLDEST_WEBHOOK,
    BadWebhookError,
    Charge,
    Ended,
    Refund,
    Reversed,
    UnansweredError,
)
from payments.provider.sandbox import SIGNATURE, Sandbox
from tests.waits import BOUND

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
HUSH = "a secret of the tests"
CHARGE = Charge("k1", "org", 5000, "EUR", "tok_success", "card")
REFUND = Refund("k2", "org", 2000, "EUR", "ch_1")


class Network(httpx.AsyncBaseTransport):
    """Answers as it was set to, and remembers what was asked."""

    def __init__(self) -> None:
        self.answering: Callable[[], httpx.Response] = lambda: httpx.Response(500)
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answering()

    def answers(self, number: int, /, **body: Any) -> None:
        self.answering = lambda: httpx.Response(number, json=body)


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
async def sandbox(network: Network) -> AsyncIterator[Sandbox]:
    bounds = Bounds("sandbox", calls=4, seconds=BOUND)
    made = Sandbox("http://sandbox", secret=HUSH, webhooks="http://payments/hook", bounds=bounds, transport=network)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("answered", "means"),
    [
        ({"status": "succeeded"}, Succeeded("ch_1")),
        ({"status": "pending"}, Pending("ch_1")),
        ({"status": "failed", "code": "card_declined"}, Failed("refused", "card_declined", "ch_1")),
        ({"status": "failed", "code": "unknown_token"}, Failed("unknown_method", "unknown_token", "ch_1")),
        ({"status": "failed", "code": "of_tomorrow"}, Failed("other", "of_tomorrow", "ch_1")),
    ],
)
async def test_an_answer_gives_the_outcome(
    sandbox: Sandbox, network: Network, answered: dict[str, Any], means: Succeeded | Pending | Failed
) -> None:
    network.answers(200, reference="ch_1", **answered)
    assert await sandbox.charge(CHARGE) == means
    assert await sandbox.find(CHARGE) == means
    assert await sandbox.refund(REFUND) == means
    charged, found, refunded = network.asked
    assert orjson.loads(charged.content) == {
        "key": "k1",
        "merchant": "org",
        "amount": 5000,
        "currency": "EUR",
        "token": "tok_success",
        "kind": "card",
    }
    assert (found.method, found.url.path) == ("GET", "/charges/by-key/k1")
    assert orjson.loads(refunded.content)["charge"] == "ch_1"


async def test_what_never_arrived_is_not_found(sandbox: Sandbox, network: Network) -> None:
    network.answers(404)
    assert await sandbox.find(REFUND) is None
    assert network.asked[0].url.path == "/refunds/by-key/k2"


@pytest.mark.parametrize(("status", "surely_not_done"), [(500, False), (503, False), (409, False), (429, True)])
async def test_an_answer_without_an_outcome_is_none(
    sandbox: Sandbox, network: Network, status: int, surely_not_done: bool
) -> None:
    network.answers(status, detail="no")
    with pytest.raises(UnansweredError, match=str(status)) as raised:
        await sandbox.charge(CHARGE)
    assert raised.value.refuses_all is surely_not_done


@pytest.mark.parametrize(("fault", "surely_not_done"), [(httpx.ConnectError, True), (httpx.ReadError, False)])
async def test_a_line_that_breaks_may_have_carried_the_order(
    sandbox: Sandbox, network: Network, fault: type[httpx.TransportError], surely_not_done: bool
) -> None:
    def breaks() -> httpx.Response:
        raise fault("broken")

    network.answering = breaks
    with pytest.raises(UnansweredError) as raised:
        await sandbox.charge(CHARGE)
    assert raised.value.refuses_all is surely_not_done


async def test_an_answer_that_cannot_be_read_is_none(sandbox: Sandbox, network: Network) -> None:
    network.answers(200, status="perhaps")
    with pytest.raises(UnansweredError, match="can't be read"):
        await sandbox.find(CHARGE)


async def test_org_5_the_clock_of_an_organisation_is_sent_with_the_address_of_its_webhooks(
    sandbox: Sandbox, network: Network
) -> None:
    network.answers(200)
    await sandbox.send_clock("org", timedelta(days=2, seconds=5))
    (published,) = network.asked
    assert (published.method, published.url.path) == ("PUT", "/merchants/org")
    assert orjson.loads(published.content) == {"clock_ahead": 172_805, "webhook_url": "http://payments/hook"}


# Webhooks


def signed(body: bytes, *, at: datetime = NOW, secret: str = HUSH) -> dict[str, str]:
    moment = int(at.timestamp())
    by = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {SIGNATURE: f"t={moment},v1={by}"}


@pytest.mark.parametrize(
    ("published", "means"),
    [
        (
            {"type": "charge.ended", "key": "k1", "reference": "ch_1", "status": "succeeded"},
            Ended("k1", Succeeded("ch_1")),
        ),
        (
            {"type": "refund.ended", "key": "k2", "reference": "re_1", "status": "failed", "code": "account_closed"},
            Ended("k2", Failed("account_closed", "account_closed", "re_1")),
        ),
        (
            {"type": "charge.reversed", "key": "k1", "reversal": "rv_1", "amount": 5000, "reason": "chargeback"},
            Reversed("rv_1", "k1", 5000, "chargeback"),
        ),
        (
            {"type": "charge.reversed", "key": "k1", "reversal": "rv_1", "amount": 5000, "reason": "of tomorrow"},
            Reversed("rv_1", "k1", 5000, "other"),
        ),
    ],
)
async def test_a_webhook_gives_the_outcome_of_an_order(
    sandbox: Sandbox, published: dict[str, Any], means: Ended | Reversed
) -> None:
    body = orjson.dumps({**published, "id": "wh_1", "later_field": 1})
    assert await sandbox.notices(body, signed(body), NOW) == (means,)


async def test_a_webhook_of_an_unknown_type_is_ignored(sandbox: Sandbox) -> None:
    body = b'{"type": "of.tomorrow"}'
    assert await sandbox.notices(body, signed(body), NOW) == ()


async def test_a_webhook_that_is_not_the_sandboxs_is_refused(sandbox: Sandbox) -> None:
    body = b'{"type": "charge.ended", "key": "k1", "reference": "ch_1", "status": "succeeded"}'
    old = signed(body, at=NOW - OLDEST_WEBHOOK - timedelta(seconds=BOUND))
    for headers, why in (
        ({}, "not signed"),
        ({SIGNATURE: "t=é,v1=é,,="}, "not signed"),
        (signed(body, secret="another"), "not signed"),
        (signed(body + b" "), "not signed"),
        (old, "too old"),
    ):
        with pytest.raises(BadWebhookError, match=why):
            await sandbox.notices(body, headers, NOW)


@pytest.mark.parametrize("time", ["9" * 400, "9" * 5000, "1e9", "-1", "\u0661\u0662", ""])
async def test_a_signature_of_no_time_is_refused(sandbox: Sandbox, time: str) -> None:
    body = b'{"type": "charge.ended", "key": "k1", "reference": "ch_1", "status": "succeeded"}'
    signature = hmac.new(HUSH.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest()
    with pytest.raises(BadWebhookError, match="too old"):
        await sandbox.notices(body, {SIGNATURE: f"t={time},v1={signature}"}, NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"type": "charge.ended"}'])
async def test_a_webhook_that_cannot_be_read_is_refused(sandbox: Sandbox, body: bytes) -> None:
    with pytest.raises(BadWebhookError, match="not what the sandbox sends"):
        await sandbox.notices(body, signed(body), NOW)
