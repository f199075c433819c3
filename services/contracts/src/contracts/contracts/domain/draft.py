"""A contract in the middle of one change: the steps that a change is made of (CON-4)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Final

from carnet.decisions import Context
from carnet.events.base import Event
from carnet.events.catalog import DiscountDetails
from carnet.events.contracts import (
    AddedPersonal,
    DiscountPlaced,
    EditedPersonal,
    PlanChanged,
    ProductAdded,
    ProductCancelled,
    ProductDeleted,
    ProductEdited,
    Purchase,
)
from carnet.events.scholarship_uses import ScholarshipApplied, ScholarshipReduced
from carnet.refusals import conflict, invalid, unknown
from contracts.contracts.domain.aid import granted, reduced, refuse_kind
from contracts.contracts.domain.contracts import Contract, Line
from contracts.contracts.domain.discounts import bearing, borne, discounted, shares_of
from contracts.contracts.domain.periods import Anchor, Subscription
from contracts.contracts.domain.products import (
    Addition,
    Aiding,
    FreeLine,
    Offer,
    Product,
    bought,
    free_purchase,
    snapshot_of,
)


class Keep(Enum):
    """Says that an edit leaves a field as it is, where none is a value of its own."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True)
class Edit:
    """What staff edits of a purchase: its price in minor units, its last day, its notes (CON-11)."""

    line: str
    price: int | Keep = KEEP
    expires_on: date | Keep | None = KEEP
    notes: str | Keep | None = KEEP


