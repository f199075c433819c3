"""The account statement over HTTP: page by page, as CSV, as PDF (PAY-16)."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from carnet.dates import Day
from carnet.decisions import Context
from carnet.http import Body, PageAsked, Reply, router
from carnet.http.spreadsheets import Cell, FormAsked, Word, download
from carnet.ids import Id
from carnet.money import Money
from carnet.mongo import Unit
from payments.access import Demands, Reads
from payments.statements.api.asked import Period, PeriodAsked, Read, read_statement, statement_in
from payments.statements.api.printing import check_length, name_of, printed
from payments.statements.api.views import SendingView, StatementEntryView, StatementView
from payments.statements.domain import Place, send
from payments.statements.store import SENDINGS

routes = router(tags=["statements"])

HEADER = ("date", "entry", "contract", "number", "method", "amount", "balance", "currency")


@routes.get("/accounts/{account}/statement")
async def show_statement(account: Id, call: Reads, period: PeriodAsked, page: PageAsked) -> StatementView:
    """What moved what an account owes between two days, with the balance before and after (PAY-16).

    The balance is what its contracts cost less what is paid of them, as their schedules say, and what is due of
    deposits that the bank took back (CRE-2). A client reads its own.
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
    return download(f"{name_of(read)}.csv", HEADER, _rows(read), form)


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
    pdf = await printed(call.database, read, language)
    headers = {
        "Content-Disposition": f'attachment; filename="{name_of(read)}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(pdf, media_type="application/pdf", headers=headers)


class SendingBody(Body):
    """The days of the statement to send, both included."""

    since: Day | None = Field(default=None, description="The first day; from the beginning where it is left out.")
    until: Day | None = Field(default=None, description="The last day; today, the organisation's, where left out.")


@routes.post("/accounts/{account}/statement/sendings", status_code=201, response_model=SendingView)
async def send_statement(account: Id, body: SendingBody, command: Demands) -> Response:
    """Send the owner of the account its statement by mail, with the PDF (PAY-16).

    The PDF is that of this moment, also where the mail is sent again later.
    """
    period = Period.of(body.since, body.until)

    async def work(unit: Unit, context: Context) -> Reply:
        read = await statement_in(unit, account, period, context.today)
        check_length(read.statement)
        decision = send(read.account, read.statement, read.organisation.currency, context)
        return Reply(SendingView.of(unit.decide(SENDINGS, decision, context)))

    return await command.run(work, status=201)


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
            movement.contract or "",
            read.numbers.get(movement.contract or "") or "",
            Word(method) if method else "",
            Money(amount=movement.amount, currency=currency),
            Money(amount=line.balance, currency=currency),
            currency,
        ]
    yield balance("closing_balance", statement.closing)
