"""A contract, its lines and the change that it may wait for, as they are kept (CON-1, CRE-4)."""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import computed_field, model_validator

from carnet.decisions import Actor, State
from carnet.events.base import ServiceRefusal
from carnet.events.contracts import ContractTerms, DatedCharge, DiscountShare, Mode, Purchase, Sale
from carnet.money import Amount, Currency, PositiveAmount
from carnet.requests.causes import CREDIT_REMOVAL
from carnet.requests.together import JointRequest, Kept
from carnet.tolerance import Tolerant
from contracts.contracts.domain.periods import Subscription


class InvoiceMark(Tolerant):
    """The invoice that bears a line; while it is being issued, only the request to mark the line is known (INV-4)."""

    request: str
    invoice: str | None = None
    number: str | None = None


class DepositMark(InvoiceMark):
    """A deposit invoice that bears a part of a line: ``amount`` in minor units, which was paid in advance."""

    amount: int


class Aid(Tolerant):
    """What a scholarship covers of a line, after discounts, in minor units (CRE-11)."""

    scholarship: str
    amount: PositiveAmount


class Line(Tolerant):
    """A purchase, or a discount in force, of a contract.

    ``purchase.price`` is the price in minor units, VAT included; of a discount, what it
    takes off. ``shares`` is what a discount takes off each line that it applies to, fixed
    when it was placed (CON-7). ``notes`` are staff's, personal data.
    """

    purchase: Purchase
    shares: tuple[DiscountShare, ...] = ()
    state: Literal["live", "cancelled"] = "live"
    cancelled_on: date | None = None
    deleted_on: date | None = None
    """When it was deleted as entered by mistake: it is cancelled, and in no view (CON-12)."""
    notes: str | None = None
    invoice: InvoiceMark | None = None
    """The live invoice that bears it; None if there is none."""
    deposits: tuple[DepositMark, ...] = ()
    """The live deposit invoices that bear parts of it; the invoice that bears it whole deducts them."""
    code: str | None = None
    """The digest of the code of the gift voucher that covers it (CRE-9)."""
    aid: Aid | None = None
    """The part of it that a scholarship covers; None if none does (CRE-11)."""

    @property
    def id(self) -> str:
        """The line's id."""
        return self.purchase.line

    @property
    def live(self) -> bool:
        """Whether the line is not cancelled."""
        return self.state == "live"

    @property
    def discount(self) -> bool:
        """Whether the line is a discount."""
        return self.purchase.kind == "discount"

    @property
    def invoiced(self) -> bool:
        """Whether a live invoice bears it, or a deposit invoice a part of it (INV-4)."""
        return self.invoice is not None or bool(self.deposits)

    @property
    def on_deposits(self) -> int:
        """What deposit invoices bear of it, in minor units."""
        return sum(each.amount for each in self.deposits)

    @property
    def sells_money(self) -> bool:
        """Whether what it sells is money of its own once it is paid: a client credit or a gift card (CRE-1, CRE-8)."""
        return self.purchase.kind == "client_credit" or self.sells_card

    @property
    def sells_card(self) -> bool:
        """Whether what it sells is a gift card (CRE-8)."""
        return self.purchase.kind == "gift_card"

    @property
    def sells_voucher(self) -> bool:
        """Whether what it sells is a gift voucher, the right to an activity once it is paid (CRE-8)."""
        return self.purchase.kind == "gift_voucher"

    @property
    def sells_pack(self) -> bool:
        """Whether what it sells is a session pack (CRE-10)."""
        return self.purchase.kind == "session_pack"

    @property
    def period(self) -> bool:
        """Whether it is a period of a subscription (CON-21)."""
        return self.purchase.period is not None

    @property
    def covered(self) -> bool:
        """Whether a gift voucher covers it whole (CRE-9)."""
        return self.purchase.voucher is not None

    @property
    def amount(self) -> int:
        """What the line brings to the total while it is live: a discount takes off, what is covered brings nothing."""
        if self.covered:
            return 0
        return -self.purchase.price if self.discount else self.purchase.price - self.aided

    @property
    def aided(self) -> int:
        """What a scholarship covers of it, in minor units (CRE-11)."""
        return self.aid.amount if self.aid is not None else 0

    def without_notes(self) -> Self:
        """The line once staff's notes on it are erased (ORG-4)."""
        return self.model_copy(update={"notes": None})


