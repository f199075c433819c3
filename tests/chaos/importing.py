"""Families of another system that come by a file, and what must be true of them here (IMP-1 to IMP-3)."""

import asyncio
import io
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import httpx
from openpyxl import Workbook

from carnet.ids import new_id
from carnet.importing.columns import SHEETS
from carnet.importing.families import read_families
from carnet.importing.sending import SUMS, Found, Looked, look_through
from carnet.importing.tables import read_tables
from carnet.jobs import JOBS
from carnet_operations.keys import key_files
from carnet_operations.tokens import make_token
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.store import CONTRACTS
from contracts.imports.store import FAMILIES, STAGED
from credits.packs.store import PACKS
from credits.store import CREDITS
from notifications.store import MAILS
from payments.schedules.store import SCHEDULES
from tests.chaos.collecting import comes_to_nothing
from tests.chaos.crew import Crew
from tests.chaos.load import Load
from tests.integration.verify.plot import CURRENCY

Sums = dict[str, int]


def written(families: int, today: date) -> bytes:
    """A workbook of families with a contract each, paid in part, on no date in part; some have a credit or a pack."""
    rows: dict[str, list[list[Any]]] = {sheet.name: [] for sheet in SHEETS}
    late, later = today - timedelta(days=10), today + timedelta(days=40)
    for number in range(families):
        family, contract, price = f"F{number}", f"C{number}", 200 + number
        parents = [family, f"P{number}", "owner", "Marie", f"Petit {number}", f"marie{number}@families.example"]
        rows["people"] += [parents, [family, f"E{number}", "child", "Zoé", f"Petit {number}", None]]
        rows["contracts"].append([family, contract, "online" if number % 2 else "on site", str(late)])
        rows["lines"].append([contract, "Jazz", f"E{number}", price, 20])
        rows["instalments"] += [
            [contract, "paid", str(late), 100, "cheque"],
            [contract, "planned", str(late), 50, None],
            [contract, "planned", str(later), 30 + number % 7, None],
        ]
        if number % 3 == 0:
            rows["credits"].append([family, f"A{number}", 10 + number])
        if number % 5 == 0:
            rows["packs"].append([family, f"S{number}", "Yoga", f"P{number}", 4])
    book = Workbook()
    book.remove(book.active)
    for sheet in SHEETS:
        page = book.create_sheet(sheet.en)
        for row in [[column.en for column in sheet.columns if column.name in WRITTEN[sheet.name]], *rows[sheet.name]]:
            page.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


WRITTEN = {
    "people": ("family", "person", "role", "first_name", "last_name", "email"),
    "contracts": ("family", "contract", "mode", "signed_on"),
    "lines": ("contract", "name", "participant", "price", "vat_rate"),
    "instalments": ("contract", "state", "on", "amount", "method"),
    "credits": ("family", "credit", "amount"),
    "packs": ("family", "pack", "name", "member", "sessions"),
}
"""The columns that the workbook has."""


