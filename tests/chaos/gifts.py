"""Gift vouchers, gift cards and session packs, each of which two want at the same instant (CRE-8 to CRE-10)."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx

from carnet.codes import digest_of, last_of
from carnet.dates import utc_now
from carnet.events.contracts import OnSite
from carnet.ids import new_id
from carnet_operations.keys import key_files
from carnet_operations.tokens import make_token
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.pending import ask
from contracts.contracts.domain.products import Addition, Presented
from contracts.contracts.store import CONTRACTS
from credits.packs.store import PACKS
from credits.store import CREDITS, VOUCHERS
from payments.credit_uses.store import KNOWN_CREDITS
from payments.schedules.store import SCHEDULES
from tests.chaos.collecting import comes_to_nothing
from tests.chaos.crew import Crew
from tests.chaos.load import FAMILIES, Load, eventually, steadily
from tests.chaos.using import LEFT, Users
from tests.integration.verify.plot import CURRENCY

LATER = timedelta(days=300)
"""Gifts are sent so much later: their mails are no part of this."""


@dataclass(frozen=True)
class Stock:
    """What a family has of each, by their ids; with the codes of what has one."""

    family: str
    vouchers: dict[str, str]
    cards: dict[str, str]
    packs: list[str]


class Shop:
    """Sells them to the load's families."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._world = load.world
        self._sold = 0

    async def opens(self) -> None:
        """Put them on sale, and what is paid with the cards."""
        covered = {"products": [self._load.season.products["workshop"]]}
        goods: dict[str, tuple[dict[str, Any], int]] = {
            "voucher": ({"kind": "gift_voucher", **covered}, 6_000),
            "card": ({"kind": "gift_card", "minimum": LEFT, "maximum": LEFT}, LEFT),
            "pack": ({"kind": "session_pack", "sessions": 1}, 1_000),
            "residency": ({"kind": "course"}, 900_000),
        }
        for name, (details, price) in goods.items():
            await self._load.product(name, details, price)
        wanted = {self._load.season.products[name] for name in goods}

        async def offered() -> bool:
            await self._load.know_products()
            return all(id_ in self._load.offered and self._load.offered[id_].status == "on_sale" for id_ in wanted)

        await eventually(offered, "contracts has received what is sold")

    async def sell(self, each: int) -> list[Stock]:
        """Sell every family so many of each on one contract, and have it paid; they exist when it returns."""
        return await asyncio.gather(*(self._sell(family, each) for family in FAMILIES))

    async def _sell(self, family: str, each: int) -> Stock:
        self._sold += 1
        name, sent = f"sale {self._sold}", utc_now().date() + LATER
        gifts = [replace(self._load.addition(gift), send_on=sent) for gift in ("voucher", "card")]
        lines = (*gifts * each, *[self._load.addition("pack")] * each)
        opening = Opening("on_site", OnSite(), CURRENCY, lines)
        offer = await self._load.offer(family)
        contract = await self._world.decide(
            "contracts", CONTRACTS, None, lambda _, context: open_contract(opening, offer, context)
        )
        self._load.season.contracts[name] = contract.id
        covering = {"_id": contract.id, "covers": contract.version}
        payments = self._world.databases["payments"]

        async def has_schedule() -> bool:
            return await payments[SCHEDULES.name].count_documents(covering) == 1

        await eventually(has_schedule, f"payments has the schedule of {name}")
        await steadily(lambda: self._load.pay(name, contract.total))
        return await self._issued(family, contract.id, each)

    async def _issued(self, family: str, contract: str, each: int) -> Stock:
        credits_, known = self._world.databases["credits"], self._world.databases["payments"][KNOWN_CREDITS.name]
        mine = {"contract": contract}

        async def missing() -> dict[str, int]:
            cards = [card["_id"] for card in await credits_[CREDITS.name].find(mine, {"_id": 1}).to_list(None)]
            return {
                "vouchers": each - await credits_[VOUCHERS.name].count_documents(mine),
                "packs": each - await credits_[PACKS.name].count_documents(mine),
                "cards that payments knows": each - await known.count_documents({"_id": {"$in": cards}}),
            }

        await comes_to_nothing(missing)
        vouchers = await credits_[VOUCHERS.name].find(mine).to_list(None)
        cards = await credits_[CREDITS.name].find(mine).to_list(None)
        packs = await credits_[PACKS.name].find(mine).to_list(None)
        return Stock(
            family,
            {voucher["_id"]: voucher["code"] for voucher in vouchers},
            {card["_id"]: card["card"]["code"] for card in cards},
            [pack["_id"] for pack in packs],
        )


