"""What contracts publishes of families that come from another system (IMP-1 to IMP-3)."""

from datetime import date
from typing import ClassVar, Literal

from carnet.events.base import Event, Part
from carnet.events.contracts.topic import CONTRACTS
from carnet.ids import Id
from carnet.money import Currency, PositiveAmount

PaidBy = Literal["cash", "cheque", "transfer", "card", "direct_debit"]
"""How the other system received a payment."""

ToPayBy = Literal["cash", "cheque", "transfer", "card"]
"""How an instalment is to be paid, where the other system said so."""


class PaidElsewhere(Part):
    """A payment that the other system received: it is neither collected nor booked as takings here (IMP-3)."""

    payment: Id
    amount: PositiveAmount
    method: PaidBy
    received_on: date


class PlannedElsewhere(Part):
    """An instalment to come, as the other system had planned it."""

    due: date
    amount: PositiveAmount
    method: ToPayBy | None = None


class Imported(Part):
    """That a contract comes from another system, and what was paid and planned there (IMP-1).

    What is neither is unscheduled: payments and instalments together never exceed the total.
    """

    on: date
    """The organisation's date of the import."""
    paid: tuple[PaidElsewhere, ...] = ()
    planned: tuple[PlannedElsewhere, ...] = ()


class CreditElsewhere(Part):
    """What a family had left of a client credit in the other system."""

    credit: Id
    amount: PositiveAmount


class FamilyImported(Event):
    """A family was imported, whole: its account, its contracts and its client credits (IMP-1).

    The account and the contracts are published as ``AccountChanged``, ``ContractOpened`` and ``ProductAdded``; credits
    grants what is named here.
    """

    topic: ClassVar = CONTRACTS

    family: Id
    """The family as it was imported: an id that its key in the other system always gives."""
    account: Id
    contracts: tuple[Id, ...] = ()
    """Its contracts: ids."""
    currency: Currency
    credits: tuple[CreditElsewhere, ...] = ()
    """What it had left of its client credits."""
    effective_on: date
    """The organisation's date of the import."""


EVENTS: tuple[type[Event], ...] = (FamilyImported,)
