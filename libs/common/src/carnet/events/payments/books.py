"""The books: what the accountant's export says, and which periods are closed (INV-7)."""

from datetime import date
from typing import ClassVar

from carnet.events.base import Event, Topic
from carnet.events.payments.schedules import SCHEDULES


class BooksSettingsChanged(Event):
    """The accounts that the accounting export names were changed; in a sequence of the books (INV-7)."""

    topic: ClassVar[Topic] = SCHEDULES

    accounts: tuple[str, ...]
    """The numbers of the accounts that the export uses from now on, each once."""


class PeriodClosed(Event):
    """A period was closed: its export never changes, and what is entered later falls in the next one (INV-7)."""

    topic: ClassVar[Topic] = SCHEDULES

    until: date
    """The last day of what is closed, in the organisation's time zone."""
    effective_on: date
