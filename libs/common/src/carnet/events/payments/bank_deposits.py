"""What was taken on site goes to the bank: cheques, or cash, handed over together (PAY-7)."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from carnet.events.base import Event, Topic
from carnet.events.payments.schedules import SCHEDULES
from carnet.ids import Id
from carnet.money import Currency, PositiveAmount

BankedMethod = Literal["cash", "cheque"]
"""What is taken to the bank by hand."""


class BankDepositMade(Event):
    """Takings were put together to be handed to the bank (PAY-7); published in the sequence of the bank deposit.

    Each taking is in one bank deposit at most that was not undone.
    """

    topic: ClassVar[Topic] = SCHEDULES

    bank_deposit: Id
    method: BankedMethod
    deposited_on: date
    """The day on which they are handed to the bank."""
    takings: Annotated[tuple[Id, ...], Field(min_length=1)]
    """What is in it: each a payment, a client credit where it came without a contract, the receipt of what was due of
    one, or a settlement by which cash was given back, which is taken off: ids."""
    amount: PositiveAmount
    currency: Currency


class BankDepositUndone(Event):
    """A bank deposit was made by mistake: what was in it waits for another one (PAY-7)."""

    topic: ClassVar[Topic] = SCHEDULES

    bank_deposit: Id
    effective_on: date
