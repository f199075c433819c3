"""What payments and invoices are matched by: those of a few contracts, read together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from carnet.mongo import Document, Unit
from payments.invoices.domain.invoices import Invoice
from payments.invoices.store import INVOICES
from payments.matching.domain import Matching, match_all
from payments.receipts.domain.receiving import Payment
from payments.receipts.store import PAYMENTS
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES


@dataclass(frozen=True, slots=True)
class Books:
    """A contract's schedule with its payments and its invoices."""

    schedule: Schedule
    payments: tuple[Payment, ...]
    invoices: tuple[Invoice, ...]

    def on(self, schedule: Schedule) -> Self:
        """The same books with the schedule as it is now."""
        return replace(self, schedule=schedule)

    @property
    def matching(self) -> Matching:
        """What is paid, matched to the invoices (INV-6)."""
        return match_all(self.schedule, self.payments, self.invoices)


async def books_of(unit: Unit, contracts: Iterable[str]) -> Mapping[str, Books]:
    """The books of contracts of the unit's organisation, by their ids, on its snapshot."""
    wanted = sorted(set(contracts))
    await unit.load(SCHEDULES, wanted)
    query: Document = {"organisation": unit.organisation, "contract": {"$in": wanted}}
    paid = await unit.database[PAYMENTS.name].find(query, session=unit.session).to_list(None)
    issued = await unit.database[INVOICES.name].find(query, session=unit.session).to_list(None)
    payments = [PAYMENTS.read(each) for each in paid]
    invoices = [INVOICES.read(each) for each in issued]
    return {
        contract: Books(
            schedule=schedule,
            payments=tuple(each for each in payments if each.contract == contract),
            invoices=tuple(each for each in invoices if each.contract == contract),
        )
        for contract in wanted
        if (schedule := unit.get(SCHEDULES, contract)) is not None
    }
