"""A whole API of the kit against a real MongoDB: a shelf of products is all it has."""

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import Response

from carnet.auth import Tokens
from carnet.decisions import Context, Decision, State
from carnet.events.catalog import Contact, ItemDetails, ProductChanged
from carnet.http import (
    Body,
    Call,
    Command,
    MoneyIn,
    Page,
    PageAsked,
    Reply,
    changes,
    create_api,
    reads,
    router,
)
from carnet.http.calls import Wiring
from carnet.http.problems import NOT_HERE_YET
from carnet.ids import Id, new_id
from carnet.journal import read as read_journal
from carnet.money import Money
from carnet.mongo import Collection, Database, Unit, transact
from carnet.organisations import ORGANISATIONS, Organisation, amount_in, organisation_of
from carnet.refusals import conflict
from carnet.settings import Settings
from carnet_suite.servers import Servers
from tests.callers import Signer, client_of, command
from tests.refused import old_id, problem

SCOPES = "shelf:read shelf:write"


class Thing(State):
    name: str
    price: int
    since: date


THINGS = Collection("things", Thing)


class ThingBody(Body):
    name: str
    price: MoneyIn
    since: date | None = None


class ThingView(BaseModel):
    id: str
    name: str
    price: Money
    since: date


def view(thing: Thing) -> ThingView:
    return ThingView(id=thing.id, name=thing.name, price=Money(amount=thing.price, currency="EUR"), since=thing.since)


def put_up(thing: Thing) -> Decision[Thing]:
    if thing.name == "lamp":
        raise conflict("no-lamps", "A lamp can't be put on the shelf. Choose another thing.", rule="CON-6", name="lamp")
    event = ProductChanged(
        product=thing.id, name=thing.name, status="draft", vat_rate=0, participant=False, details=ItemDetails()
    )
    return Decision(thing, (event,))


Reads = Annotated[Call, reads("shelf:read")]
Makes = Annotated[Command, changes("shelf:write")]
Edits = Annotated[Command, changes("shelf:write", if_match=True)]

routes = router(tags=["things"])


@routes.post("/things", status_code=201, response_model=ThingView)
async def make(body: ThingBody, command: Makes) -> Response:
    async def work(unit: Unit, context: Context) -> Reply:
        profile = await organisation_of(unit, command.organisation)
        price = amount_in(body.price, profile.currency)
        thing = Thing(
            id=context.new_id(),
            organisation=command.organisation,
            name=body.name,
            price=price,
            since=body.since or context.today,
        )
        saved = unit.decide(THINGS, put_up(thing), context)
        return Reply(view(saved), saved.version, f"/v1/things/{saved.id}")

    return await command.run(work, status=201, loads=())


@routes.post("/things/preview")
async def preview(body: ThingBody, call: Reads) -> ThingView:
    async def work(unit: Unit, context: Context) -> ThingView:
        thing = Thing(
            id=context.new_id(),
            organisation=call.organisation,
            name=body.name,
            price=body.price.amount,
            since=context.today,
        )
        return view(unit.decide(THINGS, put_up(thing), context))

    return await call.preview(work)


@routes.put("/things/{thing}", response_model=ThingView)
async def edit(thing: Id, body: ThingBody, command: Edits) -> Response:
    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(THINGS, thing, what="thing")
        command.must_match(before.version)
        after = before.model_copy(update={"name": body.name, "price": body.price.amount})
        saved = unit.decide(THINGS, put_up(after), context)
        return Reply(view(saved), saved.version)

    return await command.run(work, loads=[(THINGS, thing)])


@routes.get("/things/{thing}", response_model=ThingView)
async def show(thing: Id, call: Reads) -> Response:
    async def work(unit: Unit, _: Context) -> Thing:
        return await unit.one(THINGS, thing, what="thing")

    found = await call.preview(work)
    return call.show(view(found), version=found.version)


@routes.get("/things")
async def shelf(call: Reads, page: PageAsked, name: str | None = None) -> Page[ThingView]:
    query: dict[str, Any] = {"organisation": call.organisation}
    if name is not None:
        query["name"] = name
    if (after := page.after(str, str)) is not None:
        query["$or"] = [{"name": {"$gt": after[0]}}, {"name": after[0], "_id": {"$gt": after[1]}}]
    found = await call.database["things"].find(query).sort([("name", 1), ("_id", 1)]).limit(page.fetch).to_list(None)
    return page.of([THINGS.read(one) for one in found], place=lambda thing: (thing.name, thing.id), show=view)


@routes.get("/broken")
async def broken(call: Reads) -> ThingView:
    raise KeyError(f"Jean Dupont of {call.organisation}")


