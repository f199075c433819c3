"""A subscription was cancelled at a date (CON-17), once the change and the schedule that answers it are known.

It takes the place of ``contract_changed``.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.money import Amount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ScheduleFacts
from notifications.mails.samples import CONTRACT, TODAY, balance_of, instalments_of
from notifications.mails.views import ScheduleView
from notifications.templates.values import Sum


class Facts(ScheduleFacts):
    """A subscription was cancelled at a date."""

    kind: Literal["subscription_cancelled"] = "subscription_cancelled"
    effective_on: date
    name: str
    participant: str | None = None
    """The member who takes part; None if it is for nobody in particular."""
    ends_on: date | None = None
    """The last day that is billed; None if the subscription never begins."""
    by_days: bool
    fee: Amount
    """In minor units; zero if there is none."""
    total_before: Amount
    total: Amount


@dataclass(frozen=True, slots=True)
class View(ScheduleView):
    """The variables of its templates."""

    effective_on: date
    name: str
    participant: str
    ends_on: date | None
    """The last day that is billed; absent if the subscription is cancelled before its first day."""
    by_days: bool
    """True if its last period is priced by its days."""
    fee: Sum
    total_before: Sum
    total: Sum


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, participant=known.name(facts.participant))


def sample(currency: str) -> Facts:
    """A subscription that ends within a period, with a fee."""
    return Facts(
        contract=CONTRACT,
        mode="online",
        currency=currency,
        effective_on=TODAY,
        name="Studio",
        ends_on=date(2027, 2, 10),
        by_days=True,
        fee=2_500,
        total_before=13_500,
        total=10_000,
        balance=balance_of(10_000, 4_500),
        instalments=instalments_of(5_500),
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample)
