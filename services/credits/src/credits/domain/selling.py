"""What a contract sells that then exists in credits, and from when (CRE-1, CRE-2, CRE-8, CRE-9, CRE-10).

A ``SellingContract`` is what credits has received of one contract, from two topics in any order:
which lines sell something that then exists here, up to which version the contract is whole, and
at which versions it was fully paid.
"""

from datetime import date

from carnet.decisions import Decision, State
from carnet.events.base import Part
from carnet.events.catalog import SessionPackDetails
from carnet.events.contracts import ProductAdded, Purchase
from carnet.events.credits import CreditGranted
from carnet.money import Currency, PositiveAmount
from credits.domain.credit import Card, Credit


class SoldCredit(Part):
    """A live line that sells a credit, or a gift card, and has not granted it yet."""

    line: str
    sequence: int
    """The version from which a payment of the contract grants it: the sequence of the line's ``ProductAdded``, or of
    the request to let the line bring less (CON-11)."""
    account: str
    """The beneficiary (CRE-1); of a gift card, the account that buys it."""
    value: PositiveAmount
    currency: Currency
    card: Card | None = None
    """Of a gift card, without its code, which it gets when it is issued (CRE-8)."""


class SoldVoucher(Part):
    """A live line that sells a gift voucher and has not issued it yet (CRE-9)."""

    line: str
    sequence: int
    """The sequence of the line's ``ProductAdded``: a payment of the contract from there on issues it."""
    account: str
    """The account that buys it."""
    name: str
    products: tuple[str, ...]
    recipient: str | None = None
    send_on: date | None = None
    """The day that the buyer chose for its mail."""


class SoldPack(Part):
    """A live line that sells a session pack and has not issued it yet (CRE-10)."""

    line: str
    sequence: int
    """The sequence of the line's ``ProductAdded``: a payment of the contract from there on issues it."""
    account: str
    """The account that buys it."""
    name: str
    member: str | None = None
    """For whom it is; None if the family shares it."""
    details: SessionPackDetails
    bought_on: date
    last_day: date | None = None
    """The last day of the purchase; None if it has none, or starts at the first use."""


class Passage(Part):
    """The contract was fully paid at version ``covers``, from the date ``on``."""

    covers: int
    on: date


class SellingContract(State):
    """What is known of a contract that may sell credits; ``id`` is the contract's."""

    told: int = 0
    """The version up to which the contract's changes are known to be whole."""
    awaiting: tuple[SoldCredit, ...] = ()
    vouchers: tuple[SoldVoucher, ...] = ()
    packs: tuple[SoldPack, ...] = ()
    paid: tuple[Passage, ...] = ()
    """In order of version; those before ``told`` have had their effect and are dropped."""
    reopened_on: date | None = None
    """The day from which it is fully paid no longer: what is left of the credits that it sold is suspended (CRE-2)."""
    passages_known: bool = True
    """False where it was kept before reopenings were, until it is paid or reopened the next time."""
    converted: tuple[str, ...] = ()
    """The credits that its refund lines became, oldest first (PAY-4)."""


def whole_until(selling: SellingContract, version: int) -> SellingContract:
    """The contract is whole up to ``version``: by its opening, or by a change that is now whole.

    An opening says its version before its lines come. That is early enough, as an opening
    cancels nothing: its lines can be granted one by one as they come.
    """
    return selling.model_copy(update={"told": max(selling.told, version)})


def sell(selling: SellingContract, event: ProductAdded, sequence: int) -> SellingContract:
    """A line was added; it awaits its credit, its voucher or its pack if it sells one (CRE-2, CRE-9, CRE-10)."""
    details = event.purchase.details
    if details.kind == "gift_voucher":
        voucher = SoldVoucher(
            line=event.purchase.line,
            sequence=sequence,
            account=event.account,
            name=event.purchase.name,
            products=details.products,
            recipient=event.purchase.recipient,
            send_on=event.purchase.send_on,
        )
        return selling.model_copy(update={"vouchers": (*selling.vouchers, voucher)})
    if details.kind == "session_pack":
        pack = SoldPack(
            line=event.purchase.line,
            sequence=sequence,
            account=event.account,
            name=event.purchase.name,
            member=event.purchase.participant,
            details=details,
            bought_on=event.purchase.bought_on,
            last_day=event.purchase.expires_on,
        )
        return selling.model_copy(update={"packs": (*selling.packs, pack)})
    if details.kind not in ("client_credit", "gift_card") or details.value is None:
        return selling
    sold = SoldCredit(
        line=event.purchase.line,
        sequence=sequence,
        account=event.purchase.beneficiary or event.account,
        value=details.value,
        currency=event.currency,
        card=_card(event.purchase),
    )
    return selling.model_copy(update={"awaiting": (*selling.awaiting, sold)})


def _card(purchase: Purchase) -> Card | None:
    """The part that makes a sold credit a gift card, before it has a code; None if it is none."""
    if purchase.kind != "gift_card":
        return None
    return Card(name=purchase.name, recipient=purchase.recipient, code=None, send_on=purchase.send_on)


def unsell(selling: SellingContract, *lines: str) -> SellingContract:
    """Lines were cancelled: they get no credit, voucher or pack, whenever their payment is received."""
    return selling.model_copy(
        update={
            "awaiting": tuple(sold for sold in selling.awaiting if sold.line not in lines),
            "vouchers": tuple(sold for sold in selling.vouchers if sold.line not in lines),
            "packs": tuple(sold for sold in selling.packs if sold.line not in lines),
        }
    )


