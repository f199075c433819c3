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


class Cancellation(Tolerant):
    """That a subscription is cancelled at a date: periods that begin on it or after are (CON-17).

    ``by_days`` says whether the period under way then is priced by its days.
    """

    on: date
    by_days: bool = False


class Subscription(Tolerant):
    """A subscription, whose contract is its own (CON-21).

    ``sold`` is the purchase of its first period, which each further one copies with its own days; ``anchors`` are in
    the order of their numbers, the first one of period 1; the periods 1 to ``added`` are lines of the contract.
    """

    sold: Purchase
    anchors: tuple[Anchor, ...]
    added: int
    cancellation: Cancellation | None = None
    """The cancellation at a date, which may be to come (CON-17)."""

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

        None if it has all periods that it can have, or is cancelled before the next one begins.
        """
        if self.added >= MOST_PERIODS or self.is_cancelled(self.added + 1):
            return None
        return self.first_day(self.added)

    def is_cancelled(self, number: int) -> bool:
        """Whether the subscription is cancelled before that period begins."""
        return self.cancellation is not None and self.first_day(number) >= self.cancellation.on

    @property
    def ends_on(self) -> date | None:
        """The last day that is billed once it is cancelled; None if it is not, or is before it begins."""
        if self.cancellation is None or self.is_cancelled(1):
            return None
        last = next(n for n in range(1, MOST_PERIODS + 1) if self.is_cancelled(n + 1) or n == MOST_PERIODS)
        until = self.cancellation.on - timedelta(days=1)
        return min(self.last_day(last), until) if self.cancellation.by_days else self.last_day(last)

    def purchase(self, number: int, line: str, bought_on: date) -> Purchase:
        """The purchase of a period, as the line of that id; of one in which it is cancelled, as it then is."""
        first_day, last_day = self.first_day(number), self.last_day(number)
        facts = {"line": line, "period": number, "first_day": first_day, "last_day": last_day, "bought_on": bought_on}
        return self.as_cancelled(self.sold.model_copy(update=facts))

    def as_cancelled(self, purchase: Purchase) -> Purchase:
        """A period up to the cancellation, at the price of its days, half up, if it is priced by them (CON-17)."""
        cancellation, first, last = self.cancellation, purchase.first_day, purchase.last_day
        if cancellation is None or not cancellation.by_days or first is None or last is None:
            return purchase
        until = cancellation.on - timedelta(days=1)
        if not first <= until < last:
            return purchase
        price = by_days(purchase.price, (until - first).days + 1, (last - first).days + 1)
        return purchase.model_copy(update={"last_day": until, "price": price})

    def _anchor(self, number: int) -> Anchor:
        return next(anchor for anchor in reversed(self.anchors) if anchor.number <= number)


def by_days(price: int, days: int, of_days: int) -> int:
    """The price of so many days of a period, rounded half up.

    >>> by_days(4500, 10, 31), by_days(1, 1, 2)
    (1452, 1)
    """
    return (2 * price * days + of_days) // (2 * of_days)


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
