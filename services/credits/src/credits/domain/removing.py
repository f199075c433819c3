"""CRE-4, CRE-5, CON-8, CON-11: what happens to credits, vouchers and packs when their lines are to be cancelled.

Contracts asks for all of one change together: all that cancelled lines sold is removed, or nothing. The request is
refused if less is left of a credit than was sold, if a voucher is redeemed for a line that stays, if a pack was used
and the change has no fee, or if the credit of a line that is to bring less exists already.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from carnet.decisions import Decision, State
from carnet.events import credits as published
from carnet.events.contracts import CreditRemovalRequested
from carnet.money import Amount, PositiveAmount
from credits.domain.credit import Credit
from credits.domain.packs import Pack, RefusedPackRemoval, pack_of, refuse_pack_removal, remove_pack
from credits.domain.refusals import credit_kept
from credits.domain.selling import SellingContract, credit_of, postpone, unsell
from credits.domain.vouchers import RefusedVoucherRemoval, Voucher, refuse_removal, remove_voucher, voucher_of


class RefusedRemoval(State):
    """A request of contracts that was refused (CRE-5, CON-11); ``id`` is that of the request."""

    contract: str
    credit: str
    """The first of which less is left than was sold, or which exists though its line was to bring less."""
    amount: PositiveAmount
    left: Amount
    why: Literal["used", "exists"] = "used"


class PostponedGrant(State):
    """Lines that were to bring less and had sold no credit yet (CON-11); ``id`` is that of the request."""

    contract: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """What is known of the contract once its credits are removed, and the removal of each.

    ``postponed`` answers for the lines that are to bring less, where there are any.
    """

    selling: SellingContract
    removed: tuple[Decision[Credit], ...]
    postponed: Decision[PostponedGrant] | None = None
    vouchers: tuple[Decision[Voucher], ...] = ()
    packs: tuple[Decision[Pack], ...] = ()


def remove(credit: Credit, on: date, request: str | None = None) -> Decision[Credit]:
    """The line that sold the credit is cancelled, so the credit goes (CRE-4)."""
    if credit.contract is None or credit.line is None:
        raise ValueError(f"no line sold credit {credit.id}")
    removed = credit.model_copy(update={"left": 0, "status": "removed", "removed_on": on})
    event = published.CreditRemoved(
        credit=removed.id,
        account=removed.account,
        amount=removed.amount,
        left=removed.left,
        currency=removed.currency,
        contract=credit.contract,
        line=credit.line,
        effective_on=on,
        request=request,
        removed=credit.left if credit.granted_on else 0,
    )
    return Decision(removed, (event,))


def remove_all(
    selling: SellingContract,
    granted: Mapping[str, Credit],
    asked: CreditRemovalRequested,
    sequence: int,
    issued: Mapping[str, Voucher] = MappingProxyType({}),
    *,
    packs: Mapping[str, Pack] = MappingProxyType({}),
) -> Removal | Decision[RefusedRemoval] | Decision[RefusedVoucherRemoval] | Decision[RefusedPackRemoval]:
    """Remove what these lines sold, all of it, or answer what prevents it (CRE-4, CRE-5, CON-8, CON-11).

    ``granted`` are the credits so far, ``issued`` the vouchers and ``packs`` the packs, by line. One that is not
    granted yet never will be: contracts may ask before the payment that would have granted it is received. One of a
    line that is to bring less is granted by a payment of the contract after ``sequence``, that of the request, only.
    A pack that was used is removed with a fee only.

    Raises:
        LookupError: a line sells none of these, as far as contracts has published.
    """
    to_come = {sold.line: voucher_of(selling, sold, code=None, issued_on=None) for sold in selling.vouchers}
    sold = to_come | dict(issued)
    vouchers = [sold[line] for line in asked.lines if line in sold]
    if refused := refuse_removal(vouchers, asked):
        return refused
    passes = {sold.line: pack_of(selling, sold, issued_on=None) for sold in selling.packs} | dict(packs)
    removable = [passes[line] for line in asked.lines if line in passes]
    if not asked.with_fee and (kept := refuse_pack_removal(removable, asked.request, selling.id, asked.effective_on)):
        return kept
    for line in asked.lines:
        credit = granted.get(line)
        if credit is not None and credit.status == "granted" and credit.left < credit.amount:
            return _refused(selling, credit, asked, "used")
    for line in asked.lowered:
        credit = granted.get(line)
        if credit is not None and credit.granted_on is not None:
            return _refused(selling, credit, asked, "exists")
    awaiting = {sold.line: credit_of(selling, sold) for sold in selling.awaiting}
    known = awaiting | dict(granted)
    lines = [line for line in asked.lines if line not in sold and line not in passes]
    if missing := [line for line in (*lines, *asked.lowered) if line not in known]:
        raise LookupError(f"no line {missing[0]} of contract {selling.id} sells a credit, a voucher or a pack")
    return Removal(
        selling=postpone(unsell(selling, *asked.lines), sequence, *asked.lowered),
        removed=tuple(remove(known[line], asked.effective_on, asked.request) for line in lines),
        postponed=_postponed(selling, asked) if asked.lowered else None,
        vouchers=tuple(remove_voucher(voucher, asked.effective_on, asked.request) for voucher in vouchers),
        packs=tuple(remove_pack(pack, asked.effective_on, asked.request) for pack in removable),
    )


def _postponed(selling: SellingContract, asked: CreditRemovalRequested) -> Decision[PostponedGrant]:
    postponed = PostponedGrant(
        id=asked.request, organisation=selling.organisation, contract=selling.id, lines=asked.lowered
    )
    event = published.CreditGrantPostponed(
        request=asked.request, contract=selling.id, lines=asked.lowered, effective_on=asked.effective_on
    )
    return Decision(postponed, (event,))


def _refused(
    selling: SellingContract, credit: Credit, asked: CreditRemovalRequested, why: Literal["used", "exists"]
) -> Decision[RefusedRemoval]:
    refused = RefusedRemoval(
        id=asked.request,
        organisation=selling.organisation,
        contract=selling.id,
        credit=credit.id,
        amount=credit.amount,
        left=credit.left,
        why=why,
    )
    event = published.CreditRemovalRefused(
        request=asked.request,
        contract=selling.id,
        credit=credit.id,
        amount=credit.amount,
        left=credit.left,
        currency=credit.currency,
        effective_on=asked.effective_on,
        why=why,
        refusal=credit_kept(credit, asked, why),
    )
    return Decision(refused, (event,))
