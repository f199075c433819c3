"""The periods of a subscription: how they are counted, and what the next one is (CON-21, MON-3)."""

from datetime import date, timedelta
from typing import Final, Self

from carnet.dates import months_after
from carnet.events.catalog import PeriodUnit, SubscriptionDetails
from carnet.events.contracts import Purchase
from carnet.tolerance import Tolerant

MOST_PERIODS: Final = 480
"""Periods that a subscription has at most, forty years of months: so its contract and its events stay bounded."""

OPEN_MONTHS: Final = 600
"""How many months a pause that is open moves periods until it is lifted: so far ahead that none is due meanwhile."""

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


class Price(Tolerant):
    """What periods cost from the one of that number on, in minor units, VAT included (CON-21)."""

    number: int
    price: int


class Wish(Tolerant):
    """That the client asks for the cancellation of a subscription from a date on, until that is answered (CON-17)."""

    wished_on: date
    asked_on: date


class Pause(Tolerant):
    """That a subscription is paused from the day ``on``, for so many ``months`` or openly (CON-18).

    ``number`` is the first period that had not begun then: it begins on ``resumes_on`` instead of ``first_day``, and
    the days between are not billed. It is the last anchor of the subscription, unless the lifting undid the pause.
    """

    on: date
    months: int | None
    number: int
    first_day: date
    resumes_on: date
    lifted_on: date | None = None
    """The day from which it is lifted, which may be to come."""

    @property
    def is_open(self) -> bool:
        """Whether it lasts until somebody lifts it."""
        return self.months is None and self.lifted_on is None

    def lasts(self, today: date) -> bool:
        """Whether it is to come or under way on that day."""
        return self.is_open or today < self.resumes_on


