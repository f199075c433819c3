"""What notifications tells: which mail was sent for which event. Never an address or a text."""

from typing import ClassVar

from carnet.events.base import Event, Topic
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
    """The id of the event or change that the mail tells of."""
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


EVENTS: tuple[type[Event], ...] = (EmailSent, EmailFailed)
