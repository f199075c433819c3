"""Requests that never reach the subject of a service: each answer says what to do, and none is echoed."""

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from pydantic import BaseModel, Field

from carnet.auth import Tokens
from carnet.dates import Instant
from carnet.events.catalog import Details
from carnet.events.contracts import Sale
from carnet.http import (
    Body,
    Call,
    Command,
    MoneyIn,
    Page,
    PageAsked,
    PositiveMoneyIn,
    changes,
    create_api,
    reads,
    router,
)
from carnet.http.calls import Wiring
from carnet.http.edge import LARGEST_REQUEST_BODY
from carnet.ids import Id, new_id
from carnet.refusals import Kind, Refusal
from carnet.settings import Settings
from tests.callers import Signer, command
from tests.memory.mongo import MemoryDatabase
from tests.refused import problem


class LineBody(Body):
    price: MoneyIn


class OrderBody(Body):
    name: Annotated[str, Field(max_length=20)] = ""
    count: int = 0
    gift: bool = False
    on: date | None = None
    at: Instant | None = None
    paid: PositiveMoneyIn | None = None
    lines: tuple[LineBody, ...] = ()
    sale: Sale | None = None
    details: Details | None = None
    product: Id | None = None


class OrderView(BaseModel):
    read: str


Reads = Annotated[Call, reads("orders:read")]
Makes = Annotated[Command, changes("orders:write")]
Edits = Annotated[Command, changes("orders:write", if_match=True)]
Corrects = Annotated[Command, changes("orders:write", "orders:correct")]
routes = router(tags=["orders"])


@routes.post("/orders", status_code=201)
async def order(body: OrderBody, command: Makes) -> OrderView:
    return OrderView(read=repr(body))


@routes.put("/orders/{order}")
async def change(order: Id, body: OrderBody, command: Edits) -> OrderView:
    return OrderView(read=str(command.expected))


@routes.post("/orders/{order}/correction")
async def correct(order: Id, command: Corrects) -> OrderView:
    return OrderView(read=order)


@routes.get("/orders/{order}")
async def show(order: Id, call: Reads) -> OrderView:
    return OrderView(read=order)


@routes.get("/orders")
async def orders(call: Reads, page: PageAsked, since: date | None = None) -> Page[OrderView]:
    place = page.after(str, int)
    return page.of([1, 2, 3][: page.fetch], place=lambda n: ("a", n), show=lambda n: OrderView(read=f"{n} {place}"))


@routes.get("/refusals/{kind}", responses={412: {}})
async def refuse(kind: Kind, call: Reads) -> OrderView:
    raise Refusal(kind, "line-bears-discount", "Cancel the discount first.", rule="CON-6", line="l-1")


