"""Client credits: granted, used, given back, adjusted and removed (CRE-1 to CRE-7)."""

from datetime import date
from typing import ClassVar, Literal

from carnet.events.base import Event, ServiceRefusal, Topic
from carnet.events.credits.topic import CREDITS
from carnet.events.payments import CreditRefusal, RecordedMethod, ReversalReason
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount, SignedAmount

Origin = Literal["refund", "deposit", "staff", "imported"]
"""Where a credit comes from that no line sold: a refund line, a deposit without contract, staff (CRE-2), or another
system (IMP-1)."""


class CreditGranted(Event):
    """A client credit that a line sold was granted to its beneficiary (CRE-1, CRE-2)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    """The beneficiary."""
    amount: PositiveAmount
    left: Amount
    currency: Currency
    contract: Id
    """The contract that sold it."""
    line: Id
    """The line that sold it."""
    effective_on: date


class CreditIssued(Event):
    """A client credit that no line sold was granted: from a refund line, a deposit, or by staff (CRE-2)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    """The beneficiary."""
    amount: PositiveAmount
    left: Amount
    currency: Currency
    origin: Origin
    contract: Id | None = None
    """The contract whose refund line became the credit."""
    effective_on: date
    method: RecordedMethod | None = None
    """How a deposit was received; None for what is no deposit, and in events from before this field."""
    received_on: date | None = None
    """The day on which a deposit was received, likewise."""


class CreditUsed(Event):
    """A credit, or a gift card, pays a part of a contract, as payments had asked (CRE-3)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    """The beneficiary; of a gift card, the account of the contract that it pays."""
    amount: PositiveAmount
    """What is used."""
    left: Amount
    currency: Currency
    contract: Id
    """The contract that it pays."""
    request: Id
    """The request of payments that this answers."""
    effective_on: date
    card: bool = False
    """True if it is a gift card (CRE-8)."""


class CreditUseRefused(Event):
    """A credit does not pay what payments had asked (CRE-3); published in a sequence of the request's own."""

    topic: ClassVar[Topic] = CREDITS

    request: Id
    credit: Id
    contract: Id
    amount: PositiveAmount
    """What was asked for."""
    reason: CreditRefusal
    effective_on: date
    suspended: bool = False
    """True where the contract that sold the credit is not paid any more (CRE-2). The ``reason`` is then
    ``more-than-left``, the nearest of those that were released first: nothing can be used of it meanwhile."""
    refusal: ServiceRefusal | None = None
    """Why, in the words that people read; None if it was published before there were any."""


class CreditRestored(Event):
    """What a credit, or a gift card, had paid of a contract came back to it (CRE-6)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    """The beneficiary; of a gift card, the account of the contract that gives back."""
    amount: PositiveAmount
    left: Amount
    currency: Currency
    contract: Id
    effective_on: date
    card: bool = False
    """True if it is a gift card (CRE-8)."""


class CreditAdjusted(Event):
    """Staff adjusted what is left of a credit; the reason is in its entries (CRE-7)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    amount: SignedAmount
    """What was added, below zero where it was taken off."""
    left: Amount
    currency: Currency
    effective_on: date


class DepositReversed(Event):
    """The bank took back a deposit that had become a credit, or a part of it (CRE-2, PAY-13).

    What is left of the credit goes first; the rest is due from the account.
    """

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    amount: PositiveAmount
    """What the bank took."""
    taken: Amount
    """The part of it that left the credit."""
    left: Amount
    due: Amount
    """What is due from the account by now, because the credit no longer had it."""
    currency: Currency
    reason: ReversalReason
    effective_on: date
    method: RecordedMethod | None = None
    """How the deposit had been received; None in events from before this field."""


class CreditTakenBack(Event):
    """A part of a credit was taken back, since the money behind it is gone (CRE-2, PAY-13).

    With a ``payment``: the bank took that payment of ``contract`` back, and a refund line of the contract had become
    this credit. Without one: what a contract gave back to the credit of a reversed deposit covers what was due.
    """

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    amount: PositiveAmount
    """What was taken."""
    left: Amount
    due: Amount
    """What is still due from the account of a deposit that was taken back."""
    currency: Currency
    contract: Id | None = None
    payment: Id | None = None
    effective_on: date


class DepositDueSettled(Event):
    """What was due from an account of a deposit that the bank took back was paid, or is waived (CRE-2)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    amount: PositiveAmount
    how: Literal["paid", "waived"]
    left: Amount
    due: Amount
    """What is still due."""
    currency: Currency
    effective_on: date
    method: RecordedMethod | None = None
    """How it was paid; None if it is waived, or nobody has said it."""
    receipt: Id | None = None
    """Of what was paid: an id of its own, by which it goes to the bank (PAY-7); None in older events."""


class CreditRemoved(Event):
    """The credit was removed because the line that sold it was cancelled (CRE-4)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    amount: PositiveAmount
    left: Amount
    currency: Currency
    contract: Id
    line: Id
    effective_on: date
    request: Id | None = None
    """The request of contracts that this answers."""
    removed: Amount | None = None
    """What was left of it until then, in minor units; None in events from before this field."""


class CreditRemovalRefused(Event):
    """A sold credit is used, so its line stays, or exists, so its line brings no less (CRE-5, CON-11).

    Published in the request's own sequence.
    """

    topic: ClassVar[Topic] = CREDITS

    request: Id
    """The request of contracts that this answers: none of its credits was removed."""
    contract: Id
    credit: Id
    amount: PositiveAmount
    """What was sold."""
    left: Amount
    currency: Currency
    effective_on: date
    why: Literal["used", "exists"] = "used"
    """``used``: less is left of it than was sold; ``exists``: it was granted, so its line can't bring less."""
    refusal: ServiceRefusal | None = None
    """Why, in the words that people read; None if it was published before there were any."""


class CreditGrantPostponed(Event):
    """No credit of these lines exists yet, so contracts may let the lines bring less (CON-11).

    From now on only a payment of the contract as it is after that change grants them. Published in the request's own
    sequence.
    """

    topic: ClassVar[Topic] = CREDITS

    request: Id
    """The request of contracts that this answers."""
    contract: Id
    lines: tuple[Id, ...]
    effective_on: date
