"""An instalment is due and the account has no payment method to collect it by (PAY-12); once per instalment."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import PaymentMethodMissing
from carnet.money import PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ScheduleFacts
from notifications.mails.samples import TODAY, schedule
from notifications.mails.views import ScheduleView
from notifications.templates.values import Sum


class Facts(ScheduleFacts):
    """An instalment is due and the account has no payment method to collect it by (PAY-12)."""

    kind: Literal["method_missing"] = "method_missing"
    amount: PositiveAmount
    due: date


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that is due and has no payment method to collect it by."""

    amount: Sum
    due: date


@dataclass(frozen=True, slots=True)
class View(ScheduleView):
    """The variables of its templates."""

    payment: Payment


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, payment=known.part(Payment, facts))


def sample(currency: str) -> Facts:
    """An instalment that waits for a payment method."""
    return Facts(
        amount=18_000,
        due=TODAY,
        **schedule(currency, late={"waits_for_method": True}),
    )


MAIL = MailKind(
    to="client", facts=Facts, view=View, compose=compose, sample=sample, due={PaymentMethodMissing: Facts.of}
)
