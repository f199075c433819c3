"""The counters of numbers that people can say (CON-27)."""

from typing import Literal

from pymongo import ReturnDocument

from carnet.decisions import State
from carnet.mongo import Collection, Database
from contracts.numbers.domain import number_of


class Counter(State):
    """How far the numbers of an organisation, a kind and a year have come: ``last`` was taken last."""

    last: int = 0


COUNTERS = Collection("numbers", Counter)

Kind = Literal["contract", "account"]


class NewNumber:
    """A number for what one command opens: taken at most once, however often its transaction runs.

    The counter moves outside the transaction, so openings of one organisation never wait for one another nor conflict;
    an opening that fails after it leaves a gap.
    """

    def __init__(self, database: Database, organisation: str, kind: Kind) -> None:
        self._database = database
        self._organisation = organisation
        self._kind = kind
        self._taken: tuple[int, str] | None = None

    async def of(self, year: int) -> str:
        """The number, of that year of the organisation's calendar."""
        if self._taken is None or self._taken[0] != year:
            self._taken = (year, number_of(year, await self._next(year)))
        return self._taken[1]

    async def _next(self, year: int) -> int:
        return await _moved(self._database, self._organisation, self._kind, year, 1)


class NewNumbers:
    """Numbers for all that one command opens: taken at most once, however often its transaction runs."""

    def __init__(self, database: Database, organisation: str, kind: Kind, count: int) -> None:
        self._database = database
        self._organisation = organisation
        self._kind = kind
        self._count = count
        self._taken: tuple[int, list[str]] | None = None

    async def of(self, year: int) -> list[str]:
        """The numbers, of that year of the organisation's calendar."""
        if not self._count:
            return []
        if self._taken is None or self._taken[0] != year:
            last = await _moved(self._database, self._organisation, self._kind, year, self._count)
            self._taken = (year, [number_of(year, last - left) for left in reversed(range(self._count))])
        return self._taken[1]


async def _moved(database: Database, organisation: str, kind: str, year: int, count: int) -> int:
    """Move a counter on; returns how far it has come."""
    counter = await database[COUNTERS.name].find_one_and_update(
        {"_id": f"{organisation}|{kind}|{year}"},
        {"$inc": {"last": count}, "$setOnInsert": {"organisation": organisation}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return int(counter["last"])