class Draft:
    """The lines of a contract while a change is applied step by step, and the events so far."""

    def __init__(self, contract: Contract, context: Context) -> None:
        self._contract = contract
        self._context = context
        self._lines = {line.id: line for line in contract.lines}
        self._subscription = contract.subscription
        self._aiding: dict[str, Aiding] = {}
        self.events: list[Event] = []

    @property
    def contract(self) -> Contract:
        """The contract with the lines as they are by now."""
        return self._contract.model_copy(
            update={"lines": tuple(self._lines.values()), "subscription": self._subscription}
        )

    def line(self, line_id: str) -> Line:
        """The live line of that id; refused where it is unknown or cancelled."""
        line = self.known(line_id)
        if not line.live:
            raise conflict(
                "line-cancelled",
                f"“{line.purchase.name}” is already cancelled: leave it out of the change.",
                rule="CON-6",
                line=line_id,
            )
        return line

    def cancel(self, line: Line) -> None:
        """Cancel a line; refused while a discount in force applies to it (CON-6).

        Cancelling a discount takes back exactly its shares (CON-7).
        """
        _refuse_discounted(line, bearing(line.id, self._lines.values()))
        self._lines[line.id] = line.model_copy(update={"state": "cancelled", "cancelled_on": self._context.today})
        purchase = line.purchase
        self.publish(
            ProductCancelled,
            line=line.id,
            product=purchase.product,
            kind=purchase.kind,
            name=purchase.name,
            participant=purchase.participant,
            amount=line.amount,
        )

    def delete(self, line_id: str) -> None:
        """Take a cancelled line that was entered by mistake out of what people see (CON-12)."""
        line = self.known(line_id)
        purchase = line.purchase
        self._lines[line.id] = line.model_copy(update={"deleted_on": self._context.today})
        self.publish(
            ProductDeleted,
            line=line.id,
            product=purchase.product,
            kind=purchase.kind,
            name=purchase.name,
            participant=purchase.participant,
        )

    def live(self, line_ids: Iterable[str]) -> list[str]:
        """Those of these lines that are not cancelled; refused where one is unknown."""
        return [line for line in line_ids if self.known(line).live]

    def known(self, line_id: str) -> Line:
        """The line of that id; refused where it is unknown, or deleted."""
        line = self._lines.get(line_id)
        if line is None or line.deleted_on is not None:
            raise unknown("line", line_id)
        return line

    def edit(self, edit: Edit) -> None:
        """Edit a line (CON-11). An edit that leaves everything as it is publishes nothing."""
        line = self.line(edit.line)
        purchase = self._edited(line, edit)
        notes = line.notes if edit.notes is KEEP else edit.notes or None
        if purchase == line.purchase and notes == line.notes:
            return
        personal = None if notes == line.notes else EditedPersonal(notes=notes)
        self._edit(line, line.model_copy(update={"purchase": purchase, "notes": notes}), personal=personal)

    def add(self, addition: Addition, offer: Offer) -> None:
        """Add what is bought as a new line, at the price that staff gives where it gives one (CON-2)."""
        reason = None if addition.price is None else addition.reason
        purchase = bought(addition, offer, self._context)
        self._add(purchase, reason, addition.voucher.digest if addition.voucher else None)
        if addition.scholarship is not None:
            refuse_kind(purchase)
            self._aiding[purchase.line] = addition.scholarship

    def subscribe(self, addition: Addition, offer: Offer) -> None:
        """Add the periods of the minimum term of a subscription, each a line (CON-21)."""
        sold = bought(addition, offer, self._context)
        anchor = Anchor.on(1, addition.first_day or self._context.today)
        self._subscription = Subscription(sold=sold, anchors=(anchor,), added=0)
        for _ in range(self._subscription.details.minimum):
            self.add_period(None if addition.price is None else addition.reason)

    def add_period(self, reason: str | None = None) -> None:
        """Add the next period of the subscription as a line; ``reason`` says why staff gave another price (CON-2)."""
        subscription = self._subscription
        if subscription is None:
            raise TypeError("only a subscription has periods")
        number = subscription.added + 1
        self._add(subscription.purchase(number, self._context.new_id(), self._context.today), reason)
        self._subscription = subscription.model_copy(update={"added": number})

    def move_period(self, line: Line, purchase: Purchase) -> None:
        """Give a period other days and another price, if it has them: it is cancelled within, or paused (CON-17)."""
        before = line.purchase
        if purchase == before:
            return
        first_day = None if purchase.first_day == before.first_day else purchase.first_day
        after = line.model_copy(update={"purchase": purchase})
        self._edit(line, after, last_day=purchase.last_day, first_day=first_day)

    def _edit(self, before: Line, after: Line, **more: object) -> None:
        """Keep the line as it is edited, and publish that; ``more`` are further fields of the event."""
        purchase = after.purchase
        self._lines[after.id] = after
        self.publish(
            ProductEdited,
            line=after.id,
            product=purchase.product,
            kind=purchase.kind,
            name=purchase.name,
            price_before=before.purchase.price,
            price_after=purchase.price,
            expires_on=purchase.expires_on,
            **more,
        )

    def move(self, subscription: Subscription) -> None:
        """Have the contract keep its subscription as it now is."""
        self._subscription = subscription

    def change_plan(self, before: Line, addition: Addition, offer: Offer) -> None:
        """Add another plan in the place of the line ``before``, cancelled in the same change, for the same member."""
        refuse_no_plan(before.purchase)
        participant = before.purchase.participant
        self.add(replace(addition, participant=participant), offer)
        bought = next(reversed(self._lines.values())).purchase
        refuse_no_plan(bought)
        self.publish(
            PlanChanged,
            participant=participant,
            line_before=before.id,
            product_before=before.purchase.product,
            name_before=before.purchase.name,
            line=bought.line,
            product=bought.product,
            name=bought.name,
        )

    def take_over(self, purchase: Purchase) -> None:
        """Add what was bought in another system, as it is (IMP-1)."""
        self._add(purchase, None)

    def add_free(self, line: FreeLine) -> None:
        """Add a fee or an extra that has no product (CON-2)."""
        self._add(free_purchase(line, self._context), None)

    def _add(self, purchase: Purchase, reason: str | None, code: str | None = None) -> None:
        self._lines[purchase.line] = Line(purchase=purchase, code=code)
        self.publish(ProductAdded, purchase=purchase, personal=AddedPersonal(reason=reason) if reason else None)

    def place(self, product: Product) -> None:
        """Place a discount on the lines that it applies to by now (CON-7)."""
        details = product.details
        if not isinstance(details, DiscountDetails):
            raise invalid(
                "not-a-discount",
                f"“{product.name}” is not a discount: name it among what is added.",
                rule="CON-4",
                product=product.id,
            )
        shares = shares_of(product, details, self._lines.values())
        purchase = Purchase(
            line=self._context.new_id(),
            product=product.id,
            kind=details.kind,
            name=product.name,
            price=sum(share.amount for share in shares),
            vat_rate=product.vat_rate,
            bought_on=self._context.today,
            details=snapshot_of(details),
        )
        self._lines[purchase.line] = Line(purchase=purchase, shares=shares)
        self.publish(
            DiscountPlaced,
            line=purchase.line,
            product=product.id,
            name=product.name,
            amount=purchase.price,
            shares=shares,
        )

    def aid(self) -> None:
        """Have scholarships cover parts of lines, once all discounts are placed (CRE-11).

        What one covers of a line that brings less by now falls to that, and goes back to it; then the lines that were
        added with a scholarship get theirs.
        """
        taken = borne(self._lines.values())
        for line in tuple(self._lines.values()):
            if line.live and line.aid is not None and line.aid.amount > (most := discounted(line, taken)):
                self._lines[line.id] = line.model_copy(update={"aid": reduced(line.aid, most)})
                self.publish(
                    ScholarshipReduced,
                    line=line.id,
                    name=line.purchase.name,
                    scholarship=line.aid.scholarship,
                    amount_before=line.aid.amount,
                    amount_after=most,
                )
        for line_id, aiding in self._aiding.items():
            line = self._lines[line_id]
            aid = granted(aiding, line, discounted(line, taken))
            self._lines[line_id] = line.model_copy(update={"aid": aid})
            self.publish(
                ScholarshipApplied,
                line=line_id,
                name=line.purchase.name,
                scholarship=aid.scholarship,
                amount=aid.amount,
            )

    def _edited(self, line: Line, edit: Edit) -> Purchase:
        purchase = line.purchase
        if line.discount and (edit.price is not KEEP or edit.expires_on is not KEEP):
            raise conflict(
                "discount-is-fixed",
                f"“{purchase.name}” is fixed since it was placed: cancel it and place another.",
                rule="CON-7",
                line=line.id,
            )
        if edit.price is not KEEP:
            _refuse_price_below(edit.price, borne(self._lines.values()).get(line.id, 0), line)
            purchase = purchase.model_copy(update={"price": edit.price})
        if edit.expires_on is not KEEP:
            _refuse_expiry_before_purchase(edit.expires_on, line)
            purchase = purchase.model_copy(update={"expires_on": edit.expires_on})
        return purchase

    def publish(self, event: type[Event], **fields: object) -> None:
        """Publish an event of the contract, on the day of the change, with these fields besides."""
        self.events.append(
            event.model_validate(
                {
                    "contract": self._contract.id,
                    "account": self._contract.account,
                    "currency": self._contract.currency,
                    "effective_on": self._context.today,
                    **fields,
                }
            )
        )


