"""Why credits refuses what other services ask of it, in the words that people read.

The service that asked shows them as they are: a code beside them (``why``, ``reason``) is for programs.
"""

from typing import Any, Literal

from carnet.events.base import ServiceRefusal
from carnet.events.contracts import CreditRemovalRequested, Redemption, VoucherRedemptionRequested
from carnet.events.credits import VoucherRefusal
from carnet.events.payments import CreditRefusal
from carnet.requests import kept
from carnet.requests.causes import CREDIT_REMOVAL, CREDIT_USE, VOUCHER_REDEMPTION
from carnet.requests.refused_uses import use_refused
from carnet.requests.uncovered import voucher_refused
from credits.domain.credit import Credit

UseRefusal = Literal[CreditRefusal, "suspended"]
"""Why a credit does not pay; ``suspended``: the contract that sold it is not paid any more (CRE-2)."""


def not_used(why: UseRefusal, credit: str) -> ServiceRefusal:
    """Why a client credit, or a gift card, does not pay a part of a contract (CRE-3, CRE-8)."""
    return CREDIT_USE.refused(use_refused(why, credit))


def credit_kept(credit: Credit, asked: CreditRemovalRequested, why: Literal["used", "exists"]) -> ServiceRefusal:
    """Why the line that sold a client credit or a gift card stays as it is (CRE-5, CON-8, CON-11)."""
    shared: dict[str, Any] = {"exists": why == "exists", "contract": asked.contract, "change": asked.request}
    if credit.card is not None:
        return CREDIT_REMOVAL.refused(kept.card_kept(f"“{credit.card.name}”", card=credit.id, **shared))
    name = next((f"“{line.name}”" for line in asked.names if line.id == credit.line), "the line")
    shared |= {"amount": credit.amount, "left": credit.left, "currency": credit.currency}
    return CREDIT_REMOVAL.refused(kept.credit_kept(name, credit=credit.id, **shared))


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
