"""A contract that sold credits, whose change asks them back, and what credits answers."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx

from carnet import parking
from carnet.events.credits import CreditGrantPostponed, CreditRemovalRefused, CreditRemoved
from carnet.http import within_patience
from tests.integration.contracts.conftest import Family, Product, School, a_course, a_credit
from tests.records import Given, record
from tests.waits import BOUND, apis_wait

ON = date(2026, 11, 22)


@dataclass
class Sold:
    """A contract of a course and one client credit or more, and what credits publishes of these."""

    family: Family
    course: Product
    contract: dict[str, Any]

    @property
    def school(self) -> School:
        return self.family.school

    @property
    def path(self) -> str:
        return f"/v1/contracts/{self.contract['id']}"

    @property
    def credits(self) -> list[str]:
        return [line["id"] for line in self.contract["lines"] if line["kind"] == "client_credit"]

    @property
    def cancelling(self) -> dict[str, Any]:
        """The body of a change that cancels every credit and adds a course."""
        return {"cancel": self.credits, "add": [self.course.bought_for(self.family.child)], "schedule_version": 1}

    async def confirms(self, body: Any = None, *, key: str | None = None, route: str = "/changes") -> httpx.Response:
        version = self.contract["version"]
        return await self.school.post(self.path + route, body or self.cancelling, version=version, key=key)

    async def asks(self, body: Any = None, *, route: str = "/changes") -> dict[str, Any]:
        """A change that waits, as the API answers it once nobody waits any longer."""
        with apis_wait(0):
            answer = await self.confirms(body, route=route)
        assert answer.status_code == 202, answer.text
        waiting: dict[str, Any] = answer.json()
        assert answer.headers["location"] == f"{self.path}/changes/{waiting['change']}"
        return waiting

    async def requested(self) -> str:
        """The request, once it is made."""

        async def look() -> str | None:
            rows = await self.published("CreditRemovalRequested")
            return rows[-1]["data"]["request"] if rows else None

        request = await within_patience(look, BOUND)
        assert request is not None, "credits is not asked"
        return request

    async def published(self, *names: str) -> list[dict[str, Any]]:
        rows = await self.school.journal(self.contract["id"])
        return [row for row in rows if not names or row["type"].split(".")[2] in names]

    async def names_published(self) -> list[str]:
        return [row["type"].split(".")[2] for row in await self.published()]

    def removed(self, request: str | None, credit: str, organisation: str = "") -> Given:
        """Credits publishes that the credit is gone: it was not granted yet, so that is the first event about it."""
        body = CreditRemoved(
            credit=credit,
            account=self.family.account,
            amount=5000,
            left=0,
            currency="EUR",
            contract=self.contract["id"],
            line=credit,
            effective_on=ON,
            request=request,
        )
        return record(body, aggregate=credit, sequence=1, organisation=organisation or self.school.organisation)

    def postponed(self, request: str, *lines: str) -> Given:
        """Credits says that these lines sold no credit yet."""
        body = CreditGrantPostponed(request=request, contract=self.contract["id"], lines=lines, effective_on=ON)
        return record(body, aggregate=request, sequence=1, organisation=self.school.organisation)

    def refused(self, request: str, credit: str, left: int = 2000, **fields: Any) -> Given:
        """Credits publishes that less is left of the credit than was sold, or that it exists."""
        body = CreditRemovalRefused(
            request=request,
            contract=self.contract["id"],
            credit=credit,
            amount=5000,
            left=left,
            currency="EUR",
            effective_on=ON,
            **fields,
        )
        return record(body, aggregate=request, sequence=1, organisation=self.school.organisation)

    async def handles(self, *records: Given) -> None:
        await self.school.handles(*records)

    async def parked(self) -> list[str]:
        """Of what is parked, what is about this contract and its credits."""
        concerned = {self.contract["id"], *self.credits}
        return [each.aggregate for each in await parking.listing(self.school.database) if each.aggregate in concerned]

    async def shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = (await self.school.get(self.path)).json()
        return shown


async def sold(family: Family, count: int = 1) -> Sold:
    course, credit = a_course(), a_credit()
    await family.school.sells(course, credit)
    return Sold(family, course, await family.opens(course, *[credit] * count))