class Subscription(Tolerant):
    """A subscription, whose contract is its own (CON-21).

    ``sold`` is the purchase of its first period, which each further one copies with its own days; ``anchors`` are in
    the order of their numbers, the first one of period 1, and the last one of a number counts; the periods 1 to
    ``added`` are lines of the contract.
    """

    sold: Purchase
    anchors: tuple[Anchor, ...]
    added: int
    cancellation: Cancellation | None = None
    """The cancellation at a date, which may be to come (CON-17)."""
    pauses: tuple[Pause, ...] = ()
    """The pauses in their order (CON-18); at most the last one is to come or under way."""
    prices: tuple[Price, ...] = ()
    """The prices that staff gave since the sale, in the order of their numbers; before the first it is that sold at."""
    wish: Wish | None = None
    """The client's request for its cancellation, until staff answers it or the client withdraws it."""
    bill_from: date | None = None
    """The day on which a pause was lifted last: what waited for that is billed from then on."""
    announced: int = 0
    """The last period of which the client was informed before it renewed the term (CON-21)."""

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
    def minimum_until(self) -> date | None:
        """The last day of the minimum term; None if it goes on once an open pause is lifted."""
        return None if self.waits(self.details.minimum) else self.last_day(self.details.minimum)

    @property
    def renewal(self) -> int | None:
        """The period with which the present term renews unless it is cancelled before (CON-21).

        The first term is the minimum one; later ones are single periods, if these have a year or more: of
        shorter ones no client has to be informed. None if nothing renews, or none before an open pause is lifted.
        """
        minimum = self.details.minimum
        number = max(minimum, self.added - 1) + 1
        if number > MOST_PERIODS or (number > minimum + 1 and not _is_long(self.details)):
            return None
        return None if self.is_cancelled(number) or self.waits(number) else number

    @property
    def next_on(self) -> date | None:
        """The day from which the next period is billed: the first of the last one, so one period ahead (CON-21).

        Where it waited for a pause to be lifted, it is billed once that is. None if it has all periods that it can
        have, is cancelled before the next one begins, or is paused openly.
        """
        if self.added >= MOST_PERIODS or self.is_cancelled(self.added + 1) or self.waits(self.added + 1):
            return None
        return max(self.first_day(self.added), self.bill_from or date.min)

    def is_cancelled(self, number: int) -> bool:
        """Whether the subscription is cancelled before that period begins."""
        return self.cancellation is not None and self.first_day(number) >= self.cancellation.on

    def waits(self, number: int) -> bool:
        """Whether that period has no day until the open pause is lifted (CON-18)."""
        return bool(self.pauses) and self.pauses[-1].is_open and number >= self.pauses[-1].number

    def pause(self, today: date) -> Pause | None:
        """The pause that is to come or under way on that day."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].lasts(today) else None

    def first_from(self, on: date) -> int:
        """The first period that begins on that day or after, or the last one that it can have."""
        return next((number for number in range(1, MOST_PERIODS) if self.first_day(number) >= on), MOST_PERIODS)

    def paused(self, on: date, number: int, months: int | None) -> Self:
        """The subscription once the period of that number, and those after it, begin so many months later.

        None for ``months`` is an open pause. A pause that moved the same period and lasts is to be taken off before.
        """
        anchor, first_day = self._anchor(number), self.first_day(number)
        day = first_day.day if self.details.unit == "week" else anchor.day
        resumes_on = months_after(first_day, OPEN_MONTHS if months is None else months, day)
        pause = Pause(on=on, months=months, number=number, first_day=first_day, resumes_on=resumes_on)
        moved = Anchor(number=number, first_day=resumes_on, day=day)
        return self.model_copy(update={"anchors": (*self.anchors, moved), "pauses": (*self.pauses, pause)})

    def lifted(self, on: date, today: date) -> Self:
        """The subscription once, as of ``today``, the first period that its last pause moved begins on that day.

        It begins on the day on which it would have begun without the pause, if that is later: the pause then moves
        nothing, and the periods are counted as if it had never been.
        """
        pause, before = self.pauses[-1], self.without_pause()
        resumes_on = max(on, pause.first_day)
        anchors = () if resumes_on == pause.first_day else (Anchor.on(pause.number, resumes_on),)
        lifted = pause.model_copy(update={"lifted_on": on, "resumes_on": resumes_on})
        moved = {"anchors": (*before.anchors, *anchors), "pauses": (*before.pauses, lifted)}
        return before.model_copy(update={**moved, "bill_from": today})

    def without_pause(self) -> Self:
        """The subscription as if its last pause had never been."""
        pause = self.pauses[-1]
        anchors = self.anchors[:-1] if pause.resumes_on != pause.first_day else self.anchors
        return self.model_copy(update={"anchors": anchors, "pauses": self.pauses[:-1]})

    def announcing_again(self, before: Self | None) -> Self:
        """The same, whose renewal is announced again if it was, and its day is not that of ``before`` any more."""
        number = self.announced
        if not number or before is None or self.first_day(number) == before.first_day(number):
            return self
        return self.model_copy(update={"announced": number - 1})

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
        price, usual = self.price(number), self.sold.list_price or self.sold.price
        prices = {"price": price, "list_price": None if price == usual else usual}
        sold = self.sold.model_copy(update={"line": line, "period": number, "bought_on": bought_on, **prices})
        return self.as_cancelled(self.dated(sold))

    def price(self, number: int) -> int:
        """What a period costs when it is billed, in minor units."""
        prices = (each.price for each in reversed(self.prices) if each.number <= number)
        return next(prices, self.sold.price)

    def priced(self, number: int, price: int) -> Self:
        """The subscription once the period of that number and those after it have that price."""
        before = tuple(each for each in self.prices if each.number < number)
        return self.model_copy(update={"prices": (*before, Price(number=number, price=price))})

    def dated(self, purchase: Purchase) -> Purchase:
        """A period with the days that its number has by now."""
        number = purchase.period or 1
        days = {"first_day": self.first_day(number), "last_day": self.last_day(number)}
        return purchase.model_copy(update=days)

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


def _is_long(details: SubscriptionDetails) -> bool:
    """Whether a period has a year or more."""
    return details.every >= {"week": 52, "month": 12, "year": 1}[details.unit]


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
