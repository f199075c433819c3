"""Client credits: sold as a line of a contract, granted once that contract is paid (CRE-1, CRE-2, CRE-7).

Two things matter. A ``SellingContract`` is what credits has heard of one contract, from two
topics in any order: which lines sell a credit, up to where the contract has been told, and at
which versions it was fully paid. A ``Credit`` is what a line granted; its movements are
entries whose sum is what is left.
"""

from datetime import date
from typing import Literal

from carnet.decisions import Decision, State
from carnet.events.base import Part
from carnet.events.contracts import ProductAdded
from carnet.events.credits import CreditGranted, CreditRemoved
from carnet.money import Amount, Currency, PositiveAmount, SignedAmount


class Account(State):
    """A client account that is known to exist; all else about it is the business of contracts."""


class SoldCredit(Part):
    """A live line that sells a credit and has not granted it yet."""

    line: str
    sequence: int
    """The sequence of the line's ``ProductAdded``: the version from which the contract bears it."""
    account: str
    """The beneficiary (CRE-1)."""
    value: PositiveAmount
    currency: Currency


class Passage(Part):
    """The contract was fully paid at version ``covers``, from the date ``on``."""

    covers: int
    on: date


class SellingContract(State):
    """What is known of a contract that may sell credits; ``id`` is the contract's."""

    told: int = 0
    """The version up to which the contract's changes are known to be whole."""
    awaiting: tuple[SoldCredit, ...] = ()
    paid: tuple[Passage, ...] = ()
    """In order of version; those before ``told`` have done their work and are dropped."""


class Credit(State):
    """A client credit; ``id`` is that of the line that sold it. Amounts in minor units, no expiry (CRE-1)."""

    account: str
    """The beneficiary."""
    contract: str
    amount: PositiveAmount
    left: Amount
    currency: Currency
    status: Literal["granted", "removed"]
    granted_on: date
    removed_on: date | None = None


class Entry(State):
    """One movement of a credit (CRE-7); ``id`` is the credit's and the number of the movement.

    ``version`` is the sequence of the event that told the movement, ``amount`` is signed, and
    the sum of a credit's entries is what is left of it.
    """

    credit: str
    account: str
    kind: Literal["granted", "removed"]
    reason: Literal["contract_paid", "line_cancelled"]
    amount: SignedAmount
    currency: Currency
    on: date


def tell(selling: SellingContract, version: int) -> SellingContract:
    """The contract is told up to ``version``: by its opening, or by a change that is now whole.

    An opening says its version before its lines come. That is early enough, as an opening
    cancels nothing: its lines can be granted one by one as they come.
    """
    return selling.model_copy(update={"told": max(selling.told, version)})


def sell(selling: SellingContract, event: ProductAdded, sequence: int) -> SellingContract:
    """A line was added; it awaits its credit if it sells one (CRE-2)."""
    details = event.purchase.details
    if details.kind != "client_credit":
        return selling
    sold = SoldCredit(
        line=event.purchase.line,
        sequence=sequence,
        account=event.purchase.beneficiary or event.account,
        value=details.value,
        currency=event.currency,
    )
    return selling.model_copy(update={"awaiting": (*selling.awaiting, sold)})


def unsell(selling: SellingContract, line: str) -> SellingContract:
    """A line was cancelled: it will not be granted a credit, whenever its payment is heard of."""
    return selling.model_copy(update={"awaiting": tuple(sold for sold in selling.awaiting if sold.line != line)})


def pay(selling: SellingContract, covers: int, on: date) -> SellingContract:
    """The contract was fully paid at version ``covers`` on the date ``on`` (PAY-8)."""
    if any(passage.covers == covers for passage in selling.paid):
        return selling
    paid = sorted((*selling.paid, Passage(covers=covers, on=on)), key=lambda passage: passage.covers)
    return selling.model_copy(update={"paid": tuple(paid)})


def grant(selling: SellingContract) -> tuple[SellingContract, tuple[Decision[Credit], ...]]:
    """Grant what can be granted now: each awaiting line that a payment of the contract covers (CRE-2).

    A payment counts once the contract has been told up to the version that it covers, so that
    a payment heard of early never grants the credit of a line that was cancelled before it.
    The grant takes effect on the date of the first payment that covers the line (MON-5),
    however late and in whatever order both are heard of.
    """
    decisions: list[Decision[Credit]] = []
    awaiting: list[SoldCredit] = []
    for sold in selling.awaiting:
        passage = next((p for p in selling.paid if sold.sequence <= p.covers <= selling.told), None)
        if passage is None:
            awaiting.append(sold)
        else:
            decisions.append(_granted(selling, sold, passage.on))
    paid = tuple(passage for passage in selling.paid if passage.covers >= selling.told)
    return selling.model_copy(update={"awaiting": tuple(awaiting), "paid": paid}), tuple(decisions)


def _granted(selling: SellingContract, sold: SoldCredit, on: date) -> Decision[Credit]:
    credit = Credit(
        id=sold.line,
        organisation=selling.organisation,
        account=sold.account,
        contract=selling.id,
        amount=sold.value,
        left=sold.value,
        currency=sold.currency,
        status="granted",
        granted_on=on,
    )
    event = CreditGranted(
        credit=credit.id,
        account=credit.account,
        amount=credit.amount,
        left=credit.left,
        currency=credit.currency,
        contract=credit.contract,
        line=sold.line,
        effective_on=on,
    )
    return Decision(credit, (event,))


def remove(credit: Credit, on: date) -> Decision[Credit]:
    """The line that sold the credit was cancelled, so the credit goes (CRE-4)."""
    removed = credit.model_copy(update={"left": 0, "status": "removed", "removed_on": on})
    event = CreditRemoved(
        credit=removed.id,
        account=removed.account,
        amount=removed.amount,
        left=removed.left,
        currency=removed.currency,
        contract=removed.contract,
        line=removed.id,
        effective_on=on,
    )
    return Decision(removed, (event,))


def entry(before: Credit | None, after: Credit, on: date) -> Entry:
    """The movement that led from ``before`` to ``after``, a credit as it was saved (CRE-7)."""
    return Entry(
        id=f"{after.id}:{after.version}",
        organisation=after.organisation,
        version=after.version,
        credit=after.id,
        account=after.account,
        kind=after.status,
        reason="contract_paid" if after.status == "granted" else "line_cancelled",
        amount=after.left - (before.left if before else 0),
        currency=after.currency,
        on=on,
    )
