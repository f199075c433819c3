"""Access to online courses is withheld, as a payment is late by the days that the organisation says (CON-20).

What is late is read from payments when the mail is sent: if it was paid or the access given back meanwhile, it does
not go.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from carnet.events.contracts import PlansWithheld
from carnet.ids import Id
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ContractFacts, ContractNow, Source
from notifications.mails.reminded import DuePayment, Owed, owed_now, sample_debts, sum_of
from notifications.mails.samples import CONTRACT, SAMPLE_ACCOUNT
from notifications.mails.views import ContractView
from notifications.mails.withheld import Plan, PlanShown, plans_of, sample_plans, shown
from notifications.templates.values import Sum


class Late(Owed):
    """What is late of the contract; ``without_method``: it would be collected, had the account a payment method."""

    without_method: bool = False


@dataclass(frozen=True, slots=True)
class LatePayment(DuePayment):
    """What is late, as templates show it; ``without_method`` if it is not collected for want of a payment method."""

    without_method: bool


class Facts(ContractFacts):
    """Plans of a contract whose access is withheld."""

    kind: Literal["access_withheld"] = "access_withheld"
    account: Id
    due_since: date
    plans: tuple[Plan, ...]
    debts: tuple[Late, ...] = ()
    """What is late of the contract, known when it is sent."""

    @property
    def source(self) -> Source:
        """What is late of the contract when the mail is sent, as payments answers."""
        return Source("payments", "late-links", "late", (self.account, self.contract))

    def as_now(self, answer: bytes) -> Self | None:
        """The facts as payments says now; None if nothing is late any more."""
        debts = owed_now(Late, json.loads(answer)["debts"])
        return self.model_copy(update={"debts": debts}) if debts else None

    def is_overtaken(self, contract: ContractNow) -> bool:
        """Whether it was given back since."""
        return contract.withheld is False


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates.

    ``late`` is what is late of the contract, ``due`` the part of it that the family has to pay itself: what is not
    collected. ``without_method`` is the part of that which would be collected, had the account a payment method.
    """

    plans: tuple[PlanShown, ...]
    late: tuple[LatePayment, ...]
    due: Sum
    without_method: Sum


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(
        View,
        facts,
        plans=shown(facts.plans, known),
        late=tuple(known.part(LatePayment, each) for each in facts.debts),
        due=sum_of(facts.debts, known, "late"),
        without_method=sum_of([each for each in facts.debts if each.without_method], known, "late"),
    )


def facts_of(event: PlansWithheld) -> Facts:
    """The facts of the event."""
    return Facts.of(event, plans=plans_of(event.plans))


def sample(currency: str) -> Facts:
    """A plan of a contract of which an instalment is late."""
    late = Late(**dict(sample_debts()[0]))
    return Facts(
        contract=CONTRACT,
        account=SAMPLE_ACCOUNT.id,
        due_since=late.due,
        plans=sample_plans(),
        debts=(late,),
        currency=currency,
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample, due={PlansWithheld: facts_of})
