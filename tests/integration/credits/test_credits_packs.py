"""Session packs on a real database: issued once in any order of topics, edited, removed with their lines (CRE-10)."""

import asyncio
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from carnet.events.catalog import SessionPackDetails
from carnet.ids import new_id
from carnet.journal import SLOTS
from carnet.links import Paper
from credits.packs.run import PackReminding
from tests.callers import Signer
from tests.integration.credits.conftest import Books, profile
from tests.integration.credits.story import CREDIT, DAY, PACK, Story
from tests.links import LINKS

LATER = DAY + timedelta(days=60)
EVERY_SLOT = frozenset(range(SLOTS))


@pytest.mark.parametrize("first", ["contracts", "payments"])
async def test_both_orders_of_the_two_topics_issue_the_same_pack(books: Books, story: Story, first: str) -> None:
    line = new_id()
    published, paid = [*story.opened((line, PACK)), story.expiry_edited(line, LATER), *story.changed()], [story.paid()]
    for batch in (published, paid, published, paid) if first == "contracts" else (paid, published, paid, published):
        await books.handles(*batch)
    pack = await books.pack(line)
    assert (pack.standing, pack.left, pack.expires_on, pack.account) == ("issued", 3, LATER, story.account)
    assert await books.names_published(line) == ["PackIssued"]
    assert await books.sessions(line) == [3]


async def test_cre_10_one_that_is_usable_at_once_is_there_with_its_line(books: Books, story: Story) -> None:
    line = new_id()
    await books.handles(*story.opened((line, SessionPackDetails(usable="at_once"))))
    pack = await books.pack(line)
    assert (pack.standing, pack.left, pack.issued_on) == ("issued", None, DAY)


async def test_con_11_a_last_day_that_staff_edits_reaches_the_pack(books: Books, story: Story) -> None:
    (pack,) = await books.bought(story, new_id())
    edited = story.expiry_edited(pack.id, LATER)
    await books.handles(edited, edited)
    await books.handles(edited)
    assert (await books.pack(pack.id)).expires_on == LATER
    assert await books.names_published(pack.id) == ["PackIssued", "PackExpiryChanged"]


async def test_con_8_credits_and_packs_of_a_change_are_removed_together(books: Books, story: Story) -> None:
    credit, pack = new_id(), new_id()
    await books.handles(*story.opened((credit, CREDIT), (pack, PACK)))
    await books.handles(story.paid())
    asked = story.removal_requested(credit, pack)
    await books.handles(asked, asked)
    await books.handles(*story.changed(cancel=(credit, pack)))
    assert await books.names_published(pack) == ["PackIssued", "PackRemoved"]
    assert await books.names_published(credit) == ["CreditGranted", "CreditRemoved"]
    assert await books.sessions(pack) == [3, -3]


async def test_con_8_one_that_is_not_paid_yet_is_removed_before_it_exists(books: Books, story: Story) -> None:
    pack = new_id()
    await books.handles(*story.opened((pack, PACK)), story.removal_requested(pack))
    await books.handles(story.paid())
    assert await books.names_published(pack) == ["PackRemoved"]
    assert await books.sessions(pack) == []


# Over HTTP


@pytest.fixture
async def staff(books: Books, story: Story, signer: Signer) -> dict[str, str]:
    await books.handles(profile(books.organisation))
    await books.handles(story.account_changed())
    return signer.headers(books.organisation, "credits:read credits:adjust")


async def test_con_12_what_was_sold_by_mistake_is_in_no_list_of_a_client(
    client: httpx.AsyncClient, books: Books, story: Story, staff: dict[str, str]
) -> None:
    credit, pack, kept = new_id(), new_id(), new_id()
    await books.handles(*story.opened((credit, CREDIT), (pack, PACK), (kept, PACK)))
    await books.handles(story.paid())
    await books.handles(story.removal_requested(credit, pack))
    await books.handles(*story.changed(cancel=(credit, pack)))
    holdings, credits_ = f"/v1/accounts/{story.account}/holdings", f"/v1/accounts/{story.account}/credits"
    assert len((await client.get(holdings, headers=staff)).json()["items"]) == 3
    deleted = [story.deleted(credit, "client_credit"), story.deleted(pack, "session_pack")]
    await books.handles(*deleted, *deleted)
    assert [each["pack"]["line"] for each in (await client.get(holdings, headers=staff)).json()["items"]] == [kept]
    assert (await client.get(credits_, headers=staff)).json()["items"] == []
    assert (await client.get(f"/v1/session-packs/{pack}", headers=staff)).json()["standing"] == "removed"


