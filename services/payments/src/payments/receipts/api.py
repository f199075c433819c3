"""The deposit list (PAY-7): the cheques that are held, by the day on which they go to the bank."""

from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import StreamingResponse

from carnet.dates import Day
from carnet.http import Page, PageAsked, router
from carnet.http.spreadsheets import Cell, FormAsked, download
from carnet.money import Money
from carnet.refusals import invalid
from payments.access import StaffReads, today_of
from payments.receipts.domain.cheques import HeldCheque
from payments.receipts.store import Deposits, all_held_cheques, held_cheques
from payments.schedules.api.views import HeldChequeView

HEADER = ("due", "bank", "holder", "amount", "currency", "contract", "number")

routes = router(tags=["cheques"])


async def _deposits(
    call: StaffReads,
    since: Annotated[Day | None, Query(alias="from", description="The first deposit date wanted.")] = None,
    until: Annotated[Day | None, Query(description="The last deposit date wanted.")] = None,
) -> Deposits:
    if since is not None and until is not None and until < since:
        raise invalid(
            "dates-reversed",
            "The period ends before it begins. Send as 'until' the day of 'from' or a later one.",
            **{"from": since.isoformat(), "until": until.isoformat()},
        )
    return Deposits(call.organisation, since, until)


Asked = Annotated[Deposits, Depends(_deposits)]


@routes.get("/cheques")
async def list_cheques(call: StaffReads, deposits: Asked, page: PageAsked) -> Page[HeldChequeView]:
    """The cheques that are held, the first to deposit first, page by page."""
    found = await held_cheques(call.database, deposits, after=page.after(str, str), limit=page.fetch)
    return page.of(found, place=lambda cheque: (cheque.due.isoformat(), cheque.id), show=HeldChequeView.of)


@routes.get("/cheques.csv", response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}})
async def export_cheques(call: StaffReads, deposits: Asked, form: FormAsked) -> StreamingResponse:
    """The same cheques, all of them, as CSV that the spreadsheets of a language open."""
    lines = (cells(cheque) async for cheque in all_held_cheques(call.database, deposits))
    return download(f"cheques-{(await today_of(call)).isoformat()}.csv", HEADER, lines, form)


def cells(cheque: HeldCheque) -> list[Cell]:
    """The cells of a cheque, in the order of ``HEADER``."""
    return [
        cheque.due,
        cheque.bank,
        cheque.holder,
        Money(amount=cheque.amount, currency=cheque.currency),
        cheque.currency,
        cheque.contract,
        cheque.number or "",
    ]
