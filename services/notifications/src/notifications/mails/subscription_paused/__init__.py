"""A subscription is paused (CON-18): once the change and the schedule that answers it are known."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from carnet.money import Amount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ScheduleFacts
from notifications.mails.samples import CONTRACT, TODAY, balance_of, instalments_of
from notifications.mails.views import ScheduleView


class Facts(ScheduleFacts):
    """A subscription is paused."""

    kind: Literal["subscription_paused"] = "subscription_paused"
    effective_on: date
    name: str
    participant: str | None = None
    """The member who takes part; None if it is for nobody in particular."""
    paused_from: date
    months: int | None = None
    """For how many months; None for a pause that is open."""
    period: int
    """The first period that moves."""
    first_day: date
    """When that period would have begun."""
    resumes_on: date | None = None
    """When it begins instead; None while the pause is open."""
    total: Amount


@dataclass(frozen=True, slots=True)
class View(ScheduleView):
    """The variables of its templates."""

    effective_on: date
    name: str
    participant: str
    paused_from: date
    billed_until: date | None
    """The last day that is billed before the pause; absent if the subscription has not begun."""
    resumes_on: date | None
    """The day on which the next period begins; absent if the pause is open."""


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    billed_until = facts.first_day - timedelta(days=1) if facts.period > 1 else None
    return known.view(View, facts, participant=known.name(facts.participant), billed_until=billed_until)


def sample(currency: str) -> Facts:
    """A subscription that is paused for a month."""
    return Facts(
        contract=CONTRACT,
        mode="online",
        currency=currency,
        effective_on=TODAY,
        name="Studio",
        paused_from=date(2027, 8, 1),
        months=1,
        period=5,
        first_day=date(2027, 8, 15),
        resumes_on=date(2027, 9, 15),
        total=22_500,
        balance=balance_of(22_500, 18_000),
        instalments=instalments_of(4_500),
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample)
