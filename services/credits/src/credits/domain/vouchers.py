"""A gift voucher: the right to an activity, whatever its price, of the person who presents its code (CRE-8, CRE-9)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from carnet.codes import digest_of
from carnet.dates import Instant
from carnet.decisions import Decision, State
from carnet.events import credits as published
from carnet.events.base import Part
from carnet.events.contracts import CreditRemovalRequested, Redemption, VoucherRedemptionRequested
from carnet.events.credits import VoucherRefusal
from carnet.refusals import conflict
from credits.domain.cards import PresentedCard
from credits.domain.credit import Credit
from credits.domain.refusals import not_covered, voucher_kept
from credits.domain.selling import SellingContract, SoldVoucher
from credits.domain.sending_days import later_than

Standing = Literal["issued", "redeemed", "removed"]


class Covering(Part):
    """The line that a voucher covers, of which contract, and since when."""

    contract: str
    line: str
    product: str
    on: date


class Voucher(State):
    """A gift voucher; ``id`` is that of the line that sold it."""

    account: str
    """The account that bought it, under whose name it is shown."""
    contract: str
    name: str
    products: tuple[str, ...]
    """What it is a right to: one of them."""
    recipient: str | None = None
    """The person of the account to whom it is given; the owner where there is none."""
    code: str | None
    """None if it was removed before it was issued."""
    send_on: date | None = None
    """The day on which it is sent to its recipient; None once it was sent, or if it was sent when it was issued."""
    standing: Standing
    issued_on: date | None
    removed_on: date | None = None
    covers: Covering | None = None
    """What it covers while it is redeemed."""


class CodeOf(State):
    """The voucher, or the gift card, of a code; ``id`` is the digest of the code, so that one read finds it."""

    voucher: str
    """The voucher; or the credit that is the gift card."""
    card: bool = False
    contract: str
    """The contract that sold it."""


class CoveredLine(State):
    """A line that a voucher covers; ``id`` is the line's."""

    voucher: str
    contract: str
    request: str


class RefusedRedemption(State):
    """A request of contracts that was refused (CRE-9); ``id`` is that of the request."""

    contract: str
    line: str
    why: VoucherRefusal


class RefusedVoucherRemoval(State):
    """A removal that a redeemed voucher prevents (CON-8); ``id`` is that of the request."""

    contract: str
    voucher: str


class Tries(State):
    """The attempts with codes that do not exist, by a caller or in an organisation, since ``since``."""

    since: Instant
    wrong: int = 0


TRIES_WITHIN = 3600
"""Seconds for which wrong codes are counted."""
MOST_OF_CALLER = 20
MOST_OF_ORGANISATION = 200


