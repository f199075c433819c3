"""The bank took a payment back (PAY-13)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import Method, PaymentReversed, ReversalReason
from carnet.money import Amount, PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ScheduleFacts
from notifications.mails.samples import TODAY, schedule
from notifications.mails.views import ScheduleView
from notifications.templates.values import Sum, Term


class Facts(ScheduleFacts):
    """The bank took a payment back (PAY-13)."""

    kind: Literal["payment_reversed"] = "payment_reversed"
    amount: PositiveAmount
    method: Method
    reason: ReversalReason
    effective_on: date
    beyond: Amount = 0
    """The part that had been settled before, so that the contract no longer had it."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that the bank took back; ``beyond`` is the part that had been settled before."""

    amount: Sum
    method: Term
    reason: Term
    reversed_on: date
    beyond: Sum


@dataclass(frozen=True, slots=True)
class View(ScheduleView):
    """The variables of its templates."""

    payment: Payment


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, payment=known.part(Payment, facts, reversed_on=facts.effective_on))


def sample(currency: str) -> Facts:
    """A direct debit that was returned."""
    return Facts(
        amount=18_000,
        method="direct_debit",
        reason="returned_debit",
        effective_on=TODAY,
        **schedule(currency, late={"on_request": True}),
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample, due={PaymentReversed: Facts.of})
