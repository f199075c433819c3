"""An instalment could not be collected online (PAY-6): why, what to do, and when it is tried again, if it is."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import FailureReason, OnlineMethod, PaymentFailed
from carnet.money import Amount, PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ScheduleFacts
from notifications.mails.samples import NEXT_TRY, TODAY, schedule
from notifications.mails.views import ScheduleView
from notifications.templates.values import Sum, Term


class Facts(ScheduleFacts):
    """An instalment could not be collected online (PAY-6)."""

    kind: Literal["payment_failed"] = "payment_failed"
    amount: PositiveAmount
    method: OnlineMethod
    due: date
    reason: FailureReason
    next_try: date | None
    left: Amount
    """The part of the instalment that is still due; zero if the contract changed meanwhile and it is gone."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that could not be collected, and ``left``, the part that is still due."""

    amount: Sum
    method: Term
    due: date
    reason: Term
    next_try: date | None
    left: Sum


@dataclass(frozen=True, slots=True)
class View(ScheduleView):
    """The variables of its templates."""

    payment: Payment


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, payment=known.part(Payment, facts))


def facts_of(event: PaymentFailed) -> Facts:
    """The facts of the event, and what is left of the instalment in the schedule as it then is."""
    return Facts.of(event, left=sum(each.amount for each in event.instalments if each.id == event.instalment))


def sample(currency: str) -> Facts:
    """A card that has expired, tried again three days later."""
    return Facts(
        amount=18_000,
        method="card",
        due=TODAY,
        reason="expired",
        next_try=NEXT_TRY,
        left=18_000,
        **schedule(currency, late={"next_try": NEXT_TRY}),
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample, due={PaymentFailed: facts_of})
