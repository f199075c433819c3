"""The books in MongoDB: settings, closings, movements of credits, and which entries of the journal are booked."""

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
from payments.accounts.store import ACCOUNTS
from payments.banking.domain.bank_deposits import BankDeposit
from payments.banking.domain.takings import BANKED
from payments.banking.store import BANK_DEPOSITS, TAKINGS
from payments.books.domain.books import DAY, Books, books_id
from payments.books.domain.entries import Facts
from payments.books.domain.moves import BOOKED_EVENTS, Booked, CreditMove, credit_move
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
        IndexModel([("organisation", 1), ("account", 1), ("kind", 1)], name="of_account"),
    ],
)

_TYPES = [event.type_name() for event in BOOKED_EVENTS]
_COLLECTED = published.PaymentCollected.type_name()
_IMPORTED = published.PaymentsImported.type_name()
_DEPOSITED = published.BankDepositMade.type_name()
_UNDONE = published.BankDepositUndone.type_name()
_EFFECTIVE, _RECEIVED, _HANDED = "data.effective_on", "data.received_on", "data.deposited_on"
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
        IndexModel(
            [("organisation", 1), (_EFFECTIVE, 1), ("at", 1), ("_id", 1)],
            name="imported",
            partialFilterExpression={"type": _IMPORTED},
        ),
        IndexModel(
            [("organisation", 1), (_HANDED, 1), ("at", 1), ("_id", 1)],
            name="bank_deposits_made",
            partialFilterExpression={"type": _DEPOSITED},
        ),
        IndexModel(
            [("organisation", 1), (_EFFECTIVE, 1), ("at", 1), ("_id", 1)],
            name="bank_deposits_undone",
            partialFilterExpression={"type": _UNDONE},
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
    (ROWS, _EFFECTIVE, {"type": _IMPORTED}, "imported"),
    (ROWS, _HANDED, {"type": _DEPOSITED}, "bank_deposits_made"),
    (ROWS, _EFFECTIVE, {"type": _UNDONE}, "bank_deposits_undone"),
    (CREDIT_MOVES.name, "on", {}, "by_day"),
)


async def books_of(database: Database, organisation: str) -> Books:
    """The books of an organisation as they are now."""
    return await database.state_of(BOOKS, organisation, books_id(organisation)) or Books.none_of(organisation)


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
    """The place of something in the books: its day, when it was entered, its id."""
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
    return Booked(row["_id"], read_instant(row["at"]), _day_of(event), event)


def _day_of(event: Event) -> date:
    match event:
        case published.PaymentCollected(received_on=day) | published.BankDepositMade(deposited_on=day):
            return day
        case _:
            return event.effective_on  # type: ignore[attr-defined,no-any-return] # all that is booked has one


def is_booked(row: Document) -> bool:
    """Whether a row of the journal is booked."""
    return row["type"] in (_COLLECTED, _IMPORTED, _DEPOSITED, _UNDONE, *_TYPES)


async def facts_of(database: Database, books: Books, some: Sequence[tuple[date, Booked]]) -> Facts:
    """What the entries of these, each with the day on which it counts, have from elsewhere: by one query each."""
    invoices, payments = set[str](), set[str]()
    for _, each in some:
        match each.what:
            case published.InvoiceIssued(invoice=invoice, deposits=deposits):
                invoices.update((invoice, *deposits))
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
    banked, from_bank = await _banked(database, books, some)
    return Facts({each.id: each for each in found}, methods, banked, from_bank)


async def _banked(
    database: Database, books: Books, some: Sequence[tuple[date, Booked]]
) -> tuple[dict[str, BankDeposit], frozenset[str]]:
    """The bank deposits that are booked, and the reversals of what was in one by then (PAY-7).

    A bank deposit of which something came back is not undone, so neither ever changes.
    """
    asked = [(each, _taken_back(each.what)) for on, each in some if books.has_bank_deposits(on)]
    returned = [(each, taking) for each, taking in asked if taking is not None]
    kept = await _by_id(database, TAKINGS.name, {taking for _, taking in returned}, "bank_deposit")
    inside: dict[str, str] = {each["_id"]: deposit for each in kept if (deposit := each["bank_deposit"])}
    named = {deposit for _, each in some if (deposit := _deposit_of(each.what))}
    found = await _by_id(database, BANK_DEPOSITS.name, {*named, *inside.values()})
    made = {each.id: each for each in map(BANK_DEPOSITS.read, found)}

    def counts(deposit: BankDeposit) -> bool:
        return books.has_bank_deposits(books.counts_on(deposit.deposited_on, deposit.made_at))

    def by_then(taking: str, at: datetime) -> bool:
        return taking in inside and made[inside[taking]].made_at <= at

    from_bank = frozenset(each.id for each, taking in returned if by_then(taking, each.at))
    return {id_: each for id_, each in made.items() if counts(each)}, from_bank


def _deposit_of(what: Event | CreditMove) -> str | None:
    match what:
        case published.BankDepositMade(bank_deposit=deposit) | published.BankDepositUndone(bank_deposit=deposit):
            return deposit
        case _:
            return None


def _taken_back(what: Event | CreditMove) -> str | None:
    """The taking that the bank took back, or a part of it."""
    match what:
        case published.PaymentReversed(payment=taking, method=method) if method in BANKED:
            return taking
        case CreditMove(kind="deposit_reversed", credit=taking, method=method) if method in BANKED:
            return taking
        case _:
            return None


async def numbers_of(database: Database, some: Iterable[Booked]) -> dict[str, str]:
    """The numbers that people say of the accounts and contracts of these, by their ids."""
    each = list(some)
    contracts = {contract for one in each if (contract := one.contract)}
    accounts = {account for one in each if (account := one.account)}
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
