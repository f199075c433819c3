"""What contracts knows of payment schedules: the newest version heard of, and what is paid."""

from carnet.decisions import State
from carnet.events.payments import Balance
from carnet.refusals import stale


class KnownSchedule(State):
    """The schedule of the contract of the same id, as payments last told it.

    ``version`` is the sequence of the last event heard, ``covers`` the version of the
    contract that the schedule follows, ``balance`` is in minor units.
    """

    covers: int
    balance: Balance


def refuse_if_moved(heard: KnownSchedule | None, previewed: int) -> None:
    """Refuse a confirmation whose schedule has moved since it was previewed (CON-3).

    ``previewed`` is the version that payments gave with the preview. It may be ahead of
    what has been heard here, since payments knows first; only a later one heard tells that
    the schedule moved.
    """
    if heard is not None and heard.version > previewed:
        raise stale(
            "schedule-moved",
            "The payment schedule has moved since the preview: preview the change again.",
            rule="CON-3",
            contract=heard.id,
            previewed=previewed,
            newest=heard.version,
        )
