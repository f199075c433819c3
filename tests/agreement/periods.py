"""What a subscription must come to, reckoned beside the code: its periods, counted from the first day."""

import itertools
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import floor

from tests.agreement.school import PERIOD

MOST = 200
"""Periods that a history can come to: each moves the clock by a month at most."""

NEVER = date.max


@dataclass
class Paused:
    """A pause: the periods from ``number`` on had the days ``before``, until it is lifted or over."""

    on: date
    months: int | None
    number: int
    before: list[tuple[date, date]]
    lifted: bool = False


@dataclass
class Subscribed:
    """A subscription by the month: the first and the last day of each of its periods, from number 1 on."""

    days: list[tuple[date, date]]
    billed: int = 0
    """How many of them are lines by now."""
    prices: list[int] = field(default_factory=lambda: [PERIOD] * MOST)
    pause: Paused | None = None
    cancelled_on: date | None = None
    by_days: bool = False
    bill_from: date = date.min

    @classmethod
    def since(cls, first: date) -> "Subscribed":
        """One that begins on that day, billed for its minimum term of two periods."""
        return cls(counted(first, 0, first.day, MOST), billed=2)

    def first(self, number: int) -> date:
        return self.days[number - 1][0]

    def is_cancelled(self, number: int) -> bool:
        """Whether it is cancelled before that period begins (CON-17)."""
        return self.cancelled_on is not None and self.first(number) >= self.cancelled_on

    def line(self, number: int) -> tuple[date, date, int]:
        """The first day, the last day and the price of a period that is billed."""
        first, last = self.days[number - 1]
        price = self.prices[number - 1]
        if self.by_days and self.cancelled_on is not None and first < self.cancelled_on <= last:
            until = self.cancelled_on - timedelta(days=1)
            share = Fraction(price * ((until - first).days + 1), (last - first).days + 1)
            return first, until, floor(share + Fraction(1, 2))
        return first, last, price

    def is_due(self, today: date) -> bool:
        """Whether the next period is billed by that day: one ahead, from the first day of the last one (CON-21)."""
        number = self.billed + 1
        if self.is_cancelled(number) or self.first(number) == NEVER:
            return False
        return max(self.first(self.billed), self.bill_from) <= today

    def begins_from(self, on: date) -> int:
        """The first period that begins on that day or after."""
        return next(number for number in range(1, MOST + 1) if self.first(number) >= on)

    def pauses(self, on: date, months: int | None, today: date) -> None:
        """It is paused, or its pause made longer, as was accepted (CON-18)."""
        number, lasting = self.begins_from(on), self.pause
        if lasting is not None and lasting.number == number and self._lasts(lasting, today):
            on, months = lasting.on, None if months is None or lasting.months is None else lasting.months + months
            self.days = list(lasting.before)
        before = list(self.days)
        if months is None:
            self.days = before[: number - 1] + [(NEVER, NEVER)] * (MOST - number + 1)
        else:
            anchor = self._day_of(number)
            first = before[number - 1][0]
            self.days = before[: number - 1] + counted(first, months, anchor, MOST - number + 1)
        self.pause = Paused(on, months, number, before)

    def lifts(self, on: date | None, today: date) -> None:
        """The pause is lifted from a day on, or taken back, as was accepted (CON-18)."""
        pause = self.pause
        assert pause is not None
        usual = pause.before[pause.number - 1][0]
        if on is None or on <= usual:
            self.days = list(pause.before)
        else:
            rest = counted(on, 0, on.day, MOST - pause.number + 1)
            self.days = pause.before[: pause.number - 1] + rest
        self.pause = None if on is None else Paused(pause.on, pause.months, pause.number, pause.before, lifted=True)
        if on is not None:
            self.bill_from = today

    def _lasts(self, pause: Paused, today: date) -> bool:
        return today < self.first(pause.number)

    def _day_of(self, number: int) -> int:
        """The day of the month on which periods begin from that one on: the latest of them, none being shorter."""
        return max(first.day for first, _ in self.days[number - 1 : number + 11])


def counted(first: date, moved: int, day: int, many: int) -> list[tuple[date, date]]:
    """So many months from a day on, ``moved`` by some: on a day of the month, or the last of a shorter one (MON-3)."""
    begins = [on_day(first, moved + months, day) for months in range(many + 1)]
    return [(begin, after - timedelta(days=1)) for begin, after in itertools.pairwise(begins)]


def on_day(first: date, months: int, day: int) -> date:
    """The day of the month, so many months after the one of ``first``."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))
