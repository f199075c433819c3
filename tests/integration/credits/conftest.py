"""The credits service on a real database, fed with records as Kafka hands them over."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from carnet.batches import Batches
from carnet.events.catalog import (
    Contact,
    OrganisationChanged,
    SessionPackDetails,
)
from carnet.ids import new_id
from carnet.mongo import Database
from carnet_suite.servers import Servers
from credits.app import build_api
from credits.collections import COLLECTIONS
from credits.config import CreditsSettings
from credits.domain.credit import Credit, Entry
from credits.domain.packs import Pack
from credits.domain.vouchers import Voucher
from credits.packs.store import entries_of_pack, pack_of
from credits.reactions import REACTIONS
from credits.store import credit_of, entries_of, voucher_of
from tests.callers import Signer, client_of
from tests.integration.credits.story import CREDIT, PACK, VOUCHER, Story
from tests.links import LINK_KEYS
from tests.records import Given, record
from tests.servers import open_database, prepare_once


def profile(organisation: str, *, ahead: int = 0, sequence: int | None = None) -> Given:
    """The organisation, as the catalog publishes it; its clock is so many days ahead."""
    body = OrganisationChanged(
        organisation=organisation,
        name="École de danse du Nord",
        currency="EUR",
        time_zone="Europe/Paris",
        languages=("fr",),
        contact=Contact(),
        support_email="aide@example.org",
        mode="test",
        clock_ahead=ahead * 86_400,
    )
    return record(body, aggregate=organisation, sequence=sequence or (2 if ahead else 1), organisation=organisation)


@dataclass
class Books:
    """The service without its processes: its database and its tables of reactions."""

    database: Database
    organisation: str

    def __post_init__(self) -> None:
        self._batches = {table.topic.name: Batches("credits", self.database, table) for table in REACTIONS}

    async def handles(self, *records: Given) -> None:
        """Apply records of one topic, as one batch."""
        (topic,) = {each.topic for each in records}
        await self._batches[topic].apply(records)

    async def credit(self, line: str) -> Credit | None:
        return await credit_of(self.database, self.organisation, line)

    async def voucher(self, line: str) -> Voucher:
        found = await voucher_of(self.database, self.organisation, line)
        assert found is not None
        return found

    async def issued(self, story: Story, *lines: str) -> list[Voucher]:
        """Hear of a contract that sells a voucher by each of these lines, and is paid."""
        await self.handles(*story.opened(*((line, VOUCHER) for line in lines)))
        await self.handles(story.paid())
        return [await self.voucher(line) for line in lines]

    async def pack(self, line: str) -> Pack:
        found = await pack_of(self.database, self.organisation, line)
        assert found is not None
        return found

    async def sessions(self, line: str) -> list[int]:
        """The movements of a pack."""
        found = await entries_of_pack(self.database, self.organisation, line, after=0, limit=1000)
        return [entry.sessions for entry in found]

    async def bought(self, story: Story, *lines: str, details: SessionPackDetails = PACK) -> list[Pack]:
        """Hear of a contract that sells a pack by each of these lines, and is paid."""
        await self.handles(*story.opened(*((line, details) for line in lines)))
        await self.handles(story.paid())
        return [await self.pack(line) for line in lines]

    async def entries(self, line: str) -> list[Entry]:
        return await entries_of(self.database, self.organisation, line)

    async def balance(self, line: str) -> int:
        return sum(movement.amount for movement in await self.entries(line))

    async def published(self, line: str) -> list[dict[str, Any]]:
        return await self.database["journal"].find({"aggregate": line}).sort("sequence", 1).to_list(None)

    async def names_published(self, line: str) -> list[str]:
        return [row["type"].split(".")[2] for row in await self.published(line)]

    async def granted(self, story: Story, *lines: str) -> None:
        """Hear of a contract that sells a credit by each of these lines, and is paid."""
        await self.handles(*story.opened(*((line, CREDIT) for line in lines)))
        await self.handles(story.paid())


@pytest.fixture
async def database(servers: Servers, namespace: str) -> AsyncIterator[Database]:
    opened = open_database(servers, f"{namespace}carnet_credits")
    await prepare_once(opened, COLLECTIONS)
    yield opened
    opened.close()


@pytest.fixture
def books(database: Database) -> Books:
    return Books(database, new_id())


@pytest.fixture
def story(books: Books) -> Story:
    return Story(books.organisation)


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    """Who signs the tokens that the API takes."""
    return Signer.make(tmp_path)


@pytest.fixture
async def client(servers: Servers, namespace: str, signer: Signer) -> AsyncIterator[httpx.AsyncClient]:
    """The API of credits."""
    settings = CreditsSettings(
        mongo_url=servers.mongo_url,
        kafka_bootstrap=servers.kafka_bootstrap,
        namespace=namespace,
        issuers=(signer.issuer,),
        link_keys=LINK_KEYS,
    )
    async with client_of(build_api(settings)) as client:
        yield client
