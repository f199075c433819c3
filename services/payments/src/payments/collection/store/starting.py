"""What is due to be collected, by an index (PAY-11), and what starting it reads and writes."""

from collections.abc import Collection as Group
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from carnet.decisions import Context, Decision
from carnet.due import in_slots
from carnet.mongo import Database, Document, Unit
from carnet.organisations import ORGANISATIONS
from payments.collection.domain.starting import Started
from payments.collection.store.calendars import CALENDARS
from payments.collection.store.orders import keep_order
from payments.payment_methods.store import PAYMENT_METHODS, note_method_move
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES, TO_COLLECT, save
from payments.sepa.store.mandates import load_mandates

Groups = Mapping[date, Sequence[str]]
"""The organisations whose due instalments are collected up to a date, by that date."""


def due_query(groups: Groups, slots: frozenset[int], *, but: Group[str] = ()) -> Document:
    """The filter of the schedules of which something is due, by the index ``to_collect``; ``but`` are left out."""
    others: Document = {"_id": {"$nin": sorted(but)}} if but else {}
    due: list[Document] = [
        {
            "organisation": {"$in": sorted(organisations)},
            "collect_on": {"$gt": "", "$lte": until.isoformat()},
            **in_slots(slots),
            **others,
        }
        for until, organisations in sorted(groups.items())
    ]
    return due[0] if len(due) == 1 else {"$or": due}


async def due_contracts(
    database: Database, groups: Groups, slots: frozenset[int], *, but: Group[str], limit: int
) -> list[str]:
    """The contracts of these slots of whose schedule something is due."""
    if not groups or not slots:
        return []
    query = due_query(groups, slots, but=but)
    found = await database[SCHEDULES.name].find(query, {"_id": 1}, hint=TO_COLLECT).limit(limit).to_list(None)
    return [document["_id"] for document in found]


async def load_to_start(unit: Unit, contracts: Iterable[str]) -> list[Schedule]:
    """Load what starting the instalments of these contracts reads; their schedules."""
    ids = list(contracts)
    await unit.load(SCHEDULES, ids)
    schedules = [schedule for id_ in ids if (schedule := unit.get(SCHEDULES, id_))]
    accounts = [schedule.account for schedule in schedules]
    await unit.load(PAYMENT_METHODS, accounts)
    await load_mandates(unit, accounts)
    organisations = [schedule.organisation for schedule in schedules]
    await unit.load(ORGANISATIONS, organisations)
    await unit.load(CALENDARS, organisations)
    return schedules


def save_started(unit: Unit, started: Started, context: Context) -> Schedule:
    """Save the schedule whose instalments are to be collected, with their orders: the intents (PAY-6)."""
    schedule = save(unit, started.decision, context)
    for order in started.orders:
        keep_order(unit, order)
    return schedule


def save_missing(unit: Unit, missing: Decision[Schedule], context: Context) -> Schedule:
    """Save that the account of a schedule has no payment method, so that one added just now can't miss it (PAY-12).

    The account is loaded before.
    """
    schedule = save(unit, missing, context)
    note_method_move(unit, schedule.account, schedule.organisation)
    return schedule
