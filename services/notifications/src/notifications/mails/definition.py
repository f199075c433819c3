"""What a mail is: each folder beside this file defines one, as ``MAIL``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from carnet.events.base import Event
from notifications.mails.composing import Known
from notifications.mails.facts import Facts
from notifications.mails.views import View


def _always(_event: Event) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class MailKind:
    """A kind of mail: who receives it, its facts, the variables of its templates, and the events that make it due.

    ``due`` maps each event that makes it due on its own to a function that returns its facts; ``when`` decides which of
    these events have a mail. ``compose`` returns the variables of its templates, ``sample`` the facts
    to preview them with, in a currency. Its name and its default texts are beside it, in ``en.md`` and ``fr.md``.

    ``about`` names the fact that is the id of the aggregate of those events. By it, ``carnet verify`` finds the mails
    beside the events: each event has its mail, and what both have under one name is the same.
    """

    to: Literal["client", "support"]
    facts: type[Facts]
    view: type[View]
    compose: Callable[[Any, Known], View]
    sample: Callable[[str], Facts]
    due: Mapping[type[Event], Callable[[Any], Facts]] = field(default_factory=dict)
    when: Callable[[Any], bool] = _always
    about: str = "contract"
