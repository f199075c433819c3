"""Families whose credits are used by two contracts at the same instant, again and again."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

from carnet.events.contracts import Later
from carnet.mongo import Document, Unit, transact
from carnet_operations.verify.reading import Databases
from credits.domain.movements import Gift, issue
from credits.store import save
from payments.credit_uses.domain import request_use
from payments.credit_uses.store import KNOWN_CREDITS, USE_REQUESTS, keep_request
from payments.schedules.store import SCHEDULES
from tests.chaos.collecting import comes_to_nothing
from tests.chaos.load import FAMILIES, Load, steadily
from tests.integration.verify.plot import CURRENCY, there

LEFT = 100
"""What each credit has, in minor units."""

WANTED = ((70, 70), (60, 40), (100, 1))
"""What two contracts want of one credit at the same instant: one of them gets it, both do, one of them does."""


@dataclass(frozen=True)
class Used:
    """Two contracts that wanted some of a credit."""

    credit: str
    wanted: tuple[int, int]


class Users:
    """Each family with two contracts, that want the same credits."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._world = load.world
        self._contracts: dict[str, tuple[str, str]] = {}
        self.used: list[Used] = []

    @property
    def contracts(self) -> list[str]:
        """All of them."""
        return [contract for both in self._contracts.values() for contract in both]

    async def open(self, product: str = "ballet") -> None:
        """The two contracts of each family; nothing of them is paid."""
        for family in FAMILIES:
            both = [await self._load.open(f"{which} of {family}", family, Later(), product) for which in ("one", "two")]
            self._contracts[family] = (both[0].id, both[1].id)
        schedules, mine = self._world.databases["payments"][SCHEDULES.name], {"_id": {"$in": self.contracts}}

        async def missing() -> dict[str, int]:
            return {"schedules missing": 2 * len(FAMILIES) - await schedules.count_documents(mine)}

        await comes_to_nothing(missing)

    async def use(self, rounds: int) -> None:
        """Grant so many credits, and have each used by two contracts at once; families side by side."""
        mine = [range(first, rounds, len(FAMILIES)) for first in range(len(FAMILIES))]
        async with asyncio.TaskGroup() as families:
            for family, numbers in zip(FAMILIES, mine, strict=True):
                families.create_task(self._use(family, numbers))

    async def _use(self, family: str, numbers: range) -> None:
        credits_ = await self._granted(self._load.season.accounts[family], len(numbers))
        for number, credit in zip(numbers, credits_, strict=True):
            await self.use_one(family, number, credit)

    async def use_one(self, family: str, number: int, credit: str, code: str | None = None) -> None:
        """Have both contracts of the family use a credit at once, how much by the number.

        Of a gift card, ``code`` is the digest of its code.
        """
        wanted = WANTED[number % len(WANTED)]
        asked = zip(self._contracts[family], wanted, strict=True)
        await asyncio.gather(*(self._ask(contract, credit, amount, code) for contract, amount in asked))
        self.used.append(Used(credit, wanted))

    async def _granted(self, account: str, count: int) -> list[str]:
        """So many credits of an account, once payments knows them."""

        async def work(unit: Unit) -> list[str]:
            made = []
            for _ in range(count):
                context = self._world.context()
                gift = issue(Gift(account, LEFT, CURRENCY), self._world.organisation, context)
                made.append(save(unit, None, gift, context, note="a gift").id)
            return made

        made: list[str] = await steadily(lambda: transact(self._world.databases["credits"], work))
        known = self._world.databases["payments"][KNOWN_CREDITS.name]

        async def unknown() -> dict[str, int]:
            return {"credits not known": count - await known.count_documents({"_id": {"$in": made}})}

        await comes_to_nothing(unknown)
        return made

    async def _ask(self, contract: str, credit: str, amount: int, code: str | None) -> None:
        async def work(unit: Unit) -> None:
            await unit.load_all([(SCHEDULES, contract), (KNOWN_CREDITS, credit)])
            context = self._world.context()
            schedule, known = there(unit.get(SCHEDULES, contract)), there(unit.get(KNOWN_CREDITS, credit))
            decision, request = request_use(schedule, known, amount, context, code=code)
            keep_request(unit, decision, request, context)

        await steadily(lambda: transact(self._world.databases["payments"], work))

    async def all_answered(self) -> None:
        """Return once credits has answered every request, and payments has handled it."""
        requests = self._world.databases["payments"][USE_REQUESTS.name]

        async def waiting() -> dict[str, int]:
            return {"requests without an answer": await requests.count_documents({"status": "requested"})}

        await comes_to_nothing(waiting)


class Shares:
    """The credits with their entries beside what schedules say they used of them."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self.statuses: Counter[str] = Counter()

    async def hold(self, users: Users) -> None:
        """Prove it for what these used."""
        requests = await self._all("payments", USE_REQUESTS.name)
        self.statuses = Counter(request["status"] for request in requests)
        assert len(requests) == 2 * len(users.used)
        await self._entries_are_uses(set(users.contracts))
        self._each_got_what_there_was(requests, users.used)

    async def _entries_are_uses(self, contracts: set[str]) -> None:
        """By credit and contract, entries took what the schedule used; their sum is what is left; never below zero."""
        schedules = [each for each in await self._all("payments", SCHEDULES.name) if each["_id"] in contracts]
        of_schedules = Counter[tuple[str, str]]()
        for schedule in schedules:
            assert schedule["paid"] == sum(use["amount"] for use in schedule["credit_uses"])
            assert schedule["total"] == schedule["paid"] + schedule["unscheduled"]
            for use in schedule["credit_uses"]:
                of_schedules[use["credit"], schedule["_id"]] += use["amount"]
        of_entries, left = Counter[tuple[str, str]](), Counter[str]()
        entries = await self._all("credits", "entries")
        for entry in sorted(entries, key=lambda entry: (entry["credit"], entry["version"])):
            left[entry["credit"]] += entry["amount"]
            assert left[entry["credit"]] >= 0, entry
            if entry["kind"] == "used":
                of_entries[entry["credit"], entry["contract"]] -= entry["amount"]
        assert of_entries == of_schedules
        credits_ = await self._all("credits", "credits")
        assert {credit["_id"]: credit["left"] for credit in credits_} == left

    def _each_got_what_there_was(self, requests: list[Document], used: list[Used]) -> None:
        """Where there was enough both got it, else one of them did."""
        got: dict[str, list[int]] = {each.credit: [] for each in used}
        for request in requests:
            assert request["reason"] == (None if request["status"] == "completed" else "more-than-left"), request
            if request["status"] == "completed":
                got[request["credit"]].append(request["amount"])
        for each in used:
            enough = sum(each.wanted) <= LEFT
            won = sorted(got[each.credit])
            assert won == sorted(each.wanted) if enough else (len(won) == 1 and won[0] in each.wanted), each

    async def _all(self, service: str, name: str) -> list[dict[str, Any]]:
        return await self._databases[service][name].find().to_list(None)
