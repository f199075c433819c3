"""Paid contracts that are invoiced by one bulk job, and what must be true of their invoices (INV-2, INV-5)."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from carnet.events.contracts import OnSite
from carnet.ids import new_id
from carnet.jobs import JOBS, start_job
from carnet.mongo import Unit, transact
from contracts.accounts.domain import OpenAccount, open_account
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.products import Offer
from contracts.contracts.store import CONTRACTS
from payments.invoices.automatic import INVOICING
from payments.invoices.domain.settings import InvoiceFields, InvoiceSettings, change_settings, settings_id
from payments.invoices.store import INVOICE_REQUESTS, INVOICE_SETTINGS, INVOICES, PAPERS, SERIES
from payments.receipts.domain.receiving import Received
from payments.receipts.store import PAYMENTS
from payments.schedules.domain.decisions import record_payment
from payments.schedules.store import SCHEDULES, save
from tests.chaos.collecting import AT_ONCE, comes_to_nothing
from tests.chaos.load import Load, steadily
from tests.integration.verify.invoicing import SELLER
from tests.integration.verify.plot import CURRENCY, there


class PaidContracts:
    """Contracts of one purchase each, on the load's school."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._world = load.world
        self._payments = load.world.databases["payments"]
        self.opened: list[str] = []

    async def sell(self, count: int) -> None:
        """So many contracts, of which all is due on no date; payments has their schedules when it returns."""
        for first in range(0, count, AT_ONCE):
            places = range(first, min(first + AT_ONCE, count))
            opened = await steadily(
                lambda places=places: transact(
                    self._world.databases["contracts"], lambda unit: self._contracts(unit, places)
                )
            )
            self.opened += opened
        await comes_to_nothing(self._without_schedule)

    async def open(self, count: int) -> None:
        """So many contracts, paid whole."""
        await self.sell(count)
        for first in range(0, count, AT_ONCE):
            contracts = self.opened[first : first + AT_ONCE]
            await steadily(
                lambda contracts=contracts: transact(self._payments, lambda unit: self._paid(unit, contracts))
            )

    async def _contracts(self, unit: Unit, places: Sequence[int]) -> list[str]:
        opened = []
        for number in places:
            owner = {"kind": "adult", "first_name": "Inès", "last_name": str(number), "email": f"f{number}@a.example"}
            command = OpenAccount.model_validate({"language": "fr", "owner": owner})
            context = self._world.context()
            family = open_account(command, new_id(), self._world.organisation, context)
            account = unit.decide(ACCOUNTS, family, context)
            opening = Opening("on_site", OnSite(), CURRENCY, (self._load.addition("ballet"),))
            contract = open_contract(opening, Offer(self._load.offered, account), context)
            opened.append(unit.decide(CONTRACTS, contract, context).id)
        return opened

    async def _without_schedule(self) -> dict[str, int]:
        made = await self._payments[SCHEDULES.name].count_documents({})
        return {"contracts without a schedule": len(self.opened) - made}

    async def _paid(self, unit: Unit, contracts: Sequence[str]) -> None:
        await unit.load(SCHEDULES, contracts)
        for contract in contracts:
            schedule, context, payment = there(unit.get(SCHEDULES, contract)), self._world.context(), new_id()
            received = Received(schedule.total, "cash", context.today)
            unit.put(PAYMENTS, received.recorded(payment, schedule, context.now, "tester"))
            save(unit, record_payment(schedule, received, payment, context), context)

    async def begin(self) -> str:
        """Give the settings and start the bulk job; returns its id."""
        settings = InvoiceSettings.none_of(self._world.organisation)
        await self._world.decide(
            "payments",
            INVOICE_SETTINGS,
            settings_id(self._world.organisation),
            lambda _, context: change_settings(settings, InvoiceFields(seller=SELLER), context),
        )
        job = start_job(INVOICING, {}, self._world.organisation, self._world.context())

        async def work(unit: Unit) -> None:
            unit.put(JOBS, job)

        await steadily(lambda: transact(self._payments, work))
        return job.id

    async def some(self, share: float) -> None:
        """Return once so large a share has its invoice."""
        await comes_to_nothing(lambda: self._missing(round(share * len(self.opened))))

    async def _missing(self, wanted: int) -> dict[str, int]:
        return {"invoices to come": max(wanted - await self._payments[INVOICES.name].count_documents({}), 0)}

    async def all_printed(self) -> None:
        """Return once every contract has its invoice, and every invoice its paper."""

        async def missing() -> dict[str, int]:
            papers = await self._payments[PAPERS.name].count_documents({})
            return {**await self._missing(len(self.opened)), "papers to come": max(len(self.opened) - papers, 0)}

        await comes_to_nothing(missing)

    async def hold(self, job: str) -> None:
        """No number is missing and none came twice; each contract has one invoice, asked for once, with its paper."""
        invoices: list[dict[str, Any]] = await self._payments[INVOICES.name].find().sort("count", 1).to_list(None)
        assert [each["count"] for each in invoices] == list(range(1, len(self.opened) + 1))
        numbers = [each["number"] for each in invoices]
        assert len(set(numbers)) == len(numbers)
        assert all(re.fullmatch(rf"FA-\d{{4}}-{each['count']:06}", each["number"]) for each in invoices)
        assert Counter(each["contract"] for each in invoices) == Counter(self.opened)
        days = [each["issued_on"] for each in invoices]
        assert days == sorted(days)
        (series,) = await self._payments[SERIES.name].find().to_list(None)
        assert series["last"] == len(self.opened)
        requests = await self._payments[INVOICE_REQUESTS.name].find().to_list(None)
        assert Counter(each["contract"] for each in requests if each["status"] == "issued") == Counter(self.opened)
        assert {each["status"] for each in requests} == {"issued"}
        papers = await self._payments[PAPERS.name].find({}, {"_id": 1}).to_list(None)
        assert {each["_id"] for each in papers} == {each["_id"] for each in invoices}
        (done,) = await self._payments[JOBS.name].find({"_id": job}).to_list(None)
        assert (done["status"], done["done"], done["failed"]) == ("done", len(self.opened), 0)
