"""Remittances: their documents, what is due to be in one, and what becomes of their debits (PAY-18)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pymongo import IndexModel

from carnet.decisions import Context
from carnet.generation import database_state
from carnet.journal import slot_of
from carnet.mongo import Collection, Document, Unit
from carnet.refusals import conflict
from payments.collection.store.orders import ORDERS, keep_order
from payments.collection.store.starting import load_to_start
from payments.payment_methods.store import methods_in
from payments.schedules.store import SCHEDULES, TO_COLLECT, save
from payments.sepa.domain.building import MOST_DEBITS, Built, Due
from payments.sepa.domain.mandates import SEPA
from payments.sepa.domain.remittances import Remittance
from payments.sepa.store.mandates import MANDATES, accounts_with_mandates, keep_announced

REMITTANCES = Collection(
    "sepa_remittances",
    Remittance,
    indexes=[IndexModel([("organisation", 1), ("_id", -1)], name="newest")],
)


@dataclass(frozen=True, slots=True)
class DueBy:
    """What is due by a day, and how many families with something due have a mandate that has lapsed by then."""

    due: Sequence[Due]
    lapsed: int


async def due_by(unit: Unit, organisation: str, collect_on: date) -> DueBy:
    """What an organisation's remittance of that day can collect, loaded: one more schedule than it has room for.

    Raises ``collecting-held`` after a restore, which may have lost files that the bank has.
    """
    if (await database_state(unit.database)).collecting_held is not None:
        raise conflict(
            "collecting-held",
            "Data was restored, and files that the bank has may be lost in it: nothing is collected until those who "
            "operate Carnet have compared the two and resumed it.",
            rule="PAY-18",
        )
    accounts = await accounts_with_mandates(unit.database, organisation, unit.session)
    query: Document = {
        "organisation": organisation,
        "collect_on": {"$gt": "", "$lte": collect_on.isoformat()},
        "account": {"$in": accounts},
    }
    schedules = unit.database[SCHEDULES.name]
    found = schedules.find(query, {"_id": 1}, session=unit.session, hint=TO_COLLECT).sort("collect_on", 1)
    contracts = [each["_id"] for each in await found.limit(MOST_DEBITS + 1).to_list(None)]
    due: list[Due] = []
    lapsed: set[str] = set()
    for schedule in await load_to_start(unit, contracts):
        method = methods_in(unit, schedule).preferred
        if method is None or method.provider != SEPA:
            continue
        mandate = unit.get(MANDATES, method.token)
        if mandate is not None and mandate.collectable(collect_on):
            due.append(Due(schedule, method, mandate, slot_of(schedule.id)))
        elif mandate is not None and collect_on > mandate.usable_until:
            lapsed.add(mandate.id)
    return DueBy(due, len(lapsed))


def save_built(unit: Unit, built: Built, context: Context) -> Remittance:
    """Save a remittance with its orders, their schedules, and what families are informed of, all in one transaction."""
    for schedule in built.schedules:
        save(unit, schedule, context)
    for order in built.orders:
        keep_order(unit, order)
    for mandate in built.mandates:
        keep_announced(unit, mandate, context)
    return unit.decide(REMITTANCES, built.decision, context)


async def remittance_to_change(unit: Unit, remittance: str) -> Remittance:
    """A remittance with its orders, their schedules and mandates, loaded; raises ``unknown-remittance``."""
    found = await unit.one(REMITTANCES, remittance, what="remittance")
    await unit.load(ORDERS, [debit.attempt for debit in found.debits])
    await unit.load(SCHEDULES, [debit.contract for debit in found.debits])
    await unit.load(MANDATES, [debit.mandate for debit in found.debits])
    return found
