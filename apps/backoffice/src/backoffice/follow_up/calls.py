"""What the follow-up asks of payments, and what its rows mean."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from backoffice.apis import Api, Json
from backoffice.languages import N_

ADDRESS = "/payments/v1/follow-up"
PER_PAGE = 50

FILTERS = {
    "": N_("All contracts"),
    "late": N_("Late"),
    "to_refund": N_("To refund"),
    "awaiting_correction": N_("Awaiting correction by support"),
    "in_attempt": N_("Payment in progress"),
    "open": N_("Still to pay"),
    "paid": N_("Fully paid"),
    "credit_used": N_("Paid with a credit or a gift card"),
    "lost": N_("Taken back by the bank"),
}
ORDERS = {
    "name": N_("Name"),
    "late_since": N_("Late since"),
    "due": N_("Left to pay"),
    "paid": N_("Paid"),
}
DESCENDING = {"due", "paid"}
"""What is read from the largest down."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which contracts, and in which order."""

    search: str = ""
    status: str = ""
    sort: str = "name"

    @property
    def query(self) -> dict[str, Any]:
        """As the API takes it."""
        return {
            "search": self.search or None,
            "status": self.status or None,
            "sort": self.sort,
            "order": "desc" if self.sort in DESCENDING else "asc",
        }

    @property
    def filtered(self) -> bool:
        """Whether it may leave contracts out."""
        return bool(self.search or self.status)


async def follow_up(api: Api, asked: Selection, cursor: str | None) -> Json:
    """A page of the contracts: ``items`` and ``next``."""
    return await api.get(ADDRESS, **asked.query, limit=PER_PAGE, cursor=cursor)


def exported(api: Api, asked: Selection, language: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
    """All of these contracts as CSV, in pieces."""
    return api.stream(f"{ADDRESS}.csv", **asked.query, language=language)


def states(row: Json) -> list[tuple[str, str, Json | None]]:
    """The states of a contract: for each its colour, its words, and the amount that belongs to it.

    Those that need somebody come first.
    """
    found: list[tuple[str, str, Json | None]] = []
    if row["lost"]["amount"]:
        found.append(("late", N_("taken back by the bank"), row["lost"]))
    if row["late"]["amount"]:
        found.append(("late", N_("late"), None))
    if row["awaiting_correction"]["amount"]:
        found.append(("wait", N_("awaiting correction"), row["awaiting_correction"]))
    elif row["to_refund"]["amount"]:
        found.append(("wait", N_("to refund"), row["to_refund"]))
    if row["processing"]["amount"]:
        found.append(("wait", N_("payment in progress"), row["processing"]))
    if row["fully_paid"] and not found:
        found.append(("ok", N_("paid"), None))
    return found or [("calm", N_("to come"), None)]
