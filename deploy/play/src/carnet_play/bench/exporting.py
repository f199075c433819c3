"""The accountant's export of 100,000 entries (INV-7): entries a second, and the memory that it takes."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import psutil

from carnet.dates import write_instant
from carnet.events import payments as published
from carnet.ids import new_id
from carnet.journal import ROWS
from carnet.mongo import Database, Document
from carnet_play.bench.report import Reading
from carnet_play.bench.stage import Stage
from payments.books.domain.books import Books
from payments.books.drawing import drawn
from payments.books.store import JOURNAL_BY_DAY
from payments.books.writing import as_fec

ENTRIES = 100_000
FIRST, DAYS = date(2026, 1, 1), 365
PAGE = 5_000
MEGABYTE = 2**20


async def measure(stage: Stage, entries: int = ENTRIES) -> tuple[Reading]:
    """Export a year of payments of one school, as the route does, and read how much memory it takes on the way."""
    database, organisation = stage.database("payments"), new_id()
    await database.prepare([JOURNAL_BY_DAY])
    await _fill(database, organisation, entries)
    books, process = Books.none_of(organisation), psutil.Process()
    last = FIRST + timedelta(days=DAYS - 1)
    first, most, size, started = 0, 0, 0, time.perf_counter()
    async for part in as_fec(drawn(database, books, FIRST, last), "EUR"):
        size += len(part)
        taken = process.memory_info().rss
        most = max(most, taken)
        if not first and size > entries * 20:  # about a tenth
            first = taken
    seconds = time.perf_counter() - started
    database.close()
    grown = (most - first) / first
    reading = Reading(
        name=f"The accountant's export of {entries:,} entries in FEC format",
        read=f"{entries / seconds:,.0f} entries/s, {size / MEGABYTE:,.0f} MB; memory {first / MEGABYTE:,.0f} MiB after "
        f"a tenth, {most / MEGABYTE:,.0f} MiB at most ({grown:+.0%})",
        goal="flat (within 10 %)",
        reached=grown < 0.10,
    )
    return (reading,)


async def _fill(database: Database, organisation: str, entries: int) -> None:
    """Write the journal of so many payments, spread over the days of a year."""
    rows: list[Document] = []
    for row in _rows(organisation, entries):
        rows.append(row)
        if len(rows) == PAGE:
            await database[ROWS].insert_many(rows, ordered=False)
            rows = []
    if rows:
        await database[ROWS].insert_many(rows, ordered=False)


def _rows(organisation: str, entries: int) -> Iterator[Document]:
    methods: tuple[published.Method, ...] = ("card", "cheque", "transfer", "cash", "direct_debit")
    for number in range(entries):
        contract, on = new_id(), FIRST + timedelta(days=number * DAYS // entries)
        balance = published.Balance(
            total=30_000, paid=10_000, processing=0, planned=20_000, unscheduled=0, refund_due=0
        )
        event = published.PaymentCollected(
            contract=contract, account=new_id(), mode="online", currency="EUR", covers=1, balance=balance,
            instalments=(), payment=new_id(), amount=10_000, method=methods[number % 5], received_on=on,
        )  # fmt: skip
        at = datetime(on.year, on.month, on.day, 9, tzinfo=UTC) + timedelta(milliseconds=number)
        yield {
            "_id": new_id(), "aggregate": contract, "sequence": 2, "type": event.type_name(),
            "organisation": organisation, "at": write_instant(at), "data": event.model_dump(mode="json"),
        }  # fmt: skip
