"""What the lines of a bank's file come to, and how they are kept (PAY-18)."""

from datetime import date
from typing import Literal, get_args

from carnet.decisions import State
from payments.sepa.domain.bank_lines import Part

Outcome = Literal[
    "waiting",
    "paid",
    "refused",
    "reversed",
    "accepted",
    "known",
    "refund_made",
    "refund_failed",
    "credited_after_refusal",
    "made_after_failure",
    "taken_back",
    "not_sent",
    "amount_differs",
    "other_account",
    "unclear",
    "not_booked",
    "foreign",
]
"""What a line came to.

``waiting``: not dealt with yet. ``paid``, ``refused``, ``reversed``, and of refunds ``refund_made`` and
``refund_failed``: applied. ``accepted``, ``known``, ``not_booked``,
``foreign``: nothing to do. The others are left to staff.
"""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
APPLIED: tuple[Outcome, ...] = ("paid", "refused", "reversed", "refund_made", "refund_failed")
LEFT: tuple[Outcome, ...] = (
    "credited_after_refusal",
    "made_after_failure",
    "taken_back",
    "not_sent",
    "amount_differs",
    "other_account",
    "unclear",
)
"""The outcomes that staff has to look at."""


class BankLine(State):
    """A line of a file, and what it came to. Its id is the file's and its place in the order of application."""

    file: str
    number: int
    part: Part
    attempt: str | None = None
    """The debit or the refund that it is about."""
    remittance: str | None = None
    refund_file: str | None = None
    """Of a refund: the file of transfers that it is in."""
    contract: str | None = None
    account: str | None = None
    amount: int | None
    currency: str | None
    on: date | None
    code: str | None
    reference: str | None
    outcome: Outcome = "waiting"
