"""What answers about contracts look like."""

from collections.abc import Container, Iterable
from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import Field

from carnet.events.catalog import Details, GiftCardDetails, Kind
from carnet.events.contracts import Mode, Named, Sale
from carnet.http import Follows, RequestView, ServiceRefusalView
from carnet.money import Money
from contracts.contracts.api.subscription_views import SubscriptionView
from contracts.contracts.api.view import View
from contracts.contracts.domain.advice import Advice
from contracts.contracts.domain.contracts import Contract, Line, Pending, RefusedChange
from contracts.contracts.domain.discounts import borne, net_of
from contracts.contracts.domain.pending import made, refusals_kept
from contracts.contracts.domain.schedules import KnownSchedule

NUMBER = "What people call the contract by, such as 2027-0042; null where it was opened before there were numbers."

PERIOD = "For a subscription: which of its periods it is, from 1 (CON-21)."
FIRST_DAY = "Of a period of a subscription: its first day, on which it is due. Of an activity: its first occurrence."
DEPOSITS = "The live deposit invoices that bear a part of it; the invoice of the whole purchase deducts them."
LAST_DAY = "The last day, likewise. Both are null while the period waits for an open pause to be lifted (CON-18)."


class ShareView(View):
    """What a discount takes off a line."""

    line: str
    amount: Money


class InvoiceMarkView(View):
    """The invoice that bears a purchase, or a part of it, which stays as it is until a credit note (INV-4)."""

    id: str | None = Field(description="The invoice, in payments; null while it is being issued.")
    number: str | None = Field(description="Such as `FA-2026-000001`; null while it is being issued.")

    @classmethod
    def of(cls, line: Line) -> Self | None:
        """The view of the mark of a line; None if no live invoice bears it."""
        return None if line.invoice is None else cls(id=line.invoice.invoice, number=line.invoice.number)

    @classmethod
    def deposits(cls, line: Line) -> list[Self]:
        """The views of the deposit invoices of a line."""
        whole = line.invoice is not None and line.invoice.invoice is not None
        return [] if whole else [cls(id=each.invoice, number=each.number) for each in line.deposits]


class AidView(View):
    """What a scholarship covers of a line, after discounts (CRE-11)."""

    id: str = Field(description="The scholarship, in credits.")
    amount: Money


class LineView(View):
    """A line of a contract: a purchase, or a discount.

    ``price`` is what was bought at, VAT included, ``net`` that less the discounts in force and
    what a scholarship covers, and nothing if a gift voucher covers it.
    ``amount`` is what the line brings to the total while it is live: negative for a discount.
    """

    id: str
    product: str
    kind: Kind
    name: str
    format: Named | None
    tariff: Named | None
    participant: str | None
    beneficiary: str | None
    recipient: str | None = Field(description="Of a gift voucher or a gift card: whom of the account it is given to.")
    send_on: date | None = Field(
        description="Of a gift voucher or a gift card: the day that the buyer chose for its mail (CRE-8)."
    )
    voucher: str | None = Field(description="The end of the code of the gift voucher that covers it whole (CRE-9).")
    scholarship: AidView | None = Field(
        default=None, description="What a scholarship covers of it, which is not in the total (CRE-11)."
    )
    price: Money
    list_price: Money | None = Field(description="The price of the tariff, where staff gave another one (CON-2).")
    free: bool = Field(description="True for a fee or an extra that has no product: `product` is then its own id.")
    worth: Money | None = Field(default=None, description="Of a gift card: what it is worth.")
    net: Money
    amount: Money
    vat_rate: int = Field(description="In basis points.")
    shares: list[ShareView] = Field(description="Of a discount: what it takes off each line.")
    bought_on: date
    expires_on: date | None
    state: Literal["live", "cancelled"]
    cancelled_on: date | None
    deleted_on: date | None = Field(
        description="Set in the preview of its deletion as entered by mistake: it is in no view afterwards (CON-12)."
    )
    notes: str | None = Field(description="Staff's notes; never shown to a client.")
    invoice: InvoiceMarkView | None = Field(default=None, description="The live invoice that bears it (CON-10).")
    deposits: list[InvoiceMarkView] = Field(default_factory=list, description=DEPOSITS)
    period: int | None = Field(default=None, description=PERIOD)
    first_day: date | None = Field(default=None, description=FIRST_DAY)
    last_day: date | None = Field(default=None, description=LAST_DAY)


