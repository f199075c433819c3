"""Why credits refuses what other services ask of it, in the words that people read.

The service that asked shows them as they are: a code beside them (``why``, ``reason``) is for programs.
"""

from collections.abc import Mapping
from typing import Literal

from carnet.events.base import ServiceRefusal
from carnet.events.contracts import CreditRemovalRequested, Redemption, VoucherRedemptionRequested
from carnet.events.credits import VoucherRefusal
from carnet.events.payments import CreditRefusal
from carnet.refusals import Refusal, conflict, unknown
from carnet.requests import kept
from carnet.requests.causes import CREDIT_REMOVAL, CREDIT_USE, VOUCHER_REDEMPTION
from carnet.requests.uncovered import voucher_refused
from credits.domain.credit import Credit

UseRefusal = Literal[CreditRefusal, "suspended"]
"""Why a credit does not pay; ``suspended``: the contract that sold it is not paid any more (CRE-2)."""

_OF_USES: Mapping[str, str] = {
    "removed": "It was removed with the line that sold it. Use another one.",
    "other-account": "The credit is another account's than the contract. Use one of the contract's account.",
    "other-currency": "It is in another currency than the contract. Use one in the contract's currency.",
    "more-than-left": "Less than that is left of it. Read it again, and use no more than is left.",
    "sold-by-this-contract": "A contract is not paid with what it sells. Use another credit or gift card.",
}


def not_used(why: UseRefusal, credit: str) -> ServiceRefusal:
    """Why a client credit, or a gift card, does not pay a part of a contract (CRE-3, CRE-8)."""
    return CREDIT_USE.refused(_not_used(why, credit))


def _not_used(why: UseRefusal, credit: str) -> Refusal:
    match why:
        case "unknown-credit":
            return unknown("credit", credit)
        case "suspended":
            return conflict(
                "credit-suspended",
                "The contract that sold it is not fully paid any more, so what is left of it is suspended. "
                "Use it once that contract is paid again, or pay another way.",
                rule="CRE-2",
                credit=credit,
            )
        case "unknown-code":
            return conflict(
                "wrong-code",
                "This is not the code of the gift card. Compare it with the card, character by character.",
                rule="CRE-8",
                credit=credit,
            )
        case "too-many-codes":
            return conflict(
                "too-many-codes",
                "Too many codes that do not exist were tried. Try again in an hour.",
                rule="CRE-8",
                credit=credit,
            )
        case _:
            return conflict(f"credit-{why}", _OF_USES[why], rule="CRE-3", credit=credit)


def credit_kept(credit: Credit, asked: CreditRemovalRequested, why: Literal["used", "exists"]) -> ServiceRefusal:
    """Why the line that sold a client credit or a gift card stays as it is (CRE-5, CON-8, CON-11)."""
    exists = why == "exists"
    if credit.card is not None:
        name = f"“{credit.card.name}”"
        params = {"contract": asked.contract, "change": asked.request, "card": credit.id}
        return CREDIT_REMOVAL.refused(kept.card_kept(name, exists=exists, **params))
    return CREDIT_REMOVAL.refused(
        conflict(
            "credit-exists" if exists else "credit-used",
            (
                "The client credit that the line sold exists, so what that line brings does not fall: leave its price "
                "and its discounts as they are, or cancel the line while nothing of it is used and sell it anew."
            )
            if exists
            else (
                f"Of the client credit that the line sold, {credit.left} of {credit.amount} minor units are left: such "
                "a line is cancelled while nothing of it is used. Change the contracts that it pays first, so that it "
                "comes back, or keep it."
            ),
            rule="CON-11" if exists else "CRE-5",
            contract=asked.contract,
            change=asked.request,
            credit=credit.id,
            amount=credit.amount,
            left=credit.left,
            currency=credit.currency,
        )
    )


def voucher_kept(voucher: str, name: str, asked: CreditRemovalRequested) -> ServiceRefusal:
    """Why the line that sold a gift voucher stays: it is redeemed (CON-8, CRE-9)."""
    params = {"contract": asked.contract, "change": asked.request, "voucher": voucher}
    return CREDIT_REMOVAL.refused(kept.voucher_kept(f"“{name}”", **params))


def pack_kept(pack: str, name: str, uses: int, *, contract: str, request: str) -> ServiceRefusal:
    """Why the line that sold a session pack stays: it was used, and the change has no fee (CON-8)."""
    refusal = kept.pack_kept(f"“{name}”", contract=contract, change=request, pack=pack, uses=uses)
    return CREDIT_REMOVAL.refused(refusal)


def not_covered(asked: VoucherRedemptionRequested, each: Redemption, why: VoucherRefusal) -> ServiceRefusal:
    """Why a gift voucher does not cover a line (CRE-9); the code of a gift card is of an amount (CRE-8)."""
    params = {"contract": asked.contract, "change": asked.request, "line": each.line}
    return VOUCHER_REDEMPTION.refused(voucher_refused(why, f"“{each.name}”" if each.name else "the line", params))
