"""Commands of credits that arrive together share a transaction, each in its own savepoint (CRE-10, CRE-2)."""

from collections.abc import Mapping

import httpx
import pytest

from carnet.events.catalog import SessionPackDetails
from carnet.ids import new_id
from tests.callers import Signer, command
from tests.groups import Arriving, answered, statuses
from tests.integration.credits.conftest import Books, profile
from tests.integration.credits.story import DAY, Story
from tests.refused import problem

PACK_OF_FOUR = SessionPackDetails(sessions=4)


@pytest.fixture
def arriving(monkeypatch: pytest.MonkeyPatch) -> Arriving:
    return Arriving(monkeypatch)


class Door:
    """Staff at the door of a school, and the families whose packs it takes sessions of."""

    def __init__(self, client: httpx.AsyncClient, books: Books, headers: Mapping[str, str]) -> None:
        self.client = client
        self.books = books
        self.headers = headers

    async def family(self, *packs: str, details: SessionPackDetails = PACK_OF_FOUR) -> Story:
        """A family that bought these packs."""
        story = Story(self.books.organisation)
        await self.books.handles(story.account_changed())
        await self.books.bought(story, *packs, details=details)
        return story

    async def takes(
        self, story: Story, *, key: str | None = None, pack: str | None = None, occurrence: str | None = None
    ) -> httpx.Response:
        body = {"member": story.owner, "on": DAY.isoformat(), "pack": pack, "occurrence": occurrence}
        path = f"/v1/accounts/{story.account}/session-uses"
        return await self.client.post(path, json=body, headers=command(self.headers, key=key))

    async def gives_back(self, use: str) -> httpx.Response:
        return await self.client.post(f"/v1/session-uses/{use}/cancellation", headers=command(self.headers))


@pytest.fixture
async def door(client: httpx.AsyncClient, books: Books, signer: Signer) -> Door:
    await books.handles(profile(books.organisation))
    scopes = "credits:read credits:use credits:adjust"
    return Door(client, books, signer.headers(books.organisation, scopes))


async def test_cre_10_sessions_of_several_families_are_taken_in_one_transaction(
    door: Door, books: Books, arriving: Arriving
) -> None:
    single, several, broken, named, foreign = (new_id() for _ in range(5))
    one, two, three, four = (
        await door.family(single, details=SessionPackDetails(sessions=1)),
        await door.family(several),
        await door.family(broken),
        await door.family(named, foreign),
    )
    fault = new_id()
    answers = await arriving.send(
        door.takes(one),
        door.takes(one),
        *(door.takes(two) for _ in range(3)),
        door.takes(three, key=fault),
        door.takes(four, pack=named),
        door.takes(four, pack=several),
        broken=fault,
    )
    assert sorted(statuses(answers[:2])) == [201, 409]
    assert statuses(answers[2:]) == [201, 201, 201, 500, 201, 404]
    assert (arriving.sizes, arriving.alone) == ([8], 0)
    assert sorted(answered(each).json()["pack"]["left"] for each in answers[2:5]) == [1, 2, 3]
    left = {pack: (await books.pack(pack)).left for pack in (single, several, broken, named, foreign)}
    assert left == {single: 0, several: 1, broken: 4, named: 3, foreign: 4}
    assert await books.sessions(several) == [4, -1, -1, -1]
    assert await books.names_published(several) == ["PackIssued", *["SessionUsed"] * 3]
    assert await books.names_published(broken) == ["PackIssued"]
    uses = await books.database["session_uses"].count_documents({"organisation": books.organisation})
    assert uses == 5
    reminders = await books.database["pack_reminders"].find({"organisation": books.organisation}).to_list(None)
    assert [each["pack"] for each in reminders] == [several]


async def test_cre_10_a_double_click_in_a_group_takes_one_session_and_is_answered_twice(
    door: Door, books: Books, arriving: Arriving
) -> None:
    packs = [new_id(), new_id()]
    one, other = [await door.family(pack) for pack in packs]
    key = new_id()
    answers = await arriving.send(door.takes(one, key=key), door.takes(one, key=key), door.takes(other))
    assert statuses(answers) == [201] * 3
    first, second, _ = map(answered, answers)
    assert first.json() == second.json()
    assert arriving.sizes == [2], "the second of a key waits for the first"
    assert [await books.sessions(pack) for pack in packs] == [[4, -1], [4, -1]]


async def test_cre_10_one_seat_of_an_occurrence_is_taken_once_and_given_back_beside_others(
    door: Door, books: Books, arriving: Arriving
) -> None:
    pack, other, occurrence = new_id(), new_id(), new_id()
    one, two = await door.family(pack), await door.family(other)
    answers = await arriving.send(door.takes(one, occurrence=occurrence), door.takes(one, occurrence=occurrence))
    assert sorted(statuses(answers)) == [201, 409]
    (refused,) = (answered(each) for each in answers if answered(each).status_code == 409)
    (taken,) = (answered(each).json() for each in answers if answered(each).status_code == 201)
    assert problem(refused, 409, "session-taken")["params"]["use"] == taken["use"]["id"]
    back, again, beside = await arriving.send(
        door.gives_back(taken["use"]["id"]), door.gives_back(taken["use"]["id"]), door.takes(two)
    )
    assert sorted(statuses([back, again])) == [200, 409]
    assert answered(beside).status_code == 201
    assert (arriving.sizes, arriving.alone) == ([2, 3], 0)
    assert await books.sessions(pack) == [4, -1, 1]
    assert (await door.takes(one, occurrence=occurrence)).status_code == 201


async def test_cre_2_credits_that_are_granted_together_are_each_granted_once(
    door: Door, books: Books, arriving: Arriving
) -> None:
    families = [await door.family(new_id()) for _ in range(3)]
    key, fault = new_id(), new_id()

    async def grants(story: Story, key: str) -> httpx.Response:
        body = {"origin": "staff", "amount": {"amount": 500, "currency": "EUR"}, "reason": "A gift."}
        path = f"/v1/accounts/{story.account}/credits"
        return await door.client.post(path, json=body, headers=command(door.headers, key=key))

    one, two, three = families
    answers = await arriving.send(
        grants(one, key), grants(one, key), grants(two, fault), grants(three, new_id()), broken=fault
    )
    assert statuses(answers) == [201, 201, 500, 201]
    assert answered(answers[0]).json() == answered(answers[1]).json()
    assert (arriving.sizes, arriving.alone) == ([3], 0)
    kept = await books.database["credits"].find({"organisation": books.organisation}).to_list(None)
    assert sorted(each["account"] for each in kept) == sorted([one.account, three.account])
