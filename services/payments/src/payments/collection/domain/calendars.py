"""PAY-6, PAY-11: when an organisation's instalments are collected, and when again after a failed attempt."""

from datetime import date, datetime, timedelta

from carnet.decisions import Context, Decision, State
from carnet.events import payments as published


class CollectionCalendar(State):
    """The calendar of one organisation; its id is the organisation's."""

    hour: int | None = 6
    """The hour of its day from which what is due is collected; None if nothing is collected automatically."""
    retry_after: tuple[int, ...] = (3, 7)
    """Days after each failed attempt until the next; after the last of them there is none."""
    asked_on: date | None = None
    """The date on which staff last asked to collect what is due, whatever the hour."""

    def next_try(self, tries: int, today: date) -> date | None:
        """When an instalment is attempted again that has failed so many times, the last time ``today``."""
        if tries > len(self.retry_after):
            return None
        return today + timedelta(days=self.retry_after[tries - 1])


def collected_until(calendar: CollectionCalendar, local: datetime) -> date | None:
    """The date until which what is due is collected now: today from the hour on or once asked for, before yesterday.

    None if nothing is collected automatically. ``local`` is the organisation's clock, in its time zone.
    """
    today = local.date()
    if calendar.asked_on == today:
        return today
    if calendar.hour is None:
        return None
    return today if local.hour >= calendar.hour else today - timedelta(days=1)


def change_calendar(
    calendar: CollectionCalendar, hour: int | None, retry_after: tuple[int, ...]
) -> Decision[CollectionCalendar]:
    """Collect from another hour on, or try again after other days; instalments keep the next try that they have."""
    state = calendar.model_copy(update={"hour": hour, "retry_after": retry_after})
    if state == calendar:
        return Decision(calendar, ())
    return Decision(state, (published.CollectionCalendarChanged(hour=hour, retry_after=retry_after),))


def ask_to_collect(calendar: CollectionCalendar, context: Context) -> Decision[CollectionCalendar]:
    """Collect what is due today, whatever the hour; nothing happens if that was asked for already."""
    if calendar.asked_on == context.today:
        return Decision(calendar, ())
    state = calendar.model_copy(update={"asked_on": context.today})
    return Decision(state, (published.CollectionAsked(on=context.today),))