@dataclass(frozen=True)
class Shop:
    client: httpx.AsyncClient
    signer: Signer
    organisation: str

    def staff(self, scopes: str = "orders:read orders:write") -> dict[str, str]:
        return self.signer.headers(self.organisation, scopes)

    async def send(self, content: bytes, **headers: str) -> httpx.Response:
        sent = command(self.staff()) | {"Content-Type": "application/json"} | headers
        return await self.client.post("/v1/orders", content=content, headers=sent)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    signer = Signer.make(tmp_path)
    settings = Settings(
        service="orders", mongo_url="mongodb://127.0.0.1:1", kafka_bootstrap="broker:1", issuers=(signer.issuer,)
    )
    app = create_api(settings=settings, title="Orders", description="Orders.", routers=[routes], collections=[])
    app.state.carnet = Wiring(MemoryDatabase("orders", ()), Tokens(settings.issuers))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://carnet.test") as client:
        yield Shop(client, signer, new_id())


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"count": 1.0}', "count"),
        ('{"count": 1.5}', "count"),
        ('{"count": 1e3}', "count"),
        ('{"count": "1"}', "count"),
        ('{"count": true}', "count"),
        ('{"count": null}', "count"),
        ('{"count": NaN}', "count"),
        ('{"gift": 1}', "gift"),
        ('{"gift": "yes"}', "gift"),
        ('{"name": 7}', "name"),
        ('{"name": "Jean Dupont of Nantes"}', "name"),
        ('{"on": "2026-02-30"}', "on"),
        ('{"on": "2026-2-3"}', "on"),
        ('{"on": "2026-01-01T00:00:00Z"}', "on"),
        ('{"on": 20000}', "on"),
        ('{"on": "20000"}', "on"),
        ('{"at": "2026-01-01T00:00:00"}', "at"),
        ('{"at": 1700000000}', "at"),
        ('{"paid": {"amount": 0, "currency": "EUR"}}', "paid.amount"),
        ('{"paid": {"amount": 1.0, "currency": "EUR"}}', "paid.amount"),
        ('{"paid": {"amount": 1000000000001, "currency": "EUR"}}', "paid.amount"),
        ('{"paid": {"amount": 1}}', "paid.currency"),
        ('{"paid": {"amount": 1, "currency": "euro"}}', "paid.currency"),
        ('{"paid": {"amount": 1, "currency": "EUR", "vat": 2}}', "paid.vat"),
        ('{"paid": 100}', "paid"),
        ('{"lines": [{"price": {"amount": -1, "currency": "EUR"}}]}', "lines[0].price.amount"),
        ('{"lines": [{"price": {"amount": 1, "currency": "EUR"}, "free": true}]}', "lines[0].free"),
        ('{"lines": {}}', "lines"),
        ('{"sale": {"start": "instalments", "count": 3, "rate": 2}}', "sale.instalments.rate"),
        ('{"sale": {"start": "instalments", "count": 3.0}}', "sale.instalments.count"),
        ('{"sale": {"start": "never"}}', "sale"),
        ('{"sale": {}}', "sale"),
        ('{"details": {"kind": "item", "reference": "x", "price": 1}}', "details.item.price"),
        ('{"product": "Dupont"}', "product"),
        ('{"product": "01890A5D-AC96-774B-BCCE-B302099A8057"}', "product"),
        ('{"colour": "Dupont"}', "colour"),
        ("[]", ""),
        ("null", ""),
        ('"Dupont"', ""),
        ("", ""),
    ],
)
async def test_a_wrong_field_is_named_and_what_it_held_is_not_repeated(shop: Shop, body: str, field: str) -> None:
    answer = await shop.send(body.encode())
    document = problem(answer, 422, "request-invalid")
    assert field in {error["field"] for error in document["errors"]}
    assert {error["place"] for error in document["errors"]} == {"body"}
    assert all(error["problem"] for error in document["errors"])
    assert "Dupont" not in answer.text


async def test_a_number_out_of_bounds_is_answered_with_the_bounds(shop: Shop) -> None:
    answer = await shop.send(b'{"paid": {"amount": 0, "currency": "EUR"}, "lines": [{"price": {"amount": -1}}]}')
    refused = {error["field"]: error["problem"] for error in problem(answer, 422, "request-invalid")["errors"]}
    assert refused["paid.amount"] == "it is to be above 0"
    assert refused["lines[0].price.amount"] == "it is to be 0 at least"


async def test_what_strict_json_allows_is_read(shop: Shop) -> None:
    body = (
        b'{"name": "chair", "count": 2, "gift": true, "on": "2026-02-28", "at": "2026-01-01T10:00:00+01:00",'
        b' "paid": {"amount": 1, "currency": "EUR"}, "lines": [{"price": {"amount": 0, "currency": "EUR"}}],'
        b' "sale": {"start": "instalments", "count": 3, "first_due": "2026-03-01"},'
        b' "details": {"kind": "discount", "rate": 1000, "kinds": ["course"]},'
        b' "product": "01890a5d-ac96-774b-bcce-b302099a8057"}'
    )
    answer = await shop.send(body)
    assert answer.status_code == 201, answer.text
    read = answer.json()["read"]
    assert "datetime.date(2026, 2, 28)" in read
    assert "kinds=('course',)" in read


@pytest.mark.parametrize(
    "body", [b"{", b"{'a': 1}", b'{"name": "\xff"}', b'{"name": "\\ud800"}', b"[" * 5000, b"name=chair"]
)
async def test_what_is_not_json_is_refused(shop: Shop, body: bytes) -> None:
    problem(await shop.send(body), 400, "not-json")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "nonsense", ""])
async def test_a_body_is_sent_as_json(shop: Shop, kind: str) -> None:
    answer = await shop.send(b'{"name": "chair"}', **{"Content-Type": kind})
    assert "application/json" in problem(answer, 400, "not-json")["detail"]


async def test_many_wrong_fields_are_named_in_one_answer_but_not_endlessly(shop: Shop) -> None:
    body = "{" + ", ".join(f'"f{index}": 1' for index in range(500)) + "}"
    document = problem(await shop.send(body.encode()), 422, "request-invalid")
    assert len(document["errors"]) == 20
    assert "499 more" in document["detail"]


