"""What online plans open is withheld while their contract is late, and given back (CON-20)."""

from datetime import date
from typing import ClassVar

from carnet.events.base import Event, Part, Topic
from carnet.events.contracts.topic import CONTRACTS
from carnet.ids import Id
from carnet.money import Currency


class WithheldPlan(Part):
    """A purchase of an online plan: the name that it was bought by, and for whom."""

    line: Id
    product: Id
    name: str
    participant: Id


class PlansMoved(Event):
    """What plans of a contract open has moved because of what is late of it.

    Nothing else of the contract changes by it. What that is for each course is published on ``contracts.access``, in
    the same change.
    """

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    currency: Currency
    effective_on: date
    plans: tuple[WithheldPlan, ...]
    """The plans that do not open what they opened before, or that open it again; never none."""


class PlansWithheld(PlansMoved):
    """A payment is so late that the organisation withholds what plans of the contract open (CON-20)."""

    due_since: date
    """The first due date of what is late."""


class PlansGivenBack(PlansMoved):
    """What was withheld is open again: it was paid, put off, or the organisation withholds no more (CON-20)."""


EVENTS: tuple[type[Event], ...] = (PlansWithheld, PlansGivenBack)
