"""The pause of a subscription was lifted or taken back (CON-18): once the change and its schedule are known."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.money import Amount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ScheduleFacts
from notifications.mails.samples import CONTRACT, TODAY, balance_of, instalments_of
from notifications.mails.views import ScheduleView


class Facts(ScheduleFacts):
    """The pause of a subscription was lifted or taken back."""

    kind: Literal["pause_lifted"] = "pause_lifted"
    effective_on: date
    name: str
    participant: str | None = None
    """The member who takes part; None if it is for nobody in particular."""
    paused_from: date
    lifted_on: date | None = None
    """None if the pause was taken back before it began."""
    resumes_on: date
    """The day on which the next period begins."""
    total: Amount


@dataclass(frozen=True, slots=True)
class View(ScheduleView):
    """The variables of its templates."""

    effective_on: date
    name: str
    participant: str
    paused_from: date
    taken_back: bool
    """True if the pause does not take place at all."""
    resumes_on: date


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, participant=known.name(facts.participant), taken_back=facts.lifted_on is None)


def sample(currency: str) -> Facts:
    """A pause that is lifted."""
    return Facts(
        contract=CONTRACT,
        mode="online",
        currency=currency,
        effective_on=TODAY,
        name="Studio",
        paused_from=date(2027, 8, 1),
        lifted_on=date(2027, 9, 20),
        resumes_on=date(2027, 9, 20),
        total=22_500,
        balance=balance_of(22_500, 18_000),
        instalments=instalments_of(4_500),
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample)
