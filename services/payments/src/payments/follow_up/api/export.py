"""The follow-up as CSV (PAY-9): one line per contract."""

from collections.abc import AsyncIterator
from datetime import date

from payments.follow_up.api import spreadsheets
from payments.follow_up.api.spreadsheets import decimal, text
from payments.follow_up.domain import FollowUp

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
    "awaiting_correction",
    "to_refund_since",
    "credit_used",
    "number",
    "account_number",
)


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
        decimal(row.awaiting_correction, row.currency),
        row.refund_since.isoformat() if row.refund_since else "",
        decimal(row.credit_used, row.currency),
        row.number or "",
        row.names.number or "",
    ]


def as_csv(rows: AsyncIterator[FollowUp], today: date) -> AsyncIterator[str]:
    """The follow-up as it reads on that day, a few lines at a time."""
    return spreadsheets.as_csv(HEADER, (cells(row, today) async for row in rows))
