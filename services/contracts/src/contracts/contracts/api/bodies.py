"""What requests about contracts look like, and the commands that they are."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from carnet.codes import Code, digest_of, last_of
from carnet.dates import Day
from carnet.events.contracts import Mode, Sale
from carnet.http import Body, MoneyIn, PositiveMoneyIn
from carnet.ids import Id
from carnet.money import BasisPoints
from carnet.organisations import amount_in
from carnet.texts import Line, Paragraphs
from contracts.contracts.domain.changes import LINES_PER_CHANGE, Change, Opening
from contracts.contracts.domain.draft import KEEP, Edit, Keep
from contracts.contracts.domain.products import Addition, Aiding, FreeLine, PlanChange, Presented

Most = Field(max_length=LINES_PER_CHANGE)
ScheduleVersion = Annotated[int, Field(ge=0, lt=2**53, description="`versions.schedule` of the preview.")]


class ScholarshipIn(Body):
    """A scholarship that is to cover a part of what is bought, after discounts: an amount or a rate (CRE-11)."""

    id: Id = Field(description="One that was awarded to the contract's account, or to the participant.")
    amount: PositiveMoneyIn | None = Field(
        default=None, description="What it is to cover; where that is more than the price after discounts, all of it."
    )
    rate: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = Field(
        default=None, description="Of the price after discounts, in basis points: 5000 is half, rounded half up."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.amount is None) == (self.rate is None):
            raise ValueError("a scholarship covers an amount or a rate of the price: send amount or rate, not both")
        return self

    def command(self, currency: str) -> Aiding:
        """What it asks of the domain; refused in another currency (MON-1)."""
        amount = None if self.amount is None else amount_in(self.amount, currency)
        return Aiding(self.id, amount, self.rate)


class AdditionIn(Body):
    """A product to buy, in a format at a tariff (CAT-2)."""

    product: Id
    format: Id
    tariff: Id
    participant: Id | None = Field(default=None, description="The member who takes part, where the product is for one.")
    beneficiary: Id | None = Field(
        default=None, description="The account that a client credit is granted to; the contract's own by default."
    )
    price: MoneyIn | None = Field(
        default=None,
        description="Another price than the tariff's, VAT included, for a reason of staff's (CON-2).",
    )
    reason: Line | None = Field(
        default=None, description="Why the price is another one: it is kept in the journal and shown to staff only."
    )
    recipient: Id | None = Field(
        default=None,
        description="Of a gift voucher or a gift card: the person of the account to whom it is given, a contact for "
        "instance; the owner by default (CRE-8).",
    )
    voucher: Code | None = Field(
        default=None,
        description="The code of a gift voucher that covers the line whole, as it was typed: case, spaces and dashes "
        "do not count (CRE-9).",
    )
    first_day: Day | None = Field(
        default=None,
        description="Of a subscription: its first day, from today to a year after; today by default (CON-21).",
    )
    worth: PositiveMoneyIn | None = Field(
        default=None,
        description="Of a gift card: what the buyer wants it to be worth, within the bounds of the product; the "
        "tariff's price by default (CAT-3). Unless staff gives another price, that is what it costs.",
    )
    send_on: Day | None = Field(
        default=None,
        description="Of a gift voucher or a gift card: the day on which it is sent to its recipient, from today to a "
        "year after; once its contract is paid if it is left out, or if that comes later (CRE-8).",
    )
    scholarship: ScholarshipIn | None = Field(
        default=None, description="A scholarship that covers a part of the line, which is not in the total (CRE-11)."
    )

    @model_validator(mode="after")
    def _price_with_its_reason(self) -> Self:
        _refuse_half(self.price, self.reason)
        return self

    def command(self, organisation: str, currency: str) -> Addition:
        """What it asks of the domain; refused in another currency (MON-1)."""
        price = None if self.price is None else amount_in(self.price, currency)
        voucher = None
        if self.voucher is not None:
            voucher = Presented(digest_of(organisation, self.voucher), last_of(self.voucher))
        return Addition(
            self.product,
            self.format,
            self.tariff,
            self.participant,
            self.beneficiary,
            price,
            self.reason,
            self.recipient,
            voucher,
            self.first_day,
            None if self.worth is None else amount_in(self.worth, currency),
            self.send_on,
            None if self.scholarship is None else self.scholarship.command(currency),
        )


def _refuse_half(price: MoneyIn | None, reason: str | None) -> None:
    if (price is None) != (reason is None):
        raise ValueError("another price than the tariff's has a reason: send both price and reason, or neither")


class FreeLineIn(Body):
    """A fee or an extra that needs no product of its own: it becomes a line of kind ``item`` (CON-2)."""

    name: Line
    price: PositiveMoneyIn = Field(description="VAT included.")
    vat_rate: BasisPoints = Field(description="In basis points: 2000 is 20 %.")

    def command(self, currency: str) -> FreeLine:
        """What it asks of the domain; refused in another currency (MON-1)."""
        return FreeLine(self.name, amount_in(self.price, currency), self.vat_rate)


class DiscountIn(Body):
    """A discount to place (CON-7)."""

    product: Id


class EditIn(Body):
    """What to edit of a line; what is left out stays as it is (CON-11)."""

    line: Id
    price: MoneyIn | None = Field(default=None, description="The new price, VAT included.")
    expires_on: Day | None = Field(default=None, description="The new last day; null where there is none any more.")
    notes: Paragraphs | None = Field(default=None, description="Staff's notes; null takes them away.")

    def command(self, currency: str) -> Edit:
        """What it asks of the domain; refused in another currency (MON-1)."""
        expires_on: date | Keep | None = self.expires_on if "expires_on" in self.model_fields_set else KEEP
        notes: str | Keep | None = self.notes if "notes" in self.model_fields_set else KEEP
        price = KEEP if self.price is None else amount_in(self.price, currency)
        return Edit(self.line, price, expires_on, notes)


class Cart(Body):
    """What is bought and which discounts are placed on it."""

    add: Annotated[tuple[AdditionIn, ...], Most] = ()
    free: Annotated[tuple[FreeLineIn, ...], Most] = Field(
        default=(), description="Fees and extras without a product in the catalog, added after what is bought."
    )
    discounts: Annotated[tuple[DiscountIn, ...], Most] = Field(
        default=(), description="Discounts to place once everything is added, in this order."
    )

    @property
    def products(self) -> list[str]:
        """The products that it names."""
        return [each.product for each in self.add] + [each.product for each in self.discounts]

    @property
    def codes(self) -> list[str]:
        """The codes of gift vouchers that it presents, in the order in which what they cover is added."""
        return [each.voucher for each in self.add if each.voucher]

    @property
    def beneficiaries(self) -> list[str]:
        """The accounts that it names as beneficiaries."""
        return [each.beneficiary for each in self.add if each.beneficiary]


class OpeningIn(Cart):
    """A contract to open (CON-1), how it is paid and how its schedule starts (PAY-7)."""

    account: Id
    mode: Mode
    sale: Sale

    def command(self, organisation: str, currency: str) -> Opening:
        """What it asks of the domain."""
        return Opening(
            mode=self.mode,
            sale=self.sale,
            currency=currency,
            add=tuple(each.command(organisation, currency) for each in self.add),
            free=tuple(each.command(currency) for each in self.free),
            discounts=tuple(each.product for each in self.discounts),
        )


class PlanIn(Body):
    """An online plan of a member, to change for another one: a product in a format at a tariff (CON-19)."""

    line: Id = Field(description="The line of the plan that goes.")
    product: Id = Field(description="The plan that comes, for the same member.")
    format: Id
    tariff: Id
    price: MoneyIn | None = Field(
        default=None,
        description="Another price than the tariff's, VAT included, for a reason of staff's (CON-2).",
    )
    reason: Line | None = Field(
        default=None, description="Why the price is another one: it is kept in the journal and shown to staff only."
    )
    voucher: Code | None = Field(
        default=None,
        description="The code of a gift voucher that covers the new plan whole, as it was typed (CRE-9).",
    )
    scholarship: ScholarshipIn | None = Field(
        default=None,
        description="A scholarship that covers a part of the new plan (CRE-11). What one covered of the plan that goes "
        "comes back to it with the same change, and can be used.",
    )

    def command(self, organisation: str, currency: str) -> PlanChange:
        """What it asks of the domain; refused in another currency (MON-1)."""
        bought = AdditionIn(
            product=self.product,
            format=self.format,
            tariff=self.tariff,
            price=self.price,
            reason=self.reason,
            voucher=self.voucher,
            scholarship=self.scholarship,
        )
        return PlanChange(self.line, bought.command(organisation, currency))

    @model_validator(mode="after")
    def _price_with_its_reason(self) -> Self:
        _refuse_half(self.price, self.reason)
        return self


class ChangeIn(Cart):
    """One change: lines to cancel in whatever order, edits, additions and discounts (CON-4).

    The same body is previewed and confirmed; only a confirmation needs ``schedule_version``.
    """

    cancel: Annotated[tuple[Id, ...], Most] = Field(default=(), description="Lines and discounts to cancel.")
    delete: Annotated[tuple[Id, ...], Most] = Field(
        default=(),
        description="Lines and discounts that were entered by mistake: they are cancelled, unless they are already, "
        "and in no view afterwards (CON-12).",
    )
    edit: Annotated[tuple[EditIn, ...], Most] = ()
    plans: Annotated[tuple[PlanIn, ...], Most] = Field(
        default=(), description="Online plans to change for others of the same member (CON-19)."
    )
    schedule_version: ScheduleVersion | None = None

    @property
    def products(self) -> list[str]:
        """The products that it names."""
        return [*super().products, *(each.product for each in self.plans)]

    @property
    def codes(self) -> list[str]:
        """The codes of gift vouchers that it presents, in the order in which what they cover is added."""
        return [*(each.voucher for each in self.plans if each.voucher), *super().codes]

    def command(self, organisation: str, currency: str) -> Change:
        """What it asks of the domain."""
        return Change(
            cancel=self.cancel,
            delete=self.delete,
            edit=tuple(each.command(currency) for each in self.edit),
            add=tuple(each.command(organisation, currency) for each in self.add),
            free=tuple(each.command(currency) for each in self.free),
            discounts=tuple(each.product for each in self.discounts),
            plans=tuple(each.command(organisation, currency) for each in self.plans),
        )


class ConfirmationIn(ChangeIn):
    """A change that was previewed, confirmed on the schedule that the preview showed (CON-3)."""

    schedule_version: ScheduleVersion


class CancellationIn(Body):
    """The whole contract, to be cancelled (CON-22); only a confirmation needs ``schedule_version``."""

    free: Annotated[tuple[FreeLineIn, ...], Most] = Field(
        default=(),
        description="Fees for the cancellation, without products in the catalog: all that is left of the contract. A "
        "session pack that was used is cancelled with a fee only (CON-8).",
    )
    schedule_version: ScheduleVersion | None = None

    def fees(self, currency: str) -> tuple[FreeLine, ...]:
        """What the cancellation costs; refused in another currency (MON-1)."""
        return tuple(each.command(currency) for each in self.free)


class CancellationConfirmed(CancellationIn):
    """The whole contract, cancelled on the schedule that the preview showed (CON-3)."""

    schedule_version: ScheduleVersion
