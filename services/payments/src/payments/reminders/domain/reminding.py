"""What an account is reminded of, when, and never twice (PAY-10, NOT-4).

A reminder lists all that is due of an account, each debt with its amount. It goes when a step of the calendar has come
for one of its debts that was not recalled at that step yet, at most once a day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid5

from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from carnet.refusals import conflict
from payments.reminders.domain.calendar import ReminderCalendar, Step
from payments.reminders.domain.debts import Debt, all_debts, due_elsewhere, due_now, is_paused, key_of
from payments.schedules.domain.schedule import Part, Schedule

MOST_DEBTS = 200
"""The debts that one reminder lists at most, the oldest first."""

KEPT_FOR = timedelta(days=366)
"""How long it is kept that a debt was recalled once it is not due any more: it may come back."""

_ACCOUNTS = UUID("5a3d9c1e-34a7-5c8b-8a47-0f1f2f5f9b34")


def reminders_id(account: str) -> str:
    """The id of an account's reminders: a sequence of its own in the journal."""
    return str(uuid5(_ACCOUNTS, account))


class Recalled(Part):
    """A debt at its date, and the step (days) at which it was recalled last."""

    debt: str
    due: date
    days: int | None = None
    """None if only staff was informed, or a person recalled it before its first step."""
    staff_told: bool = False


class AccountReminders(State):
    """What one account was reminded of."""

    account: str
    stopped_by: str | None = None
    """Who wished no more reminders by the calendar; None while they go."""
    stopped_on: date | None = None
    last_on: date | None = None
    """The day of the last reminder: a day has one."""
    recalled: tuple[Recalled, ...] = ()
    """The debts that were recalled, as long as they may be due."""

    @property
    def is_stopped_by_staff(self) -> bool:
        """Whether staff stopped the reminders, and not the client."""
        return self.stopped_by is not None and not self.stopped_by.startswith("client:")

    @property
    def concerns(self) -> str:
        """The account."""
        return self.account


class Reminder(State):
    """A reminder as it was decided; what its mail shows is read again when it is sent."""

    account: str
    reminders: str
    """The reminders of the account: an id."""
    on: date
    at: Instant
    by: str
    by_hand: bool
    currency: str
    debts: tuple[Debt, ...]
    text_en: str = ""
    """The school's own words, of the step or of who sent it by hand."""
    text_fr: str = ""
    code: str = ""
    """The code that comes with it, of the last step that did not go and has one."""

    @property
    def concerns(self) -> str:
        """The account."""
        return self.account


@dataclass(frozen=True, slots=True)
class Reminded:
    """What was decided for an account: its state with the events, and the reminder, if one goes."""

    decision: Decision[AccountReminders]
    reminder: Reminder | None = None


def reminders_of(organisation: str, account: str) -> AccountReminders:
    """The state of an account that was never reminded."""
    return AccountReminders(id=reminders_id(account), organisation=organisation, account=account)


@dataclass(frozen=True, slots=True)
class _Look:
    """An account as it is looked at: what it was reminded of, what is due, and the calendar."""

    known: AccountReminders
    debts: Sequence[Debt]
    calendar: ReminderCalendar
    today: date
    due_elsewhere: frozenset[str] = frozenset()
    """The debts that were due already when they came from another system: only people recall those (IMP-3)."""

    def before(self, debt: Debt) -> Recalled | None:
        """What was recalled of a debt; None once its date has moved: its steps begin anew."""
        recalled = self.known.recalled
        return next((each for each in recalled if each.debt == key_of(debt) and each.due == debt.due), None)

    def reached(self, debt: Debt) -> Step | None:
        """The last step of a debt that has come."""
        if key_of(debt) in self.due_elsewhere:
            return None
        return self.calendar.reached(debt.kind, debt.due, self.today)

    def new_step(self) -> Step | None:
        """The step that makes a reminder due: the last of those that have come for any debt and were not sent.

        A code that comes with an earlier one of them is not lost.
        """
        if self.known.last_on == self.today:
            return None
        new = list[Step]()
        for debt in self.debts:
            step, before = self.reached(debt), self.before(debt)
            if step is not None and (before is None or before.days is None or step.days > before.days):
                new.append(step)
        if not new:
            return None
        new.sort(key=lambda step: step.days)
        codes = [step.code for step in new if step.code]
        return new[-1].model_copy(update={"code": codes[-1] if codes else ""})

    def ended(self) -> list[Debt]:
        """What is late, or on no date, of which staff is informed now that its reminders have ended."""
        return [
            each
            for each in self.debts
            if key_of(each) not in self.due_elsewhere
            and self.calendar.staff_is_informed(each.kind, each.due, self.today)
            and not ((before := self.before(each)) and before.staff_told)
        ]

    def listed(self) -> tuple[Debt, ...]:
        """What a reminder by the calendar lists: all that is due, and what is announced."""
        until = self.today + timedelta(days=self.calendar.notice)
        return tuple(
            each
            for each in self.debts
            if each.kind in ("late", "today")
            or (each.kind == "order" and self.calendar.order_steps)
            or (each.kind == "coming" and each.due <= until)
        )

    def recalled(self, listed: Iterable[Debt], ended: Iterable[Debt] = ()) -> tuple[Recalled, ...]:
        """What is kept: of debts that are due, and for a year of others, such as one in an attempt."""
        listed_now, told_now = {key_of(each) for each in listed}, {key_of(each) for each in ended}
        kept = list[Recalled]()
        for debt in self.debts:
            key, before, step = key_of(debt), self.before(debt), self.reached(debt)
            days = step.days if step is not None and key in listed_now else before.days if before else None
            staff = key in told_now or (before is not None and before.staff_told)
            if days is not None or staff:
                kept.append(Recalled(debt=key, due=debt.due, days=days, staff_told=staff))
        due = {key_of(debt) for debt in self.debts}
        others = (each for each in self.known.recalled if each.debt not in due and each.due + KEPT_FOR > self.today)
        return (*others, *kept)


