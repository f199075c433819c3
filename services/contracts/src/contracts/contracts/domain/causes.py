"""What a change, or an opening, may have to ask other services before it is made: one declaration for each cause.

A new cause is one ``ChangeCause`` in ``CAUSES``: when and what it asks, which events of the service asked grant or
refuse it, and how a refusal reads. Everything else (waiting, all or none, the answers of the API, events, alarm) is
done for all causes alike, in ``pending`` and in ``carnet.requests``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from carnet.decisions import Context
from carnet.events import Event, credits, scholarships
from carnet.events.base import ServiceRefusal
from carnet.events.contracts import (
    ChangeRefused,
    CreditRemovalRequested,
    Named,
    Redemption,
    VoucherRedemptionRequested,
    VoucherRedemptionWithdrawn,
)
from carnet.refusals import Refusal
from carnet.requests.asked import Cause
from carnet.requests.causes import CREDIT_REMOVAL, SCHOLARSHIP_USE, VOUCHER_REDEMPTION
from carnet.requests.kept import card_kept, credit_kept, pack_kept, voucher_kept
from carnet.requests.together import Ask
from carnet.requests.uncovered import voucher_refused
from contracts.contracts.domain.aid_asked import ask_use, not_aided
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.discounts import nets


@dataclass(frozen=True, slots=True)
class ChangeCause:
    """Why a change asks another service.

    ``asks`` is what it asks, from the contract before (None for an opening) and after; None if nothing. The request
    is the change: its event, and those that answer it, carry the change's id as ``request`` and the ``contract``.
    ``grants`` are the events that grant, each with the objects that it grants; ``refuses`` those that refuse. People
    read the ``refusal`` of such an event, in the words of the service asked; of one published before there were
    any, that which is made of it here. ``published_beside`` makes an event that was released before
    ``ConfirmationRefused`` and is published with it; None if it says nothing of such a refusal.
    """

    cause: Cause
    asks: Callable[[Contract | None, Contract, Context], Ask | None]
    grants: Mapping[type[Event], Callable[[Any], tuple[str, ...]]]
    refuses: Mapping[type[Event], Callable[[Contract, Any], Refusal]]
    published_beside: Callable[[Contract, ServiceRefusal, date], Event | None] | None = field(default=None)


def credits_removed(before: Contract, after: Contract) -> tuple[str, ...]:
    """The lines that a change cancels and that sold what credits holds: credits is asked about them (CON-8)."""
    live = {line.id for line in after.live}
    sold = (line.id for line in before.live if line.sells_money or line.sells_voucher or line.sells_pack)
    return tuple(line for line in sold if line not in live)


def uncovered(before: Contract, after: Contract) -> tuple[str, ...]:
    """The lines that a change cancels and that a gift voucher covers: it may be one whose sale goes too (CON-8)."""
    live = {line.id for line in after.live}
    return tuple(line.id for line in before.live if line.code is not None and line.id not in live)


def credits_lowered(before: Contract, after: Contract) -> tuple[str, ...]:
    """The lines that sell client credits or gift cards and that a change lets bring less (CON-11)."""
    brought, brings = nets(before.lines), nets(after.lines)
    sold = (line.id for line in before.live if line.sells_money and line.id in brings)
    return tuple(line for line in sold if brings[line] < brought[line])


def carries_fee(before: Contract, after: Contract) -> bool:
    """Whether a change adds a fee, an added line without a product: so a pack that was used is cancelled (CON-8)."""
    known = {line.id for line in before.lines}
    return any(line.purchase.free and line.purchase.price > 0 for line in after.live if line.id not in known)


def _ask_removal(before: Contract | None, after: Contract, context: Context) -> Ask | None:
    if before is None:
        return None
    removed, lowered = credits_removed(before, after), credits_lowered(before, after)
    if not removed and not lowered:
        return None
    names = {line.id: line.purchase.name for line in before.lines}
    event = CreditRemovalRequested(
        contract=before.id,
        account=before.account,
        request=context.change,
        lines=removed,
        lowered=lowered,
        with_fee=carries_fee(before, after),
        uncovered=uncovered(before, after),
        names=tuple(Named(id=line, name=names[line]) for line in (*removed, *lowered)),
        effective_on=context.today,
    )
    # A credit that is removed may have been granted and used before: its removal is not given back, but asked last.
    return Ask(CREDIT_REMOVAL, (*removed, *lowered), event)


def credit_in_the_way(contract: Contract, answer: credits.CreditRemovalRefused) -> Refusal:
    """The refusal of a change that a client credit or a gift card prevents (CRE-5, CON-8, CON-11)."""
    sold = next((line for line in contract.lines if line.id == answer.credit), None)
    name = _named(contract, answer.credit)
    shared: dict[str, Any] = {"exists": answer.why == "exists", "contract": answer.contract, "change": answer.request}
    if sold is not None and sold.sells_card:
        return card_kept(name, card=answer.credit, **shared)
    shared |= {"amount": answer.amount, "left": answer.left, "currency": answer.currency}
    return credit_kept(name, credit=answer.credit, **shared)


def voucher_in_the_way(contract: Contract, answer: credits.VoucherRemovalRefused) -> Refusal:
    """The refusal of a change that cancels the sale of a redeemed voucher (CON-8, CRE-9)."""
    name = _named(contract, answer.voucher)
    return voucher_kept(name, contract=answer.contract, change=answer.request, voucher=answer.voucher)


def pack_in_the_way(contract: Contract, answer: credits.PackRemovalRefused) -> Refusal:
    """The refusal of a change that cancels the sale of a pack which was used, without a fee (CON-8)."""
    name = _named(contract, answer.pack)
    return pack_kept(name, contract=answer.contract, change=answer.request, pack=answer.pack, uses=answer.uses)


def _named(contract: Contract, line_id: str) -> str:
    found = next((line for line in contract.all_lines if line.id == line_id), None)
    return f"“{found.purchase.name}”" if found else "the line"


def _ask_redemption(before: Contract | None, after: Contract, context: Context) -> Ask | None:
    known = {line.id for line in before.lines} if before else set()
    covered = [line for line in after.live if line.code is not None and line.id not in known]
    if not covered:
        return None
    lines = tuple(line.id for line in covered)
    shared = {"contract": after.id, "account": after.account, "request": context.change}
    redemptions = tuple(
        Redemption(line=line.id, product=line.purchase.product, code=line.code, name=line.purchase.name)
        for line in covered
        if line.code
    )
    return Ask(
        VOUCHER_REDEMPTION,
        lines,
        VoucherRedemptionRequested(**shared, redemptions=redemptions, effective_on=context.today),
        VoucherRedemptionWithdrawn(**shared, lines=lines, effective_on=context.today),
    )


def not_covered(contract: Contract, answer: credits.VoucherRedemptionRefused) -> Refusal:
    """The refusal of an opening or a change whose voucher does not cover its line (CRE-9)."""
    params = {"contract": answer.contract, "change": answer.request, "line": answer.line}
    return voucher_refused(answer.why, _named(contract, answer.line), params)


def _change_refused(contract: Contract, refusal: ServiceRefusal, on: date) -> Event | None:
    if not {"credit", "change", "amount", "left"} <= refusal.params.keys():
        return None  # a gift card, a voucher or a pack was in the way, of which that event says nothing
    return ChangeRefused(
        contract=contract.id,
        account=contract.account,
        request=refusal.params["change"],
        credit=refusal.params["credit"],
        amount=refusal.params["amount"],
        left=refusal.params["left"],
        currency=contract.currency,
        effective_on=on,
        why="exists" if refusal.problem == "credit-exists" else "used",
    )


REMOVED_CREDITS = ChangeCause(
    cause=CREDIT_REMOVAL,
    asks=_ask_removal,
    grants={
        credits.CreditRemoved: lambda answer: (answer.line,),
        credits.VoucherRemoved: lambda answer: (answer.line,),
        credits.PackRemoved: lambda answer: (answer.line,),
        credits.CreditGrantPostponed: lambda answer: answer.lines,
    },
    refuses={
        credits.CreditRemovalRefused: credit_in_the_way,
        credits.VoucherRemovalRefused: voucher_in_the_way,
        credits.PackRemovalRefused: pack_in_the_way,
    },
    published_beside=_change_refused,
)

REDEEMED_VOUCHERS = ChangeCause(
    cause=VOUCHER_REDEMPTION,
    asks=_ask_redemption,
    grants={credits.VoucherRedeemed: lambda answer: (answer.line,)},
    refuses={credits.VoucherRedemptionRefused: not_covered},
)

USED_SCHOLARSHIPS = ChangeCause(
    cause=SCHOLARSHIP_USE,
    asks=ask_use,
    grants={scholarships.ScholarshipUsed: lambda answer: (answer.line,)},
    refuses={scholarships.ScholarshipUseRefused: not_aided},
)

CAUSES: tuple[ChangeCause, ...] = (REMOVED_CREDITS, REDEEMED_VOUCHERS, USED_SCHOLARSHIPS)
"""All that a change may ask, in the order in which refusals are shown."""
