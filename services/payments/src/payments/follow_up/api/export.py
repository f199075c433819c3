"""The follow-up as CSV (PAY-9): one line per contract."""

from datetime import date

from carnet.http.spreadsheets import Cell, Word
from carnet.money import Money
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
    "lost",
)


def cells(row: FollowUp, today: date) -> list[Cell]:
    """The cells of a contract on that day, in the order of ``HEADER``."""

    def money(amount: int) -> Money:
        return Money(amount=amount, currency=row.currency)

    amounts = (row.total, row.paid, row.processing, row.due, row.late(today))
    return [
        row.id,
        row.names.owner,
        ", ".join(row.names.members),
        Word(row.mode),
        row.currency,
        *(money(amount) for amount in amounts),
        row.late_since(today),
        money(row.refund_due),
        row.fully_paid,
        money(row.awaiting_correction),
        row.refund_since,
        money(row.credit_used),
        row.number,
        row.names.number,
        money(row.lost),
    ]
