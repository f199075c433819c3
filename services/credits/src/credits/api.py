"""HTTP in: the credits of a client, one of them with its movements, and its journal (CRE-7, CRE-8)."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, Self

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from carnet.http import Call, JournalEntry, Page, PageAsked, journal_page, reads, router
from carnet.ids import Id
from carnet.money import Money
from carnet.refusals import unknown
from credits.domain import Credit, Entry
from credits.store import Status, credit_of, credits_of, entries_of, knows_account

Reads = Annotated[Call, reads("credits:read")]

routes = router(tags=["credits"])


class EntryView(BaseModel):
    """A movement of a credit (CRE-7)."""

    kind: Literal["granted", "removed"]
    reason: Literal["contract_paid", "line_cancelled"]
    amount: Money = Field(description="Signed: the sum of a credit's movements is what is left of it.")
    on: date = Field(description="The date on which it takes effect, in the organisation's time zone.")

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The view of a movement."""
        money = Money(amount=entry.amount, currency=entry.currency)
        return cls(kind=entry.kind, reason=entry.reason, amount=money, on=entry.on)


class CreditView(BaseModel):
    """A client credit (CRE-1)."""

    id: str
    account: str = Field(description="The beneficiary.")
    amount: Money = Field(description="What was granted.")
    left: Money = Field(description="What has not been used.")
    status: Status
    contract: str = Field(description="The contract that sold it.")
    line: str = Field(description="The line of that contract.")
    granted_on: date
    removed_on: date | None

    @classmethod
    def of(cls, credit: Credit) -> Self:
        """The view of a credit."""
        return cls(
            id=credit.id,
            account=credit.account,
            amount=Money(amount=credit.amount, currency=credit.currency),
            left=Money(amount=credit.left, currency=credit.currency),
            status=credit.status,
            contract=credit.contract,
            line=credit.id,
            granted_on=credit.granted_on,
            removed_on=credit.removed_on,
        )


class CreditWithEntries(CreditView):
    """A client credit with its movements, in order."""

    entries: tuple[EntryView, ...]

    @classmethod
    def made_of(cls, credit: Credit, entries: Sequence[Entry]) -> Self:
        """The view of a credit and its movements."""
        return cls(**CreditView.of(credit).model_dump(), entries=tuple(EntryView.of(movement) for movement in entries))


@routes.get("/accounts/{account}/credits")
async def list_credits(
    account: Id,
    call: Reads,
    page: PageAsked,
    status: Annotated[Status | None, Query(description="Only credits of this status.")] = None,
) -> Page[CreditView]:
    """List the credits of a client, oldest line first, with what is left of each. A client reads its own."""
    if not call.principal.sees(account) or not await knows_account(call.database, call.organisation, account):
        raise unknown("account", account)
    after = page.after(str)
    found = await credits_of(
        call.database, call.organisation, account, status=status, after=after[0] if after else None, limit=page.fetch
    )
    return page.of(found, place=lambda credit: (credit.id,), show=CreditView.of)


@routes.get("/credits/{credit}", response_model=CreditWithEntries)
async def show_credit(credit: Id, call: Reads) -> Response:
    """Read a credit with its movements. A client reads its own."""
    found = await _seen(credit, call)
    entries = await entries_of(call.database, call.organisation, credit)
    return call.show(CreditWithEntries.made_of(found, entries), version=found.version)


@routes.get("/credits/{credit}/journal")
async def credit_journal(credit: Id, call: Reads, page: PageAsked) -> Page[JournalEntry]:
    """Read the journal of a credit, in order. Only staff may."""
    call.principal.require_staff()
    await _seen(credit, call)
    return await journal_page(call, credit, page)


async def _seen(credit: str, call: Call) -> Credit:
    """The credit, where the caller may see it; another client's is answered as an unknown one (ORG-1, ORG-2)."""
    found = await credit_of(call.database, call.organisation, credit)
    if found is None or not call.principal.sees(found.account):
        raise unknown("credit", credit)
    return found
