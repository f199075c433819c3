"""The accountant's export of a period (INV-7): in the FEC format, as CSV, and its sums."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import StreamingResponse

from carnet.dates import Day, utc_now
from carnet.decisions import Context
from carnet.http import router
from carnet.http.spreadsheets import Cell, FormAsked, download
from carnet.money import Money
from carnet.mongo import Database, Unit
from carnet.organisations import organisation_of
from carnet.refusals import invalid
from payments.access import StaffReads
from payments.books.api.views import AccountView, BalanceLineView, BalanceView
from payments.books.domain.books import Books
from payments.books.domain.plan import Account
from payments.books.drawing import Drawn, drawn
from payments.books.store import books_of
from payments.books.writing import CSV_HEADER, as_fec, csv_lines
from payments.invoices.store import settings_of

routes = router(tags=["books"])

LONGEST = 3_700
"""Days of an export at most: ten years and a little."""


@dataclass(frozen=True, slots=True)
class WantedExport:
    """An export that was asked for."""

    books: Books
    currency: str
    since: date
    until: date

    def entries(self, database: Database) -> AsyncIterator[Drawn]:
        """Its entries, as they are read."""
        return drawn(database, self.books, self.since, self.until)


async def _asked(
    call: StaffReads,
    since: Annotated[
        Day | None, Query(alias="from", description="The first day; the first of that month where it is left out.")
    ] = None,
    until: Annotated[
        Day | None, Query(description="The last day, included; today, the organisation's, where left out.")
    ] = None,
) -> WantedExport:
    async def known(unit: Unit, context: Context) -> tuple[str, date]:
        return (await organisation_of(unit, unit.organisation)).currency, context.today

    currency, today = await call.preview(known)
    until = until or today
    since = since or until.replace(day=1)
    if until < since:
        raise invalid(
            "dates-reversed",
            "The period ends before it begins. Send as 'until' the day of 'from' or a later one.",
            **{"from": since.isoformat(), "until": until.isoformat()},
        )
    if (until - since).days > LONGEST:
        raise invalid(
            "export-too-long",
            "An export is of ten years at most. Ask for a shorter period.",
            rule="INV-7",
            **{"from": since.isoformat(), "until": until.isoformat()},
        )

    return WantedExport(await books_of(call.database, call.organisation), currency, since, until)


PeriodAsked = Annotated[WantedExport, Depends(_asked)]


async def _final(asked: PeriodAsked, request: Request) -> WantedExport:
    """What is asked for, once its closed days can't change any more."""
    await _settled(asked.books, asked.since, request.app.state.books_settle)
    return asked


Final = Annotated[WantedExport, Depends(_final)]
"""What a file is made of: the same each time once it is closed. Sums on a page do not wait for that."""


async def _settled(books: Books, since: date, seconds: float) -> None:
    """Wait until all that was entered before the last closing is saved, if the export has days that it closed.

    What was begun before the closing may be saved a moment after it, and belongs to what is closed.
    """
    if not books.closings or books.closings[-1].until < since:
        return
    left = books.closings[-1].at + timedelta(seconds=seconds) - utc_now()
    if left > timedelta(0):
        await asyncio.sleep(left.total_seconds())


@routes.get("/books/entries.csv", response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}})
async def export_entries(call: StaffReads, asked: Final, form: FormAsked) -> StreamingResponse:
    """The entries of a period as CSV that the spreadsheets of a language open (INV-7)."""

    async def lines() -> AsyncIterator[list[Cell]]:
        async for entry in asked.entries(call.database):
            for line in csv_lines(entry, asked.currency):
                yield line

    return download(f"entries-{asked.since}-{asked.until}.csv", CSV_HEADER, lines(), form)


@routes.get("/books/fec.txt", response_class=StreamingResponse, responses={200: {"content": {"text/plain": {}}}})
async def export_fec(call: StaffReads, asked: Final) -> StreamingResponse:
    """The entries of a period in the format of the French FEC (INV-7).

    The legal FEC is the whole ledger of a company: this is what Carnet knows of it, for the accountant to import.
    """
    settings = await settings_of(call.database, call.organisation)
    siren = (settings.fields.seller.siren if settings.fields else None) or ""
    return StreamingResponse(
        as_fec(asked.entries(call.database), asked.currency),
        media_type="text/plain; charset=iso-8859-15",
        headers={
            "Content-Disposition": f'attachment; filename="{siren}FEC{asked.until:%Y%m%d}.txt"',
            "Cache-Control": "no-store",
        },
    )


@routes.get("/books/balance")
async def show_balance(call: StaffReads, asked: PeriodAsked) -> BalanceView:
    """What each account moved in a period: the sums of the same entries (INV-7)."""
    sums: dict[Account, list[int]] = {}
    count = 0
    async for entry in asked.entries(call.database):
        count += 1
        for posting in entry.postings:
            known = sums.setdefault(posting.account, [0, 0])
            known[0] += posting.debit
            known[1] += posting.credit
    return _balance(asked, count, sums)


def _balance(asked: WantedExport, count: int, sums: Mapping[Account, Sequence[int]]) -> BalanceView:
    """What was summed of that many entries: the debit and the credit of each account."""

    def money(amount: int) -> Money:
        return Money(amount=amount, currency=asked.currency)

    return BalanceView(
        since=asked.since,
        until=asked.until,
        entries=count,
        debit=money(sum(debit for debit, _ in sums.values())),
        credit=money(sum(credit for _, credit in sums.values())),
        items=[
            BalanceLineView(account=AccountView.of(account), debit=money(debit), credit=money(credit))
            for account, (debit, credit) in sorted(sums.items(), key=lambda pair: (pair[0].number, pair[0].name))
        ],
    )
