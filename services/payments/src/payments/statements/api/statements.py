"""The account statement over HTTP: page by page, as CSV, as PDF (PAY-16)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response, StreamingResponse

from carnet.http import PageAsked, router
from carnet.http.spreadsheets import Cell, FormAsked, Word, download
from carnet.ids import Id
from carnet.money import Money
from carnet.refusals import conflict
from payments.access import Reads
from payments.invoices.store import logo_of, settings_of
from payments.statements.api.asked import PeriodAsked, Read, read_statement
from payments.statements.api.views import StatementEntryView, StatementView
from payments.statements.domain import Place
from payments.statements.paper import Letterhead, render

routes = router(tags=["statements"])

HEADER = ("date", "entry", "contract", "number", "method", "amount", "balance", "currency")

LONGEST_PAPER = 3_000
"""Entries: what is longer takes a machine seconds to typeset, and nobody reads it on paper."""


@routes.get("/accounts/{account}/statement")
async def show_statement(account: Id, call: Reads, period: PeriodAsked, page: PageAsked) -> StatementView:
    """What moved what an account owes between two days, with the balance before and after (PAY-16).

    The balance is what its contracts cost less what is paid of them, as their schedules say. A client reads its own.
    """
    after: Place | None = page.after(str, str, str)
    read = await read_statement(call, account, period)
    found = page.of(
        read.statement.after(after, page.fetch),
        place=lambda line: line.movement.place,
        show=lambda line: StatementEntryView.of(line, read, for_staff=call.principal.is_staff),
    )
    return StatementView.of(read, found)


@routes.get(
    "/accounts/{account}/statement.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}}},
)
async def export_statement(account: Id, call: Reads, period: PeriodAsked, form: FormAsked) -> StreamingResponse:
    """The same statement, whole, as CSV that the spreadsheets of a language open."""
    read = await read_statement(call, account, period)
    return download(f"{_name(read)}.csv", HEADER, _rows(read), form)


@routes.get(
    "/accounts/{account}/statement.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The statement, typeset."}},
)
async def print_statement(
    account: Id,
    call: Reads,
    period: PeriodAsked,
    language: Annotated[
        Literal["en", "fr"] | None, Query(description="Left out, the language of the account's mails.")
    ] = None,
) -> Response:
    """The same statement as a PDF in the organisation's colours."""
    read = await read_statement(call, account, period)
    pdf = await printed(call, read, language)
    headers = {
        "Content-Disposition": f'attachment; filename="{_name(read)}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(pdf, media_type="application/pdf", headers=headers)


async def printed(call: Reads, read: Read, language: Literal["en", "fr"] | None = None) -> bytes:
    """The PDF of a statement. Raises ``statement-too-long``."""
    if len(read.statement.lines) > LONGEST_PAPER:
        raise conflict(
            "statement-too-long",
            f"The statement has {len(read.statement.lines)} entries, and a PDF takes {LONGEST_PAPER} at most. Ask for "
            "a shorter period, or take it as CSV.",
            rule="PAY-16",
            entries=len(read.statement.lines),
            most=LONGEST_PAPER,
        )
    settings = await settings_of(call.database, call.organisation)
    logo = await logo_of(call.database, call.organisation, settings.fields.logo if settings.fields else None)
    spoken = language or read.account.language or read.organisation.languages[0]
    letterhead = Letterhead.of(read.organisation, settings, logo, spoken)
    return await asyncio.to_thread(
        render, read.statement, read.account.names, read.numbers, letterhead, made_on=read.today
    )


def _name(read: Read) -> str:
    whose = read.account.names.number or read.account.id
    return f"statement-{whose}-{read.statement.until.isoformat()}"


async def _rows(read: Read) -> AsyncIterator[list[Cell]]:
    statement, currency = read.statement, read.organisation.currency

    def balance(kind: str, amount: int) -> list[Cell]:
        day = statement.since if kind == "opening_balance" else statement.until
        return [day, Word(kind), "", "", "", None, Money(amount=amount, currency=currency), currency]

    yield balance("opening_balance", statement.opening)
    for line in statement.lines:
        movement = line.movement
        method = getattr(movement.event, "method", None)
        yield [
            movement.on,
            Word(movement.kind),
            movement.contract,
            read.numbers.get(movement.contract) or "",
            Word(method) if method else "",
            Money(amount=movement.amount, currency=currency),
            Money(amount=line.balance, currency=currency),
            currency,
        ]
    yield balance("closing_balance", statement.closing)