def lines_of(contract: Contract, *, notes: bool, deleted: Container[str] = ()) -> list[LineView]:
    """The lines of a contract in the order of their adding, with staff's notes or without.

    Lines that were entered by mistake are left out, except those in ``deleted``.
    """
    taken = borne(contract.lines)
    shown = (line for line in contract.lines if line.deleted_on is None or line.id in deleted)
    return [_line(line, net_of(line, taken), contract, notes=notes) for line in shown]


def _line(line: Line, net_price: int, contract: Contract, *, notes: bool) -> LineView:
    purchase, currency, waits = line.purchase, contract.currency, contract.waits(line)
    return LineView(
        id=line.id,
        product=purchase.product,
        kind=purchase.kind,
        name=purchase.name,
        format=purchase.format,
        tariff=purchase.tariff,
        participant=purchase.participant,
        beneficiary=purchase.beneficiary,
        recipient=purchase.recipient,
        send_on=purchase.send_on,
        voucher=purchase.voucher,
        scholarship=None
        if line.aid is None
        else AidView(id=line.aid.scholarship, amount=Money(amount=line.aid.amount, currency=currency)),
        price=Money(amount=purchase.price, currency=currency),
        list_price=None if purchase.list_price is None else Money(amount=purchase.list_price, currency=currency),
        free=purchase.free,
        worth=_worth(purchase.details, currency),
        net=Money(amount=net_price, currency=currency),
        amount=Money(amount=line.amount, currency=currency),
        vat_rate=purchase.vat_rate,
        shares=[
            ShareView(line=share.line, amount=Money(amount=share.amount, currency=currency)) for share in line.shares
        ],
        bought_on=purchase.bought_on,
        expires_on=purchase.expires_on,
        state=line.state,
        cancelled_on=line.cancelled_on,
        deleted_on=line.deleted_on,
        notes=line.notes if notes else None,
        invoice=InvoiceMarkView.of(line),
        deposits=InvoiceMarkView.deposits(line),
        period=purchase.period,
        first_day=None if waits else purchase.first_day,
        last_day=None if waits else purchase.last_day,
    )


def _worth(details: Details, currency: str) -> Money | None:
    if not isinstance(details, GiftCardDetails) or details.value is None:
        return None
    return Money(amount=details.value, currency=currency)


class KnownScheduleView(View):
    """What contracts knows of the payment schedule; payments has the schedule itself."""

    version: int
    covers: int = Field(description="The version of the contract that the schedule follows.")
    paid: Money

    @classmethod
    def of(cls, known: KnownSchedule, currency: str) -> Self:
        """The view of a schedule that is known."""
        return cls(version=known.version, covers=known.covers, paid=Money(amount=known.balance.paid, currency=currency))


class AdviceView(View):
    """What is recommended without being imposed."""

    name: str
    detail: str
    rule: str

    @classmethod
    def of(cls, advices: Iterable[Advice]) -> list[Self]:
        """The advice of an answer."""
        return [cls(name=advice.name, detail=advice.detail, rule=advice.rule) for advice in advices]


class PendingView(View):
    """A change, or the opening, that waits for the answers of other services (CRE-4, CON-11)."""

    change: str = Field(description="Where to read it: `/v1/contracts/{contract}/changes/{change}`.")
    asked_at: datetime
    effective_on: date
    awaited: list[str] = Field(
        description="What has not been answered about yet, such as the lines that sold credits: ids."
    )
    requests: list[RequestView] = Field(description="What it asks of which service.")
    total: Money = Field(description="The total once it is made.")

    @classmethod
    def of(cls, contract: Contract, pending: Pending) -> Self:
        """The view of what a contract waits for."""
        return cls(
            change=pending.change,
            asked_at=pending.asked_at,
            effective_on=pending.on,
            awaited=list(pending.awaited),
            requests=RequestView.of(pending.requests),
            total=Money(amount=made(contract, pending).total, currency=contract.currency),
        )


class RefusedView(View):
    """A change that was not made because of a client credit (CRE-5, CON-11)."""

    change: str
    refused_on: date
    credit: str
    amount: Money = Field(description="What was sold.")
    left: Money
    why: Literal["used", "exists"] = Field(
        description="`used`: less is left of it than was sold, so its line is not cancelled; `exists`: it was granted, "
        "so its line brings no less."
    )

    @classmethod
    def of(cls, refused: RefusedChange | None, currency: str) -> Self | None:
        """The view of a change that a credit prevented; None if something else did."""
        if refused is None or refused.credit is None or refused.amount is None or refused.left is None:
            return None
        return cls(
            change=refused.change,
            refused_on=refused.on,
            credit=refused.credit,
            amount=Money(amount=refused.amount, currency=currency),
            left=Money(amount=refused.left, currency=currency),
            why=refused.why,
        )


