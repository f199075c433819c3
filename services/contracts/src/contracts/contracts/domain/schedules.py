"""What contracts knows of payment schedules: the newest version received, and what is paid."""

from carnet.decisions import State
from carnet.events.payments import Balance
from carnet.refusals import stale


class KnownSchedule(State):
    """The schedule of the contract of the same id, as payments last published it.

    ``version`` is the sequence of the last event received, ``covers`` the version of the
    contract that the schedule follows, ``balance`` is in minor units.
    """

    covers: int
    balance: Balance


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
