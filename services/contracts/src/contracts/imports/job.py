"""The job that imports the families of an import, each once and whole (IMP-1, IMP-2)."""

from collections.abc import Sequence

from carnet.decisions import Context
from carnet.jobs import Job, JobKind
from carnet.mongo import Database, Unit
from carnet.organisations import ORGANISATIONS, context_for
from contracts.imports.domain import changed_since, family_id, import_family, standing_of
from contracts.imports.staged import StagedFamily
from contracts.imports.store import FAMILIES, STAGED, count_waiting, families_waiting, save_import
from contracts.numbers.store import NewNumbers


async def _items(database: Database, job: Job, after: str | None, limit: int) -> Sequence[str]:
    return await families_waiting(database, job.organisation, str(job.parameters["import"]), after=after, limit=limit)


async def _count(database: Database, job: Job) -> int:
    return await count_waiting(database, job.organisation, str(job.parameters["import"]))


async def _load(unit: Unit, job: Job, items: Sequence[str]) -> None:
    await unit.load(ORGANISATIONS, [job.organisation])
    await unit.load(STAGED, items)
    staged = [each for item in items if (each := unit.get(STAGED, item)) is not None]
    await unit.load(FAMILIES, [family_id(job.organisation, each.family.key) for each in staged])
    await _number(unit, job, [each for each in staged if each.account_number is None])


async def _number(unit: Unit, job: Job, staged: Sequence[StagedFamily]) -> None:
    """Give the families their numbers (CON-27): only now, as looks at files would use numbers up."""
    year = (await context_for(unit, job.organisation, job.actor)).today.year
    count = sum(each.family.opened for each in staged)
    accounts = iter(await NewNumbers(unit.database, job.organisation, "account", len(staged)).of(year))
    contracts = iter(await NewNumbers(unit.database, job.organisation, "contract", count).of(year))
    for each in staged:
        numbers = {
            "account_number": next(accounts),
            "contract_numbers": tuple(next(contracts) for _ in range(each.family.opened)),
        }
        unit.put(STAGED, each.model_copy(update=numbers))


def _do(unit: Unit, job: Job, item: str, context: Context) -> None:
    staged, organisation = unit.get(STAGED, item), unit.get(ORGANISATIONS, job.organisation)
    if staged is None or staged.account_number is None or organisation is None:
        return  # it was discarded meanwhile
    known = unit.get(FAMILIES, family_id(job.organisation, staged.family.key))
    if known is None:
        decided = import_family(staged.family, organisation.currency, job.organisation, context)
        save_import(unit, decided, staged.account_number, staged.contract_numbers, context)
    else:
        standing, places = standing_of(known, staged.family)
        if standing == "changed":
            raise changed_since(known, places)
    unit.remove(STAGED, item)


IMPORTING = JobKind("import-families", items=_items, count=_count, load=_load, do=_do)
"""Imports the families of an import, each once and whole."""
