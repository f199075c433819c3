"""The accountant's export says what payments, invoices and credits say (INV-7).

Each entry is balanced. What a family paid by the entries of a contract is what its schedule has as paid, and what was
invoiced is what its invoices have left. Every movement of a credit that is on no schedule is in the books, as its
journal has it. A bank deposit moves what it is to the account of the bank, and nothing once it is undone. What is
closed is what the journal of the books says.
"""

from collections.abc import Sequence

from carnet.dates import read_instant
from carnet.events import BY_TYPE
from carnet.mongo import Document
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report
from payments.banking.store import BANK_DEPOSITS
from payments.books.domain.entries import Entry, Facts, entry_of
from payments.books.domain.moves import credit_move
from payments.books.domain.plan import Plan
from payments.books.store import is_booked, row_booked
from payments.invoices.store import INVOICES

_PLAN = Plan()


def check_booked(
    schedule: Document, rows: Sequence[Document], payments: Sequence[Document], invoices: Sequence[Document],
    report: Report,
) -> None:  # fmt: skip
    """The entries of one contract, from the journal of its schedule."""
    where = f"the books of contract {schedule['_id']}"
    read = [INVOICES.read(each) for each in invoices]
    facts = Facts({each.id: each for each in read}, {each["_id"]: each["method"] for each in payments})
    sales, money = list[Entry](), list[Entry]()
    for row in rows:
        entry = _entry(row, facts) if is_booked(row) else None
        if entry is not None:
            (sales if entry.journal == "VE" else money).append(entry)
    report.count("entries of the books", len(sales) + len(money))
    entries = (*sales, *money)
    unbalanced = [each.booked.id for each in entries if sum(part.debit - part.credit for part in each.postings)]
    report.same("INV-7", where, "entries that are not balanced", expected=[], found=unbalanced)
    report.same("INV-7", where, "what is paid by its entries", expected=schedule["paid"], found=-_on_clients(money))
    left = sum(each.left for each in read if each.bears)
    report.same("INV-7", where, "what is invoiced by its entries", expected=left, found=_on_clients(sales))


def _entry(row: Document, facts: Facts) -> Entry | None:
    """How a row is booked; None also where the invoice or payment that it names is missing, which others find."""
    booked = row_booked(row)
    try:
        return entry_of(booked, booked.on, _PLAN, facts)
    except KeyError:
        return None


def _on_clients(entries: Sequence[Entry]) -> int:
    return sum(each.debit - each.credit for entry in entries for each in entry.postings if each.client)


def check_deposited(deposit: Document, rows: Sequence[Document], report: Report) -> None:
    """The entries of a bank deposit move its takings to the bank (PAY-7), or nothing once it was undone."""
    where = f"the books of bank deposit {deposit['_id']}"
    made = BANK_DEPOSITS.read(deposit)
    facts = Facts(bank_deposits={made.id: made})
    entries = [entry for row in rows if is_booked(row) and (entry := _entry(row, facts)) is not None]
    report.count("entries of the books", len(entries))
    left = 0 if made.undone else made.amount
    expected = {_PLAN.account("bank"): left, _PLAN.received_by(made.method): -left}
    found = dict.fromkeys(expected, 0)
    for part in (part for entry in entries for part in entry.postings):
        found[part.account] = found.get(part.account, 0) + part.debit - part.credit
    moved = [{account.number: amount for account, amount in each.items()} for each in (expected, found)]
    report.same("INV-7", where, "what its entries moved", expected=moved[0], found=moved[1])


def check_moves(credit: str, rows: Sequence[Document], kept: Sequence[Document], report: Report) -> None:
    """What moved a credit apart from schedules is in the books of payments, from their first movement on."""
    expected = [movement for row in rows if (movement := _movement(row)) is not None]
    found = [(each["_id"], each["kind"], each["amount"], each["on"]) for each in sorted(kept, key=_sequence)]
    report.count("movements of credits in the books", len(found))
    known = expected[-len(found) :] if found else []  # before that, an older release did not keep them
    report.same("INV-7", f"payments.credit_moves {credit}", "what moved it otherwise", expected=known, found=found)


def _movement(row: Document) -> tuple[str, str, int, str] | None:
    """The movement that a row of the journal of credits is to the books."""
    type_ = BY_TYPE.get(row["type"])
    if type_ is None:
        return None
    body = type_.model_validate(row["data"])
    move = credit_move(body, row["organisation"], row["sequence"], read_instant(row["at"]))
    return (move.id, move.kind, move.amount, move.on.isoformat()) if move is not None else None


def _sequence(document: Document) -> int:
    return int(document["_id"].rpartition(":")[2])


def check_closings(books: Document, rows: Sequence[Document], report: Report) -> None:
    """What is closed of an organisation is what its journal says, each period later than the one before."""
    where = f"payments.books {books['_id']}"
    closed = [row["data"]["until"] for row in rows if name_of(row) == "PeriodClosed"]
    found = [closing["until"] for closing in books["closings"]]
    report.same("INV-7", where, "what was closed", expected=closed, found=found)
    report.same("INV-7", where, "the order of what was closed", expected=sorted(set(found)), found=found)
