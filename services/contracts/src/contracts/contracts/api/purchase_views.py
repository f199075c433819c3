"""What answers about the purchases of an account look like (CON-10)."""

from datetime import date
from typing import Self

from pydantic import Field

from carnet.events.catalog import Kind, SessionPackDetails
from carnet.events.contracts import Named
from carnet.money import Money
from contracts.contracts.api.view import View
from contracts.contracts.api.views import DEPOSITS, FIRST_DAY, LAST_DAY, NUMBER, PERIOD, InvoiceMarkView
from contracts.contracts.domain.purchases import Bought, PaymentStatus, Standing


class PackLeftView(View):
    """What is left of a session pack (CRE-10)."""

    sessions: int | None = Field(description="How many sessions were sold; null if they are unlimited.")
    left: int | None = Field(description="How many sessions are left; null if they are unlimited.")
    expires_on: date | None = Field(description="Its last day; null if it has no end, or none before its first use.")

    @classmethod
    def of(cls, bought: Bought) -> Self | None:
        """The view of the pack that a purchase sold; none before it exists."""
        details, pack = bought.line.purchase.details, bought.pack
        if pack is None or not isinstance(details, SessionPackDetails):
            return None
        return cls(sessions=details.sessions, left=pack.left, expires_on=pack.expires_on)


class PurchaseView(View):
    """A purchase as the people of its account see it (CON-10)."""

    contract: str
    contract_number: str | None = Field(description=NUMBER)
    line: str
    participant: str | None = Field(description="None if it is for the family.")
    product: str
    kind: Kind
    name: str
    format: Named | None
    tariff: Named | None
    standing: Standing
    bought_on: date
    expires_on: date | None = Field(
        description="The last day of the purchase; of a session pack that of the pack, which may start at its first "
        "use."
    )
    cancelled_on: date | None
    price: Money
    net: Money
    payment: PaymentStatus | None = Field(description="None once it is cancelled (PAY-14).")
    invoice: InvoiceMarkView | None = Field(default=None, description="The live invoice that bears it.")
    deposits: list[InvoiceMarkView] = Field(default_factory=list, description=DEPOSITS)
    advance: Money = Field(
        description="What is paid of it in advance, while it is not paid whole, and on no deposit invoice yet."
    )
    pack: PackLeftView | None = Field(
        default=None,
        description="What is left of the session pack that it sold; null for anything else, before the "
        "pack exists, and once it is cancelled.",
    )
    period: int | None = Field(default=None, description=PERIOD)
    first_day: date | None = Field(default=None, description=FIRST_DAY)
    last_day: date | None = Field(default=None, description=LAST_DAY)

    @classmethod
    def of(cls, bought: Bought) -> Self:
        """The view of a purchase."""
        purchase, currency = bought.line.purchase, bought.contract.currency
        waits = bought.contract.waits(bought.line)
        return cls(
            contract=bought.contract.id,
            contract_number=bought.contract.number,
            line=bought.line.id,
            participant=purchase.participant,
            product=purchase.product,
            kind=purchase.kind,
            name=purchase.name,
            format=purchase.format,
            tariff=purchase.tariff,
            standing=bought.standing,
            bought_on=purchase.bought_on,
            expires_on=bought.expires_on,
            cancelled_on=bought.line.cancelled_on,
            price=Money(amount=purchase.price, currency=currency),
            net=Money(amount=bought.net, currency=currency),
            payment=bought.payment,
            invoice=InvoiceMarkView.of(bought.line),
            deposits=InvoiceMarkView.deposits(bought.line),
            advance=Money(amount=bought.advance, currency=currency),
            pack=PackLeftView.of(bought),
            period=purchase.period,
            first_day=None if waits else purchase.first_day,
            last_day=None if waits else purchase.last_day,
        )
