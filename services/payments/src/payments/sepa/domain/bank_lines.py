"""What is read of a bank's file: its lines, each one thing that the bank says (PAY-18)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["pain.002", "camt.053", "camt.054"]
"""A payment status report, an account statement, or a notification of entries."""

Part = Literal["credit", "debit", "rejected", "accepted", "pending"]
"""What a line says: money came, money left, an instruction is rejected or accepted; or it is not booked yet."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that the bank says: an entry or one of its transactions, or the status of an instruction.

    Names nobody: what a file says of people and of their accounts is not read.
    """

    number: int
    """Which entry or status of the file it is, from 1."""
    part: Part
    end_to_end: str | None = None
    """The end-to-end id of the instruction, which Carnet has written."""
    batch: str | None = None
    """The file or the group of instructions that it is about, where it names no single one."""
    amount: int | None = None
    """Minor units; None if the bank names no amount, or another currency than the euro."""
    currency: str | None = None
    on: date | None = None
    """The day on which it was booked."""
    code: str | None = None
    """Why something was rejected or returned: AC04."""
    returned: bool = False
    """Whether the bank says that it undoes something."""
    reference: str | None = None
    """The bank's own reference."""
    account: str | None = None
    """The IBAN whose statement it is in; None in a status report."""


@dataclass(frozen=True, slots=True)
class BankMessage:
    """A bank's file: its kind, its own id and its lines, in their order."""

    kind: Kind
    message: str | None
    lines: tuple[Line, ...]
    accounts: tuple[str, ...]
    """The IBANs whose statements are in it."""
