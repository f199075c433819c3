"""The entries of a period, in order and numbered, a few at a time: a long period costs no memory (INV-7)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from carnet.mongo import Database
from payments.books.domain.books import Books
from payments.books.domain.entries import Counter, Entry, Posting, entry_of
from payments.books.domain.moves import Booked
from payments.books.store import booked, facts_of, numbers_of, place

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Drawn:
    """An entry of the export."""

    number: str
    entry: Entry
    client: str
    """The number of the client account, or else its id; empty for a bank deposit."""
    contract: str | None
    """The number of the contract, or else its id; None if there is none."""
    validated_on: date | None
    """The day on which its period was closed; None while it is open."""

    @property
    def piece(self) -> str:
        """The document that it is about: an invoice, a bank deposit, a contract, or else the client account."""
        return self.entry.piece or self.contract or self.client

    @property
    def postings(self) -> Sequence[Posting]:
        """Its lines."""
        return self.entry.postings


async def drawn(database: Database, books: Books, since: date, until: date) -> AsyncIterator[Drawn]:
    """The entries between two days, both included, in the order of their days.

    They are numbered from the first of the month, so that each has the same number in any export.
    """
    counter, batch = Counter(), list[tuple[date, Booked]]()
    async for counted in _merged(booked(database, books, since.replace(day=1), until)):
        batch.append(counted)
        if len(batch) == _AT_ONCE:
            for each in await _entries(database, books, batch, counter):
                if each.entry.on >= since:
                    yield each
            batch = []
    for each in await _entries(database, books, batch, counter):
        if each.entry.on >= since:
            yield each


async def _entries(
    database: Database, books: Books, batch: Sequence[tuple[date, Booked]], counter: Counter
) -> list[Drawn]:
    facts = await facts_of(database, books, batch)
    numbers = await numbers_of(database, (each for _, each in batch))
    entries = (entry_of(each, on, books.plan_on(on), facts) for on, each in batch)
    return [_drawn(entry, books, numbers, counter) for entry in entries if entry is not None]


def _drawn(entry: Entry, books: Books, numbers: Mapping[str, str], counter: Counter) -> Drawn:
    closing, of = books.closing_of(entry.on), entry.booked
    contract = of.contract
    return Drawn(
        number=counter.next(entry),
        entry=entry,
        client=numbers.get(of.account, of.account) if of.account else "",
        contract=numbers.get(contract, contract) if contract else None,
        validated_on=closing.on if closing else None,
    )


async def _merged(streams: Sequence[AsyncIterator[tuple[date, Booked]]]) -> AsyncIterator[tuple[date, Booked]]:
    """All streams, each in the order of ``place``, in that order."""
    heads = [(await anext(stream, None), stream) for stream in streams]
    while True:
        waiting = [(head, at) for at, (head, _) in enumerate(heads) if head is not None]
        if not waiting:
            return
        least, at = min(waiting, key=lambda pair: place(pair[0]))
        yield least
        heads[at] = (await anext(heads[at][1], None), heads[at][1])
