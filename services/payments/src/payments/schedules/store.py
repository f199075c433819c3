"""Schedules: their documents, indexes, views and queries."""

from collections.abc import AsyncIterator, Iterable, Sequence
from operator import attrgetter

from pymongo import IndexModel, UpdateMany

from carnet.dates import read_instant
from carnet.decisions import Context, Decision
from carnet.events import BY_TYPE
from carnet.events import payments as published
from carnet.journal import JournalRow, read, slot_of
from carnet.mongo import Collection, Database, Document, Join, Unit, View, Wanted
from payments.accounts.domain import Account, Names
from payments.accounts.store import ACCOUNTS
from payments.follow_up.domain import FollowUp
from payments.follow_up.store.rows import FOLLOW_UPS
from payments.receipts.domain.cheques import HeldCheque
from payments.receipts.store import CHEQUES, PAYMENTS
from payments.schedules.domain.explaining import Entry
from payments.schedules.domain.paid_days import with_paid_days, with_waiting_day
from payments.schedules.domain.refund_lines import with_refund_line
from payments.schedules.domain.schedule import Schedule


def _collect_on(schedule: Schedule) -> str | None:
    """The date from which the run collects one of its instalments (PAY-11)."""
    on = schedule.collect_on
    return on.isoformat() if on else None


def _follow_up(schedule: Schedule, account: Account | None) -> Iterable[FollowUp]:
    """Its row of the follow-up (PAY-9)."""
    return [FollowUp.of(schedule, account.names if account else Names())]


def _to_invoice(schedule: Schedule) -> str | None:
    """The day since which it is fully paid while something paid has no invoice, ``PARTLY`` if that is not known.

    A contract with charges is not fully paid while it runs: the day of the last payment, once that pays a charge whole
    that no invoice bears. None if nothing is to be invoiced: all paid is on invoices, a request is under way, or
    contracts refused the same. Nor of a contract that comes from another system, which may have invoiced it: a person
    decides that (IMP-3). Nor where only what credit notes took is on no invoice: that is invoiced again when a person
    says so of this contract, neither automatically nor in bulk (INV-3).
    """
    if schedule.imported_on is not None:
        return None
    invoicing, now = schedule.invoicing, (schedule.covers, schedule.paid)
    if invoicing.request is not None or schedule.paid <= invoicing.invoiced or invoicing.refused_at == now:
        return None
    if invoicing.credited_at == now:
        return None
    since = invoicing.whole_since or (invoicing.paid_on if schedule.pays_charge else None)
    return since.isoformat() if since else PARTLY


PARTLY = "0"
"""It takes the place of a day and comes before every day."""


def _unknown_of_refund(schedule: Schedule) -> Sequence[str]:
    """The part of a refund line that an older release has kept in the row alone."""
    known = schedule.refund_line is not None or not schedule.refund_due
    return () if known else ("refund_since", "refund_noted_at", "refund_cause")


def _cheques(schedule: Schedule, _: None) -> Iterable[HeldCheque]:
    """Its cheques of the deposit list (PAY-7)."""
    return HeldCheque.of(schedule)


TO_COLLECT = "to_collect"
"""The index by which what is due is found: named to MongoDB, since a wrong guess would read every schedule."""

TO_INVOICE = "to_invoice"
"""The index by which paid contracts without an invoice are found."""

PAID_SINCE = "paid_since"
"""The index by which those of them are found that are invoiced automatically, in the slots of a worker."""

TRIED = "tried"
"""The index by which failed attempts are found: named to MongoDB, so that no other schedule is read."""