def refuse_no_plan(purchase: Purchase) -> None:
    """Refuse what is no online plan where one is changed for another (CON-19)."""
    if purchase.kind != "online_plan":
        raise invalid(
            "not-a-plan",
            f"“{purchase.name}” is not an online plan: cancel it and add something else instead.",
            rule="CON-19",
            line=purchase.line,
            product=purchase.product,
        )


def _refuse_discounted(line: Line, discounts: list[Line]) -> None:
    if not discounts:
        return
    names = ", ".join(f"“{discount.purchase.name}”" for discount in discounts)
    raise conflict(
        "line-bears-discount",
        f"“{line.purchase.name}” bears the discount {names}: cancel the discount in the same change or before.",
        rule="CON-6",
        line=line.id,
        discounts=[discount.id for discount in discounts],
    )


def _refuse_price_below(price: int, shares: int, line: Line) -> None:
    if price < shares:
        raise conflict(
            "price-below-discount",
            f"Discounts take {shares} minor units off “{line.purchase.name}”: "
            "give a price of at least that, or cancel the discount first.",
            rule="CON-11",
            line=line.id,
            price=price,
            lowest=shares,
        )


def _refuse_expiry_before_purchase(expires_on: date | None, line: Line) -> None:
    if expires_on is not None and expires_on < line.purchase.bought_on:
        raise invalid(
            "expiry-before-purchase",
            f"“{line.purchase.name}” was bought on {line.purchase.bought_on}: give a last day from then on.",
            rule="CON-11",
            line=line.id,
            expires_on=expires_on.isoformat(),
            bought_on=line.purchase.bought_on.isoformat(),
        )