@dataclass(frozen=True)
class Shelf:
    client: httpx.AsyncClient
    signer: Signer
    organisation: str
    database: Database

    @property
    def staff(self) -> dict[str, str]:
        return self.signer.headers(self.organisation, SCOPES)

    async def make(self, name: str, key: str | None = None, amount: int = 100) -> httpx.Response:
        body = {"name": name, "price": {"amount": amount, "currency": "EUR"}}
        return await self.client.post("/v1/things", json=body, headers=command(self.staff, key=key))

    async def count(self) -> int:
        return await self.database["things"].count_documents({})


def api_of(mongo_url: str, namespace: str, signer: Signer, root_path: str = "") -> FastAPI:
    return create_api(
        settings=Settings(
            service="shelf",
            mongo_url=mongo_url,
            kafka_bootstrap="127.0.0.1:1",
            namespace=namespace,
            issuers=(signer.issuer,),
            root_path=root_path,
        ),
        title="Shelf",
        description="Things on a shelf.",
        routers=[routes],
        collections=[THINGS, ORGANISATIONS],
    )


async def keep_profile(database: Database, organisation: str, *, version: int = 1, clock_ahead: int = 0) -> None:
    profile = Organisation(
        id=organisation,
        organisation=organisation,
        version=version,
        clock_ahead=clock_ahead,
        name="School",
        currency="EUR",
        time_zone="Europe/Paris",
        languages=("fr",),
        contact=Contact(),
        support_email="help@example.org",
        mode="live",
    )

    async def keep(unit: Unit) -> None:
        unit.put(ORGANISATIONS, profile)

    await transact(database, keep)


@asynccontextmanager
async def shelf_of(app: FastAPI, signer: Signer) -> AsyncIterator[Shelf]:
    async with client_of(app) as client:
        shelf = Shelf(client, signer, new_id(), app.state.carnet.database)
        await keep_profile(shelf.database, shelf.organisation)
        yield shelf


@pytest.fixture
async def here(servers: Servers, namespace: str, tmp_path: Path) -> AsyncIterator[Shelf]:
    signer = Signer.make(tmp_path)
    async with shelf_of(api_of(servers.mongo_url, namespace, signer), signer) as shelf:
        yield shelf


async def test_a_command_answers_with_version_and_place(here: Shelf) -> None:
    made = await here.make("chair")
    assert made.status_code == 201
    assert made.headers["etag"] == '"1"'
    assert made.headers["location"] == f"/v1/things/{made.json()['id']}"
    shown = await here.client.get(made.headers["location"], headers=here.staff)
    assert shown.json() == made.json()
    assert shown.headers["etag"] == '"1"'


async def test_the_journal_knows_the_request_and_its_trace(here: Shelf) -> None:
    headers = command(here.staff) | {
        "X-Request-Id": "shop-17",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }
    body = {"name": "chair", "price": {"amount": 1, "currency": "EUR"}}
    made = await here.client.post("/v1/things", json=body, headers=headers)
    assert made.headers["x-request-id"] == "shop-17"
    (row,) = await read_journal(here.database, here.organisation, made.json()["id"])
    assert row["request"] == "shop-17"
    assert row["actor"] == "user:staff-1"
    traceparent = row["traceparent"] or ""
    assert traceparent.startswith("00-0af7651916cd43dd8448eb211c80319c-")
    assert "b7ad6b7169203331" not in traceparent


async def test_the_same_command_twice_is_applied_once(here: Shelf) -> None:
    first, second = await here.make("chair", key="k-1"), await here.make("chair", key="k-1")
    assert (first.status_code, first.json(), first.headers["etag"], first.headers["location"]) == (
        second.status_code,
        second.json(),
        second.headers["etag"],
        second.headers["location"],
    )
    assert await here.count() == 1


