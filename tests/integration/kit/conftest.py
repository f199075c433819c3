"""A service as small as can be, to try the kit on: it adds up the payments that it receives."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from carnet import parking
from carnet.batches import Batches
from carnet.decisions import Decision, State
from carnet.envelope import Received
from carnet.events.contracts import ContractCancelled
from carnet.events.payments import SCHEDULES, ContractReopened
from carnet.ids import new_id
from carnet.mongo import Collection, Database, Unit
from carnet.organisations import reaction_context
from carnet.reactions import Reactions
from carnet_suite.servers import Servers
from tests.callers import Signer
from tests.integration.kit.shelf import Shelf, api_of, shelf_of
from tests.records import Given, record
from tests.servers import prepare_once


class Tally(State):
    """What was received of one contract, in order."""

    total: int = 0
    covers: int = 0
    received: tuple[int, ...] = ()


TALLIES = Collection("tallies", Tally)


def tally_table(*, refused: int | None = 13) -> Reactions:
    """The table of reactions; ``refused`` is the total that breaks it."""
    table = Reactions(SCHEDULES)

    @table.on(ContractReopened, loads=lambda event: [(TALLIES, event.body.contract)])
    def add(event: Received[ContractReopened], unit: Unit) -> None:
        body = event.body
        before = unit.get(TALLIES, body.contract) or Tally(id=body.contract, organisation=event.organisation)
        if body.total == refused:
            raise ValueError("thirteen is refused")
        received = (*before.received, event.sequence)
        after = before.model_copy(
            update={"total": before.total + body.total, "covers": body.covers, "received": received}
        )
        published = ContractCancelled(contract=body.contract, account=body.account, effective_on=body.effective_on)
        unit.decide(TALLIES, Decision(after, (published,)), reaction_context(event, "tallies", body.effective_on))

    return table


@dataclass
class Tallies:
    database: Database
    batches: Batches
    organisation: str

    async def of(self, contract: str) -> Tally | None:
        found = await self.database["tallies"].find_one({"_id": contract})
        return TALLIES.read(found) if found else None

    async def published(self, contract: str) -> list[int]:
        rows = await self.database["journal"].find({"aggregate": contract}).sort("sequence", 1).to_list(None)
        return [row["sequence"] for row in rows]

    def record(
        self, contract: str, sequence: int, total: int = 1, organisation: str | None = None, generation: int = 0
    ) -> Given:
        body = ContractReopened(
            contract=contract,
            account=ACCOUNT,
            currency="EUR",
            covers=1,
            total=total,
            effective_on=date(2026, 11, 22),
        )
        organisation = organisation or self.organisation
        return record(body, aggregate=contract, sequence=sequence, organisation=organisation, generation=generation)

    async def parked_reasons(self) -> list[str]:
        return [each.reason for each in await parking.listing(self.database)]


ACCOUNT = new_id()


@pytest.fixture
async def database(servers: Servers, namespace: str) -> AsyncIterator[Database]:
    opened = Database.open(servers.mongo_url, f"{namespace}carnet_tallies")
    await prepare_once(opened, [TALLIES])
    yield opened
    opened.close()


@pytest.fixture
async def tallies(database: Database) -> Tallies:
    return Tallies(database, Batches("tallies", database, tally_table()), new_id())


@pytest.fixture
async def here(servers: Servers, namespace: str, tmp_path: Path) -> AsyncIterator[Shelf]:
    signer = Signer.make(tmp_path)
    async with shelf_of(api_of(servers.mongo_url, namespace, signer), signer) as shelf:
        yield shelf
