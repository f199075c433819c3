"""Calendar dates of an organisation and instants in UTC (MON-3, MON-5)."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, PlainSerializer


def write_instant(instant: datetime) -> str:
    """An instant as Carnet writes it everywhere: UTC, microseconds, ``Z``; so text order is time order."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def read_instant(text: str) -> datetime:
    """The instant, in UTC, that a text names in ISO 8601 with its zone.

    Raises ``ValueError`` for anything else, and for what is outside the years 1 to 9999 in UTC, so that what was read
    can be written too.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is outside of the calendar") from None


Instant = Annotated[AwareDatetime, PlainSerializer(write_instant, return_type=str, when_used="json")]
"""An instant with its zone on the way in, UTC with ``Z`` on the way out."""


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day_written(value: object) -> object:
    # Read here, since what pydantic is handed by a validator is a Python text, which a strict date refuses;
    # and a bare number would be read as seconds since 1970.
    if not isinstance(value, str | int | float):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("write a date as YYYY-MM-DD, in quotes")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("write a date that exists as YYYY-MM-DD") from None


def _instant_written(value: object) -> object:
    if not isinstance(value, str | int | float):
        return value
    try:
        if isinstance(value, str) and "T" in value:
            return read_instant(value)
    except ValueError:
        pass
    raise ValueError("write an instant with its zone, such as 2027-01-31T09:00:00Z")


def _in_reach(day: date) -> date:
    if not 1900 <= day.year < 2200:
        raise ValueError("write a date from 1900-01-01 to 2199-12-31")
    return day


Day = Annotated[date, BeforeValidator(_day_written), AfterValidator(_in_reach)]
"""A calendar date that somebody writes, ``YYYY-MM-DD``: from 1900 to 2199, so that adding months cannot overflow."""

GivenInstant = Annotated[AwareDatetime, BeforeValidator(_instant_written)]
"""An instant that somebody writes: ISO 8601 with its zone, ``2027-01-31T09:00:00Z``."""


_time_zones = cache(available_timezones)  # which walks the whole folder of zones each time that it is asked


def known_time_zone(name: str) -> str:
    """``name`` where it is an IANA time zone, else ``ValueError``."""
    if name not in _time_zones():
        raise ValueError(f"{name!r} is not an IANA time zone; write one such as Europe/Paris")
    return name


TimeZone = Annotated[str, AfterValidator(known_time_zone)]


def utc_now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def local_in(time_zone: str, now: datetime, clock_ahead: int = 0) -> datetime:
    """What the clock of an organisation shows at ``now``, in its time zone (MON-5).

    ``clock_ahead`` is how many seconds the clock of a test organisation is ahead (ORG-5).
    """
    return (now + timedelta(seconds=clock_ahead)).astimezone(ZoneInfo(time_zone))


def today_in(time_zone: str, now: datetime, clock_ahead: int = 0) -> date:
    """The calendar date of an organisation at ``now`` (MON-5)."""
    return local_in(time_zone, now, clock_ahead).date()


def on_day(year: int, month: int, day: int) -> date:
    """The ``day`` of that month, or its last day where it is shorter (MON-3)."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def months_after(start: date, months: int, day: int) -> date:
    """The date ``months`` after the month of ``start``, on the schedule's ``day`` of the month (MON-3).

    >>> months_after(date(2027, 1, 31), 1, 31), months_after(date(2027, 2, 28), 1, 31)
    (datetime.date(2027, 2, 28), datetime.date(2027, 3, 31))
    """
    index = start.year * 12 + start.month - 1 + months
    return on_day(index // 12, index % 12 + 1, day)


def last_day_of(start: date, months: int) -> date:
    """The last day of what is valid for ``months`` from ``start``: the day before that day so many months on (CAT-3).

    >>> last_day_of(date(2027, 9, 1), 12), last_day_of(date(2027, 8, 31), 1), last_day_of(date(2028, 2, 29), 12)
    (datetime.date(2028, 8, 31), datetime.date(2027, 9, 29), datetime.date(2029, 2, 27))
    """
    return months_after(start, months, start.day) - timedelta(days=1)


def month_after(latest: date, day: int) -> date:
    """One month after ``latest``: on the schedule's ``day`` if ``latest`` is on it, else on its own day (PAY-5).

    >>> month_after(date(2027, 2, 28), 31), month_after(date(2027, 2, 28), 5)
    (datetime.date(2027, 3, 31), datetime.date(2027, 3, 28))
    """
    on_the_day = on_day(latest.year, latest.month, day) == latest
    return months_after(latest, 1, day if on_the_day else latest.day)


def monthly(first: date, count: int) -> list[date]:
    """``count`` monthly dates from ``first``, whose day is the schedule's day of the month (MON-3)."""
    return [months_after(first, index, first.day) for index in range(count)]