async def test_the_same_command_many_times_at_once_is_applied_once(here: Shelf) -> None:
    answers = await asyncio.gather(*(here.make("chair", key="k-1") for _ in range(12)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert await here.count() == 1


async def test_a_change_sent_twice_gets_its_answer_rather_than_a_stale_one(here: Shelf) -> None:
    made = await here.make("chair")
    body = {"name": "stool", "price": {"amount": 5, "currency": "EUR"}}
    headers = command(here.staff, key="k-2", version=1)
    first, second = [await here.client.put(made.headers["location"], json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert (second.status_code, second.headers["etag"], second.text) == (200, '"2"', first.text)


async def test_a_change_sent_again_at_any_moment_gets_its_answer(here: Shelf) -> None:
    made = await here.make("chair")
    place = made.headers["location"]

    async def put(version: int, delay: float) -> httpx.Response:
        await asyncio.sleep(delay)
        body = {"name": f"stool {version}", "price": {"amount": 5, "currency": "EUR"}}
        headers = command(here.staff, key=f"k-{version}", version=version)
        return await here.client.put(place, json=body, headers=headers)

    for version in range(1, 61):
        # Some find the change committed on the server and not yet by a majority: that moment is a few milliseconds.
        answers = await asyncio.gather(*(put(version, 0.002 * late) for late in range(8)))
        assert [(answer.status_code, answer.headers["etag"]) for answer in answers] == [(200, f'"{version + 1}"')] * 8


async def test_the_same_key_for_another_request_is_refused(here: Shelf) -> None:
    await here.make("chair", key="k-1")
    problem(await here.make("table", key="k-1"), 422, "idempotency-key-reused")
    assert await here.count() == 1


async def test_a_key_belongs_to_its_principal_and_organisation(here: Shelf) -> None:
    await here.make("chair", key="k-1")
    other = here.signer.headers(here.organisation, SCOPES, sub="staff-2")
    body = {"name": "chair", "price": {"amount": 100, "currency": "EUR"}}
    again = await here.client.post("/v1/things", json=body, headers=command(other, key="k-1"))
    assert again.status_code == 201
    assert await here.count() == 2


async def test_a_refusal_is_not_kept_under_the_key(here: Shelf) -> None:
    refused = problem(await here.make("lamp", key="k-1"), 409, "no-lamps")
    assert (refused["rule"], refused["params"]) == ("CON-6", {"name": "lamp"})
    assert (await here.make("chair", key="k-1")).status_code == 201


async def test_a_kept_answer_expires_after_a_day(here: Shelf) -> None:
    await here.make("chair")
    indexes = await here.database["idempotency"].index_information()
    assert indexes["expiry"]["expireAfterSeconds"] == 24 * 3600
    kept = await here.database["idempotency"].find_one({"at": {"$type": "date"}})
    assert kept is not None


@pytest.mark.parametrize(
    ("given", "slug"), [(None, "missing"), ("", "invalid"), ("é" * 3, "invalid"), ("k" * 201, "invalid")]
)
async def test_a_post_needs_a_key(here: Shelf, given: str | None, slug: str) -> None:
    headers = httpx.Headers(here.staff, encoding="utf-8")
    if given is not None:
        headers["Idempotency-Key"] = given
    body = {"name": "chair", "price": {"amount": 1, "currency": "EUR"}}
    answer = await here.client.post("/v1/things", json=body, headers=headers)
    problem(answer, 400, f"idempotency-key-{slug}")
    assert await here.count() == 0


@pytest.mark.parametrize(
    ("if_match", "status", "slug"),
    [
        (None, 428, "if-match-missing"),
        ("*", 400, "if-match-invalid"),
        ('W/"1"', 400, "if-match-invalid"),
        ("1", 400, "if-match-invalid"),
        ('"7"', 412, "version-moved"),
        ('"0"', 412, "version-moved"),
    ],
)
async def test_a_change_needs_the_newest_version(here: Shelf, if_match: str | None, status: int, slug: str) -> None:
    made = await here.make("chair")
    headers = dict(here.staff) if if_match is None else here.staff | {"If-Match": if_match}
    body = {"name": "stool", "price": {"amount": 5, "currency": "EUR"}}
    problem(await here.client.put(made.headers["location"], json=body, headers=headers), status, slug)
    shown = await here.client.get(made.headers["location"], headers=here.staff)
    assert shown.json()["name"] == "chair"


async def test_of_changes_at_once_on_one_version_one_is_accepted(here: Shelf) -> None:
    made = await here.make("chair")
    body = {"name": "stool", "price": {"amount": 5, "currency": "EUR"}}
    answers = await asyncio.gather(
        *(
            here.client.put(made.headers["location"], json=body, headers=command(here.staff, version=1))
            for _ in range(6)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]


async def test_a_preview_saves_nothing(here: Shelf) -> None:
    body = {"name": "chair", "price": {"amount": 1, "currency": "EUR"}}
    answer = await here.client.post("/v1/things/preview", json=body, headers=here.staff)
    assert (answer.status_code, answer.json()["name"]) == (200, "chair")
    assert await here.count() == 0
    assert await here.database["journal"].count_documents({}) == 0


async def test_a_foreign_thing_answers_as_an_unknown_one(here: Shelf) -> None:
    made = await here.make("chair")
    other = new_id()
    stranger = here.signer.headers(other, SCOPES)
    problem(await here.client.get(made.headers["location"], headers=stranger), 409, "organisation-not-known")
    await keep_profile(here.database, other)
    foreign = await here.client.get(made.headers["location"], headers=stranger)
    unknown = await here.client.get(f"/v1/things/{new_id()}", headers=stranger)
    assert problem(foreign, 404, "unknown-thing")["rule"] == problem(unknown, 404, "unknown-thing")["rule"] == "ORG-1"
    assert of_any_id(foreign) == of_any_id(unknown)


async def test_a_young_id_may_not_have_arrived_yet_and_an_old_one_is_unknown(here: Shelf) -> None:
    young, old = new_id(), old_id()
    answer = await here.client.get(f"/v1/things/{young}", headers=here.staff)
    assert answer.headers["retry-after"] == "1"
    told = answer.json()
    assert (answer.status_code, told["type"]) == (404, f"urn:carnet:problem:{NOT_HERE_YET}")
    assert told["params"] == {"what": "thing", "id": young}
    assert "may not have arrived" in told["detail"]

    answer = await here.client.get(f"/v1/things/{old}", headers=here.staff)
    assert "retry-after" not in answer.headers
    told = answer.json()
    assert (answer.status_code, told["type"]) == (404, "urn:carnet:problem:unknown-thing")
    assert told["params"] == {"what": "thing", "id": old}


async def test_org_1_a_foreign_thing_answers_as_an_unknown_one_at_any_age(here: Shelf) -> None:
    old = old_id()
    thing = Thing(id=old, organisation=here.organisation, name="chair", price=1, since=date(2027, 1, 1))
    await here.database["things"].insert_one(THINGS.write(thing))
    assert (await here.client.get(f"/v1/things/{old}", headers=here.staff)).status_code == 200
    other = new_id()
    await keep_profile(here.database, other)
    stranger = here.signer.headers(other, SCOPES)
    foreign = await here.client.get(f"/v1/things/{old}", headers=stranger)
    unknown = await here.client.get(f"/v1/things/{old_id()}", headers=stranger)
    assert foreign.json()["type"] == "urn:carnet:problem:unknown-thing"
    assert of_any_id(foreign) == of_any_id(unknown)


def of_any_id(answer: httpx.Response) -> tuple[int, dict[str, str], str]:
    """What an answer says, but for the ids of the request and of the thing."""
    document = answer.json()
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return (
        answer.status_code,
        headers,
        answer.text.replace(document["params"]["id"], "").replace(document["request"], ""),
    )


async def test_every_answer_shows_the_day_of_the_organisation(here: Shelf) -> None:
    asked = await here.client.get("/v1/today", headers=here.signer.headers(here.organisation, ""))
    assert asked.status_code == 200, asked.text
    shown = asked.json()
    today = shown["today"]
    assert datetime.fromisoformat(shown["now"]).astimezone(ZoneInfo("Europe/Paris")).date().isoformat() == today
    assert (shown["time_zone"], shown["clock_ahead"], shown["version"]) == ("Europe/Paris", 0, 1)
    made = await here.make("chair")
    answers = (
        asked,
        made,
        await here.client.get(made.headers["location"], headers=here.staff),
        await here.client.get("/v1/things", headers=here.staff),
        await here.make("lamp"),
        await here.client.get(f"/v1/things/{old_id()}", headers=here.staff),
        await here.client.get("/v1/broken", headers=here.staff),
    )
    assert [answer.status_code for answer in answers] == [200, 201, 200, 200, 409, 404, 500]
    assert {answer.headers["carnet-today"] for answer in answers} == {today}
    assert all("carnet-generation" not in answer.headers for answer in answers)


async def test_after_a_restore_every_answer_says_to_which_generation_its_versions_belong(
    here: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(here.database, "generation", 7)
    answers = [
        await here.make("chair"),
        await here.client.get("/v1/things", headers=here.staff),
        await here.client.get(f"/v1/things/{old_id()}", headers=here.staff),
    ]
    assert [answer.headers["carnet-generation"] for answer in answers] == ["7"] * 3


async def test_org_5_a_moved_clock_is_seen_with_the_version_that_moved_it(here: Shelf) -> None:
    before = (await here.client.get("/v1/today", headers=here.staff)).json()
    await keep_profile(here.database, here.organisation, version=2, clock_ahead=40 * 86_400)
    moved = await here.client.get("/v1/today", headers=here.staff)
    assert (moved.json()["version"], moved.json()["clock_ahead"]) == (2, 40 * 86_400)
    days = date.fromisoformat(moved.json()["today"]) - date.fromisoformat(before["today"])
    assert days in (timedelta(days=40), timedelta(days=41))
    made = await here.make("chair")
    assert made.headers["carnet-today"] == made.json()["since"] == moved.json()["today"]


async def test_an_organisation_that_is_not_known_yet_has_no_day(here: Shelf) -> None:
    nobody = here.signer.headers(new_id(), SCOPES)
    answer = await here.client.get("/v1/today", headers=nobody)
    problem(answer, 409, "organisation-not-known")
    assert "carnet-today" not in answer.headers
    problem(await here.client.get("/v1/today"), 401, "token-missing")


async def test_another_currency_is_refused(here: Shelf) -> None:
    body = {"name": "chair", "price": {"amount": 1, "currency": "USD"}}
    problem(await here.client.post("/v1/things", json=body, headers=command(here.staff)), 422, "other-currency")


async def test_pages_follow_one_another_and_end(here: Shelf) -> None:
    for name in ("d", "a", "c", "b", "c"):
        await here.make(name)
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await here.client.get("/v1/things", params=query, headers=here.staff)).json()
        seen += [item["name"] for item in page["items"]]
        cursor = page["next"]
    assert (seen, cursor) == (["a", "b", "c", "c", "d"], None)


async def test_a_cursor_of_other_filters_is_refused(here: Shelf) -> None:
    for _ in range(3):
        await here.make("a")
    page = (await here.client.get("/v1/things?limit=1&name=a", headers=here.staff)).json()
    good = await here.client.get(f"/v1/things?limit=2&name=a&cursor={page['next']}", headers=here.staff)
    assert len(good.json()["items"]) == 2
    other = await here.client.get(f"/v1/things?limit=1&name=b&cursor={page['next']}", headers=here.staff)
    problem(other, 422, "cursor-invalid")


async def test_a_cursor_names_nobody_and_serves_every_process_of_the_service(
    here: Shelf, servers: Servers, namespace: str
) -> None:
    for name in ("a", "Dupont", "z"):
        await here.make(name)
    page = (await here.client.get("/v1/things?limit=2", headers=here.staff)).json()
    assert b"Dupont" not in urlsafe_b64decode(page["next"] + "==")
    async with client_of(api_of(servers.mongo_url, namespace, here.signer)) as client:
        rest = await client.get("/v1/things", params={"cursor": page["next"]}, headers=here.staff)
        assert [item["name"] for item in rest.json()["items"]] == ["z"]


async def test_a_fault_says_nothing_but_its_id(here: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    answer = await here.client.get("/v1/broken", headers=here.staff)
    problem(answer, 500, "unexpected")
    assert "Dupont" not in answer.text
    assert "KeyError" not in answer.text


async def test_health_metrics_and_documents(here: Shelf) -> None:
    assert (await here.client.get("/health/live")).json() == {"status": "ok"}
    assert (await here.client.get("/health/ready")).json() == {"status": "ok"}
    await here.make("chair")
    metrics = (await here.client.get("/metrics")).text
    assert 'carnet_http_requests_total{method="POST",route="/v1/things",service="shelf",status="201"}' in metrics
    assert (await here.client.get("/docs")).status_code == 200


async def test_without_storage_nothing_is_applied_and_the_caller_may_try_again(tmp_path: Path) -> None:
    signer = Signer.make(tmp_path)
    app = api_of("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200", "gone", signer)
    database = Database.open("mongodb://127.0.0.1:1", "gone")
    app.state.carnet = Wiring(database, Tokens([signer.issuer]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://carnet.test") as client:
        headers = signer.headers(new_id(), SCOPES)
        body = {"name": "chair", "price": {"amount": 1, "currency": "EUR"}}
        answer = await client.post("/v1/things", json=body, headers=command(headers))
        problem(answer, 503, "storage-unavailable")
        assert answer.headers["retry-after"] == "2"
        ready = await client.get("/health/ready")
        assert ready.status_code == 503
        assert (await client.get("/health/live")).status_code == 200
    database.close()


async def test_behind_a_gateway_addresses_bear_its_prefix(servers: Servers, namespace: str, tmp_path: Path) -> None:
    signer = Signer.make(tmp_path)
    async with shelf_of(api_of(servers.mongo_url, namespace, signer, root_path="/shelf"), signer) as here:
        made = await here.make("chair")
        assert made.headers["location"].startswith("/shelf/v1/things/")
        assert "/shelf/openapi.json" in (await here.client.get("/docs")).text
        document = orjson.loads((await here.client.get("/openapi.json")).content)
        assert document["servers"] == [{"url": "/shelf"}]
