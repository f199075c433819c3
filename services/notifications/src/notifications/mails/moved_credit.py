"""A client credit, or a gift card, that moved: what the mails about a use and about what came back have in common."""

from dataclasses import dataclass
from datetime import date

from carnet.ids import Id
from carnet.money import Amount, PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.facts import ContractFacts
from notifications.mails.views import ContractView
from notifications.templates.values import Sum


class MovedCreditFacts(ContractFacts):
    """A part of a client credit, or of a gift card, was used or came back."""

    credit: Id
    amount: PositiveAmount
    left: Amount
    """What is left of the credit."""
    effective_on: date
    card: bool = False
    """Whether it is a gift card (CRE-8)."""


@dataclass(frozen=True, slots=True)
class MovedCredit:
    """A client credit of which ``amount`` was used or came back, and what is left of it.

    ``card`` is true if it is a gift card.
    """

    id: str
    amount: Sum
    left: Sum
    moved_on: date
    card: bool


@dataclass(frozen=True, slots=True)
class MovedCreditView(ContractView):
    """The variables of the templates."""

    credit: MovedCredit


def compose(facts: MovedCreditFacts, known: Known) -> MovedCreditView:
    """The variables."""
    moved = known.part(MovedCredit, facts, id=facts.credit, moved_on=facts.effective_on)
    return known.view(MovedCreditView, facts, credit=moved)
