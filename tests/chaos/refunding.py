"""Families that get back by files what they were debited, and what must be true at the end (PAY-18, PAY-4)."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from carnet.mongo import Unit, transact
from contracts.contracts.domain.changes import cancel_contract
from contracts.contracts.store import CONTRACTS
from payments.collection.store.orders import ORDERS
from payments.refunds.store import SETTLEMENTS
from payments.schedules.store import SCHEDULES
from payments.sepa.store.refund_files import REFUND_FILES
from tests.chaos.clerks import Clerks, patient
from tests.chaos.collecting import comes_to_nothing
from tests.chaos.debiting import Sold
from tests.chaos.load import Load, steadily
from tests.integration.verify.plot import there

AT_A_TIME = 3
"""Refund lines that are settled at the same time."""


class Refunded:
    """Contracts that were debited and are cancelled; staff settles their refund lines over HTTP."""

    def __init__(self, load: Load, clerks: Clerks) -> None:
        self._world = load.world
        self._payments = load.world.databases["payments"]
        self._clerks = clerks
        self.owed: list[Sold] = []

    async def owe(self, sold: Sequence[Sold]) -> None:
        """Cancel these contracts, and settle the refund line that each gets to its payment method."""

        async def cancel(unit: Unit) -> None:
            await unit.load(CONTRACTS, [each.contract for each in sold])
            for each in sold:
                context = self._world.context()
                unit.decide(CONTRACTS, cancel_contract(there(unit.get(CONTRACTS, each.contract)), context), context)

        await steadily(lambda: transact(self._world.databases["contracts"], cancel))
        self.owed += sold
        ids = [each.contract for each in sold]

        async def without_line() -> dict[str, int]:
            lines = await self._payments[SCHEDULES.name].count_documents(
                {"_id": {"$in": ids}, "refund_due": {"$gt": 0}}
            )
            return {"contracts without a refund line": len(ids) - lines}

        await comes_to_nothing(without_line)
        async with patient() as client:
            for first in range(0, len(ids), AT_A_TIME):
                await asyncio.gather(*(self._settle(client, each) for each in ids[first : first + AT_A_TIME]))

    async def _settle(self, client: Any, contract: str) -> None:
        path = f"/v1/schedules/{contract}"
        schedule = (await self._clerks.ask(client, "GET", path, None)).json()
        body = {"amount": schedule["balance"]["refund_due"], "how": "refunded"}
        settled = await self._clerks.ask(client, "POST", f"{path}/settlements", body, version=schedule["version"])
        assert settled.status_code == 201, settled.text


async def hold(refunded: Refunded, clerks: Clerks, databases: Mapping[str, Any]) -> None:
    """Each refund is in one file that the bank has; what it brought back, and nothing else, is to be refunded again."""
    payments = databases["payments"]
    orders = await payments[ORDERS.name].find({"kind": "refund"}).to_list(None)
    assert Counter(each["contract"] for each in orders) == Counter(each.contract for each in refunded.owed)
    contracts = {each["_id"].replace("-", ""): each["contract"] for each in orders}
    sent = Counter(contracts[each.end_to_end] for file in clerks.at_the_bank for each in file.debits)
    assert sent == Counter(each.contract for each in refunded.owed), "each is in one file that the bank has"
    kept = await payments[REFUND_FILES.name].find().to_list(None)
    assert Counter(each["status"] for each in kept) == Counter(
        done=len(clerks.at_the_bank), taken_back=clerks.taken_back
    )
    transferred = {contracts[each.end_to_end]: each for file in clerks.at_the_bank for each in file.debits}
    schedules = {each["_id"]: each async for each in payments[SCHEDULES.name].find()}
    for each in refunded.owed:
        transfer, schedule = transferred[each.contract], schedules[each.contract]
        assert transfer.iban == each.iban, "it goes to the account that was debited"
        cents = int(transfer.amount.replace(".", ""))
        back = cents if each.comes_back else 0
        assert (schedule["paid"], schedule["refund_due"]) == (back, back)
    failed = await payments["journal"].distinct("aggregate", {"type": {"$regex": r"\.RefundFailed\."}})
    assert sorted(failed) == sorted(each.contract for each in refunded.owed if each.comes_back)
    settled = await payments[SETTLEMENTS.name].find().to_list(None)
    assert len(settled) == len(refunded.owed), "a request that was sent again settles nothing twice"
    lines = await payments["sepa_file_lines"].find({"refund_file": {"$ne": None}}).to_list(None)
    for outcome in ("refund_made", "refund_failed"):
        times = Counter(line["attempt"] for line in lines if line["outcome"] == outcome)
        assert set(times.values()) == {1}, f"what the bank says is applied once: {outcome}"
