"""What notifications publishes: which mail was sent for which event, and whose words are used; never an address."""

from typing import ClassVar

from carnet.events.base import Event, Topic
from carnet.events.catalog import Language
from carnet.ids import Id

MESSAGES = Topic("notifications.messages", "facts")


class EmailSent(Event):
    """The mail server took the mail."""

    topic: ClassVar[Topic] = MESSAGES

    mail: Id
    kind: str
    account: Id | None
    """The client's account; none for a mail to support."""
    cause: Id
    """The id of the event or change that the mail is about."""
    attempts: int


class EmailFailed(Event):
    """The last attempt failed too; staff can send it again by hand (NOT-3)."""

    topic: ClassVar[Topic] = MESSAGES

    mail: Id
    kind: str
    account: Id | None
    cause: Id
    attempts: int
    reason: str


class EmailDropped(Event):
    """The mail was not sent, since nothing of what it would say is true any more: what it recalled is paid (PAY-10)."""

    topic: ClassVar[Topic] = MESSAGES

    mail: Id
    kind: str
    account: Id | None
    cause: Id


class EmailRequeued(Event):
    """Staff sends the mail again by hand (NOT-3); another ``EmailSent`` or ``EmailFailed`` follows."""

    topic: ClassVar[Topic] = MESSAGES

    mail: Id
    kind: str
    account: Id | None
    cause: Id


class TemplateChanged(Event):
    """The organisation says a kind of mail in its own words from now on (NOT-2)."""

    topic: ClassVar[Topic] = MESSAGES

    template: Id
    kind: str
    language: Language


class TemplateRestored(Event):
    """The organisation went back to the default words for a kind of mail (NOT-2)."""

    topic: ClassVar[Topic] = MESSAGES

    template: Id
    kind: str
    language: Language


EVENTS: tuple[type[Event], ...] = (
    EmailSent,
    EmailFailed,
    EmailRequeued,
    TemplateChanged,
    TemplateRestored,
    EmailDropped,
)