class Pending(Tolerant):
    """A change, or an opening, that is decided whole and waits for the answers of other services.

    ``requests`` are what it asks and their answers so far, ``lines`` those that it touches, as it leaves them, ``on``
    the day on which it takes effect.
    """

    change: str
    on: date
    asked_at: datetime
    by: Actor
    requests: tuple[JointRequest, ...]
    lines: tuple[Line, ...]
    cancelled_on: date | None = None
    events: tuple[Kept, ...]

    @model_validator(mode="before")
    @classmethod
    def _of_credits_alone(cls, kept: Any) -> Any:
        """What older releases kept: only credits was asked, about the lines ``awaited``."""
        if isinstance(kept, Mapping) and "requests" not in kept and "awaited" in kept:
            removal = JointRequest(cause=CREDIT_REMOVAL.name, asked_of=CREDIT_REMOVAL.asked_of, awaited=kept["awaited"])
            return {**kept, "requests": (removal,)}
        return kept

    @computed_field  # type: ignore[prop-decorator] # kept, since older releases read it
    @property
    def awaited(self) -> tuple[str, ...]:
        """The objects that have not been answered about yet, of all requests."""
        return tuple(each for request in self.requests for each in request.awaited)

    def without_notes(self, lines: Container[str]) -> Self:
        """The same once staff's notes on these lines are erased (ORG-4)."""
        return self.model_copy(
            update={
                "lines": tuple(line.without_notes() if line.id in lines else line for line in self.lines),
                "events": tuple(_without_notes(event, lines) for event in self.events),
            }
        )


def _without_notes(kept: Kept, lines: Container[str]) -> Kept:
    """The event without its personal part, where it is about one of these lines (ORG-4)."""
    line = kept.data.get("line") or kept.data.get("purchase", {}).get("line")
    if kept.data.get("personal") is None or line not in lines:
        return kept
    return kept.model_copy(update={"data": {**kept.data, "personal": None}})


class RefusedChange(Tolerant):
    """The change, or the opening, that was refused last, with what each service that refused answered.

    ``credit``, ``amount``, ``left`` and ``why`` are of a client credit in the way, as older releases kept and read
    them: it was used, so its line is not cancelled (CRE-5), or it exists, so its line brings no less (CON-11).
    """

    change: str
    on: date
    refusals: tuple[ServiceRefusal, ...] = ()
    credit: str | None = None
    amount: PositiveAmount | None = None
    left: Amount | None = None
    why: Literal["used", "exists"] = "used"

    @classmethod
    def of(cls, change: str, on: date, refusals: Iterable[ServiceRefusal]) -> Self:
        """What is kept of a refused change."""
        refusals = tuple(refusals)
        of_credit = {"credit", "amount", "left"}
        params = next((each.params for each in refusals if of_credit <= each.params.keys()), {})
        exists = any(each.problem == "credit-exists" for each in refusals)
        return cls(
            change=change,
            on=on,
            refusals=refusals,
            credit=params.get("credit"),
            amount=params.get("amount"),
            left=params.get("left"),
            why="exists" if exists else "used",
        )


