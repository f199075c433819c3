"""Another price for all subscriptions of a product over HTTP: its preview, and the bulk job (CON-21)."""

from datetime import date
from typing import Any, Self

from pydantic import Field
from starlette.responses import Response

from carnet.dates import Day
from carnet.decisions import Context
from carnet.http import Body, MoneyIn, PageAsked, Reply
from carnet.http import router as new_router
from carnet.http.jobs import JobView, started
from carnet.ids import Id
from carnet.money import Money
from carnet.mongo import Unit
from carnet.organisations import amount_in, organisation_of
from contracts.accounts.domain import Account
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.api.access import Asks, Opens, Previews
from contracts.contracts.api.sales import know_products
from contracts.contracts.api.view import View
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.store import PRODUCTS
from contracts.subscriptions.repricing import REPRICING, Repriced, Repricing, check, refuse_others, repriced
from contracts.subscriptions.store import count_subscriptions_of, subscriptions_of

routes = new_router(tags=["subscriptions"])


class PricesIn(Body):
    """A new price of all subscriptions of a product (CON-21)."""

    product: Id = Field(description="The subscription, as the catalogue has it.")
    on: Day = Field(
        description="From today to two years ahead: the periods that begin on it or after have the new price."
    )
    price: MoneyIn = Field(description="Of a period, VAT included.")

    def command(self, currency: str) -> Repricing:
        """What it asks; refused in another currency than the organisation's (MON-1)."""
        return Repricing(self.product, self.on, amount_in(self.price, currency))


class PricesConfirmed(PricesIn):
    """A new price of all subscriptions of a product, as the preview counted them (CON-3)."""

    subscriptions: int = Field(ge=1, le=1_000_000, description="How many subscriptions the preview counted.")


class WhyUnchangedView(View):
    """Why a subscription keeps its price."""

    problem: str = Field(description="The type of the problem.")
    detail: str = Field(description="What is the matter and what to do, in English.")
    params: dict[str, Any] = Field(description="The values in it.")


class NewPriceView(View):
    """What the new price does to one subscription."""

    contract: str
    contract_number: str | None = Field(description="What people call the contract by, such as 2027-0042.")
    account: str
    client: str = Field(description="The name of the account's owner; empty once it is erased.")
    price_before: Money | None = Field(description="What the first of these periods costs now; null if refused.")
    price_after: Money = Field(description="What each of these periods is to cost.")
    period: int | None = Field(description="The first period that has the new price; null if refused.")
    begins_on: date | None = Field(
        description="The first day of that period; null before the pause is lifted for which it waits, or if refused."
    )
    refused: WhyUnchangedView | None = Field(description="Why the price stays as it is; null if it changes.")

    @classmethod
    def of(cls, found: Repriced, account: Account | None, price: Money) -> Self:
        """The view of a subscription."""
        contract, moved, refusal = found.contract, found.moved, found.refusal
        owner = account.member(account.owner) if account else None
        return cls(
            contract=contract.id,
            contract_number=contract.number,
            account=contract.account,
            client=f"{owner.first_name} {owner.last_name}".strip() if owner else "",
            price_before=Money(amount=moved.price_before, currency=contract.currency) if moved else None,
            price_after=price,
            period=moved.period if moved else None,
            begins_on=moved.begins_on if moved else None,
            refused=refusal and WhyUnchangedView(problem=refusal.slug, detail=refusal.detail, params=refusal.params),
        )


class PricesPreviewView(View):
    """What a new price would do to all subscriptions of a product, page by page."""

    subscriptions: int = Field(description="How many run now, those that keep their price among them.")
    items: list[NewPriceView] = Field(description="Those of this page, in the order of their contracts.")
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


@routes.post("/subscriptions/price/preview")
async def preview_prices(body: PricesIn, call: Previews, peers: Asks, page: PageAsked) -> PricesPreviewView:
    """Show what a new price would do to each running subscription of a product; it changes nothing (CON-3, CON-21)."""
    await know_products(call, peers, [body.product])
    after = page.after(str)
    known = {"organisation": call.organisation, "product": body.product}
    found = await subscriptions_of(call.database, **known, after=after and after[0], limit=page.fetch)

    async def work(unit: Unit, context: Context) -> list[NewPriceView]:
        asked = await _asked(unit, body, context)
        await unit.load(ACCOUNTS, {contract.account for contract in found})
        return [_view(unit, contract, asked, context) for contract in found]

    shown = page.of(await call.preview(work), place=lambda each: (each.contract,), show=lambda each: each)
    count = await count_subscriptions_of(call.database, **known)
    return PricesPreviewView(subscriptions=count, items=shown.items, next=shown.next)


@routes.post("/subscriptions/price", status_code=202, response_model=JobView)
async def change_prices(body: PricesConfirmed, command: Opens, peers: Asks) -> Response:
    """Give all running subscriptions of a product another price, as a bulk job: follow it at the Location (CON-21).

    Each contract is changed once, as its preview showed, and its client gets a mail. One that refuses, since it
    has this price already or another change of it waits, is named in the job's report.
    """
    await know_products(command, peers, [body.product])
    count = await count_subscriptions_of(command.database, command.organisation, body.product)

    async def work(unit: Unit, context: Context) -> Reply:
        asked = await _asked(unit, body, context)
        refuse_others(body.subscriptions, count)
        return started(REPRICING, asked.parameters, command, unit, context)

    return await command.run(work)


async def _asked(unit: Unit, body: PricesIn, context: Context) -> Repricing:
    product = await unit.one(PRODUCTS, body.product, what="product")
    currency = (await organisation_of(unit, product.organisation)).currency
    asked = body.command(currency)
    check(asked, product, context)
    return asked


def _view(unit: Unit, contract: Contract, asked: Repricing, context: Context) -> NewPriceView:
    account, price = unit.get(ACCOUNTS, contract.account), Money(amount=asked.price, currency=contract.currency)
    return NewPriceView.of(repriced(contract, asked, context), account, price)
