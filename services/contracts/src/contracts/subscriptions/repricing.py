"""Another price for all subscriptions of a product from a day on, as one bulk job (CON-21).

The preview and the job take the same decision for each contract, that of one subscription alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from carnet.decisions import Context
from carnet.events.catalog import SubscriptionDetails
from carnet.events.subscriptions import SubscriptionPriceChanged
from carnet.jobs import Job, JobKind, Parameters
from carnet.mongo import Database, Unit
from carnet.refusals import Refusal, conflict, invalid, unknown
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.prices import Pricing, change_price, check_day
from contracts.contracts.domain.products import Product
from contracts.contracts.store import CONTRACTS
from contracts.subscriptions.store import count_subscriptions_of, subscriptions_of


@dataclass(frozen=True, slots=True)
class Repricing:
    """A new price, in minor units, VAT included, of the subscriptions of a product from the date ``on`` (CON-21)."""

    product: str
    on: date
    price: int

    @property
    def each(self) -> Pricing:
        """What is asked of each subscription."""
        return Pricing(self.on, self.price)

    @property
    def parameters(self) -> Parameters:
        """What a job is started with."""
        return {"product": self.product, "on": self.on.isoformat(), "price": self.price}

    @classmethod
    def of(cls, job: Job) -> Self:
        """What a job was started with."""
        known = job.parameters
        return cls(str(known["product"]), date.fromisoformat(str(known["on"])), int(known["price"] or 0))


@dataclass(frozen=True, slots=True)
class Repriced:
    """What the new price does to one subscription: ``moved`` says it, or ``refusal`` why nothing is changed."""

    contract: Contract
    moved: SubscriptionPriceChanged | None
    refusal: Refusal | None = None


def check(asked: Repricing, product: Product, context: Context) -> None:
    """Refuse a product that is no subscription, and a day that no subscription takes."""
    if not isinstance(product.details, SubscriptionDetails):
        raise invalid(
            "product-not-a-subscription",
            f"“{product.name}” is no subscription: name a product that is one.",
            rule="CON-21",
            product=product.id,
        )
    check_day(asked.on, context.today)


def refuse_others(seen: int, found: int) -> None:
    """Refuse to begin where the preview counted other subscriptions than there are now (CON-3)."""
    if seen != found:
        raise conflict(
            "subscriptions-moved",
            f"The preview was of {seen} subscriptions, and there are {found} now: preview the price again.",
            rule="CON-3",
            previewed=seen,
            newest=found,
        )


def repriced(contract: Contract, asked: Repricing, context: Context) -> Repriced:
    """What the new price would do to one subscription; nothing is saved."""
    try:
        decision = change_price(contract, asked.each, context)
    except Refusal as refusal:
        return Repriced(contract, None, refusal)
    moved = next(event for event in decision.events if isinstance(event, SubscriptionPriceChanged))
    return Repriced(contract, moved)


async def _items(database: Database, job: Job, after: str | None, limit: int) -> Sequence[str]:
    # A contract that is opened after the job was started has an id after the job's.
    product = Repricing.of(job).product
    found = await subscriptions_of(database, job.organisation, product, after=after, limit=limit, before=job.id)
    return [contract.id for contract in found]


async def _count(database: Database, job: Job) -> int:
    return await count_subscriptions_of(database, job.organisation, Repricing.of(job).product, before=job.id)


async def _load(unit: Unit, _: Job, contracts: Sequence[str]) -> None:
    await unit.load(CONTRACTS, contracts)


def _do(unit: Unit, job: Job, contract: str, context: Context) -> None:
    found = unit.get(CONTRACTS, contract)
    if found is None:
        raise unknown("contract", contract)
    unit.decide(CONTRACTS, change_price(found, Repricing.of(job).each, context), context)


REPRICING = JobKind("change-subscription-prices", items=_items, count=_count, load=_load, do=_do)
"""Gives each running subscription of a product another price from a day on; each client is informed by a mail."""