async def test_cre_8_a_pack_is_in_the_list_of_the_family_and_says_since_when_it_is_suspended(
    client: httpx.AsyncClient, books: Books, story: Story, staff: dict[str, str], signer: Signer
) -> None:
    (pack,) = await books.bought(story, new_id())
    await books.handles(story.reopened())
    (held,) = (await client.get(f"/v1/accounts/{story.account}/holdings", headers=staff)).json()["items"]
    shown = await client.get(f"/v1/session-packs/{pack.id}", headers=staff)
    assert (held["kind"], held["pack"], held["credit"]) == ("pack", shown.json(), None)
    assert (shown.json()["left"], shown.json()["suspended_since"]) == (3, DAY.isoformat())
    entries = (await client.get(f"/v1/session-packs/{pack.id}/entries", headers=staff)).json()["items"]
    assert [(each["kind"], each["sessions"]) for each in entries] == [("issued", 3)]
    other = signer.headers(books.organisation, "credits:read", kind="client", sub="d", account=new_id())
    owner = signer.headers(books.organisation, "credits:read", kind="client", sub="c", account=story.account)
    for path in (f"/v1/session-packs/{pack.id}", f"/v1/session-packs/{pack.id}/entries"):
        assert (await client.get(path, headers=other)).status_code == 404
        assert (await client.get(path, headers=owner)).status_code == 200


@pytest.fixture
def door(staff: dict[str, str], books: Books, signer: Signer) -> dict[str, str]:
    assert staff
    return signer.headers(books.organisation, "credits:read credits:use")


async def take(client: httpx.AsyncClient, story: Story, headers: dict[str, str], **body: Any) -> httpx.Response:
    path, key = f"/v1/accounts/{story.account}/session-uses", body.pop("key", new_id())
    json = {"member": story.owner, "on": DAY.isoformat(), **body}
    return await client.post(path, json=json, headers={"Idempotency-Key": key, **headers})


async def test_cre_10_of_many_doors_at_the_same_instant_each_session_is_taken_once(
    client: httpx.AsyncClient, books: Books, story: Story, staff: dict[str, str], door: dict[str, str]
) -> None:
    (pack,) = await books.bought(story, new_id())
    answers = await asyncio.gather(*(take(client, story, door) for _ in range(8)))
    assert sorted(each.status_code for each in answers) == [201] * 3 + [409] * 5
    assert {each.json()["type"] for each in answers if each.status_code == 409} == {"urn:carnet:problem:no-pack-serves"}
    assert (await books.pack(pack.id)).left == 0
    assert await books.sessions(pack.id) == [3, -1, -1, -1]
    assert await books.names_published(pack.id) == ["PackIssued", *["SessionUsed"] * 3]


async def test_cre_10_the_same_key_takes_one_session_and_its_use_is_given_back_once(
    client: httpx.AsyncClient, books: Books, story: Story, staff: dict[str, str], door: dict[str, str]
) -> None:
    first_use = SessionPackDetails(sessions=3, days=10, starts="first_use")
    (pack,) = await books.bought(story, new_id(), details=first_use)
    key, on = new_id(), (DAY + timedelta(days=4000)).isoformat()
    one, again = [await take(client, story, door, key=key, on=on) for _ in range(2)]
    assert (one.status_code, one.json()) == (again.status_code, again.json())
    taken = one.json()
    assert (taken["pack"]["left"], taken["pack"]["started_on"], taken["use"]["on"]) == (2, on, on)
    path = f"/v1/session-uses/{taken['use']['id']}/cancellation"
    back = await client.post(path, headers={"Idempotency-Key": new_id(), **door})
    assert (back.status_code, back.json()["pack"]["left"], back.json()["pack"]["expires_on"]) == (200, 3, None)
    twice = await client.post(path, headers={"Idempotency-Key": new_id(), **door})
    assert twice.json()["type"] == "urn:carnet:problem:use-cancelled"
    assert await books.names_published(pack.id) == ["PackIssued", "SessionUsed", "SessionRestored"]
    uses = (await client.get(f"/v1/accounts/{story.account}/session-uses", headers=door)).json()["items"]
    assert [(each["id"], each["cancelled_on"] is None) for each in uses] == [(taken["use"]["id"], False)]


async def test_con_8_a_used_pack_goes_with_a_fee_only_and_then_serves_nobody(
    client: httpx.AsyncClient, books: Books, story: Story, staff: dict[str, str], door: dict[str, str]
) -> None:
    (pack,) = await books.bought(story, new_id())
    use = (await take(client, story, door)).json()["use"]
    request = new_id()
    await books.handles(story.removal_requested(pack.id, request=request))
    assert await books.names_published(request) == ["PackRemovalRefused"]
    await books.handles(story.removal_requested(pack.id, with_fee=True))
    assert (await books.names_published(pack.id))[-1] == "PackRemoved"
    assert await books.sessions(pack.id) == [3, -1, -2]
    assert (await take(client, story, door)).json()["type"] == "urn:carnet:problem:no-pack-serves"
    named = await take(client, story, door, pack=pack.id)
    assert named.json()["type"] == "urn:carnet:problem:pack-removed"
    path = f"/v1/session-uses/{use['id']}/cancellation"
    refused = await client.post(path, headers={"Idempotency-Key": new_id(), **door})
    assert refused.json()["type"] == "urn:carnet:problem:pack-removed"


