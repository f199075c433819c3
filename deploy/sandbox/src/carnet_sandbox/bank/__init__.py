"""A bank to try files with: it takes debits (pain.008) and transfers (pain.001), and answers by files (PAY-18).

It moves no money and keeps nothing: the same file is answered by the same files. What happens to a debit is chosen by
the IBAN that it debits, as the token chooses it for a card.
"""

from carnet_sandbox.bank.answers import CASES, Answer, answers_to
from carnet_sandbox.bank.messages import (
    FOREIGN,
    Entry,
    came_back,
    credited,
    credited_whole,
    interleaved,
    notification,
    statement,
    status_report,
)
from carnet_sandbox.bank.orders import Order, Ordered, read_order

__all__ = [
    "CASES",
    "FOREIGN",
    "Answer",
    "Entry",
    "Order",
    "Ordered",
    "answers_to",
    "came_back",
    "credited",
    "credited_whole",
    "interleaved",
    "notification",
    "read_order",
    "statement",
    "status_report",
]
