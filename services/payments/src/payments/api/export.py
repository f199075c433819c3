"""The follow-up as CSV (PAY-9), for spreadsheets: UTF-8 with its mark, commas, one line per contract."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import date

from payments.domain.follow_up import FollowUp

HEADER = (
    "contract",
    "owner",
    "members",
    "mode",
    "currency",
    "total",
    "paid",
    "processing",
    "due",
    "late",
    "late_since",
    "to_refund",
    "fully_paid",
)

CHUNK = 16_384
"""How many characters are sent at a time."""

# ISO 4217: the currencies whose minor unit is not a hundredth.
_NO_DECIMALS = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THREE_DECIMALS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def decimal(amount: int, currency: str) -> str:
    """Minor units, zero or more, as a decimal number with a point.

    >>> decimal(30005, "EUR"), decimal(500, "XPF"), decimal(7, "TND")
    ('300.05', '500', '0.007')
    """
    digits = 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2
    whole, rest = divmod(amount, 10**digits)
    return f"{whole}.{rest:0{digits}}" if digits else str(whole)


def text(value: str | None) -> str:
    """A text that no spreadsheet takes for a formula: one that begins like one gets an apostrophe before it.

    >>> text("=1+1"), text(" @SUM(A1)"), text("Inès")
    ("'=1+1", "' @SUM(A1)", 'Inès')
    """
    value = value or ""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def cells(row: FollowUp, today: date) -> list[str]:
    """The cells of a contract, in the order of ``HEADER``."""
    since = row.late_since(today)
    amounts = (row.total, row.paid, row.processing, row.due, row.late(today))
    return [
        row.id,
        text(row.names.owner),
        text(", ".join(row.names.members)),
        row.mode,
        row.currency,
        *(decimal(amount, row.currency) for amount in amounts),
        since.isoformat() if since else "",
        decimal(row.refund_due, row.currency),
        "yes" if row.fully_paid else "no",
    ]


async def as_csv(rows: AsyncIterator[FollowUp], today: date) -> AsyncIterator[str]:
    """The lines of the follow-up, a few at a time, so that its length costs no memory."""
    buffer = io.StringIO()
    buffer.write("\ufeff")  # without it Excel reads the accents as something else
    writer = csv.writer(buffer)
    writer.writerow(HEADER)
    async for row in rows:
        writer.writerow(cells(row, today))
        if buffer.tell() >= CHUNK:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
