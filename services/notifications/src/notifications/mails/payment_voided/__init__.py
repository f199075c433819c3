"""A payment that staff had recorded was a wrong entry: it was never received (PAY-19)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import Method, PaymentVoided
from carnet.money import PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ScheduleFacts
from notifications.mails.samples import TODAY, schedule
from notifications.mails.views import ScheduleView
from notifications.templates.values import Sum, Term


class Facts(ScheduleFacts):
    """A payment that staff had recorded was a wrong entry: it was never received (PAY-19)."""

    kind: Literal["payment_voided"] = "payment_voided"
    amount: PositiveAmount
    method: Method
    received_on: date
    """The day on which it had been entered as received."""
    effective_on: date


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that had been entered by mistake, and when the entry was corrected."""

    amount: Sum
    method: Term
    received_on: date
    corrected_on: date


@dataclass(frozen=True, slots=True)
class View(ScheduleView):
    """The variables of its templates."""

    payment: Payment


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, payment=known.part(Payment, facts, corrected_on=facts.effective_on))


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(
        amount=50_000,
        method="cash",
        received_on=TODAY,
        effective_on=TODAY,
        **schedule(currency, mode="on_site"),
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample, due={PaymentVoided: Facts.of})