class NotMadeView(View):
    """A change, or the opening, that was refused by a service that it asked."""

    change: str
    refused_on: date
    refusals: list[ServiceRefusalView] = Field(description="What the services answered that refused.")

    @classmethod
    def of(cls, contract: Contract, refused: RefusedChange) -> Self:
        """The view of a refused change."""
        refusals = ServiceRefusalView.of(refusals_kept(contract, refused))
        return cls(change=refused.change, refused_on=refused.on, refusals=refusals)


class ContractSummary(View):
    """A contract in a list: everything but its lines."""

    id: str
    number: str | None = Field(description=NUMBER)
    account: str
    mode: Mode
    sale: Sale
    currency: str
    opened_on: date
    cancelled_on: date | None
    total: Money
    live_lines: int
    schedule: KnownScheduleView | None = Field(description="Null until contracts knows it.")
    pending: PendingView | None = Field(
        description="The change, or the opening, that waits for other services; all others are refused meanwhile."
    )
    opening: Literal["pending", "refused"] | None = Field(
        description="The status of the opening while it waits for another service, or for ever if that refused it; "
        "there are no lines then. Null once the contract is open."
    )
    refused_change: RefusedView | None = Field(
        description="The last change that a client credit prevented, until another one is made or asked for."
    )
    not_made: NotMadeView | None = Field(
        description="The last change, or the opening, that a service refused, whatever it was asked for, until another "
        "one is made or asked for."
    )
    subscription: SubscriptionView | None = Field(
        default=None, description="The subscription whose own contract this is (CON-21)."
    )
    version: int
    whole_version: int = Field(
        description="The version of the newest whole change, which the schedule covers in the end. It is less than "
        "`version` if a change waits for another service, or was refused since; 0 before the contract is open."
    )


class ContractView(ContractSummary):
    """A contract as it is, whole."""

    lines: list[LineView]


class ConfirmedView(ContractView):
    """A contract as an opening or a change leaves it."""

    change: str = Field(description="The change: all events of it bear this id, and answers are about it.")
    advice: list[AdviceView]
    follows: list[Follows] = Field(description="Where to wait for what follows: the schedule that covers this version.")


def summary_of(contract: Contract, known: KnownSchedule | None) -> ContractSummary:
    """The contract in a list."""
    return ContractSummary(**_summary(contract, known))


def view_of(contract: Contract, known: KnownSchedule | None, *, notes: bool) -> ContractView:
    """The contract with its lines, with staff's notes or without."""
    return ContractView(**_summary(contract, known), lines=lines_of(contract, notes=notes))


def confirmed(
    contract: Contract, known: KnownSchedule | None, change: str, advice: list[AdviceView] | None = None
) -> ConfirmedView:
    """The contract as a change leaves it, for staff."""
    schedule = Follows(
        service="payments", path=f"/v1/schedules/{contract.id}", field="covers", at_least=contract.whole_version
    )
    return ConfirmedView(
        **_summary(contract, known),
        lines=lines_of(contract, notes=True),
        change=change,
        advice=advice or [],
        follows=[schedule],
    )


def _summary(contract: Contract, known: KnownSchedule | None) -> dict[str, Any]:
    currency = contract.currency
    refused = contract.refused_change
    return {
        "id": contract.id,
        "number": contract.number,
        "account": contract.account,
        "mode": contract.mode,
        "sale": contract.sale,
        "currency": currency,
        "opened_on": contract.opened_on,
        "cancelled_on": contract.cancelled_on,
        "total": Money(amount=contract.total, currency=currency),
        "live_lines": contract.live_lines,
        "schedule": KnownScheduleView.of(known, currency) if known else None,
        "pending": PendingView.of(contract, contract.pending) if contract.pending else None,
        "opening": contract.opening,
        "refused_change": RefusedView.of(refused, currency),
        "not_made": NotMadeView.of(contract, refused) if refused else None,
        "subscription": SubscriptionView.of(contract),
        "version": contract.version,
        "whole_version": contract.whole_version,
    }
