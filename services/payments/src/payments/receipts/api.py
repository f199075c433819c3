"""The deposit list (PAY-7): the cheques that are held, by the day on which they go to the bank."""

from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import StreamingResponse

from carnet.dates import Day
from carnet.http import Page, PageAsked, router
from carnet.refusals import invalid
from payments.access import Reads, today_of
from payments.follow_up.api.spreadsheets import as_csv, decimal, download, text
from payments.receipts.domain.cheques import HeldCheque
from payments.receipts.store import Deposits, all_held_cheques, held_cheques
from payments.schedules.api.views import HeldChequeView

HEADER = ("due", "bank", "holder", "amount", "currency", "contract", "number")

routes = router(tags=["cheques"])


async def _deposits(
    call: Reads,
    since: Annotated[Day | None, Query(alias="from", description="The first deposit date wanted.")] = None,
    until: Annotated[Day | None, Query(description="The last deposit date wanted.")] = None,
) -> Deposits:
    call.principal.require_staff()
    if since is not None and until is not None and until < since:
        raise invalid(
            "dates-reversed",
            "The period ends before it begins. Send as 'until' the day of 'from' or a later one.",
            **{"from": since.isoformat(), "until": until.isoformat()},
        )
    return Deposits(call.organisation, since, until)


Asked = Annotated[Deposits, Depends(_deposits)]


@routes.get("/cheques")
async def cheques(call: Reads, deposits: Asked, page: PageAsked) -> Page[HeldChequeView]:
    """The cheques that are held, the first to deposit first, page by page."""
    found = await held_cheques(call.database, deposits, after=page.after(str, str), limit=page.fetch)
    return page.of(found, place=lambda cheque: (cheque.due.isoformat(), cheque.id), show=HeldChequeView.of)


@routes.get("/cheques.csv", response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}})
async def deposit_list(call: Reads, deposits: Asked) -> StreamingResponse:
    """The same cheques, all of them, as CSV to print or to open in a spreadsheet."""
    lines = (cells(cheque) async for cheque in all_held_cheques(call.database, deposits))
    return download(f"cheques-{(await today_of(call)).isoformat()}.csv", as_csv(HEADER, lines))


def cells(cheque: HeldCheque) -> list[str]:
    """The cells of a cheque, in the order of ``HEADER``."""
    return [
        cheque.due.isoformat(),
        text(cheque.bank),
        text(cheque.holder),
        decimal(cheque.amount, cheque.currency),
        cheque.currency,
        cheque.contract,
        cheque.number or "",
    ]
