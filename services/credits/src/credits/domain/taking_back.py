"""CRE-2, PAY-13: what a reversal by the bank takes from credits.

A deposit that is taken back takes what is left of its credit, and the rest is due from the account until it is
recovered, paid or waived. A payment that is taken back beyond what its contract had takes from the credits that refund
lines of the contract had become.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from carnet.decisions import Decision
from carnet.events import credits as published
from carnet.events.payments import PaymentReversed, RecordedMethod, ReversalReason
from carnet.refusals import conflict
from credits.domain.credit import Credit


def reverse_deposit(credit: Credit, amount: int, reason: ReversalReason, on: date) -> Decision[Credit]:
    """The bank took ``amount`` of the deposit back: what is left goes, the rest is due from the account (CRE-2).

    Raises:
        Refusal: ``not-a-deposit`` where the credit is none, ``more-than-deposit`` above what has not been taken back.
    """
    if credit.origin != "deposit":
        raise conflict(
            "not-a-deposit",
            "This credit was no deposit. Reverse the payment of the contract that it comes from instead.",
            rule="CRE-2",
            credit=credit.id,
        )
    most = credit.amount - credit.reversed
    if amount > most:
        raise conflict(
            "more-than-deposit",
            f"{most} minor units of this deposit have not been taken back yet. Record no more than that.",
            rule="CRE-2",
            credit=credit.id,
            amount=amount,
            most=most,
        )
    taken = min(amount, credit.left)
    after = credit.model_copy(
        update={
            "left": credit.left - taken,
            "reversed": credit.reversed + amount,
            "due": credit.due + amount - taken,
        }
    )
    event = published.DepositReversed(
        credit=after.id,
        account=after.account,
        amount=amount,
        taken=taken,
        left=after.left,
        due=after.due,
        currency=after.currency,
        reason=reason,
        effective_on=on,
        method=credit.receipt.method if credit.receipt else None,
    )
    return Decision(after, (event,))


def recover(credit: Credit, on: date) -> Decision[Credit]:
    """What came back to the credit of a deposit covers what is due of it first (CRE-2); nothing if nothing is due."""
    recovered = min(credit.due, credit.left)
    if not recovered:
        return Decision(credit)
    after = credit.model_copy(update={"left": credit.left - recovered, "due": credit.due - recovered})
    return Decision(after, (_taken(after, recovered, on),))


@dataclass(frozen=True, slots=True)
class DueReceipt:
    """That what was due was paid: an id of its own, and by which method; None if nobody says it."""

    id: str
    method: RecordedMethod | None


def settle_due(credit: Credit, amount: int, paid: DueReceipt | None, note: str, on: date) -> Decision[Credit]:
    """The account paid what was due of a reversed deposit, or it is waived, for the reason ``note``.

    Raises:
        Refusal: ``more-than-due`` above what is due.
    """
    if amount > credit.due:
        raise conflict(
            "more-than-due",
            f"{credit.due} minor units are due of this deposit. Settle no more than that.",
            rule="CRE-2",
            credit=credit.id,
            amount=amount,
            due=credit.due,
        )
    after = credit.model_copy(update={"due": credit.due - amount, "due_note": note})
    event = published.DepositDueSettled(
        credit=after.id,
        account=after.account,
        amount=amount,
        how="paid" if paid else "waived",
        left=after.left,
        due=after.due,
        currency=after.currency,
        effective_on=on,
        method=paid.method if paid else None,
        receipt=paid.id if paid else None,
    )
    return Decision(after, (event,))


def take_beyond(converted: Iterable[Credit], event: PaymentReversed) -> Iterator[Decision[Credit]]:
    """Take what the contract no longer had from what is left of the credits that came from it (PAY-13).

    ``converted`` are the credits that refund lines of the contract became, the latest first.
    """
    beyond = event.beyond
    for credit in converted:
        taken = min(beyond, credit.left)
        if taken:
            beyond -= taken
            after = credit.model_copy(update={"left": credit.left - taken})
            yield Decision(after, (_taken(after, taken, event.effective_on, event.contract, event.payment),))


def _taken(
    after: Credit, amount: int, on: date, contract: str | None = None, payment: str | None = None
) -> published.CreditTakenBack:
    return published.CreditTakenBack(
        credit=after.id,
        account=after.account,
        amount=amount,
        left=after.left,
        due=after.due,
        currency=after.currency,
        contract=contract,
        payment=payment,
        effective_on=on,
    )
