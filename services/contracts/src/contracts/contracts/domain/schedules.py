"""What contracts knows of payment schedules: the newest version heard of, and what is paid."""

from datetime import date

from carnet.decisions import State
from carnet.events.contracts import Deposit, Instalments, Mode, Sale
from carnet.events.payments import Balance
from carnet.refusals import invalid, stale

FURTHEST = 10
"""How many years after the sale the first instalment may be due."""

ALLOWED: dict[str, frozenset[str]] = {
    "online": frozenset({"at_once", "instalments", "deposit", "later"}),
    "on_site": frozenset({"on_site", "instalments", "deposit", "later"}),
}
"""The starts of a schedule that go with a mode (PAY-7)."""


class HeardSchedule(State):
    """The schedule of the contract of the same id, as payments last told it.

    ``version`` is the sequence of the last event heard, ``covers`` the version of the
    contract that the schedule follows, ``balance`` is in minor units.
    """

    covers: int
    balance: Balance


def check_sale(mode: Mode, sale: Sale, total: int, today: date) -> None:
    """Refuse a sale that does not go with the mode, the total or the day of the sale (PAY-7)."""
    if sale.start not in ALLOWED[mode]:
        raise invalid(
            "sale-not-for-mode",
            f"A contract paid {mode} cannot start as {sale.start}: choose one of {', '.join(sorted(ALLOWED[mode]))}.",
            rule="PAY-7",
            mode=mode,
            start=sale.start,
        )
    if isinstance(sale, Deposit) and sale.deposit > total:
        raise invalid(
            "deposit-above-total",
            "The deposit is more than the total: lower it to the total or less.",
            rule="PAY-7",
            deposit=sale.deposit,
            total=total,
        )
    if isinstance(sale, Deposit | Instalments) and sale.first_due is not None:
        _check_first_due(sale.first_due, today)


def _check_first_due(first_due: date, today: date) -> None:
    if first_due < today or first_due.year > today.year + FURTHEST:
        raise invalid(
            "first-due-out-of-range",
            f"The first instalment is due from the day of the sale to {FURTHEST} years after: choose another date.",
            rule="PAY-7",
            first_due=first_due.isoformat(),
            today=today.isoformat(),
        )


def refuse_if_moved(heard: HeardSchedule | None, previewed: int) -> None:
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
