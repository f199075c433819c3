"""What requests about contracts look like, and the commands that they are."""

from datetime import date
from typing import Annotated

from pydantic import Field

from carnet.dates import Day
from carnet.events.contracts import Mode, Sale
from carnet.http import Body, MoneyIn
from carnet.ids import Id
from carnet.organisations import amount_in
from carnet.texts import Paragraphs
from contracts.contracts.domain.changes import LINES_PER_CHANGE, Change, Opening
from contracts.contracts.domain.draft import KEEP, Edit, Keep
from contracts.contracts.domain.products import Addition

Most = Field(max_length=LINES_PER_CHANGE)
ScheduleVersion = Annotated[int, Field(ge=0, lt=2**53, description="`versions.schedule` of the preview.")]


class AdditionIn(Body):
    """A product to buy, in a format at a tariff (CAT-2)."""

    product: Id
    format: Id
    tariff: Id
    participant: Id | None = Field(default=None, description="The member who takes part, where the product is for one.")
    beneficiary: Id | None = Field(
        default=None, description="The account that a client credit is granted to; the contract's own by default."
    )

    def command(self) -> Addition:
        """What it asks of the domain."""
        return Addition(self.product, self.format, self.tariff, self.participant, self.beneficiary)


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
    discounts: Annotated[tuple[DiscountIn, ...], Most] = Field(
        default=(), description="Discounts to place once everything is added, in this order."
    )

    @property
    def products(self) -> list[str]:
        """The products that it names."""
        return [each.product for each in self.add] + [each.product for each in self.discounts]

    @property
    def beneficiaries(self) -> list[str]:
        """The accounts that it names as beneficiaries."""
        return [each.beneficiary for each in self.add if each.beneficiary]


class OpeningIn(Cart):
    """A contract to open (CON-1), how it is paid and how its schedule starts (PAY-7)."""

    account: Id
    mode: Mode
    sale: Sale

    def command(self, currency: str) -> Opening:
        """What it asks of the domain."""
        return Opening(
            mode=self.mode,
            sale=self.sale,
            currency=currency,
            add=tuple(each.command() for each in self.add),
            discounts=tuple(each.product for each in self.discounts),
        )


class ChangeIn(Cart):
    """One change: lines to cancel in whatever order, edits, additions and discounts (CON-4).

    The same body is previewed and confirmed; only a confirmation needs ``schedule_version``.
    """

    cancel: Annotated[tuple[Id, ...], Most] = Field(default=(), description="Lines and discounts to cancel.")
    edit: Annotated[tuple[EditIn, ...], Most] = ()
    schedule_version: ScheduleVersion | None = None

    def command(self, currency: str) -> Change:
        """What it asks of the domain."""
        return Change(
            cancel=self.cancel,
            edit=tuple(each.command(currency) for each in self.edit),
            add=tuple(each.command() for each in self.add),
            discounts=tuple(each.product for each in self.discounts),
        )


class ConfirmationIn(ChangeIn):
    """A change that was previewed, confirmed on the schedule that the preview showed (CON-3)."""

    schedule_version: ScheduleVersion


class CancellationIn(Body):
    """The whole contract, to be cancelled (CON-22); only a confirmation needs ``schedule_version``."""

    schedule_version: ScheduleVersion | None = None


class CancellationConfirmed(CancellationIn):
    """The whole contract, cancelled on the schedule that the preview showed (CON-3)."""

    schedule_version: ScheduleVersion
