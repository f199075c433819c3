"""PAY-7: which sales a contract may start from. Contracts decides by it, payments previews by it."""

from collections.abc import Mapping
from datetime import date

from carnet.events.contracts import Deposit, Instalments, Mode, Sale
from carnet.refusals import invalid
from carnet.tolerance import Unknown

ALLOWED: Mapping[Mode, frozenset[str]] = {
    "online": frozenset({"at_once", "instalments", "deposit", "later"}),
    "on_site": frozenset({"on_site", "instalments", "deposit", "later"}),
}
"""The starts of a schedule that go with each payment mode."""

FURTHEST = 10
"""How many years after the sale the first instalment may be due."""


def check_sale(mode: Mode, sale: Sale, total: int, today: date) -> None:
    """Refuse a sale that does not go with the mode, the total or the day of the sale (PAY-7).

    ``total`` is in minor units, what the contract comes to; ``today`` is the organisation's day of the sale.
    A mode or a start that a newer release has added was checked there, and is let through.

    Raises:
        Refusal: ``sale-not-for-mode``, ``deposit-above-total``, or ``first-due-out-of-range`` where
            the first date is past or too far.
    """
    is_known = mode in ALLOWED and not isinstance(sale, Unknown)
    if is_known and sale.start not in ALLOWED[mode]:
        raise invalid(
            "sale-not-for-mode",
            f"A contract paid {mode} cannot start as {sale.start}. Choose one of {', '.join(sorted(ALLOWED[mode]))}.",
            rule="PAY-7",
            mode=mode,
            start=sale.start,
        )
    if isinstance(sale, Deposit) and sale.deposit > total:
        raise invalid(
            "deposit-above-total",
            "The deposit is more than the total. Lower it to the total or less.",
            rule="PAY-7",
            deposit=sale.deposit,
            total=total,
        )
    first_due = sale.first_due if isinstance(sale, Instalments | Deposit) else None
    if first_due is not None and (first_due < today or first_due.year > today.year + FURTHEST):
        raise invalid(
            "first-due-out-of-range",
            f"The first instalment is due from the day of the sale to {FURTHEST} years after. Choose another date.",
            rule="PAY-7",
            first_due=first_due.isoformat(),
            today=today.isoformat(),
        )
