"""What a mail is: each folder beside this file defines one, as ``MAIL``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from carnet.events.base import Event
from notifications.mails.composing import Known
from notifications.mails.facts import Facts
from notifications.mails.views import View


@dataclass(frozen=True, slots=True)
class MailKind:
    """A kind of mail: to whom it goes, what it tells, what its templates may say, and what makes it due.

    ``due`` are the events that make it due by themselves, each with what makes facts of it, or none where no
    mail is due. ``compose`` makes the variables of its templates, and ``sample`` facts to preview them with, in a
    currency. The words are beside it, in ``en.md`` and ``fr.md``.
    """

    to: Literal["client", "support"]
    facts: type[Facts]
    view: type[View]
    compose: Callable[[Any, Known], View]
    sample: Callable[[str], Facts]
    due: Mapping[type[Event], Callable[[Any], Facts | None]] = field(default_factory=dict)
