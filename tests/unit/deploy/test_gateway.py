"""The gateway passes requests on as they are, streams, and tells faults of services as problem documents."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from carnet_operations.services import SERVICES
from carnet_suite.gateway import Gateway

ADDRESSES = {name: f"http://{name}.test:8000" for name in SERVICES}


async def _echo(request: Request) -> Response:
    return JSONResponse(
        {
            "method": request.method,
            "host": request.url.hostname,
            "path": request.scope["raw_path"].decode(),
            "query": request.url.query,
            "headers": [list(pair) for pair in request.headers.items()],
            "body": (await request.body()).decode(),
        },
        status_code=202,
        headers={"ETag": '"7"', "Location": "/contracts/v1/contracts/1", "Connection": "x-hop", "X-Hop": "1"},
    )


class _Louder:
    """Answers each part of a body as it comes, in capitals."""

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        more = True
        while more:
            message = await receive()
            more = message.get("more_body", False)
            await send({"type": "http.response.body", "body": message["body"].upper(), "more_body": more})


class Broken(httpx.AsyncBaseTransport):
    def __init__(self, error: httpx.TransportError) -> None:
        self._error = error

    async def handle_async_request(self, _request: httpx.Request) -> httpx.Response:
        raise self._error


UPSTREAM = Starlette(
    routes=[
        Route("/v1/stream", _Louder(), methods=["POST"]),
        Route("/{path:path}", _echo, methods=["GET", "POST", "PUT", "DELETE"]),
    ]
)


@asynccontextmanager
async def front(transport: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[httpx.AsyncClient]:
    gateway = Gateway(ADDRESSES, transport or httpx.ASGITransport(UPSTREAM))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url="http://front.test") as client:
        yield client


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_answers_below_its_prefix(service: str) -> None:
    async with front() as client:
        seen = (await client.get(f"/{service}/v1/things/a%2Fb?name=D%C3%A9sir%C3%A9e&x=1&x=2")).json()
    assert seen["host"] == f"{service}.test"
    assert seen["path"] == "/v1/things/a%2Fb"
    assert seen["query"] == "name=D%C3%A9sir%C3%A9e&x=1&x=2"


async def test_the_method_the_body_and_the_headers_of_the_caller_arrive() -> None:
    sent = {"Authorization": "Bearer t", "Idempotency-Key": "k", "If-Match": '"3"', "traceparent": "00-a-b-01"}
    async with front() as client:
        seen = (await client.post("/contracts/v1/contracts", json={"a": 1}, headers=sent)).json()
    assert (seen["method"], seen["body"]) == ("POST", '{"a":1}')
    arrived = dict(seen["headers"])
    assert {name: arrived[name.lower()] for name in sent} == sent
    assert arrived["content-length"] == "7"
    assert "transfer-encoding" not in arrived


async def test_the_status_and_the_headers_of_the_service_come_back_and_those_of_the_connection_do_not() -> None:
    async with front() as client:
        answer = await client.put("/contracts/v1/x", json={})
    assert answer.status_code == 202
    assert answer.headers["etag"] == '"7"'
    assert answer.headers["location"] == "/contracts/v1/contracts/1"
    assert "connection" not in answer.headers
    assert "x-hop" not in answer.headers


async def test_headers_of_one_connection_are_not_passed_on_and_forwarding_is_told_anew() -> None:
    sent = {
        "Connection": "keep-alive, X-Private",
        "X-Private": "1",
        "Te": "trailers",
        "Upgrade": "h2c",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-For": "10.0.0.1",
    }
    async with front() as client:
        arrived = dict((await client.get("/catalog/v1/products", headers=sent)).json()["headers"])
    assert not arrived.keys() & {"x-private", "te", "upgrade", "x-forwarded-for"}
    assert arrived["x-forwarded-host"] == "front.test"
    assert arrived["host"] == "catalog.test:8000"


async def test_a_body_is_streamed_both_ways() -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"first "
        yield b"second"

    async with front() as client:
        answer = await client.post("/payments/v1/stream", content=parts())
    assert answer.text == "FIRST SECOND"


async def test_a_request_keeps_its_id_and_gets_one_where_it_has_none() -> None:
    async with front() as client:
        given = dict((await client.get("/credits/v1/x", headers={"X-Request-Id": "my-1"})).json()["headers"])
        made = dict((await client.get("/credits/v1/x")).json()["headers"])
        forged = dict((await client.get("/credits/v1/x", headers={"X-Request-Id": "a b\tc"})).json()["headers"])
    assert given["x-request-id"] == "my-1"
    assert len(made["x-request-id"]) == 36
    assert len(forged["x-request-id"]) == 36


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (httpx.ConnectError("refused"), 502, "service-unreachable"),
        (httpx.ConnectTimeout("slow"), 502, "service-unreachable"),
        (httpx.RemoteProtocolError("closed"), 502, "service-unreachable"),
        (httpx.ReadTimeout("slow"), 504, "service-slow"),
    ],
)
async def test_a_service_that_does_not_answer_is_a_problem_that_says_what_to_do(
    error: httpx.TransportError, status: int, slug: str
) -> None:
    async with front(Broken(error)) as client:
        answer = await client.post("/payments/v1/schedules", json={}, headers={"X-Request-Id": "r-1"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "2"
    problem = answer.json()
    assert problem["type"] == f"urn:carnet:problem:{slug}"
    assert problem["status"] == status
    assert problem["detail"].startswith("payments did not answer" if status == 504 else "payments does not answer")
    assert problem["request"] == answer.headers["x-request-id"] == "r-1"


@pytest.mark.parametrize("path", ["/unknown/v1/x", "/v1/contracts", "/contracts/metrics", "/contractsx"])
async def test_what_is_no_service_or_for_operators_only_is_not_there(path: str) -> None:
    async with front() as client:
        answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:carnet:problem:unknown-route"


async def test_the_start_page_links_the_documents_of_every_service() -> None:
    async with front() as client:
        page = await client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    for service in SERVICES:
        assert f'href="/{service}/docs"' in page.text
        assert f'href="/{service}/openapi.json"' in page.text


async def test_it_is_healthy_by_itself() -> None:
    async with front(Broken(httpx.ConnectError("refused"))) as client:
        assert (await client.get("/health/ready")).status_code == 200
        assert (await client.get("/health/live")).status_code == 200
