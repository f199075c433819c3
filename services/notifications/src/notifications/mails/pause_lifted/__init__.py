"""A pause of a subscription was lifted, or taken back before it began (CON-18), once its schedule is known.

It takes the place of ``contract_changed``.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.paused import PauseFacts, PauseView, sampled


class Facts(PauseFacts):
    """The pause of a subscription was lifted or taken back."""

    kind: Literal["pause_lifted"] = "pause_lifted"
    lifted_on: date | None = None
    """None if the pause was taken back before it began."""
    resumes_on: date
    """The day on which the next period begins."""


@dataclass(frozen=True, slots=True)
class View(PauseView):
    """The variables of its templates."""

    taken_back: bool
    """True if the pause does not take place at all."""
    resumes_on: date


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, participant=known.name(facts.participant), taken_back=facts.lifted_on is None)


def sample(currency: str) -> Facts:
    """A pause that is lifted."""
    return Facts(lifted_on=date(2027, 9, 20), resumes_on=date(2027, 9, 20), **sampled(currency))


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample)
