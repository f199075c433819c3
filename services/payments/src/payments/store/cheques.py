"""The deposit list (PAY-7): the cheques that are held, by the day of their deposit."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

from carnet.mongo import Database, Document
from carnet.search import beyond
from payments.domain.cheques import HeldCheque
from payments.store.documents import CHEQUES


@dataclass(frozen=True, slots=True)
class Deposits:
    """Which held cheques, by deposit date: from a day to a day, both included; none where there is no bound."""

    organisation: str
    since: date | None = None
    until: date | None = None

    def query(self) -> Document:
        """The filter of the cheques."""
        bounds = {"$gte": self.since, "$lte": self.until}
        due = {bound: day.isoformat() for bound, day in bounds.items() if day is not None}
        return {"organisation": self.organisation, **({"due": due} if due else {})}


DEPOSIT_ORDER = [("due", 1), ("_id", 1)]


async def held_cheques(
    database: Database, deposits: Deposits, *, after: tuple[str, str] | None, limit: int
) -> list[HeldCheque]:
    """A page of the deposit list, the first to deposit first: the cheques after this date and id."""
    query = deposits.query()
    if after is not None:
        query = {"$and": [query, beyond("due", after)]}
    found = await database[CHEQUES.name].find(query).sort(DEPOSIT_ORDER).limit(limit).to_list(None)
    return [CHEQUES.read(document) for document in found]


async def all_held_cheques(database: Database, deposits: Deposits) -> AsyncIterator[HeldCheque]:
    """Every cheque of the deposit list, one by one, however many there are."""
    async for document in database[CHEQUES.name].find(deposits.query()).sort(DEPOSIT_ORDER):
        yield CHEQUES.read(document)
