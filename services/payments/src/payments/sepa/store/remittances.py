"""Remittances: their documents, what is due to be in one, and what becomes of their debits (PAY-18)."""

from collections.abc import Sequence
from datetime import date

from pymongo import IndexModel

from carnet.decisions import Context
from carnet.generation import standing_of
from carnet.journal import slot_of
from carnet.mongo import Collection, Database, Document, Unit
from carnet.refusals import conflict
from payments.collection.store.collecting import load_to_start
from payments.collection.store.orders import ORDERS, keep_order
from payments.payment_methods.store import PAYMENT_METHODS, methods_in
from payments.schedules.store import SCHEDULES, TO_COLLECT, save
from payments.sepa.domain.mandates import SEPA
from payments.sepa.domain.remittances import MOST_DEBITS, Built, Due, Remittance
from payments.sepa.store.mandates import MANDATES, is_collectable

REMITTANCES = Collection(
    "sepa_remittances",
    Remittance,
    indexes=[IndexModel([("organisation", 1), ("_id", -1)], name="newest")],
)


async def due_by(unit: Unit, organisation: str, collect_on: date) -> Sequence[Due]:
    """What an organisation's remittance of that day can collect, loaded: one more schedule than it has room for.

    Raises ``collecting-held`` after a restore, which may have lost files that the bank has.
    """
    if (await standing_of(unit.database)).collecting_held is not None:
        raise conflict(
            "collecting-held",
            "Data was restored, and files that the bank has may be lost in it: nothing is collected until those who "
            "operate Carnet have compared the two and resumed it.",
            rule="PAY-18",
        )
    with_mandates: Document = {"organisation": organisation, "methods.provider": SEPA}
    methods = unit.database[PAYMENT_METHODS.name]
    accounts = [each["_id"] async for each in methods.find(with_mandates, {"_id": 1}, session=unit.session)]
    query: Document = {
        "organisation": organisation,
        "collect_on": {"$gt": "", "$lte": collect_on.isoformat()},
        "account": {"$in": accounts},
    }
    schedules = unit.database[SCHEDULES.name]
    found = schedules.find(query, {"_id": 1}, session=unit.session, hint=TO_COLLECT).sort("collect_on", 1)
    contracts = [each["_id"] for each in await found.limit(MOST_DEBITS + 1).to_list(None)]
    due: list[Due] = []
    for schedule in await load_to_start(unit, contracts):
        method = methods_in(unit, schedule).preferred
        if method is None or method.provider != SEPA or not is_collectable(unit, method, collect_on):
            continue
        mandate = unit.get(MANDATES, method.token)
        if mandate is not None:
            due.append(Due(schedule, method, mandate, slot_of(schedule.id)))
    return due


def save_built(unit: Unit, built: Built, context: Context) -> Remittance:
    """Save a remittance with its orders and the schedules that they come from, all in one transaction."""
    for schedule in built.schedules:
        save(unit, schedule, context)
    for order in built.orders:
        keep_order(unit, order)
    return unit.decide(REMITTANCES, built.decision, context)


async def remittance_to_change(unit: Unit, remittance: str) -> Remittance:
    """A remittance with its orders and their schedules, loaded; raises ``unknown-remittance``."""
    found = await unit.one(REMITTANCES, remittance, what="remittance")
    await unit.load(ORDERS, [debit.attempt for debit in found.debits])
    await unit.load(SCHEDULES, [debit.contract for debit in found.debits])
    return found


async def remittance_of(database: Database, organisation: str, remittance: str) -> Remittance | None:
    """A remittance of that organisation; None if there is none (ORG-1)."""
    found = await database[REMITTANCES.name].find_one({"_id": remittance, "organisation": organisation})
    return REMITTANCES.read(found) if found else None


async def remittances_of(
    database: Database, organisation: str, *, before: str | None, limit: int
) -> Sequence[Remittance]:
    """The remittances of an organisation, the newest first, those before the id ``before``."""
    query: Document = {"organisation": organisation}
    if before is not None:
        query["_id"] = {"$lt": before}
    found = await database[REMITTANCES.name].find(query).sort("_id", -1).limit(limit).to_list(None)
    return tuple(REMITTANCES.read(document) for document in found)
