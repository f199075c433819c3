"""A demo school over HTTP, for the procedures in a browser: families, contracts, and what is paid of them."""

import asyncio
from collections.abc import Mapping

import httpx

from carnet_operations.tokens import TEST_ORGANISATION
from carnet_play.story.desk import Desk, Person
from carnet_suite.signing_in.people import OTHER_ORGANISATION
from carnet_suite.supervisor import Suite
from tests.waits import BOUND

SCHOOL = "École Pas de Deux"


async def founded(suite: Suite) -> Mapping[str, str]:
    """The school of the test organisation, in a suite that has none; the ids of its contracts by the family's name."""
    async with httpx.AsyncClient(base_url=suite.front, timeout=BOUND) as client:
        elsewhere = Desk(client, suite.token(OTHER_ORGANISATION))
        await elsewhere.set_up("École de voile", "voile@carnet.example")
        desk = Desk(client, suite.token(TEST_ORGANISATION))
        await desk.set_up(SCHOOL, "support@carnet.example")
        ballet = await desk.sell("Danse classique", {"kind": "course", "capacity": 40}, 30_000, participant=True)
        families = (
            ("Martin", "Inès", "Léa"),
            ("Élan", "Zoé", "Anaïs"),
            ("<script>alert(1)</script>", "Bobby", "<b>Tom</b>"),
        )
        contracts = {}
        for last, owner, child in families:
            account = await desk.account(Person(owner, last, "adult"), Person(child, last))
            sale = {"start": "instalments", "count": 3}
            opened = await desk.open(account.id, sale, [ballet.bought(account.members[child])])
            contracts[last] = opened.body["id"]
            await desk.covered(opened.body["id"], opened.version or 0)
        await desk.pay(contracts["Martin"], 10_000, "card")
        async with asyncio.timeout(BOUND):
            while len((await desk.read("/payments/v1/follow-up?search=")).body["items"]) < len(families):  # noqa: ASYNC110 # others do it
                await asyncio.sleep(0.05)
        return contracts
