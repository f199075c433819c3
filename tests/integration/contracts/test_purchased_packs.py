"""Purchases show what is left of the session packs that they sold, as credits publishes it (CON-10, CON-11, CRE-10)."""

from datetime import date, timedelta
from typing import Any

from carnet.dates import utc_now
from carnet.events import credits
from carnet.events.base import Event
from carnet.events.catalog import SessionPackDetails
from carnet.ids import new_id
from tests.integration.contracts.conftest import Family, Product, School
from tests.records import Given, record

TODAY = utc_now().date()
END = TODAY + timedelta(days=60)


class Bought:
    """A family that bought a pack of five sessions, which starts at its first use."""

    def __init__(self, school: School, family: Family, contract: dict[str, Any]) -> None:
        self.school, self.family, self.contract = school, family, contract
        self.line = contract["lines"][0]["id"]
        self.sequence = 0
        self.named = {"pack": self.line, "account": family.account, "contract": contract["id"], "effective_on": TODAY}

    @classmethod
    async def by(cls, school: School, family: Family) -> "Bought":
        pack = Product(SessionPackDetails(sessions=5, months=2, starts="first_use"), 6000)
        await school.sells(pack)
        return cls(school, family, await family.opens(pack))

    def published(self, event: Event) -> Given:
        self.sequence += 1
        return record(event, aggregate=self.line, sequence=self.sequence, organisation=self.school.organisation)

    async def handles(self, event: Event) -> dict[str, Any] | None:
        await self.school.handles(self.published(event))
        return await self.shown()

    async def shown(self) -> dict[str, Any] | None:
        path = f"/v1/accounts/{self.family.account}/purchases"
        (purchase,) = (await self.school.get(path, self.school.client_of(self.family.account))).json()["items"]
        pack: dict[str, Any] | None = purchase["pack"]
        assert pack is None or purchase["expires_on"] == pack["expires_on"]
        return pack

    def issued(self) -> credits.PackIssued:
        return credits.PackIssued(
            **self.named, line=self.line, name="Pack", sessions=5, months=2, starts="first_use", bought_on=TODAY, left=5
        )

    def used(self, left: int, expires_on: date = END) -> credits.SessionUsed:
        member = self.family.child
        return credits.SessionUsed(
            **self.named, use=new_id(), member=member, on=TODAY, left=left, expires_on=expires_on
        )


async def test_con_10_a_purchase_shows_what_is_left_of_its_pack_after_each_movement(
    school: School, family: Family
) -> None:
    bought = await Bought.by(school, family)
    assert await bought.shown() is None
    assert await bought.handles(bought.issued()) == {"sessions": 5, "left": 5, "expires_on": None}
    used = bought.used(4)
    assert await bought.handles(used) == {"sessions": 5, "left": 4, "expires_on": END.isoformat()}
    adjusted = credits.SessionsAdjusted(**bought.named, sessions=-1, left=3)
    assert await bought.handles(adjusted) == {"sessions": 5, "left": 3, "expires_on": END.isoformat()}
    later = END + timedelta(days=30)
    edited = credits.PackExpiryChanged(**bought.named, expires_on=later)
    assert await bought.handles(edited) == {"sessions": 5, "left": 3, "expires_on": later.isoformat()}
    restored = credits.SessionRestored(**bought.named, use=used.use, member=family.child, on=TODAY, left=4)
    assert await bought.handles(restored) == {"sessions": 5, "left": 4, "expires_on": None}


async def test_con_10_of_a_pack_sold_before_it_is_known_from_its_next_use_on(school: School, family: Family) -> None:
    bought = await Bought.by(school, family)
    assert await bought.handles(credits.SessionsAdjusted(**bought.named, sessions=1, left=3)) is None
    assert await bought.handles(credits.PackExpiryChanged(**bought.named, expires_on=END)) is None
    assert await bought.handles(bought.used(2)) == {"sessions": 5, "left": 2, "expires_on": END.isoformat()}


async def test_org_1_a_pack_of_another_organisation_moves_nothing(school: School, family: Family) -> None:
    bought = await Bought.by(school, family)
    await bought.handles(bought.issued())
    stranger = record(bought.used(0), aggregate=bought.line, sequence=2, organisation=new_id())
    await school.handles(stranger)
    assert await bought.shown() == {"sessions": 5, "left": 5, "expires_on": None}
