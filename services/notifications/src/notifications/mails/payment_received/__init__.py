"""A payment was received, recorded by staff or collected online (PAY-6, PAY-7)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import Method, PaymentCollected
from carnet.money import PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ScheduleFacts
from notifications.mails.samples import TODAY, schedule
from notifications.mails.views import ScheduleView
from notifications.templates.values import Sum, Term


class Facts(ScheduleFacts):
    """A payment was received, recorded by staff or collected online (PAY-6, PAY-7)."""

    kind: Literal["payment_received"] = "payment_received"
    amount: PositiveAmount
    method: Method
    received_on: date
    online: bool = False
    """True if it was collected online; staff recorded the others."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that was received; ``online`` if it was collected."""

    amount: Sum
    method: Term
    received_on: date
    online: bool


@dataclass(frozen=True, slots=True)
class View(ScheduleView):
    """The variables of its templates."""

    payment: Payment


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, payment=known.part(Payment, facts))


def facts_of(event: PaymentCollected) -> Facts:
    """The facts of the event."""
    return Facts.of(event, online=event.attempt is not None)


def sample(currency: str) -> Facts:
    """A cheque on site."""
    return Facts(
        amount=18_000,
        method="cheque",
        received_on=TODAY,
        **schedule(currency, mode="on_site"),
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample, due={PaymentCollected: facts_of})