async def test_con_14_passes_are_gone_at_zero_and_while_suspended_they_serve_nobody(
    client: httpx.AsyncClient, books: Books, story: Story, staff: dict[str, str], door: dict[str, str]
) -> None:
    single = SessionPackDetails(sessions=1)
    await books.bought(story, new_id(), details=single)
    path = f"/v1/accounts/{story.account}/session-packs"
    assert len((await client.get(path, headers=door)).json()["items"]) == 1
    await books.handles(story.reopened())
    assert (await take(client, story, door)).json()["params"]["packs"][0]["why"] == "suspended"
    await books.handles(story.paid())
    assert (await take(client, story, door)).status_code == 201
    assert (await client.get(path, headers=door)).json()["items"] == []


async def test_cre_10_staff_adjusts_with_a_reason_that_is_erased_with_the_people(
    client: httpx.AsyncClient, books: Books, story: Story, staff: dict[str, str], door: dict[str, str]
) -> None:
    (pack,) = await books.bought(story, new_id())
    path = f"/v1/session-packs/{pack.id}/adjustments"
    body = {"sessions": -1, "reason": "Came twice"}
    adjusted = await client.post(path, json=body, headers={"Idempotency-Key": new_id(), "If-Match": '"1"', **staff})
    assert (adjusted.status_code, adjusted.json()["left"]) == (200, 2)
    for status, headers in ((412, {"If-Match": '"1"', **staff}), (403, {"If-Match": '"2"', **door})):
        answer = await client.post(path, json=body, headers={"Idempotency-Key": new_id(), **headers})
        assert answer.status_code == status
    entries = f"/v1/session-packs/{pack.id}/entries"
    assert (await client.get(entries, headers=staff)).json()["items"][-1]["note"] == "Came twice"
    await books.handles(story.account_changed(2, erased=1))
    assert (await client.get(entries, headers=staff)).json()["items"][-1]["note"] is None


async def test_org_1_a_foreign_pack_and_somebody_else_are_refused_like_unknown_ones(
    client: httpx.AsyncClient, books: Books, story: Story, door: dict[str, str], signer: Signer
) -> None:
    await books.bought(story, new_id())
    use = (await take(client, story, door)).json()["use"]
    unknown = await take(client, story, door, pack="01900000-0000-7000-8000-000000000001")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:carnet:problem:unknown-pack")
    stranger = await take(client, story, door, member=new_id())
    assert (stranger.status_code, stranger.json()["type"]) == (422, "urn:carnet:problem:member-not-of-account")
    elsewhere = new_id()
    await books.handles(profile(elsewhere))
    foreign = signer.headers(elsewhere, "credits:read credits:use")
    assert (await take(client, story, foreign)).status_code == 404
    path = f"/v1/session-uses/{use['id']}/cancellation"
    answer = await client.post(path, headers={"Idempotency-Key": new_id(), **foreign})
    assert answer.status_code == 404


# For an occurrence, and reminders


