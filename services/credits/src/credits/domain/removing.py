"""CRE-4, CRE-5: what happens to a sold credit when the line that sold it is to be cancelled.

contracts asks for all credits of one change together: all are removed, or none where less is
left of one than was sold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from carnet.decisions import Decision, State
from carnet.events import credits as told
from carnet.events.contracts import CreditRemovalRequested
from carnet.money import Amount, PositiveAmount
from credits.domain.credit import Credit
from credits.domain.selling import SellingContract, credit_of, unsell


class RefusedRemoval(State):
    """Credits that contracts asked to remove and that stay (CRE-5); ``id`` is that of the request."""

    contract: str
    credit: str
    """The first of which less is left than was sold."""
    amount: PositiveAmount
    left: Amount


@dataclass(frozen=True, slots=True)
class Removal:
    """What is known of the contract once its credits are removed, and the removal of each."""

    selling: SellingContract
    removed: tuple[Decision[Credit], ...]


def remove(credit: Credit, on: date, request: str | None = None) -> Decision[Credit]:
    """The line that sold the credit is cancelled, so the credit goes (CRE-4)."""
    if credit.contract is None or credit.line is None:
        raise ValueError(f"no line sold credit {credit.id}")
    removed = credit.model_copy(update={"left": 0, "status": "removed", "removed_on": on})
    event = told.CreditRemoved(
        credit=removed.id,
        account=removed.account,
        amount=removed.amount,
        left=removed.left,
        currency=removed.currency,
        contract=credit.contract,
        line=credit.line,
        effective_on=on,
        request=request,
    )
    return Decision(removed, (event,))


def remove_all(
    selling: SellingContract, granted: Mapping[str, Credit], asked: CreditRemovalRequested
) -> Removal | Decision[RefusedRemoval]:
    """Remove the credits that these lines sold, all of them, or answer which is used (CRE-4, CRE-5).

    ``granted`` are the credits so far, by line. One that is not granted yet never will be:
    contracts may ask before the payment is heard of that would have granted it.

    Raises:
        LookupError: a line sells no credit, as far as contracts has told.
    """
    for line in asked.lines:
        credit = granted.get(line)
        if credit is not None and credit.status == "granted" and credit.left < credit.amount:
            return _refused(selling, credit, asked)
    awaiting = {sold.line: credit_of(selling, sold) for sold in selling.awaiting}
    known = awaiting | dict(granted)
    if missing := [line for line in asked.lines if line not in known]:
        raise LookupError(f"no line {missing[0]} of contract {selling.id} sells a credit")
    removed = tuple(remove(known[line], asked.effective_on, asked.request) for line in asked.lines)
    return Removal(unsell(selling, *asked.lines), removed)


def _refused(selling: SellingContract, credit: Credit, asked: CreditRemovalRequested) -> Decision[RefusedRemoval]:
    refused = RefusedRemoval(
        id=asked.request,
        organisation=selling.organisation,
        contract=selling.id,
        credit=credit.id,
        amount=credit.amount,
        left=credit.left,
    )
    event = told.CreditRemovalRefused(
        request=asked.request,
        contract=selling.id,
        credit=credit.id,
        amount=credit.amount,
        left=credit.left,
        currency=credit.currency,
        effective_on=asked.effective_on,
    )
    return Decision(refused, (event,))
