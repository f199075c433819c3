"""Reading from payments and the catalog: their answers, their refusals, and when they do not answer (CON-3)."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from carnet.events.catalog import GiftCardDetails
from carnet.events.contracts import ContractTerms, DatedCharge
from carnet.http.problems import ProblemError
from carnet.ids import new_id
from carnet.refusals import Kind, Refusal
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.products import Product
from contracts.peers import Peers, terms_asked
from tests.unit.contracts.contract_builders import (
    BALLET,
    BOOK,
    CREDIT,
    FIFTY_OFF,
    JAZZ,
    ORGANISATION,
    TEN_PERCENT,
    TODAY,
    a_product,
    buying,
    changing,
    opened,
)
from tests.waits import BOUND

Answering = Callable[[httpx.Request], httpx.Response]


def money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def moment(planned: int) -> dict[str, Any]:
    amounts = {"total": planned, "paid": 0, "processing": 0, "planned": planned, "unscheduled": 0, "refund_due": 0}
    return {
        "balance": {name: money(amount) for name, amount in amounts.items()},
        "instalments": [{"id": "x", "due": "2026-12-01", "amount": money(planned), "fixed": False, "cheque": None}],
    }


SHOWN = {"schedule_version": 4, "covers": 2, "before": moment(30000), "after": moment(50000), "later_field": 1}


class Network(httpx.AsyncBaseTransport):
    """Answers as it was set to, and remembers what was asked."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answering(request)


class Silence(httpx.AsyncBaseTransport):
    """Never answers."""

    async def handle_async_request(self, _request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture
def network() -> Network:
    return Network(lambda _: httpx.Response(200, json=SHOWN))


def peers_on(transport: httpx.AsyncBaseTransport, seconds: float = BOUND) -> Peers:
    return Peers("http://payments/", "http://catalog", "http://credits", transport, seconds=seconds)


def change() -> tuple[Contract, Contract]:
    before = opened(JAZZ)
    return before, changing(before, add=(buying(BALLET),)).state


async def test_con_3_payments_is_asked_for_the_schedule_with_the_token_of_the_caller(network: Network) -> None:
    before, after = change()
    shown = await peers_on(network).schedule_after("abc", before, after, TODAY)
    assert shown.schedule_version == 4
    assert shown.before is not None
    assert shown.before.balance.amounts.planned == 30000
    assert (shown.after.instalments[0].amount.amount, shown.after.instalments[0].held) == (50000, False)
    (asked,) = network.asked
    assert str(asked.url) == f"http://payments/v1/schedules/{before.id}/preview"
    assert asked.headers["authorization"] == "Bearer abc"
    assert orjson.loads(asked.content) == {
        "contract_version": before.version,
        "total": money(50000),
        "live_lines": 2,
        "effective_on": "2026-11-22",
    }


async def test_con_3_an_opening_is_asked_for_with_its_mode_and_sale(network: Network) -> None:
    contract = opened(JAZZ)
    await peers_on(network).schedule_of_opening("abc", contract)
    asked = network.asked[0]
    assert asked.url.path == "/v1/schedules/preview"
    assert orjson.loads(asked.content) == {
        "mode": "online",
        "sale": {"start": "at_once"},
        "total": money(30000),
        "live_lines": 1,
        "effective_on": "2026-11-22",
    }


def broken(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


@pytest.mark.parametrize(
    "answering",
    [
        broken,
        lambda _: httpx.Response(500, text="oops"),
        lambda _: httpx.Response(503, json={}),
        lambda _: httpx.Response(200, text="<html>"),
        lambda _: httpx.Response(200, json={"schedule_version": 4}),
        lambda _: httpx.Response(409, text="<html>"),
    ],
)
async def test_a_peer_that_fails_is_unavailable(answering: Answering) -> None:
    with pytest.raises(Refusal) as refusal:
        await peers_on(Network(answering)).schedule_after("abc", *change(), TODAY)
    assert (refusal.value.kind, refusal.value.slug) == (Kind.UNAVAILABLE, "payments-unavailable")


async def test_a_peer_that_is_silent_is_unavailable() -> None:
    with pytest.raises(Refusal, match="does not answer just now"):
        await peers_on(Silence(), seconds=0.05).product("abc", ORGANISATION, BOOK.id)


@pytest.mark.parametrize(("status", "slug"), [(409, "schedule-behind"), (403, "scope-missing"), (404, "unknown-x")])
async def test_a_refusal_of_payments_is_passed_on_as_it_is(status: int, slug: str) -> None:
    problem = {
        "type": f"urn:carnet:problem:{slug}",
        "title": "x",
        "status": status,
        "detail": "Wait.",
        "rule": "CON-3",
        "params": {"covers": 1},
    }
    answering = Network(lambda _: httpx.Response(status, json=problem))
    with pytest.raises(ProblemError) as refused:
        await peers_on(answering).schedule_after("abc", *change(), TODAY)
    passed = refused.value
    assert (passed.status, passed.slug, passed.detail, passed.rule) == (status, slug, "Wait.", "CON-3")
    assert passed.params == {"covers": 1}


@pytest.mark.parametrize(
    ("product", "worth"),
    [
        (BOOK, {}),
        (CREDIT, {"value": money(10000)}),
        (FIFTY_OFF, {"amount": money(5000)}),
        (TEN_PERCENT, {}),
        (
            a_product(305, GiftCardDetails(minimum=1000, maximum=20000), price=5000),
            {"minimum": money(1000), "maximum": money(20000)},
        ),
    ],
)
async def test_the_catalog_gives_a_product_and_none_where_it_has_none(product: Product, worth: dict[str, Any]) -> None:
    published = product.model_dump(mode="json", exclude={"organisation"})
    answered = {
        **published,
        "details": published["details"] | worth,
        "formats": [
            {
                "id": each.id,
                "name": each.name,
                "tariffs": [{"id": t.id, "name": t.name, "price": money(t.price)} for t in each.tariffs],
            }
            for each in product.formats
        ],
        "description": "A book.",
    }
    catalog = Network(lambda _: httpx.Response(200, json=answered))
    assert await peers_on(catalog).product("abc", ORGANISATION, product.id) == product
    assert str(catalog.asked[0].url) == f"http://catalog/v1/products/{product.id}"
    nothing = Network(lambda _: httpx.Response(404, json={"type": "urn:carnet:problem:unknown-product"}))
    assert await peers_on(nothing).product("abc", ORGANISATION, product.id) is None


def test_pay_15_dated_charges_are_asked_about_and_left_out_where_there_are_none() -> None:
    terms = ContractTerms(total=500, live_lines=2, version=3)
    asked = {"total": money(500), "live_lines": 2, "effective_on": TODAY.isoformat()}
    assert terms_asked(terms, "EUR", TODAY) == asked
    charge = DatedCharge(line=new_id(), amount=200, due=TODAY)
    dated = {"line": charge.line, "amount": money(200), "due": TODAY.isoformat()}
    assert terms_asked(terms.model_copy(update={"charges": (charge,)}), "EUR", TODAY) == {**asked, "charges": [dated]}
