"""What a bank says in its files: pain.002, camt.053 and camt.054, read into lines (PAY-18)."""

from payments.sepa.domain.bank_lines import BankMessage, Line
from payments.sepa.reading.messages import read_message
from payments.sepa.reading.unpacking import unpacked

__all__ = ["BankMessage", "Line", "read_message", "unpacked"]