def edit_last_day(selling: SellingContract, line: str, last_day: date | None) -> SellingContract:
    """Staff edited the last day of a purchase (CON-11): a pack that is not issued yet has it from the start."""
    if not any(sold.line == line and sold.last_day != last_day for sold in selling.packs):
        return selling
    packs = tuple(
        sold.model_copy(update={"last_day": last_day}) if sold.line == line else sold for sold in selling.packs
    )
    return selling.model_copy(update={"packs": packs})


def postpone(selling: SellingContract, sequence: int, *lines: str) -> SellingContract:
    """These lines are to bring less: only a payment of what the contract is after that grants them (CON-11)."""
    awaiting = tuple(
        sold.model_copy(update={"sequence": sequence}) if sold.line in lines else sold for sold in selling.awaiting
    )
    return selling.model_copy(update={"awaiting": awaiting})


def pay(selling: SellingContract, covers: int, on: date) -> SellingContract:
    """The contract was fully paid at version ``covers`` on the date ``on`` (PAY-8)."""
    if any(passage.covers == covers for passage in selling.paid):
        return selling
    paid = sorted((*selling.paid, Passage(covers=covers, on=on)), key=lambda passage: passage.covers)
    return selling.model_copy(update={"paid": tuple(paid)})


def reopen(selling: SellingContract, on: date) -> SellingContract:
    """The contract is no longer fully paid: what is left of its credits is suspended until it is again (CRE-2)."""
    return selling.model_copy(update={"reopened_on": on, "passages_known": True})


def resume(selling: SellingContract) -> SellingContract:
    """The contract is fully paid, or again: its credits can be used (CRE-2)."""
    return selling.model_copy(update={"reopened_on": None, "passages_known": True})


def grant(selling: SellingContract) -> tuple[SellingContract, tuple[tuple[date, Decision[Credit]], ...]]:
    """Grant what can be granted now, with its day: each awaiting line that a payment of the contract covers (CRE-2).

    A payment counts once the contract is whole up to the version that it covers, so that
    a payment received early never grants the credit of a line that was cancelled before it.
    The grant takes effect on the date of the first payment that covers the line (MON-5),
    however late and in whatever order both are received. Gift cards are issued before it (``due_cards``).
    """
    decisions: list[tuple[date, Decision[Credit]]] = []
    awaiting: list[SoldCredit] = []
    for sold in selling.awaiting:
        passage = None if sold.card else _paid_by(selling, sold)
        if passage is None:
            awaiting.append(sold)
        else:
            decisions.append((passage.on, _granted(selling, sold, passage.on)))
    paid = tuple(passage for passage in selling.paid if passage.covers >= selling.told)
    return selling.model_copy(update={"awaiting": tuple(awaiting), "paid": paid}), tuple(decisions)


def due_cards(selling: SellingContract) -> tuple[SellingContract, tuple[tuple[date, SoldCredit], ...]]:
    """The gift cards that can be issued now, each with its day (CRE-8): as ``due_vouchers``."""
    due = [(passage.on, sold) for sold in selling.awaiting if sold.card and (passage := _paid_by(selling, sold))]
    issued = {sold.line for _, sold in due}
    left = tuple(sold for sold in selling.awaiting if sold.line not in issued)
    return selling.model_copy(update={"awaiting": left}), tuple(due)


def due_vouchers(selling: SellingContract) -> tuple[SellingContract, tuple[tuple[date, SoldVoucher], ...]]:
    """The vouchers that can be issued now, each with its day (CRE-9): asked before ``grant``, which drops payments."""
    due = [(passage.on, sold) for sold in selling.vouchers if (passage := _paid_by(selling, sold)) is not None]
    issued = {sold.line for _, sold in due}
    left = tuple(sold for sold in selling.vouchers if sold.line not in issued)
    return selling.model_copy(update={"vouchers": left}), tuple(due)


def due_packs(selling: SellingContract) -> tuple[SellingContract, tuple[tuple[date, SoldPack], ...]]:
    """The packs that can be issued now, each with its day (CRE-10): asked before ``grant``, which drops payments.

    One that is usable at once does not wait for any payment.
    """
    due: list[tuple[date, SoldPack]] = []
    for sold in selling.packs:
        if sold.details.usable == "at_once":
            due.append((sold.bought_on, sold))
        elif (passage := _paid_by(selling, sold)) is not None:
            due.append((passage.on, sold))
    issued = {sold.line for _, sold in due}
    left = tuple(sold for sold in selling.packs if sold.line not in issued)
    return selling.model_copy(update={"packs": left}), tuple(due)


def _paid_by(selling: SellingContract, sold: SoldCredit | SoldVoucher | SoldPack) -> Passage | None:
    """The first payment of the contract that covers the line."""
    return next((p for p in selling.paid if sold.sequence <= p.covers <= selling.told), None)


def credit_of(selling: SellingContract, sold: SoldCredit, *, granted_on: date | None = None) -> Credit:
    """The credit that a line sells: granted on that day, or else removed before it could be."""
    return Credit(
        id=sold.line,
        organisation=selling.organisation,
        account=sold.account,
        origin="sold",
        contract=selling.id,
        line=sold.line,
        amount=sold.value,
        left=sold.value if granted_on else 0,
        currency=sold.currency,
        status="granted" if granted_on else "removed",
        granted_on=granted_on,
        card=sold.card,
    )


def _granted(selling: SellingContract, sold: SoldCredit, on: date) -> Decision[Credit]:
    credit = credit_of(selling, sold, granted_on=on)
    event = CreditGranted(
        credit=credit.id,
        account=credit.account,
        amount=credit.amount,
        left=credit.left,
        currency=credit.currency,
        contract=selling.id,
        line=sold.line,
        effective_on=on,
    )
    return Decision(credit, (event,))