async def test_a_large_body_is_refused(shop: Shop) -> None:
    body = b'{"name": "' + b"x" * LARGEST_REQUEST_BODY + b'"}'
    problem(await shop.send(body), 413, "body-too-large")

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * (LARGEST_REQUEST_BODY // 8)

    headers = command(shop.staff()) | {"Content-Type": "application/json"}
    problem(await shop.client.post("/v1/orders", content=chunks(), headers=headers), 413, "body-too-large")


async def test_a_body_just_small_enough_is_read(shop: Shop) -> None:
    body = b'{"count": 1' + b" " * (LARGEST_REQUEST_BODY - 12) + b"}"
    assert len(body) == LARGEST_REQUEST_BODY
    assert (await shop.send(body)).status_code == 201


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/v2/orders", "/v1/orders/", "/V1/orders"])
async def test_an_unknown_address_is_a_problem(shop: Shop, path: str) -> None:
    answer = await shop.client.get(path, headers=shop.staff())
    problem(answer, 404, "no-such-address")


@pytest.mark.parametrize("given", ["x", "%00", "Dupont", "01890A5D-AC96-774B-BCCE-B302099A8057", "..."])
async def test_what_is_no_id_is_refused(shop: Shop, given: str) -> None:
    answer = await shop.client.get(f"/v1/orders/{given}", headers=shop.staff())
    document = problem(answer, 422, "request-invalid")
    assert [(error["place"], error["field"]) for error in document["errors"]] == [("path", "order")]


async def test_an_unknown_method_is_answered_with_those_that_are_known(shop: Shop) -> None:
    answer = await shop.client.delete(f"/v1/orders/{new_id()}", headers=shop.staff())
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, PUT"


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic abc"])
async def test_without_a_token_nothing_is_answered(shop: Shop, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = await shop.client.post("/v1/orders", content=b"{", headers=headers)
    problem(answer, 401, "token-missing")
    assert answer.headers["www-authenticate"] == 'Bearer realm="carnet"'


async def test_a_token_that_is_not_accepted_is_refused(shop: Shop) -> None:
    answer = await shop.client.get("/v1/orders", headers={"Authorization": "Bearer x.y.z"})
    problem(answer, 401, "token-malformed")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_the_scheme_is_read_in_any_case(shop: Shop) -> None:
    token = shop.signer.token(shop.organisation, "orders:read")
    answer = await shop.client.get("/v1/orders", headers={"Authorization": f"bearer {token}"})
    assert answer.status_code == 200


async def test_a_missing_scope_is_named(shop: Shop) -> None:
    headers = command(shop.staff("orders:read"))
    document = problem(await shop.client.post("/v1/orders", json={}, headers=headers), 403, "scope-missing")
    assert (document["rule"], document["params"]) == ("ORG-2", {"scope": "orders:write"})


async def test_one_of_the_scopes_that_a_route_names_is_enough(shop: Shop) -> None:
    where = f"/v1/orders/{new_id()}/correction"
    for scopes in ("orders:correct", "orders:write", "orders:correct orders:write"):
        assert (await shop.client.post(where, headers=command(shop.staff(scopes)))).status_code == 200
    document = problem(await shop.client.post(where, headers=command(shop.staff("orders:read"))), 403, "scope-missing")
    assert document["params"] == {"scope": "orders:write or orders:correct"}
    described = (await shop.client.get("/openapi.json")).json()["paths"]["/v1/orders/{order}/correction"]["post"]
    assert described["security"] == [{"token": ["orders:write"]}, {"token": ["orders:correct"]}]


@pytest.mark.parametrize(
    ("kind", "status"),
    [("invalid", 422), ("conflict", 409), ("stale", 412), ("unknown", 404), ("forbidden", 403), ("unavailable", 503)],
)
async def test_each_kind_of_refusal_has_its_status(shop: Shop, kind: str, status: int) -> None:
    answer = await shop.client.get(f"/v1/refusals/{kind}", headers=shop.staff())
    document = problem(answer, status, "line-bears-discount")
    assert document["title"] == "Line bears discount"
    assert (document["detail"], document["rule"]) == ("Cancel the discount first.", "CON-6")
    assert document["params"] == {"line": "l-1"}
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=1.5", "since=2026-02-30"])
async def test_a_wrong_query_is_named(shop: Shop, query: str) -> None:
    document = problem(await shop.client.get(f"/v1/orders?{query}", headers=shop.staff()), 422, "request-invalid")
    assert document["errors"][0]["place"] == "query"
    assert document["errors"][0]["field"] == query.split("=", maxsplit=1)[0]


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "é", "bnVsbA", "W10", "WzEsImEiLDFd", "A" * 900, "eyIkZ3QiOiIifQ"])
async def test_what_is_no_cursor_of_the_list_is_refused(shop: Shop, cursor: str) -> None:
    answer = await shop.client.get("/v1/orders", params={"cursor": cursor}, headers=shop.staff())
    problem(answer, 422, "cursor-invalid")


