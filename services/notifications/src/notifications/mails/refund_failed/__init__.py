"""The provider could not refund a payment: it has to be given back again, a mail to support (PAY-4)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import FailureReason, RefundFailed
from carnet.ids import Id
from carnet.money import Amount, PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ContractFacts
from notifications.mails.samples import CONTRACT, PAYMENT, TODAY
from notifications.mails.views import ContractView
from notifications.templates.values import Sum, Term


class Facts(ContractFacts):
    """The provider could not refund a payment: it has to be given back again, a mail to support (PAY-4)."""

    kind: Literal["refund_failed"] = "refund_failed"
    amount: PositiveAmount
    payment: Id
    reason: FailureReason
    refund_due: Amount
    """The refund line as it then is."""
    effective_on: date


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund that the provider could not make, and ``due``, the refund line as it then is."""

    amount: Sum
    payment: str
    reason: Term
    due: Sum
    failed_on: date


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    refund: Refund


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(
        View, facts, refund=known.part(Refund, facts, due=known.sum(facts.refund_due), failed_on=facts.effective_on)
    )


def facts_of(event: RefundFailed) -> Facts:
    """The facts of the event."""
    return Facts.of(event, refund_due=event.balance.refund_due)


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(
        contract=CONTRACT,
        currency=currency,
        amount=4_000,
        payment=PAYMENT,
        reason="account_closed",
        refund_due=6_000,
        effective_on=TODAY,
    )


MAIL = MailKind(to="support", facts=Facts, view=View, compose=compose, sample=sample, due={RefundFailed: facts_of})