def remind(
    known: AccountReminders, schedules: Sequence[Schedule], calendar: ReminderCalendar, context: Context
) -> Reminded:
    """What goes to an account by the calendar today, if anything does (PAY-10).

    Nothing goes to a client who wants no more reminders, but staff is informed as for others: nobody else recalls it.
    Staff that has stopped them itself is not informed.
    """
    debts = all_debts(schedules, context.today)
    look = _Look(known, debts, calendar, context.today, due_elsewhere(schedules))
    if known.is_stopped_by_staff or is_paused(schedules):
        return Reminded(Decision(known))
    stopped = known.stopped_by is not None
    step, ended = None if stopped else look.new_step(), look.ended()
    events, reminder, listed = list[published.PaymentsReminded | published.RemindersEnded](), None, tuple[Debt, ...]()
    if step is not None:
        listed = look.listed()
        reminder = _reminder(known, listed, schedules[0].currency, step, context)
        events.append(_event(reminder))
    if ended:
        shown = tuple(ended[:MOST_DEBTS])
        events.append(
            published.RemindersEnded(
                account=known.account,
                reminders=known.id,
                currency=schedules[0].currency,
                debts=shown,
                effective_on=context.today,
                stopped=stopped,
            )
        )
    if not events:
        return Reminded(Decision(known))
    last_on = context.today if step else known.last_on
    state = known.model_copy(update={"last_on": last_on, "recalled": look.recalled(listed, ended)})
    return Reminded(Decision(state, tuple(events)), reminder)


def remind_by_hand(
    known: AccountReminders,
    schedules: Sequence[Schedule],
    calendar: ReminderCalendar,
    text: str,
    context: Context,
) -> Reminded:
    """Remind an account of all that is due, because a person wants so (PAY-10).

    Raises ``nothing-to-remind`` where nothing is due, ``reminded-today`` where a reminder went today.
    """
    look = _Look(known, all_debts(schedules, context.today), calendar, context.today)
    if known.last_on == look.today:
        raise conflict(
            "reminded-today",
            "This account got a reminder today: one a day is enough. Send the next one tomorrow.",
            rule="PAY-10",
            account=known.account,
        )
    shown = due_now(schedules, look.today)
    if not shown:
        raise conflict(
            "nothing-to-remind",
            "Nothing of this account is due: what is paid, under way, held as a cheque or still to come is not "
            "recalled.",
            rule="PAY-10",
            account=known.account,
        )
    words = Step(days=0, text_en=text, text_fr=text)
    reminder = _reminder(known, shown, schedules[0].currency, words, context, by_hand=True)
    state = known.model_copy(update={"last_on": look.today, "recalled": look.recalled(shown)})
    return Reminded(Decision(state, (_event(reminder),)), reminder)


def still_due(reminder: Reminder, schedules: Sequence[Schedule], today: date) -> tuple[Debt, ...]:
    """What is still due of a reminder, with its present amount: read when the mail is sent (PAY-10)."""
    named = {key_of(each) for each in reminder.debts}
    return tuple(each for each in all_debts(schedules, today) if key_of(each) in named)


def stop_reminders(known: AccountReminders, context: Context) -> Decision[AccountReminders]:
    """Send no more by the calendar, as the client or staff wishes; nothing happens where none go."""
    if known.stopped_by is not None:
        return Decision(known)
    state = known.model_copy(update={"stopped_by": str(context.actor), "stopped_on": context.today})
    return Decision(state, (published.RemindersStopped(account=known.account, effective_on=context.today),))


def resume_reminders(known: AccountReminders, context: Context) -> Decision[AccountReminders]:
    """Send them by the calendar again; nothing happens where they go."""
    if known.stopped_by is None:
        return Decision(known)
    state = known.model_copy(update={"stopped_by": None, "stopped_on": None})
    return Decision(state, (published.RemindersResumed(account=known.account, effective_on=context.today),))


def _reminder(
    known: AccountReminders,
    debts: Sequence[Debt],
    currency: str,
    step: Step,
    context: Context,
    *,
    by_hand: bool = False,
) -> Reminder:
    return Reminder(
        id=context.new_id(),
        organisation=known.organisation,
        account=known.account,
        reminders=known.id,
        on=context.today,
        at=context.now,
        by=str(context.actor),
        by_hand=by_hand,
        currency=currency,
        debts=tuple(debts[:MOST_DEBTS]),
        text_en=step.text_en or step.text_fr,
        text_fr=step.text_fr or step.text_en,
        code=step.code,
    )


def _event(reminder: Reminder) -> published.PaymentsReminded:
    return published.PaymentsReminded(
        account=reminder.account,
        reminders=reminder.reminders,
        reminder=reminder.id,
        by_hand=reminder.by_hand,
        currency=reminder.currency,
        debts=reminder.debts,
        effective_on=reminder.on,
    )
