"""What contracts knows of payment schedules: the newest version received, and what is paid."""

from collections.abc import Iterable
from datetime import date

from carnet.decisions import State
from carnet.events.payments import Balance, Instalment
from carnet.refusals import stale


class KnownSchedule(State):
    """The schedule of the contract of the same id, as payments last published it.

    ``version`` is the sequence of the last event received, ``covers`` the version of the
    contract that the schedule follows, ``balance`` is in minor units.
    """

    covers: int
    balance: Balance
    due_since: date | None = None
    """The first due date of what is planned: it is late from the day after; None if nothing is. A cheque that is held
    is in the school's hands, and not late."""
    withheld: bool = False
    """Whether it is so late that the organisation withholds what the contract gives access to (CON-20)."""


def first_due(instalments: Iterable[Instalment]) -> date | None:
    """The first due date of instalments, but for cheques that are held and what waits for a pause to be lifted."""
    return min((each.due for each in instalments if not each.held and not each.paused), default=None)


def refuse_if_moved(known: KnownSchedule | None, previewed: int) -> None:
    """Refuse a confirmation whose schedule has moved since it was previewed (CON-3).

    ``previewed`` is the version that payments gave with the preview. It may be ahead of
    what is known here, since payments knows first; only a later one that is known shows that
    the schedule moved.
    """
    if known is not None and known.version > previewed:
        raise stale(
            "schedule-moved",
            "The payment schedule has moved since the preview: preview the change again.",
            rule="CON-3",
            contract=known.id,
            previewed=previewed,
            newest=known.version,
        )
