"""A whole API of the kit on a real MongoDB: whose things it shows, days, pages, faults, documents."""

from base64 import urlsafe_b64decode
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest

from carnet.auth import Tokens
from carnet.http.calls import Wiring
from carnet.http.problems import NOT_HERE_YET
from carnet.ids import new_id
from carnet.mongo import Database
from carnet_suite.servers import Servers
from tests.callers import Signer, client_of, command
from tests.integration.kit.shelf import SCOPES, THINGS, Shelf, Thing, api_of, keep_profile, shelf_of
from tests.refused import old_id, problem


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
    refused = answer.json()
    assert (answer.status_code, refused["type"]) == (404, f"urn:carnet:problem:{NOT_HERE_YET}")
    assert refused["params"] == {"what": "thing", "id": young}
    assert "may not have arrived" in refused["detail"]

    answer = await here.client.get(f"/v1/things/{old}", headers=here.staff)
    assert "retry-after" not in answer.headers
    refused = answer.json()
    assert (answer.status_code, refused["type"]) == (404, "urn:carnet:problem:unknown-thing")
    assert refused["params"] == {"what": "thing", "id": old}


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
