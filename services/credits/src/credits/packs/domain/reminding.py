"""Reminders of session packs: one session is left, or the last day comes soon (CRE-10).

A family is reminded each time that one session is left, once a day at most, and once of each last day.
"""

from datetime import date, timedelta
from uuid import UUID, uuid5

from carnet.decisions import Decision, State
from carnet.events import credits as published
from carnet.events.credits import PackReminderReason
from credits.domain.packs import Pack

_SETTINGS = UUID("0d6f4a0e-6b52-5e0e-8f19-9a4b7b3f7c21")
_REMINDERS = UUID("b5c0c8a4-1f0b-5d3a-9a55-64a3e3f0d7e8")

USUAL_DAYS = 14


def settings_id(organisation: str) -> str:
    """The id of an organisation's settings of reminders: a sequence of its own in the journal."""
    return str(uuid5(_SETTINGS, organisation))


class PackReminders(State):
    """When one organisation reminds of the last day of session packs; ``id`` is ``settings_id``."""

    days_before: int | None = USUAL_DAYS
    """How many days before it; None if it does not remind."""
    hour: int = 9
    """The hour of the organisation's day from which reminders go."""


class PackReminder(State):
    """A family was reminded of a pack; ``id`` names the pack, why, and the day (``reminder_id``)."""

    pack: str
    account: str
    why: PackReminderReason
    expires_on: date | None
    """The last day of the pack, as it was then."""
    on: date

    @property
    def concerns(self) -> str:
        """The account."""
        return self.account


def usual(organisation: str) -> PackReminders:
    """The settings of an organisation that has not changed its own."""
    return PackReminders(id=settings_id(organisation), organisation=organisation)


def change_reminders(settings: PackReminders, days_before: int | None, hour: int) -> Decision[PackReminders]:
    """Remind so many days before from now on; what went does not go again."""
    changed = settings.model_copy(update={"days_before": days_before, "hour": hour})
    if changed == settings:
        return Decision(settings)
    return Decision(changed, (published.PackRemindersChanged(days_before=days_before, hour=hour),))


def reminder_id(pack: Pack, why: PackReminderReason, today: date) -> str:
    """The id of the one reminder of that kind: one for each day on which one session is left, one for each last day.

    So a family is reminded again if sessions came back, or were added, after a reminder.
    """
    about = today if why == "one_left" else pack.expires_on
    return str(uuid5(_REMINDERS, f"{pack.id}/{why}/{about.isoformat() if about else ''}"))


def comes_to_one(before: Pack, after: Pack) -> bool:
    """Whether a movement leaves one session of several."""
    return after.left == 1 and (before.left or 0) > 1


def ends_soon(pack: Pack, days_before: int, today: date, *, suspended: bool) -> bool:
    """Whether the day has come to remind of the last day of a pack that still serves.

    Not if its last day was that near already when it was bought, or started.
    """
    last, first = pack.expires_on, pack.started_on or pack.issued_on
    if last is None or first is None or not serves(pack, today, suspended=suspended):
        return False
    return first < last - timedelta(days=days_before) <= today


def serves(pack: Pack, today: date, *, suspended: bool) -> bool:
    """Whether a session can be taken of a pack today."""
    over = pack.expires_on is not None and pack.expires_on < today
    return pack.standing == "issued" and pack.left != 0 and not over and not suspended


def is_needed(pack: Pack, reminder: PackReminder, today: date, *, suspended: bool) -> bool:
    """Whether what a reminder says is still so, when its mail is sent."""
    if not serves(pack, today, suspended=suspended):
        return False
    return pack.left == 1 if reminder.why == "one_left" else pack.expires_on == reminder.expires_on


def remind(pack: Pack, why: PackReminderReason, today: date) -> Decision[PackReminder]:
    """Remind the family of a pack."""
    reminder = PackReminder(
        id=reminder_id(pack, why, today),
        organisation=pack.organisation,
        pack=pack.id,
        account=pack.account,
        why=why,
        expires_on=pack.expires_on,
        on=today,
    )
    event = published.PackReminded(
        reminder=reminder.id,
        pack=pack.id,
        account=pack.account,
        contract=pack.contract,
        name=pack.name,
        member=pack.member,
        why=why,
        left=pack.left,
        expires_on=pack.expires_on,
        effective_on=today,
    )
    return Decision(reminder, (event,))
