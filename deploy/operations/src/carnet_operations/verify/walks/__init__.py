"""The walks through the databases: each aggregate with everything that the five services keep of it, side by side."""

from dataclasses import dataclass

from carnet_operations.collections import COLLECTIONS
from carnet_operations.requests import all_waiting
from carnet_operations.verify.money.provider_book import Book
from carnet_operations.verify.published.journals import Following
from carnet_operations.verify.reading import Databases
from carnet_operations.verify.report import Report
from carnet_operations.verify.requests.answered import check_answered
from carnet_operations.verify.views.compared import check_views
from carnet_operations.verify.walks.catalog import CatalogWalk
from carnet_operations.verify.walks.contracts import ContractsWalk
from carnet_operations.verify.walks.credits import CreditsWalk
from carnet_operations.verify.walks.notifications import NotificationsWalk
from carnet_operations.verify.walks.provider import ProviderWalk


@dataclass(frozen=True)
class Walks:
    """All walks over one suite's data, with one report."""

    databases: Databases
    following: Following
    report: Report
    book: Book | None = None
    """What the sandbox did; None if that is not checked."""

    async def all(self) -> None:
        """Check everything; records that are then left over on the topics belong to no journal."""
        await CatalogWalk(self.databases, self.following, self.report).go()
        await ContractsWalk(self.databases, self.following, self.report).go()
        await ProviderWalk(self.databases, self.following, self.report, self.book).go()
        await CreditsWalk(self.databases, self.following, self.report).go()
        await NotificationsWalk(self.databases, self.following, self.report).go()
        await self._parked()
        check_answered(await all_waiting(self.databases.by_service), self.report)
        await check_views(self.databases.by_service, COLLECTIONS, self.report)
        for name, reading in self.following.readings.items():
            for aggregate, there in reading.aggregates.items():
                self.report.find(
                    "EVT",
                    f"{name} {aggregate}",
                    "records that no journal has",
                    expected="none",
                    found=f"sequences {sorted(there.records)[:10]}",
                )

    async def _parked(self) -> None:
        """A parked record is a finding; discarded ones are noted, since they may explain others."""
        for service, database in self.databases.by_service.items():
            async for parked in database["parked"].find({}, {"value": 0, "headers": 0}):
                place = f"{service}.parked {parked['_id']}"
                what = f"{parked['topic']} {parked['aggregate']} sequence {parked['sequence']}"
                self.report.find("EVT", place, what, expected="applied", found=f"parked: {parked['reason']}")
            if discarded := await database["discarded"].count_documents({}):
                self.report.notes.append(
                    f"{service} has discarded {discarded} records; their effects are missing in its documents."
                )
