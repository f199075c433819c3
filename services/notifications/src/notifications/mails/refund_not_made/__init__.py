"""The provider could not refund a payment: its money is still to come, a mail to the family (PAY-4)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import FailureReason, RefundFailed
from carnet.money import PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ScheduleFacts
from notifications.mails.samples import CONTRACT, TODAY, balance_of
from notifications.mails.views import ScheduleView
from notifications.templates.values import Sum, Term


class Facts(ScheduleFacts):
    """The provider could not refund a payment: its money is still to come, a mail to the family (PAY-4)."""

    kind: Literal["refund_not_made"] = "refund_not_made"
    amount: PositiveAmount
    reason: FailureReason
    effective_on: date


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund that could not be made."""

    amount: Sum
    reason: Term
    failed_on: date


@dataclass(frozen=True, slots=True)
class View(ScheduleView):
    """The variables of its templates."""

    refund: Refund


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, refund=known.part(Refund, facts, failed_on=facts.effective_on))


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(
        amount=4_000,
        reason="account_closed",
        effective_on=TODAY,
        contract=CONTRACT,
        mode="online",
        currency=currency,
        balance=balance_of(50_000, 54_000, planned=0, refund_due=4_000),
        instalments=(),
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample, due={RefundFailed: Facts.of})
