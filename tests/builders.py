"""What tests need before they begin, made over HTTP as staff would: a school, a family, a contract."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from carnet.ids import new_id
from carnet_play.story.desk import Account, Desk, Json, Person, Product, money
from carnet_suite.supervisor import Suite
from tests.waits import BOUND

IN_THREE: Json = {"start": "instalments", "count": 3}
AT_ONCE: Json = {"start": "at_once"}
ON_SITE: Json = {"start": "on_site"}


@dataclass
class Contract:
    """A contract whose schedule has followed it. ``version`` is the contract's."""

    id: str
    version: int
    lines: dict[str, str]
    """The ids of its lines by name."""
    schedule: Json

    @property
    def versions(self) -> dict[str, int]:
        """What a confirmation names."""
        return {"contract": self.version, "schedule": self.schedule["version"]}


@dataclass
class School:
    """An organisation of its own with a course, a workshop, a discount of 10 % and a credit on sale."""

    desk: Desk
    organisation: str
    products: dict[str, Product] = field(default_factory=dict)

    async def open(self) -> None:
        """Set it up and put its products on sale."""
        await self.desk.set_up("Pas de Deux", "aide@school.example")
        # What is due on the day of a sale would else be collected while a test names the version that it has seen.
        await self.desk.collect_from(None)
        self.products = {
            "course": await self.desk.sell("Ballet", {"kind": "course"}, 30_000, participant=True),
            "workshop": await self.desk.sell("Tap", {"kind": "workshop"}, 6_000, participant=True),
            "discount": await self.desk.sell("Ten off", {"kind": "discount", "rate": 1_000}),
            "credit": await self.desk.sell("Credit", {"kind": "client_credit", "value": money(5_000)}, 5_000),
        }

    async def family(self, name: str = "Martin", language: str = "fr") -> Account:
        """An account with two adults, Alix who owns it and Dom, and a child, Kim."""
        owner = Person("Alix", name, "adult", f"{name.lower()}@families.example")
        return await self.desk.account(owner, Person("Dom", name, "adult"), Person("Kim", name), language=language)

    async def contract(self, account: Account, *products: str, sale: Json = IN_THREE, mode: str = "online") -> Contract:
        """A contract of these products, for Kim where they are for somebody; a course unless named."""
        bought = [self.bought(name, account) for name in products or ("course",)]
        opened = await self.desk.open(account.id, sale, bought, mode)
        return await self.followed(opened.body["id"])

    def bought(self, name: str, account: Account) -> Json:
        """What adds a product to a contract of that account."""
        product = self.products[name]
        return product.bought(None if name == "credit" else account.members["Kim"])

    async def change(self, contract: Contract, change: Json) -> Contract:
        """The contract once it is changed, on the versions that it was seen with."""
        await self.desk.confirm(contract.id, change, contract.versions)
        return await self.followed(contract.id)

    async def followed(self, contract: str) -> Contract:
        """The contract as it is, once its schedule covers it."""
        seen = await self.desk.contract(contract)
        version = seen.version or 0
        schedule = (await self.desk.covered(contract, seen.body["whole_version"])).body
        return Contract(contract, version, {line["name"]: line["id"] for line in seen.body["lines"]}, schedule)


@asynccontextmanager
async def school_on(suite: Suite, **claims: Any) -> AsyncIterator[School]:
    """A school with an organisation of its own on a running suite; ``claims`` go into the token of its desk."""
    organisation = new_id()
    async with httpx.AsyncClient(base_url=suite.front, timeout=BOUND) as client:
        school = School(Desk(client, suite.token(organisation, **claims)), organisation)
        await school.open()
        yield school
