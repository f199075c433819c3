"""Session packs on a real database: issued once in any order of topics, edited, removed with their lines (CRE-10)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from carnet.events.catalog import SessionPackDetails
from carnet.ids import new_id
from carnet_suite.servers import Servers
from credits.app import build_api
from credits.config import CreditsSettings
from tests.callers import Signer, client_of
from tests.integration.credits.conftest import CREDIT, DAY, PACK, Books, Story, profile
from tests.links import LINK_KEYS

LATER = DAY + timedelta(days=60)


@pytest.mark.parametrize("first", ["contracts", "payments"])
async def test_both_orders_of_the_two_topics_issue_the_same_pack(books: Books, story: Story, first: str) -> None:
    line = new_id()
    told, paid = [*story.opened((line, PACK)), story.expiry_edited(line, LATER), *story.changed()], [story.paid()]
    for batch in (told, paid, told, paid) if first == "contracts" else (paid, told, paid, told):
        await books.hears(*batch)
    pack = await books.pack(line)
    assert (pack.standing, pack.left, pack.expires_on, pack.account) == ("issued", 3, LATER, story.account)
    assert await books.names_told(line) == ["PackIssued"]
    assert await books.sessions(line) == [3]


async def test_cre_10_one_that_is_usable_at_once_is_there_with_its_line(books: Books, story: Story) -> None:
    line = new_id()
    await books.hears(*story.opened((line, SessionPackDetails(usable="at_once"))))
    pack = await books.pack(line)
    assert (pack.standing, pack.left, pack.issued_on) == ("issued", None, DAY)


async def test_con_11_a_last_day_that_staff_edits_reaches_the_pack(books: Books, story: Story) -> None:
    (pack,) = await books.bought(story, new_id())
    edited = story.expiry_edited(pack.id, LATER)
    await books.hears(edited, edited)
    await books.hears(edited)
    assert (await books.pack(pack.id)).expires_on == LATER
    assert await books.names_told(pack.id) == ["PackIssued", "PackExpiryChanged"]


async def test_con_8_credits_and_packs_of_a_change_are_removed_together(books: Books, story: Story) -> None:
    credit, pack = new_id(), new_id()
    await books.hears(*story.opened((credit, CREDIT), (pack, PACK)))
    await books.hears(story.paid())
    asked = story.removal_requested(credit, pack)
    await books.hears(asked, asked)
    await books.hears(*story.changed(cancel=(credit, pack)))
    assert await books.names_told(pack) == ["PackIssued", "PackRemoved"]
    assert await books.names_told(credit) == ["CreditGranted", "CreditRemoved"]
    assert await books.sessions(pack) == [3, -3]


async def test_con_8_one_that_is_not_paid_yet_is_removed_before_it_exists(books: Books, story: Story) -> None:
    pack = new_id()
    await books.hears(*story.opened((pack, PACK)), story.removal_requested(pack))
    await books.hears(story.paid())
    assert await books.names_told(pack) == ["PackRemoved"]
    assert await books.sessions(pack) == []


# Over HTTP


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer.make(tmp_path)


@pytest.fixture
async def client(servers: Servers, namespace: str, signer: Signer) -> AsyncIterator[httpx.AsyncClient]:
    settings = CreditsSettings(
        mongo_url=servers.mongo_url,
        kafka_bootstrap=servers.kafka_bootstrap,
        namespace=namespace,
        issuers=(signer.issuer,),
        link_keys=LINK_KEYS,
    )
    async with client_of(build_api(settings)) as client:
        yield client


@pytest.fixture
async def staff(books: Books, story: Story, signer: Signer) -> dict[str, str]:
    await books.hears(profile(books.organisation))
    await books.hears(story.account_changed())
    return signer.headers(books.organisation, "credits:read credits:adjust")


async def test_cre_8_a_pack_is_in_the_list_of_the_family_and_says_since_when_it_is_suspended(
    client: httpx.AsyncClient, books: Books, story: Story, staff: dict[str, str], signer: Signer
) -> None:
    (pack,) = await books.bought(story, new_id())
    await books.hears(story.reopened())
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
