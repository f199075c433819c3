"""A client credit or a gift card, and the entries whose sum is what is left of it (CRE-1, CRE-7, CRE-8)."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from carnet.decisions import State
from carnet.events import credits as published
from carnet.events.base import Event, Part
from carnet.events.payments import RecordedMethod
from carnet.money import Amount, Currency, PositiveAmount, SignedAmount

Status = Literal["granted", "removed"]

Origin = Literal["sold", "refund", "deposit", "staff", "imported"]
"""Where a credit comes from: a line that sold it, a refund line, a deposit without contract, staff (CRE-2), or another
system (IMP-1)."""

Kind = Literal["granted", "used", "restored", "adjusted", "removed", "taken_back"]

Reason = Literal[
    "contract_paid",
    "refund_converted",
    "deposit",
    "staff",
    "imported",
    "pays_contract",
    "given_back",
    "line_cancelled",
    "deposit_reversed",
    "payment_reversed",
    "due_recovered",
]
"""Why a credit moved. ``granted``: the contract that sold it was paid, a refund line was converted, a deposit was
received, staff granted it, or it was left in another system (``imported``); ``used``: it pays a contract;
``restored``: less was left to pay there; ``adjusted``: by staff; ``removed``: the line that sold it was cancelled;
``taken_back``: the bank took back the deposit, or a payment whose refund line it had been, or what came back to it
covers what was due of its deposit (CRE-2, PAY-13)."""


class Receipt(Part):
    """How a deposit without contract was received, and when (PAY-7)."""

    method: RecordedMethod
    received_on: date


class Use(Part):
    """What a credit pays of one contract at present, in minor units (CRE-3)."""

    contract: str
    amount: PositiveAmount


class Card(Part):
    """The part that makes a credit a gift card: it belongs to the person who presents its code (CRE-8)."""

    name: str
    """What it was sold as."""
    recipient: str | None = None
    """The person of the account to whom it is given; the owner where there is none."""
    code: str | None
    """None if it was removed before it was issued."""
    send_on: date | None = None
    """The day on which it is sent to its recipient; None once it was sent, or if it was sent when it was issued."""


class Credit(State):
    """A client credit, or a gift card. Amounts in minor units, no expiry (CRE-1).

    The id of one that a line sold is that of the line, of one that a refund line became that
    of the settlement's credit. ``left`` and what it pays of contracts (``uses``) are together
    what was granted, adjusted and not removed.
    """

    account: str
    """The beneficiary; of a gift card, the account that bought it, under whose name it is shown."""
    origin: Origin
    contract: str | None = None
    """The contract that sold it, or whose refund line it was."""
    line: str | None = None
    """The line that sold it."""
    receipt: Receipt | None = None
    """Of a deposit."""
    amount: PositiveAmount
    """What was granted, or would have been."""
    left: Amount
    currency: Currency
    status: Status
    granted_on: date | None
    """None if it was removed before it could be granted (CRE-4)."""
    removed_on: date | None = None
    """When the line that sold it was cancelled. What is given back after that is the client's all the same."""
    uses: tuple[Use, ...] = ()
    """The contracts that it pays, in the order of their first use."""
    reversed: Amount = 0
    """Of a deposit: what the bank took back of it."""
    due: Amount = 0
    """The part of that which is due from the account, since it was used before and is neither recovered nor settled
    (CRE-2)."""
    due_note: str | None = None
    """What staff wrote when it settled that last; erased with the people of the account (ORG-4)."""
    card: Card | None = None
    """Of a gift card; None of a client credit."""

    @property
    def untouched(self) -> bool:
        """Whether nothing of it was used or adjusted: a gift card can still be given then (CRE-8)."""
        return self.status == "granted" and self.left == self.amount and not self.uses

    @property
    def used(self) -> int:
        """What it pays of contracts, all together."""
        return sum(use.amount for use in self.uses)

    def used_on(self, contract: str) -> int:
        """What it pays of that contract."""
        return sum(use.amount for use in self.uses if use.contract == contract)

    def paying(self, contract: str, amount: int) -> tuple[Use, ...]:
        """Its uses once it pays ``amount`` of that contract, all together."""
        uses = {use.contract: use.amount for use in self.uses} | {contract: amount}
        return tuple(Use(contract=each, amount=paid) for each, paid in uses.items() if paid)


class Entry(State):
    """One movement of a credit (CRE-7); ``id`` is the credit's and the number of the movement.

    ``version`` is the sequence of the event of the movement, ``amount`` is signed, and
    the sum of a credit's entries is what is left of it.
    """

    credit: str
    account: str
    kind: Kind
    reason: Reason
    amount: SignedAmount
    currency: Currency
    on: date
    contract: str | None = None
    """The contract that it concerns: that sold the credit, that it pays, that gives back."""
    request: str | None = None
    """The request that it answers: of payments for a use, of contracts for a removal."""
    note: str | None = None
    """What staff wrote as their reason; erased with the people of the account (ORG-4)."""
    card: bool = False
    """Whether it is of a gift card: its buyer does not see what others paid with it (CRE-8)."""


def entry(before: Credit | None, after: Credit, event: Event, on: date, note: str | None = None) -> Entry | None:
    """The movement from ``before`` to ``after``, a credit as it was saved, that ``event`` describes (CRE-7).

    None if nothing moved: a credit removed before it was granted, or with nothing left.
    """
    amount = after.left - (before.left if before else 0)
    if amount == 0:
        return None
    return Entry(
        id=f"{after.id}:{after.version}",
        organisation=after.organisation,
        version=after.version,
        credit=after.id,
        account=after.account,
        amount=amount,
        currency=after.currency,
        on=on,
        note=note,
        card=after.card is not None,
        **_of(event),
    )


def _of(event: Event) -> dict[str, Any]:
    """What an entry takes from the event of its movement."""
    kind, reason = _movement(event)
    return {
        "kind": kind,
        "reason": reason,
        "contract": getattr(event, "contract", None),
        "request": getattr(event, "request", None),
    }


def _movement(event: Event) -> tuple[Kind, Reason]:
    if isinstance(event, published.CreditIssued):
        return "granted", _ISSUED[event.origin]
    if isinstance(event, published.CreditTakenBack):
        return "taken_back", "payment_reversed" if event.payment else "due_recovered"
    if type(event) not in _MOVEMENTS:
        raise TypeError(f"{type(event).__name__} moves no credit")
    return _MOVEMENTS[type(event)]


_MOVEMENTS: Mapping[type[Event], tuple[Kind, Reason]] = {
    published.CreditGranted: ("granted", "contract_paid"),
    published.GiftCardIssued: ("granted", "contract_paid"),
    published.CreditUsed: ("used", "pays_contract"),
    published.CreditRestored: ("restored", "given_back"),
    published.CreditAdjusted: ("adjusted", "staff"),
    published.CreditRemoved: ("removed", "line_cancelled"),
    published.DepositReversed: ("taken_back", "deposit_reversed"),
}
"""How a credit moves by each event, and why."""

_ISSUED: Mapping[published.Origin, Reason] = {
    "refund": "refund_converted",
    "deposit": "deposit",
    "staff": "staff",
    "imported": "imported",
}
