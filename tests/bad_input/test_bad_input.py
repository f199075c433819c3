"""Bad input for every route of every service: refused with the reason, and nothing changed.

The routes come from the OpenAPI documents: a new one without a case fails here. The APIs run in this process, on
servers in memory; `--real` sends the same to a running suite.
"""

import asyncio
import functools
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import httpx
import jwt
import orjson
import pytest

from carnet.ids import new_id
from carnet_operations.documents.refused import problems
from carnet_operations.services import SERVICES
from tests.bad_input import (  # noqa: F401 # register their cases
    access,
    banking,
    books,
    bulk_credits,
    catalog,
    contracts,
    credits,
    debits,
    exports,
    imports,
    invoices,
    mails,
    packs,
    prices,
    reminders,
    schedules,
    scholarships,
)
from tests.bad_input.cases import CASES, Right
from tests.bad_input.places import ALL_SCOPES, Place, in_memory, on_the_real_one, place_in
from tests.bad_input.routes import Route
from tests.bad_input.wrongs import Wrong, wrong_addresses, wrong_bodies, wrong_headers, wrong_queries
from tests.e2e.conftest import started

Headers = Mapping[str, str | None]
"""Headers to send; none leaves one out."""

NOTHING_WRONG = Wrong("nothing", frozenset())

AT_ONCE = 12
"""How many wrong requests are under way side by side."""


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("bad")
    if request.config.getoption("--real"):
        with started(request.getfixturevalue("servers"), folder) as running, on_the_real_one(running) as ground:
            yield ground.run(place_in(ground))
    else:
        with in_memory(folder) as ground:
            yield ground.run(place_in(ground))


async def ask(
    place: Place, route: Route, right: Right, wrong: Wrong = NOTHING_WRONG, headers: Headers | None = None
) -> httpx.Response:
    """Send the right request, but for what is wrong with it and for these headers."""
    path = route.path.format(**{**right.path, **wrong.path})
    sent: dict[str, str | None] = {"Authorization": f"Bearer {place.signed(ALL_SCOPES)}"}
    if route.keyed:
        sent["Idempotency-Key"] = new_id()
    if right.version is not None and route.matched:
        sent["If-Match"] = f'"{right.version}"'
    content = wrong.content
    if content is None and right.body is not None:
        content = orjson.dumps(right.body)
    if content is not None:
        sent["Content-Type"] = "application/json"
    sent |= {**wrong.headers, **(headers or {})}
    return await place.ground.client.request(
        route.method,
        f"/{route.service}{path}",
        params=wrong.query or None,
        content=content,
        headers={name: value for name, value in sent.items() if value is not None},
    )


@functools.cache
def described() -> frozenset[str]:
    """The types of problems that the documents and the front's page describe: read from all sources."""
    return frozenset(problem.slug for problem in problems(tuple(SERVICES)))


def problem(answer: httpx.Response, wrong: Wrong) -> None:
    """It is refused by one of the expected statuses, in a problem document that says what to do."""
    assert answer.status_code in wrong.statuses, (wrong.name, answer.status_code, answer.text[:500])
    assert answer.headers["content-type"] == "application/problem+json", wrong.name
    document = answer.json()
    assert document["status"] == answer.status_code
    slug = document["type"].removeprefix("urn:carnet:problem:")
    assert slug in described(), f"the page to which {document['help']} leads does not describe it"
    assert document["help"] == f"/problems#{slug}"
    assert document["title"]
    assert document["detail"].endswith("."), document["detail"]
    assert len(document["detail"]) > 20
    assert "Traceback" not in answer.text
    if wrong.slug is not None:
        assert document["type"] == f"urn:carnet:problem:{wrong.slug}", (wrong.name, document)
    if wrong.names is not None:
        assert any(wrong.names in error["field"] for error in document["errors"]), (wrong.name, document)


def wrong_callers(place: Place, route: Route) -> Iterator[tuple[Wrong, str | None]]:
    """Callers who may not: the problem of each, and what they send as Authorization."""
    scope = " ".join(sorted(route.scopes))
    unsigned = jwt.encode(place.claims(scope), "", algorithm="none")
    by_text = jwt.encode(place.claims(scope), "a secret that anybody may know, of some length", algorithm="HS256")
    forged = place.signed(scope).rpartition(".")[0] + ".AAAA"
    account = place.foreign["account"]
    refused = frozenset({401})
    for name, slug, token in (
        ("expired", "token-expired", place.signed(scope, exp=int(time.time()) - 60)),
        ("for another audience", "token-audience", place.signed(scope, aud="elsewhere")),
        ("of another issuer", "token-unknown-issuer", place.signed(scope, iss="elsewhere")),
        ("unsigned", "token-algorithm", unsigned),
        ("signed with a text", "token-algorithm", by_text),
        ("forged", "token-signature", forged),
        ("for no organisation", "token-claims", place.signed(scope, org="x")),
        ("nonsense", "token-malformed", "nonsense"),
    ):
        yield Wrong(f"token {name}", refused, slug), f"Bearer {token}"
    yield Wrong("no token", refused, "token-missing"), None
    yield Wrong("another way", refused, "token-missing"), "Basic c3RhZmY6c2VjcmV0"
    if route.scopes:
        others = " ".join({"catalog:read", "contracts:read", "payments:correct"} - route.scopes)
        yield Wrong("without the scope", frozenset({403}), "scope-missing"), f"Bearer {place.signed(others)}"
    if not CASES[route.name].clients:
        client = place.signed(scope, kind="client", account=account)
        # Where an unknown contract may be one not known yet, another account's must look no different (ORG-2).
        unseen = frozenset({409}) if CASES[route.name].behind else frozenset({403, 404})
        yield Wrong("a client of another account", unseen), f"Bearer {client}"


