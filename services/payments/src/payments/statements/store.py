"""What the statement of an account is read from: the journals of its contracts' schedules, and what moved deposits."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter

from carnet.journal import ROWS
from carnet.mongo import Collection, Database, Document, Unit
from payments.books.store import CREDIT_MOVES
from payments.schedules.domain.explaining import Entry
from payments.schedules.store import SCHEDULES, entry_of
from payments.statements.domain import DEPOSIT_MOVES, Movement, StatementSending, deposit_movements, movements

SENDINGS = Collection("statement_sendings", StatementSending)


async def sending_of(database: Database, organisation: str, sending: str) -> StatementSending | None:
    """The statement that was sent under that id, where the organisation has it (ORG-1)."""
    return await database.state_of(SENDINGS, organisation, sending)


async def contracts_of(unit: Unit, account: str) -> Mapping[str, str | None]:
    """The numbers of the contracts of an account, by their ids."""
    query: Document = {"organisation": unit.organisation, "account": account}
    found = unit.database[SCHEDULES.name].find(query, {"number": 1}, session=unit.session)
    return {document["_id"]: document.get("number") async for document in found}


async def movements_of(unit: Unit, contracts: Iterable[str]) -> list[Movement]:
    """All that moved what is owed of these contracts, contract by contract.

    The journal is read by the index on its objects, without the instalments that its entries carry.
    """
    query: Document = {"aggregate": {"$in": sorted(contracts)}, "organisation": unit.organisation}
    order = [("aggregate", 1), ("sequence", 1)]
    rows = await unit.database[ROWS].find(query, _FIELDS, session=unit.session).sort(order).to_list(None)
    return [
        each
        for contract, group in groupby(rows, key=itemgetter("aggregate"))
        for each in movements(contract, entries_of_statement(group))
    ]


async def deposits_of(unit: Unit, account: str) -> list[Movement]:
    """What deposits without a contract, and what became of them, are on the statement of an account (PAY-16)."""
    query: Document = {"organisation": unit.organisation, "account": account, "kind": {"$in": list(DEPOSIT_MOVES)}}
    found = await unit.database[CREDIT_MOVES.name].find(query, session=unit.session).to_list(None)
    return list(deposit_movements(CREDIT_MOVES.read(each) for each in found))


_FIELDS = {"data.instalments": 0, "data.instalments_before": 0}
"""The fields of the journal that no statement needs."""


def entries_of_statement(rows: Iterable[Document]) -> Iterator[Entry]:
    """What rows of a journal say, in their order, as statements read them: without instalments, kept or not."""
    for row in rows:
        data = row["data"]
        if "balance" in data:
            data = {**data, "instalments": (), "instalments_before": None}
        entry = entry_of({**row, "data": data})  # type: ignore[typeddict-item] # a document of the journal is a row
        if entry is not None:
            yield entry
