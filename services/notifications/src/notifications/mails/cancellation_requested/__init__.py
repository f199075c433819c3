"""A client asks for the cancellation of a subscription: support is told, to confirm or decline it (CON-17)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.subscriptions import CancellationRequested
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ContractFacts
from notifications.mails.samples import CONTRACT
from notifications.mails.views import ContractView


class Facts(ContractFacts):
    """A client asks for the cancellation of a subscription: support is told, to confirm or decline it (CON-17)."""

    kind: Literal["cancellation_requested"] = "cancellation_requested"
    name: str
    participant: str | None = None
    """The member who takes part; None where it is for nobody in particular."""
    wished_on: date


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    name: str
    participant: str
    wished_on: date


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, participant=known.name(facts.participant))


def facts_of(event: CancellationRequested) -> Facts:
    """The facts of the event."""
    return Facts.of(event)


def sample(currency: str) -> Facts:
    """A subscription of which a client asks the cancellation."""
    return Facts(contract=CONTRACT, currency=currency, name="Studio", wished_on=date(2027, 3, 1))


MAIL = MailKind(
    to="support", facts=Facts, view=View, compose=compose, sample=sample, due={CancellationRequested: facts_of}
)