COLLECTS = "POST /payments/v1/collections"
"""Comes last: from then on a real run collects what is due in the school, beside whatever is asked."""


@pytest.mark.parametrize("name", sorted(CASES, key=lambda name: (name == COLLECTS, name)))
def test_a_route_refuses_what_is_wrong_and_changes_nothing(place: Place, name: str) -> None:
    place.ground.run(refused(place, name))


async def refused(place: Place, name: str) -> None:
    route = place.routes[name]
    right = await CASES[name].make(place.school)
    await place.ground.quiet()
    before = await place.ground.saved()

    for wrong, authorization in wrong_callers(place, route):
        answer = await ask(place, route, right, headers={"Authorization": authorization})
        problem(answer, wrong)
        assert ("www-authenticate" in answer.headers) == (answer.status_code == 401), wrong.name
    wrongs = [
        *wrong_headers(route, right),
        *wrong_addresses(route, place.foreign),
        *wrong_queries(route),
        *wrong_bodies(route, right, place.foreign),
    ]
    for some in batched(wrongs, AT_ONCE):
        answers = await asyncio.gather(*(ask(place, route, right, wrong) for wrong in some))
        for wrong, answer in zip(some, answers, strict=True):
            problem(answer, wrong)
    assert await place.ground.saved() == before, "a refused request has changed something"

    await accepted(place, route, right)


def batched(wrongs: Sequence[Wrong], size: int) -> Iterator[Sequence[Wrong]]:
    for first in range(0, len(wrongs), size):
        yield wrongs[first : first + size]


async def accepted(place: Place, route: Route, right: Right) -> None:
    """The right request is right indeed; sent again under its key it changes nothing, another one is refused."""
    key = new_id() if route.keyed else None
    done = await ask(place, route, right, headers={"Idempotency-Key": key})
    assert done.is_success, done.text
    if not (route.keyed and route.method == "POST"):
        return
    await place.ground.quiet()
    if route.name == COLLECTS:
        await place.ground.still()
    if done.status_code == 202:  # another service had not answered yet; by now it has, and the same key finds that
        done = await ask(place, route, right, headers={"Idempotency-Key": key})
    before = await place.ground.saved()
    again = await ask(place, route, right, headers={"Idempotency-Key": key})
    assert (again.status_code, again.content) == (done.status_code, done.content)
    reused = Wrong("the same key for another request", frozenset({422}), "idempotency-key-reused")
    if right.body is None:
        moved = {"Idempotency-Key": key, "If-Match": f'"{(right.version or 0) + 7}"'}
        other = await ask(place, route, right, headers=moved)
    else:
        changed = Right(right.path, another(right.body), right.version)
        other = await ask(place, route, changed, headers={"Idempotency-Key": key})
    problem(other, reused)
    assert await place.ground.saved() == before, "a repeated request has changed something"


def another(body: dict[str, Any]) -> dict[str, Any]:
    """The same request with a field less of those that it may lack, or its fields the other way round."""
    for name in ("tags", "discounts", "notes", "description", "instalment"):
        if name in body:
            return {key: value for key, value in body.items() if key != name}
    return dict(reversed(body.items())) if len(body) > 1 else {**body, **_other_values(body)}


def _other_values(body: dict[str, Any]) -> dict[str, Any]:
    [(name, value)] = body.items()
    if isinstance(value, int):
        return {name: value + 1}
    if isinstance(value, list | dict):
        return {name: [*value, *value] if isinstance(value, list) else dict(reversed(value.items()))}
    if name in ("collect_on", "on", "until"):
        return {name: (date.fromisoformat(value) + timedelta(days=1)).isoformat()}
    if value == "insufficient_funds":
        return {name: "account_closed"}
    if name in ("reason", "text"):
        return {name: f"{value} Or nearly."}
    return {name: new_id()} if name == "member" else {name: value.replace("Z", "+00:00")}


def test_every_route_has_a_case(place: Place) -> None:
    assert set(place.routes) == set(CASES)
    webhooks = "POST /payments/v1/providers/{provider}/webhooks"
    papers = {f"GET /{service}/v1/papers/{{link}}" for service in ("credits", "payments")}
    reminded = {f"{method} /payments/v1/reminder-links/{{link}}" for method in ("GET", "POST")}
    reminded |= {f"{method} /payments/v1/mandate-links/{{link}}" for method in ("GET", "POST")}
    reminded |= {"GET /payments/v1/late-links/{link}", "GET /credits/v1/pack-reminder-links/{link}"}
    assert set(place.open_routes) == {webhooks, *papers, *reminded}, (
        "the provider by its signature, and anyone who has a link"
    )


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_no_route_is_answered_by_a_problem(place: Place, service: str) -> None:
    place.ground.run(no_route(place, service))


async def no_route(place: Place, service: str) -> None:
    headers = {"Authorization": f"Bearer {place.signed('catalog:read')}"}
    nowhere = await place.ground.client.get(f"/{service}/v1/nowhere", headers=headers)
    problem(nowhere, Wrong("no such address", frozenset({404})))
    route = next(route for route in place.routes.values() if route.service == service)
    path = route.path.format(**dict.fromkeys(route.parameters("path"), new_id()))
    other = await place.ground.client.request("TRACE", f"/{service}{path}", headers=headers)
    problem(other, Wrong("no such method", frozenset({405})))
