"""The payment follow-up (PAY-9): which rows, in which order, page by page."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.mongo import Database, Document
from carnet.search import beginning_with, beyond
from payments.domain.follow_up import FollowUp
from payments.store.documents import FOLLOW_UPS, SORT_FIELDS, Sorting

Filter = Literal["late", "in_attempt", "to_refund", "awaiting_correction", "credit_used", "paid", "open"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of the follow-up, in which order: ``today`` is the organisation's (MON-5)."""

    organisation: str
    today: date
    search: str = ""
    only: Filter | None = None
    sorting: Sorting = "name"
    descending: bool = False

    def query(self) -> Document:
        """The filter of the rows."""
        query: Document = {"organisation": self.organisation, **beginning_with("names.words", self.search)}
        match self.only:
            case "late":
                query["next_due"] = {"$lt": self.today.isoformat()}
            case "in_attempt":
                query["processing"] = {"$gt": 0}
            case "to_refund":
                query["refund_due"] = {"$gt": 0}
            case "awaiting_correction":
                query |= {"refund_due": {"$gt": 0}, "mode": "online"}
            case "credit_used":
                query["credit_used"] = {"$gt": 0}
            case "paid":
                query["fully_paid"] = True
            case "open":
                query["open"] = True
            case None:
                pass
        return query

    def order(self) -> list[tuple[str, int]]:
        """The order of the rows, ties by contract."""
        direction = -1 if self.descending else 1
        return [(SORT_FIELDS[self.sorting], direction), ("_id", direction)]

    def key_of(self, row: FollowUp) -> tuple[str | int, str]:
        """Where a row stands in this order."""
        keys: dict[Sorting, str | int] = {
            "name": row.names.sorted_by,
            "late_since": row.next_due.isoformat(),
            "due": row.due,
            "paid": row.paid,
        }
        return keys[self.sorting], row.id


async def follow_up(
    database: Database, wanted: Wanted, *, after: tuple[str | int, str] | None, limit: int
) -> list[FollowUp]:
    """A page of the follow-up: the rows after the key ``after``."""
    query = wanted.query()
    if after is not None:
        query = {"$and": [query, beyond(SORT_FIELDS[wanted.sorting], after, descending=wanted.descending)]}
    found = await database[FOLLOW_UPS.name].find(query).sort(wanted.order()).limit(limit).to_list(None)
    return [FOLLOW_UPS.read(document) for document in found]


async def whole_follow_up(database: Database, wanted: Wanted) -> AsyncIterator[FollowUp]:
    """Every row of the follow-up, one by one, however many there are."""
    async for document in database[FOLLOW_UPS.name].find(wanted.query()).sort(wanted.order()):
        yield FOLLOW_UPS.read(document)
