"""The periods of a subscription: how they are counted, and what the next one is (CON-21, MON-3)."""

from datetime import date, timedelta
from typing import Final

from carnet.dates import months_after
from carnet.events.catalog import PeriodUnit, SubscriptionDetails
from carnet.events.contracts import Purchase
from carnet.tolerance import Tolerant

MOST_PERIODS: Final = 480
"""Periods that a subscription has at most, forty years of months: so its contract and its events stay bounded."""

_MONTHS = {"month": 1, "year": 12}


class Anchor(Tolerant):
    """Where periods are counted from: the period ``number`` begins on ``first_day``.

    ``day`` is the day of the month on which they begin, or the last one of a shorter month (MON-3).
    """

    number: int
    first_day: date
    day: int

    @classmethod
    def on(cls, number: int, first_day: date) -> "Anchor":
        """The period ``number`` begins on that day, and those after it on its day of the month."""
        return cls(number=number, first_day=first_day, day=first_day.day)


class Subscription(Tolerant):
    """A subscription, whose contract is its own (CON-21).

    ``sold`` is the purchase of its first period, which each further one copies with its own days; ``anchors`` are in
    the order of their numbers, the first one of period 1; the periods 1 to ``added`` are lines of the contract.
    """

    sold: Purchase
    anchors: tuple[Anchor, ...]
    added: int

    @property
    def details(self) -> SubscriptionDetails:
        """What its product says of it, as it was sold (CAT-4)."""
        if not isinstance(self.sold.details, SubscriptionDetails):
            raise TypeError("only a subscription has periods")
        return self.sold.details

    def first_day(self, number: int) -> date:
        """The first day of a period."""
        return begins(self._anchor(number), number, self.details.unit, self.details.every)

    def last_day(self, number: int) -> date:
        """The last day of a period: the day before the next one would begin, if nothing moved that."""
        return begins(self._anchor(number), number + 1, self.details.unit, self.details.every) - timedelta(days=1)

    @property
    def minimum_until(self) -> date:
        """The last day of the minimum term."""
        return self.last_day(self.details.minimum)

    @property
    def next_on(self) -> date | None:
        """The day from which the next period is billed: the first of the last one, so one period ahead (CON-21).

        None if it has all periods that a subscription can have.
        """
        return self.first_day(self.added) if self.added < MOST_PERIODS else None

    def purchase(self, number: int, line: str, bought_on: date) -> Purchase:
        """The purchase of a period, as the line of that id."""
        return self.sold.model_copy(
            update={
                "line": line,
                "period": number,
                "first_day": self.first_day(number),
                "last_day": self.last_day(number),
                "bought_on": bought_on,
            }
        )

    def _anchor(self, number: int) -> Anchor:
        return next(anchor for anchor in reversed(self.anchors) if anchor.number <= number)


def begins(anchor: Anchor, number: int, unit: PeriodUnit, every: int) -> date:
    """The first day of a period, counted from its anchor and never from the period before (MON-3).

    >>> monthly = Anchor.on(1, date(2028, 1, 31))
    >>> [begins(monthly, number, "month", 1).isoformat() for number in (1, 2, 3)]
    ['2028-01-31', '2028-02-29', '2028-03-31']
    """
    periods = number - anchor.number
    if unit == "week":
        return anchor.first_day + timedelta(weeks=periods * every)
    return months_after(anchor.first_day, periods * every * _MONTHS[unit], anchor.day)
