"""A school that sells subscriptions, whose clock is moved and which has a worker that bills."""

import asyncio
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from carnet.dates import utc_now
from carnet.events.catalog import Contact, OrganisationChanged, SubscriptionDetails
from carnet.journal import SLOTS
from contracts.subscriptions.billing import Biller
from tests.integration.contracts.conftest import Family, Product, School
from tests.records import Given, record

ALL = frozenset(range(SLOTS))
PARIS = ZoneInfo("Europe/Paris")


def monthly(**details: Any) -> Product:
    return Product(SubscriptionDetails(**{"unit": "month", "every": 1, "minimum": 2, **details}), 4500)


def weekly() -> Product:
    return Product(SubscriptionDetails(unit="week", every=1, minimum=1), 900)


class Studio(School):
    """A school whose clock is moved, with a worker that bills."""

    moved = 1
    notice: int | None = None
    """How many days before a renewal its clients are informed."""

    def organisation_record(self, clock_ahead: int) -> Given:
        self.moved += 1
        body = OrganisationChanged(
            organisation=self.organisation,
            name="School of dance",
            currency="EUR",
            time_zone="Europe/Paris",
            languages=("en",),
            contact=Contact(),
            support_email="help@example.org",
            mode="test",
            clock_ahead=clock_ahead,
            renewal_notice_days=self.notice,
        )
        return record(body, aggregate=self.organisation, sequence=self.moved, organisation=self.organisation)

    async def moves_to(self, day: date) -> None:
        """Its clock shows noon of that day from now on."""
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=PARIS)
        await self.handles(self.organisation_record(int((noon - utc_now()).total_seconds())))

    async def bills(self, biller: Biller | None = None) -> int:
        """Work until nothing is due; how many periods were billed."""
        biller, stopping, billed = biller or Biller(self.database), asyncio.Event(), 0
        while found := await biller.round(ALL, stopping):
            billed += found
        return billed

    async def periods(self, contract: str) -> list[dict[str, Any]]:
        read = (await self.get(f"/v1/contracts/{contract}")).json()
        return [line for line in read["lines"] if line["period"] is not None]


async def subscribed(studio: Studio, product: Product, first: date | None = None) -> tuple[Family, dict[str, Any]]:
    await studio.sells(product)
    family = await studio.family()
    addition = product.bought_for(family.child) | ({"first_day": first.isoformat()} if first else {})
    return family, await family.opens(sale={"start": "at_once"}, add=[addition])
