"""The journal of one object as staff reads it: who, when, what, from which request, in order (ORG-4)."""

from typing import Any

from pydantic import BaseModel, Field

from carnet.http.calls import Call
from carnet.http.pages import Page, PageRequest
from carnet.journal import JournalRow, read


class JournalEntry(BaseModel):
    """An entry of a journal. Where a person was erased, ``personal`` is gone and the rest stays."""

    id: str
    sequence: int
    type: str = Field(description="What happened: `ProductAdded`.")
    at: str = Field(description="The instant, UTC.")
    actor: str = Field(description="Who: `user:...`, `client:...`, `service:...` or `support:...`.")
    change: str = Field(description="The id that all entries of one change share.")
    request: str | None = Field(description="The id of the request that it came from.")
    causation: str | None = Field(description="The id of the event that it reacts to.")
    data: dict[str, Any]
    personal: dict[str, Any] | None = None


def _entry(row: JournalRow, hiding: frozenset[str]) -> JournalEntry:
    return JournalEntry(
        id=row["_id"],
        sequence=row["sequence"],
        type=row["type"].split(".")[2],
        at=row["at"],
        actor=row["actor"],
        change=row["change"],
        request=row["request"],
        causation=row["causation"],
        data={name: value for name, value in row["data"].items() if name not in hiding},
        personal=row.get("personal"),
    )


async def journal_page(
    call: Call, aggregate: str, page: PageRequest, *, hiding: frozenset[str] = frozenset()
) -> Page[JournalEntry]:
    """One page of the journal of ``aggregate``, the oldest entry first. Empty for a foreign or unknown id.

    Without the fields that are ``hiding``, which staff is not to see.
    """
    after = page.after(int)
    rows = await read(call.database, call.organisation, aggregate, after=after[0] if after else 0, limit=page.fetch)
    return page.of(rows, place=lambda row: (row["sequence"],), show=lambda row: _entry(row, hiding))
