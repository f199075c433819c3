"""Families that were imported: their documents, and saving what an import leads to in one transaction."""

from collections.abc import Sequence

from pymongo import DeleteMany, IndexModel, UpdateMany

from carnet.decisions import Context
from carnet.mongo import Collection, Database, Document, Unit
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.store import CONTRACTS
from contracts.imports.columns import ImportColumns
from contracts.imports.domain import FamilyImport, ImportedFamily
from contracts.imports.staged import Import, StagedFamily
from contracts.numbers.domain import numbered

FAMILIES = Collection(
    "imported_families",
    ImportedFamily,
    indexes=[IndexModel([("organisation", 1), ("account", 1)], name="of_account")],
)

COLUMNS = Collection("import_columns", ImportColumns)
IMPORTS = Collection("imports", Import)
STAGED = Collection(
    "staged_families",
    StagedFamily,
    indexes=[
        IndexModel([("organisation", 1), ("batch", 1), ("_id", 1)], name="of_import"),
        IndexModel([("organisation", 1), ("imported_as", 1)], name="of_family"),
        IndexModel([("forgotten", 1)], name="expiry", expireAfterSeconds=0),
    ],
    derived={"forgotten": lambda staged: staged.forgotten_at},
)


async def families_waiting(
    database: Database, organisation: str, batch: str, *, after: str | None, limit: int
) -> Sequence[str]:
    """The ids of the families that wait in an import, in their order: those after this one."""
    query: Document = {"organisation": organisation, "batch": batch, **({"_id": {"$gt": after}} if after else {})}
    found = await database[STAGED.name].find(query, {"_id": 1}).sort("_id", 1).limit(limit).to_list(None)
    return [each["_id"] for each in found]


async def count_waiting(database: Database, organisation: str, batch: str) -> int:
    """How many families wait in an import."""
    return await database[STAGED.name].count_documents({"organisation": organisation, "batch": batch})


def save_import(
    unit: Unit, decided: FamilyImport, account_number: str, contract_numbers: Sequence[str], context: Context
) -> FamilyImport:
    """Save a family whole, with the numbers that people say (CON-27); returns it as it was saved."""
    account = numbered(decided.account, account_number)
    unit.decide(ACCOUNTS, account, context)
    contracts = []
    for (opened, then), number in zip(decided.contracts, contract_numbers, strict=True):
        contract = numbered(opened, number)
        unit.decide(CONTRACTS, contract, then)
        contracts.append((contract, then))
    family = unit.decide(FAMILIES, decided.family, context)
    _forget_staged(unit, family.organisation, family.id)
    return FamilyImport(account, tuple(contracts), decided.family)


async def forget_import(unit: Unit, organisation: str, account: str) -> None:
    """Remove what was kept of the rows of an account when one of its people is erased (ORG-4), and what waits of it."""
    of_account: Document = {"organisation": organisation, "account": account}
    found = unit.database[FAMILIES.name].find(of_account, {"_id": 1}, session=unit.session)
    for each in await found.to_list(None):
        _forget_staged(unit, organisation, each["_id"])
    unit.write(FAMILIES.name, UpdateMany(of_account, {"$set": {"parts": {}}}))


def _forget_staged(unit: Unit, organisation: str, family: str) -> None:
    """Nothing of a family waits once it is here: the import that brought it forgets it, and so do others."""
    unit.write(STAGED.name, DeleteMany({"organisation": organisation, "imported_as": family}))


def discard(unit: Unit, batch: Import) -> Import:
    """Forget the families that wait. What is imported stays; a job that is under way finds no more."""
    unit.write(STAGED.name, DeleteMany({"organisation": batch.organisation, "batch": batch.id}))
    return batch.model_copy(update={"discarded": True})
