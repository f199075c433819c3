"""What the mails of a contract need to know of it: its number, and what may overtake them (CON-20, CON-21, CON-27)."""

from datetime import date

from carnet.decisions import State
from carnet.events.base import Event
from carnet.events.contracts import ContractCancelled, PlansGivenBack, PlansWithheld
from carnet.events.subscriptions import (
    SubscriptionCancelled,
    SubscriptionPaused,
    SubscriptionPauseLifted,
    SubscriptionRenewalAnnounced,
)


class NumberedContract(State):
    """A contract: its number, such as ``2027-0042``; empty if it was opened before there were any."""

    number: str
    renewal: int | None = None
    """The period with which its subscription renews as it was announced; None once that does not take place so."""
    renews_on: date | None = None
    """The first day of that period."""
    withheld: bool | None = None
    """Whether what its plans open is withheld as a payment is late (CON-20); None if it never was."""


def after(known: NumberedContract | None, event: Event, *, contract: str, organisation: str) -> NumberedContract | None:
    """What is known of a contract once the event has happened.

    A renewal is announced, or does not take place so; what plans open is withheld, or given back.
    """
    before = known or NumberedContract(id=contract, organisation=organisation, number="")
    if isinstance(event, PlansWithheld | PlansGivenBack):
        return before.model_copy(update={"withheld": isinstance(event, PlansWithheld)})
    if isinstance(event, SubscriptionRenewalAnnounced):
        return before.model_copy(update={"renewal": event.period, "renews_on": event.renews_on})
    if known is None or known.renewal is None or known.renews_on is None:
        return known
    gone = (
        isinstance(event, ContractCancelled)
        or (isinstance(event, SubscriptionCancelled) and event.cancelled_from <= known.renews_on)
        or (isinstance(event, SubscriptionPaused | SubscriptionPauseLifted) and event.period <= known.renewal)
    )
    return known.model_copy(update={"renewal": None, "renews_on": None}) if gone else known
