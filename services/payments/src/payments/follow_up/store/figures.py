"""The day in figures (PAY-9): what is due, late, failed and to refund, and each month's planned and received."""

from asyncio import gather
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from carnet.dates import months_after
from carnet.mongo import Database, Document
from payments.credit_uses.store import USE_REQUESTS
from payments.follow_up.domain import NEVER
from payments.follow_up.store.rows import FOLLOW_UPS
from payments.receipts.store import CHEQUES, PAYMENTS, Deposits
from payments.schedules.store import SCHEDULES, TO_COLLECT, TRIED
from payments.sepa.domain.banking import first_collection
from payments.sepa.store.mandates import accounts_with_mandates, sepa_settings_of

_NOT_BY_FILE = ("cheque", "method", "on_request", "gave_up", "waits_for_method")
"""The fields of an instalment which say that no run and no remittance collects it."""

MONTHS_BEFORE = 5
MONTHS_AFTER = 6
"""How many months are shown before and after this one."""


@dataclass(frozen=True, slots=True)
class Figure:
    """How many, and how much in minor units."""

    count: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """A month by its first day: what is planned in it and still to come, and what was received in it."""

    first: date
    planned: int
    received: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The day of an organisation in figures; amounts are minor units."""

    due_today: Figure
    """Instalments that are due today."""
    late: Figure
    """Instalments that were due before today."""
    failed: Figure
    """Instalments of which an attempt has failed and that are still to come."""
    to_refund: Figure
    """Refund lines of contracts paid on site."""
    awaiting_correction: Figure
    """Refund lines of contracts paid online (PAY-3)."""
    in_attempt: Figure
    """Contracts of which something is at the provider, or waits for credits."""
    awaiting_credits: Figure
    """Uses of client credits that credits has not answered yet."""
    cheques_to_deposit: Figure
    """Held cheques whose deposit date has come."""
    to_remit: Figure
    """Instalments that the next remittance of direct debits can collect, and that wait for it to be built (PAY-18)."""
    lost: Figure
    """Contracts of which the bank took back what they no longer had, until somebody has dealt with it."""
    months: tuple[Month, ...]


async def figures_of(database: Database, organisation: str, today: date) -> Figures:
    """The figures of an organisation on its ``today``, each found by an index."""
    months = tuple(_months(today))
    in_attempt = {"organisation": organisation, "processing": {"$gt": 0}}
    asked = {"organisation": organisation, "status": "requested"}
    (planned, received, failed, refunds), (attempts, uses, cheques, lost, to_remit) = await gather(
        gather(
            _planned(database, organisation),
            _received(database, organisation, months[0], months_after(months[-1], 1, 1)),
            _failed(database, organisation),
            _by_mode(database, organisation),
        ),
        gather(
            _summed(database, FOLLOW_UPS.name, in_attempt, "processing"),
            _summed(database, USE_REQUESTS.name, asked, "amount"),
            _summed(database, CHEQUES.name, Deposits(organisation, until=today).query(), "amount"),
            _summed(database, FOLLOW_UPS.name, {"organisation": organisation, "lost": {"$gt": 0}}, "lost"),
            _to_remit(database, organisation, today),
        ),
    )
    day = today.isoformat()
    by_month = _sums_by_month(planned)
    return Figures(
        due_today=planned.get(day, Figure()),
        late=_added(figure for due, figure in planned.items() if due < day),
        failed=failed,
        to_refund=refunds.get("on_site", Figure()),
        awaiting_correction=refunds.get("online", Figure()),
        in_attempt=attempts,
        awaiting_credits=uses,
        cheques_to_deposit=cheques,
        to_remit=to_remit,
        lost=lost,
        months=tuple(
            Month(first, by_month.get(first.isoformat()[:7], 0), received.get(first.isoformat()[:7], 0))
            for first in months
        ),
    )


def _months(today: date) -> Iterator[date]:
    return (months_after(today, index, 1) for index in range(-MONTHS_BEFORE, MONTHS_AFTER + 1))


async def _planned(database: Database, organisation: str) -> dict[str, Figure]:
    """What is planned on each date."""
    stages: list[Document] = [
        {"$match": {"organisation": organisation, "next_due": {"$lt": NEVER.isoformat()}}},
        {"$project": {"planned.due": 1, "planned.amount": 1}},
        {"$unwind": "$planned"},
        *_grouped("$planned.due", "$planned.amount"),
    ]
    return await _figures(database, FOLLOW_UPS.name, stages)


async def _received(database: Database, organisation: str, since: date, before: date) -> dict[str, int]:
    """What was received in each month, less what the bank took back of it and wrong entries.

    What another system received is not among it (IMP-3).
    """
    days = {"$gte": since.isoformat(), "$lt": before.isoformat()}
    kept = {"$subtract": ["$amount", {"$add": [{"$ifNull": ["$reversed", 0]}, {"$ifNull": ["$beyond", 0]}]}]}
    stages: list[Document] = [
        {"$match": {"organisation": organisation, "received_on": days, "voided": None, "imported": {"$ne": True}}},
        *_grouped({"$substrBytes": ["$received_on", 0, 7]}, kept),
    ]
    return {month: figure.amount for month, figure in (await _figures(database, PAYMENTS.name, stages)).items()}


async def _failed(database: Database, organisation: str) -> Figure:
    tried = {"organisation": organisation, "instalments.tries": {"$gt": 0}}
    stages: list[Document] = [
        {"$match": tried},
        {"$project": {"instalments.tries": 1, "instalments.amount": 1}},
        {"$unwind": "$instalments"},
        {"$match": {"instalments.tries": {"$gt": 0}}},
        *_grouped(None, "$instalments.amount"),
    ]
    found = await database[SCHEDULES.name].aggregate(stages, hint=TRIED).to_list(None)
    return _added(Figure(group["count"], group["amount"]) for group in found)


async def _to_remit(database: Database, organisation: str, today: date) -> Figure:
    accounts = await accounts_with_mandates(database, organisation)
    if not accounts:
        return Figure()
    settings = await sepa_settings_of(database, organisation)
    until = {"$gt": "", "$lte": first_collection(today, settings.lead_days).isoformat()}
    collected = {f"instalments.{name}": {"$in": [None, False]} for name in _NOT_BY_FILE}
    stages: list[Document] = [
        {"$match": {"organisation": organisation, "collect_on": until, "account": {"$in": accounts}}},
        {"$project": {"instalments": 1}},
        {"$unwind": "$instalments"},
        {"$set": {"on": {"$ifNull": ["$instalments.next_try", "$instalments.due"]}}},
        {"$match": {"on": until, **collected}},
        *_grouped(None, "$instalments.amount"),
    ]
    found = await database[SCHEDULES.name].aggregate(stages, hint=TO_COLLECT).to_list(None)
    return _added(Figure(group["count"], group["amount"]) for group in found)


async def _by_mode(database: Database, organisation: str) -> dict[str, Figure]:
    """The refund lines of contracts paid online and on site."""
    stages: list[Document] = [
        {"$match": {"organisation": organisation, "refund_due": {"$gt": 0}}},
        *_grouped("$mode", "$refund_due"),
    ]
    return await _figures(database, FOLLOW_UPS.name, stages)


async def _summed(database: Database, collection: str, query: Document, amount: str) -> Figure:
    return _added((await _figures(database, collection, [{"$match": query}, *_grouped("all", f"${amount}")])).values())


async def _figures(database: Database, collection: str, stages: Sequence[Document]) -> dict[str, Figure]:
    found = await database[collection].aggregate(list(stages)).to_list(None)
    return {group["_id"]: Figure(group["count"], group["amount"]) for group in found}


def _grouped(key: Any, amount: Any) -> tuple[Document, ...]:
    return ({"$group": {"_id": key, "count": {"$sum": 1}, "amount": {"$sum": amount}}},)


def _sums_by_month(planned: dict[str, Figure]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for due, figure in planned.items():
        sums[due[:7]] = sums.get(due[:7], 0) + figure.amount
    return sums


def _added(figures: Iterable[Figure]) -> Figure:
    figures = tuple(figures)
    return Figure(sum(each.count for each in figures), sum(each.amount for each in figures))