SCHEDULES: Collection[Schedule] = Collection(
    "schedules",
    Schedule,
    indexes=[
        IndexModel([("organisation", 1), ("account", 1)], name="of_account"),
        IndexModel(
            [("organisation", 1), ("collect_on", 1), ("slot", 1), ("_id", 1)],
            name=TO_COLLECT,
            partialFilterExpression={"collect_on": {"$gt": ""}},
        ),
        IndexModel(
            [("organisation", 1), ("_id", 1)],
            name=TO_INVOICE,
            partialFilterExpression={"to_invoice": {"$gt": ""}},
        ),
        IndexModel(
            [("organisation", 1), ("to_invoice", 1), ("slot", 1), ("_id", 1)],
            name=PAID_SINCE,
            partialFilterExpression={"to_invoice": {"$gt": ""}},
        ),
        IndexModel([("organisation", 1)], name=TRIED, partialFilterExpression={"instalments.tries": {"$gt": 0}}),
    ],
    derived={
        "collect_on": _collect_on,
        "slot": lambda schedule: slot_of(schedule.id),
        "to_invoice": _to_invoice,
    },
    views=[
        View(FOLLOW_UPS, _follow_up, joins=Join(ACCOUNTS, attrgetter("account")), leaves=_unknown_of_refund),
        View(CHEQUES, _cheques, owner="contract"),
    ],
)


def save(unit: Unit, decision: Decision[Schedule], context: Context) -> Schedule:
    """Save what was decided on a schedule, loaded before."""
    before = unit.get(SCHEDULES, decision.state.id)
    decision = with_waiting_day(before, with_refund_line(before, decision, context), context)
    return unit.decide(SCHEDULES, with_paid_days(decision), context)


def schedule_loads(contract: str) -> Wanted:
    """What every change of a schedule reads."""
    return ((SCHEDULES, contract),)


async def schedule_to_change(unit: Unit, contract: str) -> Schedule:
    """The schedule of a contract, loaded to be changed; raises ``unknown-schedule``."""
    return await unit.one(SCHEDULES, contract, what="schedule")


def forget_holders(unit: Unit, account: Account) -> None:
    """Remove the holders of an account's cheques: from schedules, the deposit list and what payments took (ORG-4)."""
    cheque = "instalment.cheque"
    of_account: Document = {"organisation": account.organisation, "account": account.id}
    unit.write(CHEQUES.name, UpdateMany(of_account, {"$set": {"holder": None}}))
    unit.write(
        SCHEDULES.name,
        UpdateMany(
            of_account,
            {
                "$set": {
                    "instalments.$[held].cheque.holder": None,
                    f"attempts.$[].taken.$[part].{cheque}.holder": None,
                }
            },
            array_filters=[{"held.cheque": {"$ne": None}}, {f"part.{cheque}": {"$ne": None}}],
        ),
    )
    unit.write(
        PAYMENTS.name,
        UpdateMany(
            {**of_account, f"took.taken.{cheque}": {"$type": "object"}},
            {"$set": {f"took.taken.$[part].{cheque}.holder": None}},
            array_filters=[{f"part.{cheque}": {"$ne": None}}],
        ),
    )


async def schedule_of(database: Database, organisation: str, contract: str) -> Schedule | None:
    """The schedule of a contract of that organisation, as it is now; None if there is none (ORG-1)."""
    return await database.state_of(SCHEDULES, organisation, contract)


_AT_ONCE = 500


async def history_of(database: Database, organisation: str, schedule: Schedule) -> AsyncIterator[Entry]:
    """The entries of a schedule's journal up to its version, in order."""
    after = 0
    while after < schedule.version:
        rows = await read(database, organisation, schedule.id, after=after, limit=_AT_ONCE)
        if not rows:
            return
        for row in rows:
            if row["sequence"] <= schedule.version and (entry := entry_of(row)) is not None:
                yield entry
        after = rows[-1]["sequence"]


def entry_of(row: JournalRow) -> Entry | None:
    """An entry of the journal as the domain reads it; None if it moves nothing.

    An event that a newer release has added is read by what every move of a schedule carries.
    """
    type_ = BY_TYPE.get(row["type"])
    if type_ is None:
        if "balance" not in row["data"]:
            return None
        type_ = published.ScheduleMoved
    event = type_.model_validate(row["data"])
    return Entry(sequence=row["sequence"], at=read_instant(row["at"]), actor=row["actor"], event=event)
