"""A credit of the same amount for each of many families, as one bulk job (CRE-2).

The job takes the decision that a credit for one family is.
"""

from bisect import bisect_right
from collections.abc import Sequence

from carnet.decisions import Context
from carnet.jobs import Job, JobKind
from carnet.mongo import Database, Unit
from carnet.refusals import unknown
from credits.bulk.domain import BulkGrant
from credits.bulk.store import BULK_GRANTS, find_grant
from credits.domain.movements import Gift, issue
from credits.store import ACCOUNTS, save


async def _grant(database: Database, job: Job) -> BulkGrant:
    found = await find_grant(database, job.organisation, _id_of(job))
    if found is None:
        raise LookupError(f"job {job.id} has no bulk grant")
    return found


async def _items(database: Database, job: Job, after: str | None, limit: int) -> Sequence[str]:
    accounts = (await _grant(database, job)).accounts
    first = bisect_right(accounts, after) if after is not None else 0
    return accounts[first : first + limit]


async def _count(database: Database, job: Job) -> int:
    return len((await _grant(database, job)).accounts)


async def _load(unit: Unit, job: Job, accounts: Sequence[str]) -> None:
    await unit.load(BULK_GRANTS, [_id_of(job)])
    await unit.load(ACCOUNTS, accounts)


def _do(unit: Unit, job: Job, account: str, context: Context) -> None:
    grant = unit.get(BULK_GRANTS, _id_of(job))
    # One of another organisation is answered like one that there is not (ORG-1).
    if grant is None or account not in {each.id for each in unit.loaded(ACCOUNTS)}:
        raise unknown("account", account)
    decision = issue(Gift(account, grant.amount, grant.currency), job.organisation, context)
    save(unit, None, decision, context, note=grant.reason)


def _id_of(job: Job) -> str:
    return str(job.parameters["grant"])


GRANTING = JobKind("grant-credits", items=_items, count=_count, load=_load, do=_do)
"""Grants each of the families of a bulk grant a credit; each is informed by a mail."""
