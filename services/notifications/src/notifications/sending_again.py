"""Sending many failed mails again, as one bulk job (NOT-3)."""

from collections.abc import Sequence

from carnet.decisions import Context
from carnet.jobs import Job, JobKind
from carnet.mongo import Database, Unit
from carnet.refusals import unknown
from notifications.domain.mails import send_again
from notifications.store import ACCOUNTS, MAILS, count_failed, failed_mails


async def _items(database: Database, job: Job, after: str | None, limit: int) -> Sequence[str]:
    return await failed_mails(database, job.organisation, until=job.asked_at, after=after, limit=limit)


async def _count(database: Database, job: Job) -> int:
    return await count_failed(database, job.organisation, until=job.asked_at)


async def _load(unit: Unit, _: Job, mails: Sequence[str]) -> None:
    await unit.load(MAILS, mails)
    found = [mail for id_ in mails if (mail := unit.get(MAILS, id_))]
    await unit.load(ACCOUNTS, [mail.account for mail in found])


def _do(unit: Unit, _: Job, mail: str, context: Context) -> None:
    found = unit.get(MAILS, mail)
    if found is None:
        raise unknown("mail", mail)
    account = unit.get(ACCOUNTS, found.account)
    unit.decide(MAILS, send_again(found, context, erased=account is not None and account.erased), context)


SENDING_AGAIN = JobKind("send-failed-mails-again", items=_items, count=_count, load=_load, do=_do)
"""Sends every mail again that had failed when the job started, with the present template and address."""