class Newcomers:
    """A school's file, sent to the API of contracts, which may be away, and read back of all services."""

    def __init__(self, load: Load, crew: Crew, families: int) -> None:
        self._crew = crew
        self._databases = load.world.databases
        self._file = written(families, load.world.context().today)
        self.families = families
        self.looked: list[Looked] = []
        """What the last look found of each family."""
        scopes = ("contracts:import", "contracts:read", "catalog:read")
        keys = key_files(crew.folder / "keys")
        self._token = make_token(keys.private, organisation=load.world.organisation, scopes=scopes)

    async def look(self, halfway: Callable[[], Awaitable[None]] | None = None) -> Found:
        """Look through the whole file; ``halfway`` happens while it is sent."""
        self.looked = []
        reading = read_families(read_tables("school.xlsx", self._file), CURRENCY, "fr")
        begun: list[asyncio.Task[None]] = []

        def note(looked: Looked) -> None:
            self.looked.append(looked)
            if halfway is not None and not begun and len(self.looked) >= self.families // 2:
                begun.append(asyncio.ensure_future(halfway()))

        found = await look_through(reading, self.send, note=note)
        await asyncio.gather(*begun)
        return found

    async def send(self, path: str, body: Any) -> tuple[int, Any]:
        """Ask until there is an answer, always by the same key, as a sender does whose connection was cut."""
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": new_id()}
        async with httpx.AsyncClient(timeout=httpx.Timeout(None)) as client:
            while True:
                try:
                    address = self._crew.apis["contracts-api"].address
                    answer = await client.post(f"{address}{path}", json=body, headers=headers)
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
                    continue
                if answer.status_code != 503:
                    return answer.status_code, answer.json()
                await asyncio.sleep(0.1)

    async def run(self, found: Found) -> str:
        """Start the job of the import; its id."""
        status, job = await self.send(f"/v1/imports/{found.import_}/run", {})
        assert status == 202, job
        id_: str = job["id"]
        return id_

    async def imported(self) -> int:
        """How many families are here."""
        return await self._databases["contracts"][FAMILIES.name].count_documents({})

    async def some(self) -> None:
        """Return once the first are here, as soon as that is seen."""
        while not await self.imported():  # noqa: ASYNC110 # a worker does it
            await asyncio.sleep(0.01)

    async def all_here(self) -> None:
        """Return once every family is here and every service has followed."""

        async def missing() -> Sums:
            contracts = await self._databases["contracts"][CONTRACTS.name].count_documents({})
            schedules = await self._databases["payments"][SCHEDULES.name].count_documents({})
            return {
                "families to come": self.families - await self.imported(),
                "schedules to come": contracts - schedules,
            }

        await comes_to_nothing(missing)

    async def hold(self, job: str) -> None:
        """Each family is here once, with what the dry run said of it, nothing waits, and no mail was made."""
        expected = {each.owner: {**each.sums, "sessions": each.sessions} for each in self.looked}
        assert len(expected) == self.families
        assert {each.standing for each in self.looked} == {"new"}
        owners = await self._owners()
        assert Counter(owners.values()) == Counter(dict.fromkeys(expected, 1))
        assert await self._sums(owners) == expected
        contracts, notifications = self._databases["contracts"], self._databases["notifications"]
        numbers = [each["number"] for each in await contracts[CONTRACTS.name].find().to_list(None)]
        assert len(set(numbers)) == len(numbers) == self.families + -(-self.families // 5), "a pack is a contract more"
        assert await contracts[STAGED.name].count_documents({}) == 0
        assert await notifications[MAILS.name].find().to_list(None) == []
        (done,) = await contracts[JOBS.name].find({"_id": job}).to_list(None)
        counts = {name: done[name] for name in ("status", "done", "refused", "failed")}
        assert counts == {"status": "done", "done": self.families, "refused": 0, "failed": 0}

    async def _owners(self) -> dict[str, str]:
        """The name of the owner of each account that came by the file, as a look has it."""
        known = {each["account"] for each in await self._all("contracts", FAMILIES.name)}
        owners = {}
        for account in await self._all("contracts", ACCOUNTS.name):
            if account["_id"] in known:
                (owner,) = [each for each in account["members"] if each["id"] == account["owner"]]
                owners[account["_id"]] = f"{owner['last_name']} {owner['first_name']}"
        return owners

    async def _sums(self, owners: dict[str, str]) -> dict[str, Sums]:
        """What each family comes to, as payments and credits have it."""
        sums = {owner: dict.fromkeys((*SUMS, "sessions"), 0) for owner in owners.values()}
        for schedule in await self._all("payments", SCHEDULES.name):
            family = sums[owners[schedule["account"]]]
            for name in ("total", "paid", "unscheduled"):
                family[name] += schedule[name]
            family["planned"] += sum(each["amount"] for each in schedule["instalments"])
        for credit in await self._all("credits", CREDITS.name):
            sums[owners[credit["account"]]]["credit"] += credit["left"]
        for pack in await self._all("credits", PACKS.name):
            sums[owners[pack["account"]]]["sessions"] += pack["left"]
        return sums

    async def _all(self, service: str, name: str) -> list[dict[str, Any]]:
        return await self._databases[service][name].find().to_list(None)
