"""A part of a client credit was taken back: the money behind it is gone, or covers what is due (CRE-2, PAY-13)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.credits import CreditTakenBack
from carnet.ids import Id
from carnet.money import Amount, PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import Facts as BaseFacts
from notifications.mails.samples import CONTRACT, CREDIT, PAYMENT, TODAY
from notifications.mails.views import ContractView
from notifications.templates.values import Sum


class Facts(BaseFacts):
    """A part of a client credit was taken back (CRE-2, PAY-13)."""

    kind: Literal["credit_taken_back"] = "credit_taken_back"
    credit: Id
    contract: Id | None = None
    payment: Id | None = None
    """The payment of the contract that the bank took back; None if the amount covers what is due of a deposit."""
    amount: PositiveAmount
    left: Amount
    due: Amount
    """What is still due from the account of a deposit that the bank took back."""
    effective_on: date


@dataclass(frozen=True, slots=True)
class Credit:
    """A client credit of which ``amount`` was taken back, ``for_payment`` or for a deposit that the bank took back."""

    id: str
    amount: Sum
    left: Sum
    due: Sum
    for_payment: bool
    taken_on: date


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    credit: Credit


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    reversal = {"for_payment": facts.payment is not None, "taken_on": facts.effective_on}
    return known.view(View, facts, credit=known.part(Credit, facts, id=facts.credit, **reversal))


def sample(currency: str) -> Facts:
    """A chargeback of a payment that a refund line had turned into a credit."""
    taken = {"amount": 4_000, "left": 1_000, "due": 0, "effective_on": TODAY}
    return Facts(credit=CREDIT, contract=CONTRACT, payment=PAYMENT, currency=currency, **taken)


MAIL = MailKind(
    to="client", facts=Facts, view=View, compose=compose, sample=sample, due={CreditTakenBack: Facts.of}, about="credit"
)
