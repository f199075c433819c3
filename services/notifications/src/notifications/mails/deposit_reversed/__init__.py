"""The bank took back a deposit that had become a client credit; with what is due by now (CRE-2, PAY-13)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.credits import DepositReversed
from carnet.events.payments import ReversalReason
from carnet.ids import Id
from carnet.money import Amount, PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import Facts as BaseFacts
from notifications.mails.samples import CREDIT, TODAY
from notifications.mails.views import ContractView
from notifications.templates.values import Sum, Term


class Facts(BaseFacts):
    """The bank took back a deposit that had become a client credit (CRE-2)."""

    kind: Literal["deposit_reversed"] = "deposit_reversed"
    contract: Id | None = None
    """None: a deposit has no contract."""
    credit: Id
    amount: PositiveAmount
    taken: Amount
    """The part of it that left the credit."""
    left: Amount
    due: Amount
    """What is due from the account by now."""
    reason: ReversalReason
    effective_on: date


@dataclass(frozen=True, slots=True)
class Deposit:
    """A deposit that the bank took back: ``taken`` of it left the credit, ``due`` is to be paid by now."""

    amount: Sum
    taken: Sum
    left: Sum
    due: Sum
    reason: Term
    reversed_on: date


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    deposit: Deposit


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, deposit=known.part(Deposit, facts, reversed_on=facts.effective_on))


def sample(currency: str) -> Facts:
    """A cheque that bounced, of which a part had been used."""
    return Facts(
        credit=CREDIT,
        currency=currency,
        amount=10_000,
        taken=4_000,
        left=0,
        due=6_000,
        reason="bounced_cheque",
        effective_on=TODAY,
    )


MAIL = MailKind(
    to="client", facts=Facts, view=View, compose=compose, sample=sample, due={DepositReversed: Facts.of}, about="credit"
)
