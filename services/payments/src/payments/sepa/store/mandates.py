"""Mandates and settings: their documents, and what the collector and erasure do with them (PAY-18)."""

from collections.abc import Collection as Group
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pymongo import IndexModel, UpdateMany

from carnet.dates import write_instant
from carnet.decisions import Context, Decision
from carnet.due import in_slots
from carnet.events.payments import MandateEnd
from carnet.journal import slot_of
from carnet.mongo import Collection, Database, Document, Unit
from carnet.search import folded
from payments.payment_methods.domain import PaymentMethod, PaymentMethods, remove_method
from payments.payment_methods.store import PAYMENT_METHODS
from payments.sepa.domain.invitations import MandateInvitation
from payments.sepa.domain.mandates import SEPA, Mandate, end_mandate
from payments.sepa.domain.settings import SepaSettings, sepa_settings_id

MANDATES = Collection(
    "sepa_mandates",
    Mandate,
    indexes=[
        IndexModel([("organisation", 1), ("reference", 1)], name="by_reference", unique=True),
        IndexModel([("organisation", 1), ("account", 1), ("_id", 1)], name="of_account"),
        IndexModel(
            [("inform_at", 1), ("slot", 1)],
            name="to_inform_by_slot",
            partialFilterExpression={"inform_at": {"$gt": ""}},
        ),
    ],
    derived={"slot": lambda mandate: slot_of(mandate.id)},
)
INVITATIONS = Collection("sepa_invitations", MandateInvitation)
SEPA_SETTINGS = Collection("sepa_settings", SepaSettings)


async def sepa_settings_of(database: Database, organisation: str) -> SepaSettings:
    """The settings of an organisation."""
    return await database.state_of(SEPA_SETTINGS, organisation, sepa_settings_id(organisation)) or SepaSettings.none_of(
        organisation
    )


async def sepa_settings_in(unit: Unit, organisation: str) -> SepaSettings:
    """The settings of an organisation, loaded."""
    await unit.load(SEPA_SETTINGS, [sepa_settings_id(organisation)])
    return unit.get(SEPA_SETTINGS, sepa_settings_id(organisation)) or SepaSettings.none_of(organisation)


async def mandates_of(database: Database, organisation: str, account: str) -> Sequence[Mandate]:
    """The mandates of an account, the oldest first, those that have ended too."""
    query = {"organisation": organisation, "account": account}
    found = await database[MANDATES.name].find(query).sort("_id", 1).limit(_MOST_SHOWN).to_list(None)
    return tuple(MANDATES.read(document) for document in found)


_MOST_SHOWN = 200


async def accounts_with_mandates(database: Database, organisation: str, session: Any = None) -> Sequence[str]:
    """The accounts of an organisation that have a mandate among their payment methods."""
    query: Document = {"organisation": organisation, "methods.provider": SEPA}
    found = database[PAYMENT_METHODS.name].find(query, {"_id": 1}, session=session)
    return [each["_id"] for each in await found.to_list(None)]


async def mandates_to_inform(
    database: Database, slots: frozenset[int], now: datetime, limit: int
) -> Sequence[tuple[str, str]]:
    """Mandates of these slots whose families are to be informed of what was called off, with their organisations."""
    if not slots:
        return []
    query: Document = {"inform_at": {"$gt": "", "$lte": write_instant(now)}, **in_slots(slots)}
    found = database[MANDATES.name].find(query, {"organisation": 1}).sort("inform_at", 1).limit(limit)
    return [(each["_id"], each["organisation"]) for each in await found.to_list(None)]


def keep_announced(unit: Unit, decision: Decision[Mandate], context: Context) -> None:
    """Save what a family was informed of, or is to be, by a mandate that is loaded, where that has changed."""
    if decision.events:
        unit.decide(MANDATES, decision, context)
    elif decision.state != unit.get(MANDATES, decision.state.id):
        unit.put(MANDATES, decision.state)


async def is_known_reference(unit: Unit, reference: str) -> bool:
    """Whether a mandate of the organisation has that reference."""
    query = {"organisation": unit.organisation, "reference": reference}
    return await unit.database[MANDATES.name].find_one(query, {"_id": 1}, session=unit.session) is not None


async def load_mandates(unit: Unit, accounts: Group[str]) -> None:
    """Load the mandates that are payment methods of these accounts; their methods are loaded before."""
    methods = [found for account in accounts if (found := unit.get(PAYMENT_METHODS, account))]
    await unit.load(MANDATES, [each.token for found in methods for each in found.methods if each.provider == SEPA])


async def has_bank_account(unit: Unit, mandate: str | None) -> bool:
    """Whether the account that a mandate debited can still be paid: also where it has ended, unless it was erased."""
    await unit.load(MANDATES, [mandate] if mandate else [])
    found = unit.get(MANDATES, mandate) if mandate else None
    return found is not None and found.sealed_iban is not None


def is_collectable(unit: Unit, method: PaymentMethod, on: date) -> bool:
    """Whether a payment method can be used on a day: a mandate, loaded before, may have lapsed or been erased."""
    if method.provider != SEPA:
        return True
    mandate = unit.get(MANDATES, method.token)
    return mandate is not None and mandate.collectable(on)


def without_lapsed(unit: Unit, methods: PaymentMethods, context: Context) -> PaymentMethods:
    """Remove the mandates that can't be used any more and that instalments would be collected by; saved (PAY-18).

    Returns the payment methods that are left.
    """
    while (preferred := methods.preferred) is not None and not is_collectable(unit, preferred, context.today):
        end(unit, preferred, context)
        methods = unit.decide(PAYMENT_METHODS, remove_method(methods, preferred.id), context)
    return methods


def end(unit: Unit, method: PaymentMethod, context: Context, *, refused: bool = False, removed: bool = False) -> None:
    """End the mandate, loaded before, that a payment method is; nothing for another method."""
    mandate = unit.get(MANDATES, method.token) if method.provider == SEPA else None
    if mandate is not None:
        why: MandateEnd = "refused_by_bank" if refused else "removed" if removed else "lapsed"
        unit.decide(MANDATES, end_mandate(mandate, why, context), context)


_FORGOTTEN: Document = {"$set": {"holder": None, "holder_key": None, "sealed_iban": None, "proof": None,
                                 "signed_at": None}}  # fmt: skip


def forget_mandates(unit: Unit, organisation: str, account: str, people: Sequence[str] | None = None) -> None:
    """Erase the holders and IBANs of the mandates of an account: all, or those of people of these names (ORG-4)."""
    query: Document = {"organisation": organisation, "account": account}
    if people is not None:
        query["holder_key"] = {"$in": [folded(name) for name in people]}
    unit.write(MANDATES.name, UpdateMany(query, _FORGOTTEN))


def use_mandates(unit: Unit, organisation: str, ids: Sequence[str], on: date) -> None:
    """Note that a collection of that day is based on these mandates: they lapse 36 months later."""
    day = on.isoformat()
    query: Document = {
        "_id": {"$in": list(ids)},
        "organisation": organisation,
        "$or": [{"last_used_on": None}, {"last_used_on": {"$lt": day}}],
    }
    unit.write(MANDATES.name, UpdateMany(query, {"$set": {"last_used_on": day}}))
