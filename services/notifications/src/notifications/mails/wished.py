"""A client's request to cancel a subscription: what the mails about it, asked for and declined, have in common."""

from dataclasses import dataclass
from datetime import date

from notifications.mails.composing import Known
from notifications.mails.facts import ContractFacts
from notifications.mails.views import ContractView


class WishedFacts(ContractFacts):
    """A client asks for the cancellation of a subscription (CON-17)."""

    name: str
    participant: str | None = None
    """The member who takes part; None if it is for nobody in particular."""
    wished_on: date


@dataclass(frozen=True, slots=True)
class WishedView(ContractView):
    """The variables of the templates."""

    name: str
    participant: str
    wished_on: date


def compose(facts: WishedFacts, known: Known) -> WishedView:
    """The variables."""
    return known.view(WishedView, facts, participant=known.name(facts.participant))