class Contract(State):
    """A contract: its account, how it is paid, and its lines in the order in which they were added."""

    account: str
    number: str | None = None
    """What people call it by, such as ``2027-0042`` (CON-27); None if it was opened before there were any."""
    mode: Mode
    sale: Sale
    currency: Currency
    opened_on: date
    lines: tuple[Line, ...] = ()
    cancelled_on: date | None = None
    """The day on which the whole contract was cancelled (CON-22)."""
    pending: Pending | None = None
    """The change, or the opening, that waits for other services; nothing else is changed meanwhile."""
    opening: Literal["pending", "refused"] | None = None
    """The status of the opening while it waits, or for ever if it was refused; it has no lines then."""
    refused_change: RefusedChange | None = None
    """The last change that was refused, until another one is made or asked for."""
    subscription: Subscription | None = None
    """The subscription whose own contract this is (CON-21)."""
    withheld: bool = False
    """Whether its payment is so late that the organisation withholds the accesses that it gives (CON-20)."""
    imported_on: date | None = None
    """The day on which it came from another system, if it did (IMP-1)."""
    last_whole: int | None = None
    """The version of its newest whole change, if something was published since that changed nothing."""

    @property
    def whole_version(self) -> int:
        """The version of its newest whole change, which its schedule covers in the end; 0 before its opening.

        A change that waits for other services, or was refused by one, raises the version beyond it.
        """
        return self.version if self.last_whole is None else self.last_whole

    @property
    def cancelled(self) -> bool:
        """Whether the whole contract was cancelled."""
        return self.cancelled_on is not None

    @property
    def live(self) -> Iterator[Line]:
        """The lines not cancelled, discounts among them."""
        return (line for line in self.lines if line.live)

    @property
    def live_lines(self) -> int:
        """How many lines are not cancelled, discounts included."""
        return sum(1 for _ in self.live)

    @property
    def total(self) -> int:
        """The sum of the live lines, in minor units (CON-1)."""
        return sum(line.amount for line in self.live)

    @property
    def bill_on(self) -> date | None:
        """The day from which the next period of its subscription is billed; None if nothing is to be billed now.

        While a change waits for another service nothing is: it goes on once that is made or refused.
        """
        if self.subscription is None or self.cancelled or self.pending is not None or self.opening is not None:
            return None
        return self.subscription.next_on

    @property
    def renews_on(self) -> date | None:
        """The first day of the period with which its subscription renews, until the client is informed of it (CON-21).

        None while a change waits for another service, or the client's request to cancel for its answer.
        """
        subscription = self.subscription
        if subscription is None or self.cancelled or self.pending is not None or self.opening is not None:
            return None
        number = subscription.renewal
        if number is None or number <= subscription.announced or subscription.wish is not None:
            return None
        return subscription.first_day(number)

    @property
    def asked_to_cancel_on(self) -> date | None:
        """The day on which the client asked for the cancellation of its subscription, until that is answered."""
        if self.subscription is None or self.subscription.wish is None or self.cancelled:
            return None
        return self.subscription.wish.asked_on

    def waits(self, line: Line) -> bool:
        """Whether it is a period, cancelled or not, that has no days before an open pause is lifted (CON-18)."""
        if self.subscription is None or line.purchase.period is None:
            return False
        return self.subscription.waits(line.purchase.period)

    def terms(self, version: int) -> ContractTerms:
        """Its terms for its schedule, as those of the given version: a period is due on its first day (PAY-15)."""
        charges = (
            DatedCharge(line=line.id, amount=line.amount, due=line.purchase.first_day, paused=self.waits(line))
            for line in self.live
            if line.period and line.amount and line.purchase.first_day is not None
        )
        return ContractTerms(
            total=self.total, live_lines=self.live_lines, version=version, charges=tuple(charges), cards=self.for_cards
        )

    @property
    def for_cards(self) -> int:
        """What its live lines that sell gift cards bring, less the discounts on them (CRE-8)."""
        sold = {line.id: line.amount for line in self.live if line.sells_card}
        taken = sum(share.amount for line in self.live for share in line.shares if share.line in sold)
        return sum(sold.values()) - taken

    def without_notes(self, lines: Container[str]) -> Self:
        """The contract once staff's notes on these lines are erased, from what is pending too (ORG-4)."""
        return self.model_copy(
            update={
                "lines": tuple(line.without_notes() if line.id in lines else line for line in self.lines),
                "pending": self.pending and self.pending.without_notes(lines),
            }
        )

    @property
    def all_lines(self) -> Iterator[Line]:
        """Its lines, and those that a change or an opening that waits is to add or edit."""
        yield from self.lines
        if self.pending is not None:
            yield from self.pending.lines
