"""A subscription is paused, or its pause made longer (CON-18), once the change and its schedule are known.

It takes the place of ``contract_changed``.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.paused import PauseFacts, PauseView, sampled


class Facts(PauseFacts):
    """A subscription is paused."""

    kind: Literal["subscription_paused"] = "subscription_paused"
    months: int | None = None
    """For how many months; None for a pause that is open."""
    period: int
    """The first period that moves."""
    first_day: date
    """When that period would have begun."""
    resumes_on: date | None = None
    """When it begins instead; None while the pause is open."""


@dataclass(frozen=True, slots=True)
class View(PauseView):
    """The variables of its templates."""

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
    return Facts(months=1, period=5, first_day=date(2027, 8, 15), resumes_on=date(2027, 9, 15), **sampled(currency))


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample)
