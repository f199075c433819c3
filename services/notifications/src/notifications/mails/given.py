"""What is given to somebody by a code: what the mails about a gift voucher and a gift card have in common (CRE-8)."""

from carnet.events.base import Event
from carnet.ids import Id
from notifications.mails.composing import Known
from notifications.mails.facts import Facts


class GivenFacts(Facts):
    """What is given, and the person of the account to whom; the owner where there is none."""

    name: str
    code: str
    recipient: Id | None = None


def first_name(facts: GivenFacts, known: Known) -> str:
    """The first name of the person who receives the mail; empty if unknown or erased."""
    person = known.account.recipient if facts.recipient is None else known.account.person(facts.recipient)
    return person.first_name if person else ""


def is_given(facts: GivenFacts, known: Known) -> bool:
    """Whether it goes to another person than the client who bought it."""
    return facts.recipient not in (None, known.account.owner)


def is_sent_now(event: Event) -> bool:
    """Whether its mail waits for no day that the buyer chose, on which another event comes (CRE-8)."""
    return getattr(event, "send_on", None) is None
