"""The books in MongoDB: settings and closings, movements of credits, and what of the journal is booked (INV-7)."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date, datetime

from pymongo import IndexModel

from carnet.dates import read_instant, utc_now, write_instant
from carnet.decisions import State
from carnet.envelope import Received
from carnet.events import BY_TYPE
from carnet.events import payments as published
from carnet.events.base import Event
from carnet.journal import ROWS
from carnet.mongo import Collection, Database, Document, Unit
from payments.books.domain.books import DAY, Books, books_id
from payments.books.domain.entries import Facts
from payments.books.domain.moves import BOOKED_EVENTS, Booked, CreditMove, credit_move
from payments.follow_up.store import ACCOUNTS
from payments.invoices.store import INVOICES
from payments.receipts.store import PAYMENTS
from payments.schedules.store import SCHEDULES

BOOKS = Collection("books", Books)
CREDIT_MOVES = Collection(
    "credit_moves",
    CreditMove,
    indexes=[
        IndexModel([("organisation", 1), ("on", 1), ("at", 1), ("_id", 1)], name="by_day"),
        IndexModel([("credit", 1)], name="of_credit"),
    ],
)

_TYPES = [event.type_name() for event in BOOKED_EVENTS]
_COLLECTED = published.PaymentCollected.type_name()
_EFFECTIVE, _RECEIVED = "data.effective_on", "data.received_on"
JOURNAL_BY_DAY = Collection(
    ROWS,
    State,
    indexes=[
        IndexModel(
            [("organisation", 1), (_EFFECTIVE, 1), ("at", 1), ("_id", 1)],
            name="booked",
            partialFilterExpression={"type": {"$in": _TYPES}},
        ),
        IndexModel(
            [("organisation", 1), (_RECEIVED, 1), ("at", 1), ("_id", 1)],
            name="received",
            partialFilterExpression={"type": _COLLECTED},
        ),
    ],
)
"""The journal, with the indexes by which the export reads what is booked on a day, and nothing else of it."""

BOOK_COLLECTIONS = (BOOKS, CREDIT_MOVES, JOURNAL_BY_DAY)

_FIELDS = {"data.instalments": 0, "data.instalments_before": 0}
_AT_ONCE = 500

Source = tuple[str, str, Document, str | None]
"""A collection, the field that has the day, which of its documents are booked, and the index that finds them."""

_SOURCES: tuple[Source, ...] = (
    (ROWS, _EFFECTIVE, {"type": {"$in": _TYPES}}, "booked"),
    (ROWS, _RECEIVED, {"type": _COLLECTED}, "received"),
    (CREDIT_MOVES.name, "on", {}, "by_day"),
)


async def books_of(database: Database, organisation: str) -> Books:
    """The books of an organisation as they are now."""
    found = await database[BOOKS.name].find_one({"_id": books_id(organisation), "organisation": organisation})
    return BOOKS.read(found) if found else Books.none_of(organisation)


async def books_to_change(unit: Unit, organisation: str) -> Books:
    """The books of an organisation, loaded."""
    await unit.load(BOOKS, [books_id(organisation)])
    return unit.get(BOOKS, books_id(organisation)) or Books.none_of(organisation)


def keep_move(event: Received[Event], unit: Unit) -> None:
    """Save what an event of credits is to the books, if it is anything."""
    move = credit_move(event.body, event.organisation, event.sequence, utc_now())
    if move is not None:
        unit.put(CREDIT_MOVES, move)


def booked(database: Database, books: Books, since: date, until: date) -> Sequence[AsyncIterator[tuple[date, Booked]]]:
    """What counts between two days, both included, as streams that are each in the order of ``place``.

    Of what was entered for a closed period, only what counts after it (INV-7).
    """
    streams = [_of_days(database, books, source, since, until) for source in _SOURCES]
    for closing in books.closings:
        if since <= closing.until + DAY <= until:
            streams += [_late(database, books, source, closing.until, closing.at) for source in _SOURCES]
    return streams


def place(counted: tuple[date, Booked]) -> tuple[date, datetime, str]:
    """Where something stands in the books: its day, when it was entered, its id."""
    on, each = counted
    return on, each.at, each.id


async def _of_days(
    database: Database, books: Books, source: Source, since: date, until: date
) -> AsyncIterator[tuple[date, Booked]]:
    collection, field, which, index = source
    query = {"organisation": books.organisation, field: {"$gte": since.isoformat(), "$lte": until.isoformat()}, **which}
    cursor = database[collection].find(query, _FIELDS, batch_size=_AT_ONCE).hint(index)
    async for document in cursor.sort([("organisation", 1), (field, 1), ("at", 1), ("_id", 1)]):
        each = _read(collection, document)
        if books.counts_on(each.on, each.at) == each.on:
            yield each.on, each


async def _late(
    database: Database, books: Books, source: Source, closed: date, at: datetime
) -> AsyncIterator[tuple[date, Booked]]:
    """What was entered after a closing for days that were closed: it counts on the day after."""
    collection, field, which, index = source
    query = {
        "organisation": books.organisation,
        field: {"$lte": closed.isoformat()},
        "at": {"$gt": write_instant(at)},
        **which,
    }
    cursor = database[collection].find(query, _FIELDS, batch_size=_AT_ONCE).hint(index)
    async for document in cursor.sort([("at", 1), ("_id", 1)]).allow_disk_use(True):
        each = _read(collection, document)
        on = books.counts_on(each.on, each.at)
        if on == closed + DAY:
            yield on, each


def _read(collection: str, document: Document) -> Booked:
    if collection == CREDIT_MOVES.name:
        move = CREDIT_MOVES.read(document)
        return Booked(move.id, move.at, move.on, move)
    return row_booked(document)


def row_booked(row: Document) -> Booked:
    """A row of the journal as the books have it; its type is one that is booked."""
    data = row["data"]
    if "balance" in data:
        data = {**data, "instalments": (), "instalments_before": None}
    event = BY_TYPE[row["type"]].model_validate(data)
    on = event.received_on if isinstance(event, published.PaymentCollected) else event.effective_on  # type: ignore[attr-defined] # all that is booked has one
    return Booked(row["_id"], read_instant(row["at"]), on, event)


def is_booked(row: Document) -> bool:
    """Whether a row of the journal is booked."""
    return row["type"] == _COLLECTED or row["type"] in _TYPES


async def facts_of(database: Database, some: Iterable[Booked]) -> Facts:
    """What the entries of these have from elsewhere: by one query each."""
    invoices, payments = set[str](), set[str]()
    for each in some:
        match each.what:
            case published.InvoiceIssued(invoice=invoice):
                invoices.add(invoice)
            case published.InvoiceCancelled(credit_note=note):
                invoices.add(note)
            case published.RefundFailed(payment=payment):
                payments.add(payment)
            case published.RefundLineSettled(payments=returned):
                payments.update(back.payment for back in returned)
            case _:
                pass
    found = [INVOICES.read(each) for each in await _by_id(database, INVOICES.name, invoices)]
    methods = {each["_id"]: each["method"] for each in await _by_id(database, PAYMENTS.name, payments, "method")}
    return Facts({each.id: each for each in found}, methods)


async def numbers_of(database: Database, some: Iterable[Booked]) -> dict[str, str]:
    """The numbers that people say of the accounts and contracts of these, by their ids."""
    each = list(some)
    contracts = {contract for one in each if (contract := one.contract)}
    accounts = {one.account for one in each}
    schedules = await _by_id(database, SCHEDULES.name, contracts, "number")
    families = await _by_id(database, ACCOUNTS.name, accounts, "names.number")
    return {
        **{found["_id"]: number for found in schedules if (number := found.get("number"))},
        **{found["_id"]: number for found in families if (number := (found.get("names") or {}).get("number"))},
    }


async def _by_id(database: Database, collection: str, ids: Iterable[str], *fields: str) -> list[Document]:
    wanted = sorted(ids)
    if not wanted:
        return []
    projection = dict.fromkeys(fields, 1) or None
    return await database[collection].find({"_id": {"$in": wanted}}, projection).to_list(None)
