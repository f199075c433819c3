"""The day on which a gift voucher or a gift card is sent, which the buyer chooses and may change until then (CRE-8)."""

from datetime import date, timedelta

from carnet.refusals import conflict, invalid

FURTHEST = timedelta(days=366)
"""How far ahead a gift is sent at most."""


def later_than(issued_on: date | None, chosen: date | None) -> date | None:
    """The day of its mail if that is after it was issued; None if it is sent at once, or never."""
    return chosen if issued_on is not None and chosen is not None and chosen > issued_on else None


def checked(gift: str, known: date | None, wanted: date, today: date) -> date:
    """The new day of a mail that waits.

    Raises:
        Refusal: ``gift-sent`` where it was sent before, ``sending-day-out-of-range``.
    """
    if known is None:
        raise conflict(
            "gift-sent", "It was sent already: send it once more if its mail was lost.", rule="CRE-8", gift=gift
        )
    if not today < wanted <= today + FURTHEST:
        raise invalid(
            "sending-day-out-of-range",
            f"Choose a day after today, until {today + FURTHEST}; or send it now.",
            rule="CRE-8",
            gift=gift,
            send_on=wanted.isoformat(),
            today=today.isoformat(),
            latest=(today + FURTHEST).isoformat(),
        )
    return wanted
