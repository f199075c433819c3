"""When an organisation reminds of what is due (PAY-10), and of what was begun and not paid (NOT-4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self
from uuid import UUID, uuid5

from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from payments.schedules.domain.schedule import Part

_CALENDARS = UUID("d0c4c8ee-5b55-5f0e-9f0f-7d1f6b0e5a21")


def calendar_id(organisation: str) -> str:
    """The id of an organisation's calendar: a sequence of its own in the journal."""
    return str(uuid5(_CALENDARS, organisation))


class Step(Part):
    """A reminder so many days after a due date, before it where ``days`` is below zero, in the school's own words."""

    days: int
    text_en: str = ""
    text_fr: str = ""
    code: str = ""
    """The code of a voucher or a discount that comes with it (NOT-4); empty where none does."""

    def text(self, language: str) -> str:
        """Its words in a language, in the other one where there are none; empty where it has none."""
        words = (self.text_fr, self.text_en) if language == "fr" else (self.text_en, self.text_fr)
        return words[0] or words[1]


STEPS = (Step(days=-3), Step(days=1), Step(days=8), Step(days=15))
ORDER_STEPS = (Step(days=3), Step(days=10))


class ReminderCalendar(State):
    """The calendar of one organisation. Until staff turns it on, nothing is sent automatically."""

    active_since: date | None = None
    """The day on which it was turned on: steps that fell before it do not go. None while it is off."""
    hour: int = 9
    """The hour of the organisation's day from which reminders go."""
    steps: tuple[Step, ...] = STEPS
    """For instalments, by their days."""
    order_steps: tuple[Step, ...] = ORDER_STEPS
    """For what a contract leaves on no date: by the days since it waits."""
    staff_after: int | None = 22
    """How many days after a due date staff is informed that the reminders brought nothing; None: it is not.

    Of what is on no date, so many days after it began to wait, or with its last step where that comes later.
    """

    @classmethod
    def none_of(cls, organisation: str) -> Self:
        """The calendar of an organisation that has not changed its own."""
        return cls(id=calendar_id(organisation), organisation=organisation)

    @property
    def notice(self) -> int:
        """How many days before its date an instalment is first announced; 0 if it is not."""
        return max((-step.days for step in self.steps), default=0)

    def steps_for(self, kind: published.DebtKind) -> tuple[Step, ...]:
        """The steps of that kind of debt."""
        return self.order_steps if kind == "order" else self.steps

    def reached(self, kind: published.DebtKind, due: date, today: date) -> Step | None:
        """The last step of a debt that has come by ``today``, among those since the calendar was turned on."""
        if self.active_since is None:
            return None
        days = [(due + timedelta(days=step.days), step) for step in self.steps_for(kind)]
        come = [step for day, step in days if self.active_since <= day <= today]
        return max(come, key=lambda step: step.days, default=None)

    def staff_is_informed(self, kind: published.DebtKind, due: date, today: date) -> bool:
        """Whether the reminders of a debt have ended by ``today``, and staff is informed."""
        if self.active_since is None or self.staff_after is None or kind not in ("late", "order"):
            return False
        days = self.staff_after
        if kind == "order":
            if not self.order_steps:
                return False
            days = max(days, self.order_steps[-1].days)
        return self.active_since <= due + timedelta(days=days) <= today


@dataclass(frozen=True, slots=True)
class WantedCalendar:
    """The calendar that staff wants."""

    active: bool
    hour: int
    steps: Sequence[Step]
    order_steps: Sequence[Step]
    staff_after: int | None


def change_calendar(calendar: ReminderCalendar, wanted: WantedCalendar, context: Context) -> Decision[ReminderCalendar]:
    """Remind by another calendar from now on; a step that went does not go again."""
    since = (calendar.active_since or context.today) if wanted.active else None
    state = calendar.model_copy(
        update={
            "active_since": since,
            "hour": wanted.hour,
            "steps": _by_day(wanted.steps),
            "order_steps": _by_day(wanted.order_steps),
            "staff_after": wanted.staff_after,
        }
    )
    if state == calendar:
        return Decision(calendar)
    event = published.ReminderCalendarChanged(
        active=wanted.active,
        hour=state.hour,
        days=tuple(step.days for step in state.steps),
        order_days=tuple(step.days for step in state.order_steps),
        staff_after=state.staff_after,
    )
    return Decision(state, (event,))


def _by_day(steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(sorted(steps, key=lambda step: step.days))
