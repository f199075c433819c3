"""The payment follow-up (PAY-9): which rows, in which order, page by page."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pymongo import IndexModel

from carnet.mongo import Collection, Database, Document
from carnet.search import beginning_with, placed_after
from payments.follow_up.domain import FollowUp

Sorting = Literal["name", "late_since", "due", "paid"]

SORT_FIELDS: Mapping[Sorting, str] = {
    "name": "names.sorted_by",
    "late_since": "next_due",
    "due": "due",
    "paid": "paid",
}

OPEN_OF_ACCOUNT = "open_of_account"
"""The index that finds accounts with something due: named to MongoDB, so that no others are read."""

FOLLOW_UPS = Collection(
    "follow_ups",
    FollowUp,
    indexes=[
        *(
            IndexModel([("organisation", 1), (key, 1), ("_id", 1)], name=f"by_{sorting}")
            for sorting, key in SORT_FIELDS.items()
        ),
        IndexModel([("organisation", 1), ("names.words", 1)], name="by_word"),
        IndexModel([("organisation", 1), ("number", 1)], name="by_number"),
        IndexModel([("organisation", 1), ("names.number", 1)], name="by_account_number"),
        IndexModel([("organisation", 1), ("account", 1)], name="of_account"),
        IndexModel(
            [("organisation", 1), ("account", 1), ("open", 1)],
            name=OPEN_OF_ACCOUNT,
            partialFilterExpression={"open": True},
        ),
        IndexModel(
            [("organisation", 1), ("refund_due", 1)],
            name="to_refund",
            partialFilterExpression={"refund_due": {"$gt": 0}},
        ),
        IndexModel(
            [("organisation", 1), ("refund_noted_at", 1), ("_id", 1)],
            name="refund_lines",
            partialFilterExpression={"refund_due": {"$gt": 0}},
        ),
        IndexModel(
            [("organisation", 1), ("processing", 1)],
            name="in_attempt",
            partialFilterExpression={"processing": {"$gt": 0}},
        ),
        IndexModel(
            [("organisation", 1), ("credit_used", 1)],
            name="credit_used",
            partialFilterExpression={"credit_used": {"$gt": 0}},
        ),
        IndexModel([("organisation", 1), ("lost", 1)], name="lost", partialFilterExpression={"lost": {"$gt": 0}}),
    ],
)


Filter = Literal["late", "in_attempt", "to_refund", "awaiting_correction", "credit_used", "lost", "paid", "open"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows of the follow-up, in which order: ``today`` is the organisation's (MON-5)."""

    organisation: str
    today: date
    search: str = ""
    only: Filter | None = None
    sorting: Sorting = "name"
    descending: bool = False

    def query(self) -> Document:
        """The filter of the rows."""
        query: Document = {"organisation": self.organisation, **self._found_by()}
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
            case "lost":
                query["lost"] = {"$gt": 0}
            case "paid":
                query["fully_paid"] = True
            case "open":
                query["open"] = True
            case None:
                pass
        return query

    def _found_by(self) -> Document:
        return beginning_with("names.words", self.search, numbers=("number", "names.number"))

    def order(self) -> list[tuple[str, int]]:
        """The order of the rows, ties by contract."""
        direction = -1 if self.descending else 1
        return [(SORT_FIELDS[self.sorting], direction), ("_id", direction)]

    def key_of(self, row: FollowUp) -> tuple[str | int, str]:
        """The place of a row in this order."""
        keys: dict[Sorting, str | int] = {
            "name": row.names.sorted_by,
            "late_since": row.next_due.isoformat(),
            "due": row.due,
            "paid": row.paid,
        }
        return keys[self.sorting], row.id


async def follow_up(
    database: Database, selection: Selection, *, after: tuple[str | int, str] | None, limit: int
) -> list[FollowUp]:
    """A page of the follow-up: the rows after the key ``after``."""
    query = selection.query()
    if after is not None:
        query = {"$and": [query, placed_after(SORT_FIELDS[selection.sorting], after, descending=selection.descending)]}
    found = await database[FOLLOW_UPS.name].find(query).sort(selection.order()).limit(limit).to_list(None)
    return [FOLLOW_UPS.read(document) for document in found]


async def whole_follow_up(database: Database, selection: Selection) -> AsyncIterator[FollowUp]:
    """Every row of the follow-up, one by one, however many there are."""
    async for document in database[FOLLOW_UPS.name].find(selection.query()).sort(selection.order()):
        yield FOLLOW_UPS.read(document)