class Redeemers:
    """Two who present the code of the same gift voucher, each for a contract of their own."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._world = load.world
        self.presented: dict[str, tuple[str, str]] = {}
        """The two contracts that each voucher was presented for."""

    async def use(self, stock: Stock) -> None:
        """Both present each of its vouchers, all at once."""
        await asyncio.gather(*(self._both(voucher, code) for voucher, code in stock.vouchers.items()))

    async def _both(self, voucher: str, code: str) -> None:
        one, other = await asyncio.gather(*(self._open(family, code) for family in FAMILIES[:2]))
        self.presented[voucher] = (one, other)

    async def _open(self, family: str, code: str) -> str:
        presented = Presented(digest_of(self._world.organisation, code), last_of(code))
        covered: Addition = replace(self._load.addition("workshop"), voucher=presented)
        opening, offer = Opening("on_site", OnSite(), CURRENCY, (covered,)), await self._load.offer(family)
        contract = await self._world.decide(
            "contracts",
            CONTRACTS,
            None,
            lambda _, context: ask(None, open_contract(opening, offer, context), context),
        )
        return contract.id

    async def all_answered(self) -> None:
        """Return once none of the contracts waits for credits."""
        contracts = self._world.databases["contracts"][CONTRACTS.name]

        async def waiting() -> dict[str, int]:
            return {"openings without an answer": await contracts.count_documents({"opening": "pending"})}

        await comes_to_nothing(waiting)


class Payers:
    """Two contracts of a family that the same gift card is presented for."""

    def __init__(self, load: Load) -> None:
        self._organisation = load.world.organisation
        self.users = Users(load)

    async def use(self, stock: Stock) -> None:
        """Both present each of its cards, one card after the other."""
        for number, (card, code) in enumerate(stock.cards.items()):
            await self.users.use_one(stock.family, number, card, digest_of(self._organisation, code))


@dataclass(frozen=True)
class Entry:
    """What a door was answered: the use, or why there is none."""

    pack: str
    use: str | None
    why: str | None


class Doors:
    """Two doors at which the last session of a pack is taken, by the API of credits, which may be away."""

    def __init__(self, load: Load, crew: Crew) -> None:
        self._load = load
        self._crew = crew
        self.entries: list[Entry] = []
        organisation, keys = load.world.organisation, key_files(crew.folder / "keys")
        self._token = make_token(keys.private, organisation=organisation, scopes=("credits:use",))

    async def use(self, stock: Stock) -> None:
        """A session of each pack is taken at both doors, all at once."""
        async with httpx.AsyncClient(timeout=httpx.Timeout(None)) as client:
            twice = [pack for pack in stock.packs for _ in range(2)]
            self.entries += await asyncio.gather(*(self._enter(client, stock.family, pack) for pack in twice))

    async def _enter(self, client: httpx.AsyncClient, family: str, pack: str) -> Entry:
        """Ask until there is an answer, always by the same key, as a door does whose connection was cut."""
        account, owner = self._load.season.accounts[family], self._load.owners[family]
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": new_id()}
        path, body = f"/v1/accounts/{account}/session-uses", {"member": owner, "pack": pack}
        while True:
            try:
                address = self._crew.apis["credits-api"].address
                response = await client.post(f"{address}{path}", json=body, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if response.status_code == 201:
                return Entry(pack, response.json()["use"]["id"], None)
            if response.status_code == 409:
                return Entry(pack, None, response.json()["type"].rpartition(":")[2])
            assert response.status_code == 503, response.text
            await asyncio.sleep(0.1)