async def test_a_cursor_serves_the_list_that_gave_it_and_no_other(shop: Shop) -> None:
    first = (await shop.client.get("/v1/orders?limit=2", headers=shop.staff())).json()
    assert [item["read"] for item in first["items"]] == ["1 None", "2 None"]
    following = await shop.client.get("/v1/orders", params={"limit": 3, "cursor": first["next"]}, headers=shop.staff())
    assert following.json()["items"][0]["read"] == "1 ('a', 2)"
    assert following.json()["next"] is None
    query = {"cursor": first["next"], "since": "2026-01-01"}
    problem(await shop.client.get("/v1/orders", params=query, headers=shop.staff()), 422, "cursor-invalid")


async def test_org_1_a_cursor_serves_the_organisation_that_it_was_made_for_and_no_other(shop: Shop) -> None:
    first = (await shop.client.get("/v1/orders?limit=2", headers=shop.staff())).json()
    other = shop.signer.headers(new_id(), "orders:read")
    refused = await shop.client.get("/v1/orders", params={"cursor": first["next"]}, headers=other)
    problem(refused, 422, "cursor-invalid")


async def test_a_cursor_says_nothing_and_no_character_of_it_can_be_changed(shop: Shop) -> None:
    cursor = (await shop.client.get("/v1/orders?limit=2", headers=shop.staff())).json()["next"]
    read = urlsafe_b64decode(cursor + "==")
    assert b"a" not in read.split(b'"')
    assert not read.startswith(b"[")
    for place in range(len(cursor) - 1):  # the last one has bits that mean nothing
        altered = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        answer = await shop.client.get("/v1/orders", params={"cursor": altered}, headers=shop.staff())
        problem(answer, 422, "cursor-invalid")


@pytest.mark.parametrize(("given", "kept"), [("shop-17", True), ("a b", False), ("x" * 65, False), ("<script>", False)])
async def test_a_request_has_an_id(shop: Shop, given: str, kept: bool) -> None:
    answer = await shop.client.get("/v1/nothing", headers={"X-Request-Id": given})
    assert (answer.headers["x-request-id"] == given) is kept
    assert answer.json()["request"] == answer.headers["x-request-id"]


async def test_requests_side_by_side_keep_their_own_ids(shop: Shop) -> None:
    answers = await asyncio.gather(
        *(shop.client.get("/v1/orders/x", headers=shop.staff() | {"X-Request-Id": f"r-{n}"}) for n in range(20))
    )
    assert [answer.json()["request"] for answer in answers] == [f"r-{n}" for n in range(20)]


async def test_the_document_names_tokens_headers_and_problems(shop: Shop) -> None:
    document = (await shop.client.get("/openapi.json")).json()
    made = document["paths"]["/v1/orders"]["post"]
    assert made["security"] == [{"token": ["orders:write"]}]
    headers = {parameter["name"]: parameter["required"] for parameter in made["parameters"]}
    assert headers == {"Idempotency-Key": True}
    assert {"400", "401", "403", "409", "413", "422", "503"} <= set(made["responses"])
    assert "ETag" in made["responses"]["201"]["headers"]
    edited = document["paths"]["/v1/orders/{order}"]["put"]
    headers = {parameter["name"]: parameter["required"] for parameter in edited["parameters"]}
    assert headers == {"order": True, "Idempotency-Key": False, "If-Match": True}
    assert {"412", "428"} <= set(edited["responses"])
    listed = document["paths"]["/v1/orders"]["get"]
    assert {parameter["name"] for parameter in listed["parameters"]} == {"limit", "cursor", "since"}
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    refused = made["responses"]["422"]["content"]["application/problem+json"]["schema"]
    assert refused == {"$ref": "#/components/schemas/ProblemDocument"}
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert not [path for path in document["paths"] if not path.startswith("/v1/")]


async def test_metrics_count_by_the_template_of_the_route(shop: Shop) -> None:
    await shop.client.get("/v1/orders/Dupont", headers=shop.staff())
    await shop.client.get("/v1/Dupont", headers=shop.staff())
    published = (await shop.client.get("/metrics")).text
    assert 'route="/v1/orders/{order}",service="orders",status="422"' in published
    assert 'route="unknown",service="orders",status="404"' in published
    assert "Dupont" not in published