@dataclass(frozen=True, slots=True)
class Presented:
    """A voucher that is presented, and whether the contract that sold it is not paid any more (CRE-2)."""

    voucher: Voucher
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The redemption of every voucher of a request, with the lines that they cover."""

    vouchers: tuple[Decision[Voucher], ...]
    lines: tuple[CoveredLine, ...]


def too_many(tries: Tries | None, most: int, now: datetime) -> bool:
    """Whether so many wrong codes were tried within the hour that none is looked up."""
    return tries is not None and _counts(tries, now) and tries.wrong >= most


def tried(tries: Tries | None, tries_id: str, organisation: str, now: datetime) -> Tries:
    """One more wrong code was tried."""
    if tries is None or not _counts(tries, now):
        version = tries.version if tries else 0
        return Tries(id=tries_id, organisation=organisation, version=version, since=now, wrong=1)
    return tries.model_copy(update={"wrong": tries.wrong + 1})


def _counts(tries: Tries, now: datetime) -> bool:
    return (now - tries.since).total_seconds() < TRIES_WITHIN


def issue(selling: SellingContract, sold: SoldVoucher, code: str, on: date) -> Decision[Voucher]:
    """The contract is paid, so the voucher that its line sold exists (CRE-9)."""
    voucher = voucher_of(selling, sold, code=code, issued_on=on)
    event = published.VoucherIssued(
        voucher=voucher.id,
        account=voucher.account,
        contract=voucher.contract,
        line=voucher.id,
        name=voucher.name,
        products=voucher.products,
        recipient=voucher.recipient,
        code=code,
        effective_on=on,
        send_on=voucher.send_on,
    )
    return Decision(voucher, (event,))


def voucher_of(selling: SellingContract, sold: SoldVoucher, *, code: str | None, issued_on: date | None) -> Voucher:
    """The voucher that a line sells: issued on that day, or else removed before it could be."""
    return Voucher(
        id=sold.line,
        organisation=selling.organisation,
        account=sold.account,
        contract=selling.id,
        name=sold.name,
        products=sold.products,
        recipient=sold.recipient,
        code=code,
        send_on=later_than(issued_on, sold.send_on),
        standing="issued" if issued_on else "removed",
        issued_on=issued_on,
    )


def code_of(held: Voucher | Credit) -> CodeOf:
    """What finds the voucher, or the gift card, by its code."""
    code = held.code if isinstance(held, Voucher) else held.card.code if held.card else None
    if code is None or held.contract is None:
        raise ValueError(f"{held.id} was never issued")
    digest, card = digest_of(held.organisation, code), isinstance(held, Credit)
    return CodeOf(id=digest, organisation=held.organisation, voucher=held.id, card=card, contract=held.contract)


def why_not(presented: Presented | PresentedCard | None, product: str | None) -> VoucherRefusal | None:
    """Why a voucher does not cover a line of that product, or of any if it is None; None if it does (CRE-9)."""
    if presented is None:
        return "unknown"
    if isinstance(presented, PresentedCard):
        return "gift-card"
    voucher = presented.voucher
    if voucher.standing == "redeemed":
        return "redeemed"
    if voucher.standing == "removed":
        return "removed"
    if presented.suspended:
        return "suspended"
    return "other-product" if product is not None and product not in voucher.products else None


_DETAILS: Mapping[VoucherRefusal, str] = {
    "unknown": "There is no gift voucher of this code. Compare the code with the mail.",
    "redeemed": "The gift voucher is redeemed already. Ask the person who presents it what it was used for.",
    "removed": "The sale of the gift voucher was cancelled, so it is a right to nothing any more.",
    "suspended": "The sale of the gift voucher is not paid any more. It can be redeemed once it is paid again.",
    "other-product": "The gift voucher is a right to something else. Choose what it names.",
    "gift-card": "This is the code of a gift card, which is an amount: pay the contract with it.",
}


def detail_of(why: VoucherRefusal) -> str:
    """What to do where a voucher does not cover a line, in English."""
    return _DETAILS[why]


def redeem_all(
    asked: VoucherRedemptionRequested,
    presented: Mapping[str, Presented | PresentedCard],
    organisation: str,
    *,
    blocked: bool,
) -> Redeemed | Decision[RefusedRedemption]:
    """Have the vouchers cover these lines, all of them, or answer which does not (CRE-9).

    ``presented`` are those that there are, by the digest of the code; ``blocked`` says that the caller has tried too
    many codes that do not exist.
    """
    found = dict(presented)
    decisions: list[Decision[Voucher]] = []
    for each in asked.redemptions:
        held = found.get(each.code)
        why = "too-many-tries" if blocked else why_not(held, each.product)
        if why is not None or not isinstance(held, Presented):
            return _refused(asked, each, why or "unknown", organisation)
        decision = _redeem(held.voucher, each, asked)
        found[each.code] = Presented(decision.state)
        decisions.append(decision)
    lines = tuple(
        CoveredLine(
            id=each.line,
            organisation=organisation,
            voucher=decision.state.id,
            contract=asked.contract,
            request=asked.request,
        )
        for each, decision in zip(asked.redemptions, decisions, strict=True)
    )
    return Redeemed(tuple(decisions), lines)


def _redeem(voucher: Voucher, each: Redemption, asked: VoucherRedemptionRequested) -> Decision[Voucher]:
    covers = Covering(contract=asked.contract, line=each.line, product=each.product, on=asked.effective_on)
    event = published.VoucherRedeemed(
        voucher=voucher.id,
        account=voucher.account,
        contract=asked.contract,
        line=each.line,
        product=each.product,
        request=asked.request,
        effective_on=asked.effective_on,
    )
    return Decision(voucher.model_copy(update={"standing": "redeemed", "covers": covers}), (event,))


def _refused(
    asked: VoucherRedemptionRequested, each: Redemption, why: VoucherRefusal, organisation: str
) -> Decision[RefusedRedemption]:
    refused = RefusedRedemption(
        id=asked.request, organisation=organisation, contract=asked.contract, line=each.line, why=why
    )
    event = published.VoucherRedemptionRefused(
        request=asked.request,
        contract=asked.contract,
        line=each.line,
        why=why,
        effective_on=asked.effective_on,
        refusal=not_covered(asked, each, why),
    )
    return Decision(refused, (event,))


def restore(voucher: Voucher | None, line: str, on: date) -> Decision[Voucher] | None:
    """The line that the voucher covers is gone, so it can be redeemed again; None if it covers it no longer (CRE-9)."""
    if voucher is None or voucher.covers is None or voucher.covers.line != line:
        return None
    restored = voucher.model_copy(update={"standing": "issued", "covers": None})
    event = published.VoucherRestored(
        voucher=voucher.id,
        account=voucher.account,
        contract=voucher.covers.contract,
        line=line,
        effective_on=on,
    )
    return Decision(restored, (event,))


def remove_voucher(voucher: Voucher, on: date, request: str | None = None) -> Decision[Voucher]:
    """The line that sold the voucher is cancelled, so the voucher goes (CON-8).

    One that is redeemed comes back first: the change that cancels its sale cancels the line that it covers, too.
    """
    back = restore(voucher, voucher.covers.line, on) if voucher.covers else None
    if back is not None:
        gone = remove_voucher(back.state, on, request)
        return Decision(gone.state, (*back.events, *gone.events))
    removed = voucher.model_copy(update={"standing": "removed", "removed_on": on})
    event = published.VoucherRemoved(
        voucher=voucher.id,
        account=voucher.account,
        contract=voucher.contract,
        line=voucher.id,
        request=request,
        effective_on=on,
    )
    return Decision(removed, (event,))


def refuse_removal(
    vouchers: Iterable[Voucher], asked: CreditRemovalRequested
) -> Decision[RefusedVoucherRemoval] | None:
    """Answer which voucher is redeemed, so that its sale is not cancelled; None if none is (CON-8).

    One that covers a line which the same change cancels does not count: it comes back with the line.
    """
    redeemed = next((each for each in vouchers if each.covers and each.covers.line not in asked.uncovered), None)
    if redeemed is None:
        return None
    refused = RefusedVoucherRemoval(
        id=asked.request, organisation=redeemed.organisation, contract=asked.contract, voucher=redeemed.id
    )
    event = published.VoucherRemovalRefused(
        request=asked.request,
        contract=asked.contract,
        voucher=redeemed.id,
        effective_on=asked.effective_on,
        refusal=voucher_kept(redeemed.id, redeemed.name, asked),
    )
    return Decision(refused, (event,))


def send_again(voucher: Voucher, on: date) -> Decision[Voucher]:
    """Send the voucher to its recipient, now and perhaps once more (CRE-9). Raises the refusals of ``still_given``."""
    code = still_given(voucher).code
    event = published.VoucherSendingRequested(
        voucher=voucher.id,
        account=voucher.account,
        contract=voucher.contract,
        name=voucher.name,
        recipient=voucher.recipient,
        code=code or "",
        effective_on=on,
    )
    return Decision(voucher.model_copy(update={"send_on": None}), (event,))


def still_given(voucher: Voucher) -> Voucher:
    """The voucher, if it can still be given to somebody.

    Raises:
        Refusal: ``voucher-redeemed-before`` and ``voucher-removed``, where there is nothing left to give.
    """
    if voucher.standing == "redeemed":
        raise conflict(
            "voucher-redeemed-before",
            "The gift voucher is redeemed, so there is nothing left to give.",
            rule="CRE-9",
            voucher=voucher.id,
        )
    if voucher.standing == "removed" or voucher.code is None:
        raise conflict(
            "voucher-removed",
            "The sale of the gift voucher was cancelled, so there is nothing left to give. Sell another one.",
            rule="CRE-9",
            voucher=voucher.id,
        )
    return voucher
