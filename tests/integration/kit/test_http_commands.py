"""Commands of a whole API on a real MongoDB: keys, versions, what is sent again."""

import asyncio

import httpx
import pytest

from carnet.journal import read as read_journal
from tests.callers import command
from tests.integration.kit.shelf import SCOPES, Shelf
from tests.refused import problem


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