async def test_cre_10_a_session_is_taken_once_for_each_member_and_occurrence_by_its_day(
    client: httpx.AsyncClient, books: Books, story: Story, staff: dict[str, str], door: dict[str, str]
) -> None:
    await books.bought(story, new_id())
    occurrence, other = new_id(), new_id()
    without = await client.post(
        f"/v1/accounts/{story.account}/session-uses",
        json={"member": story.owner, "occurrence": occurrence},
        headers={"Idempotency-Key": new_id(), **door},
    )
    assert without.status_code == 422
    answers = await asyncio.gather(*(take(client, story, door, occurrence=occurrence) for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [201] + [409] * 3
    refused = {each.json()["type"] for each in answers if each.status_code == 409}
    assert refused == {"urn:carnet:problem:session-taken"}
    use = next(each for each in answers if each.status_code == 201).json()["use"]
    assert (use["occurrence"], use["on"]) == (occurrence, DAY.isoformat())
    assert (await take(client, story, door, occurrence=other)).status_code == 201
    path = f"/v1/session-uses/{use['id']}/cancellation"
    assert (await client.post(path, headers={"Idempotency-Key": new_id(), **door})).status_code == 200
    assert (await take(client, story, door, occurrence=occurrence)).status_code == 201
    uses = (await client.get(f"/v1/accounts/{story.account}/session-uses", headers=door)).json()["items"]
    assert [each["occurrence"] for each in uses] == [occurrence, other, occurrence]


async def reminded(books: Books, pack: str) -> list[dict[str, Any]]:
    """The reminders of a pack, in order."""
    rows = books.database["journal"].find({"type": "carnet.credits.PackReminded.v1", "data.pack": pack}).sort("_id", 1)
    return [row["data"] for row in await rows.to_list(None)]


async def test_cre_10_the_family_is_reminded_that_one_session_is_left_once_a_day(
    client: httpx.AsyncClient, books: Books, story: Story, staff: dict[str, str], door: dict[str, str]
) -> None:
    (pack,) = await books.bought(story, new_id())
    await take(client, story, door)
    assert await reminded(books, pack.id) == []
    use = (await take(client, story, door)).json()["use"]
    (once,) = await reminded(books, pack.id)
    assert (once["why"], once["left"], once["name"]) == ("one_left", 1, pack.name)
    answer = await said(client, books, once["reminder"])
    assert (answer["needed"], answer["left"]) == (True, 1)
    await client.post(f"/v1/session-uses/{use['id']}/cancellation", headers={"Idempotency-Key": new_id(), **door})
    assert not (await said(client, books, once["reminder"]))["needed"], "two are left again"
    for _ in range(2):
        await take(client, story, door)
    assert len(await reminded(books, pack.id)) == 1
    assert not (await said(client, books, once["reminder"]))["needed"], "it is used up"


async def test_cre_10_the_family_is_reminded_anew_once_sessions_that_were_added_are_used(
    client: httpx.AsyncClient, books: Books, story: Story, staff: dict[str, str], door: dict[str, str]
) -> None:
    await books.handles(profile(books.organisation, ahead=4_000))
    (pack,) = await books.bought(story, new_id())
    await take(client, story, door)
    await take(client, story, door)
    await books.handles(profile(books.organisation, ahead=4_001, sequence=3))
    version = (await books.pack(pack.id)).version
    headers = {"Idempotency-Key": new_id(), "If-Match": f'"{version}"', **staff}
    more = {"sessions": 1, "reason": "a lesson that was cancelled"}
    added = await client.post(f"/v1/session-packs/{pack.id}/adjustments", json=more, headers=headers)
    assert added.json()["left"] == 2
    await take(client, story, door)
    assert [each["left"] for each in await reminded(books, pack.id)] == [1, 1]


async def test_cre_10_the_family_is_reminded_once_of_each_last_day_so_many_days_before(
    client: httpx.AsyncClient, books: Books, story: Story, staff: dict[str, str]
) -> None:
    await books.handles(profile(books.organisation, ahead=4_000))
    soon, far, removed, bare = await books.bought(story, *(new_id() for _ in range(4)))
    today = (await client.get("/v1/today", headers=staff)).json()["today"]
    near = date.fromisoformat(today) + timedelta(days=10)
    for pack, last in ((soon, near), (far, near + timedelta(days=30)), (removed, near)):
        await books.handles(story.expiry_edited(pack.id, last))
    await books.handles(story.removal_requested(removed.id))
    hour = {"days_before": 14, "hour": 0}
    path, headers = "/v1/pack-reminders", {"Idempotency-Key": new_id(), "If-Match": '"0"', **staff}
    assert (await client.put(path, json=hour, headers=headers)).status_code == 200
    for reminding in (PackReminding(books.database, at_once=1), PackReminding(books.database)):
        for _ in range(6):
            await reminding.round(EVERY_SLOT)
    (once,) = await reminded(books, soon.id)
    assert (once["why"], once["expires_on"]) == ("expires", near.isoformat())
    assert [await reminded(books, each.id) for each in (far, removed, bare)] == [[], [], []]
    assert (await said(client, books, once["reminder"]))["needed"]
    later = near + timedelta(days=2)
    await books.handles(story.expiry_edited(soon.id, later))
    assert not (await said(client, books, once["reminder"]))["needed"], "its last day has moved"
    await PackReminding(books.database).round(EVERY_SLOT)
    assert [each["expires_on"] for each in await reminded(books, soon.id)] == [near.isoformat(), later.isoformat()]
    journal = (await client.get(f"{path}/journal", headers=staff)).json()["items"]
    assert [each["data"] for each in journal] == [hour]
    gone = await client.get("/v1/pack-reminder-links/nonsense")
    assert gone.status_code == 404


async def said(client: httpx.AsyncClient, books: Books, reminder: str) -> dict[str, Any]:
    """What the mail of a reminder reads when it is sent."""
    link = LINKS.written(Paper("pack_reminder", books.organisation, (reminder,), "fr"))
    answer: dict[str, Any] = (await client.get(f"/v1/pack-reminder-links/{link}")).json()
    return answer
