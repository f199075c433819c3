"""The mails, a folder each: its facts and variables (``__init__.py``), its English text (``en.md``) and French one.

A new folder is a new kind of mail. It is found here, its events are handled, its templates are shown, previewed and
checked, pages call it by its name, and ``carnet verify`` proves it, without a line elsewhere. Only a mail about what is
gathered from several events needs more: see ``domain.dossiers`` and ``domain.bursts``.
"""

from functools import reduce
from importlib import import_module
from operator import or_
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from carnet.events.base import Event
from notifications.mails.definition import MailKind
from notifications.mails.facts import Facts

MAILS: dict[str, MailKind] = {
    folder.name: import_module(f"{__name__}.{folder.name}").MAIL for folder in iter_modules(__path__) if folder.ispkg
}
"""Each mail by its kind, which is the name of its folder."""

KINDS: tuple[str, ...] = tuple(MAILS)
SUPPORT_KINDS: frozenset[str] = frozenset(kind for kind, mail in MAILS.items() if mail.to == "support")
"""The kinds that go to the organisation's support address; the others go to the account's owner."""

if TYPE_CHECKING:
    Kind = str
    """What a mail is about (NOT-1)."""
    AnyFacts = Facts
    """The facts of a mail, read by their kind."""
else:
    Kind = Literal[KINDS]
    AnyFacts = Annotated[reduce(or_, (mail.facts for mail in MAILS.values())), Field(discriminator="kind")]


def kinds_due_by(event: type[Event]) -> tuple[str, ...]:
    """The kinds of mail that this type of event makes due on its own."""
    return tuple(kind for kind, mail in MAILS.items() if event in mail.due)


DUE: dict[type[Event], tuple[str, ...]] = {event: kinds_due_by(event) for mail in MAILS.values() for event in mail.due}
"""The kinds of mail that each event makes due on its own; openings, changes and what staff moves are gathered first."""


def facts_due(event: Any) -> tuple[Facts, ...]:
    """The facts of each mail that this event makes due."""
    mails = (MAILS[kind] for kind in DUE.get(type(event), ()))
    return tuple(mail.due[type(event)](event) for mail in mails if mail.when(event))
