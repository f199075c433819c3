"""Post-dated cheques (PAY-7): held until their deposit dates, and listed by the day on which they go to the bank."""

import asyncio
from datetime import date
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from carnet.dates import Day
from carnet.decisions import Context, Decision
from carnet.http import Body, Page, PageAsked, PositiveMoneyIn, Reply, router
from carnet.http.papers import pdf_answer
from carnet.http.spreadsheets import Cell, FormAsked, download
from carnet.ids import Id
from carnet.money import Money
from carnet.mongo import Unit
from carnet.organisations import Organisation, amount_in, organisation_of
from carnet.refusals import conflict, invalid
from carnet.texts import Line
from payments.access import Collects, StaffReads, today_of
from payments.receipts.domain.cheques import HeldCheque
from payments.receipts.domain.receiving import PostDated
from payments.receipts.paper import render_slip, slip_of_held
from payments.receipts.store import Deposits, all_held_cheques, held_cheques
from payments.schedules.api.views import HeldChequeView, PreviewView, ScheduleView
from payments.schedules.domain.decisions import hold_cheques
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES, save, schedule_loads, schedule_to_change
from payments.statements.api.printing import letterhead_of

HEADER = ("deposit_date", "bank", "holder", "amount", "currency", "contract", "number")

LONGEST_SLIP = 500
"""Cheques of one slip at most."""

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


DepositsAsked = Annotated[Deposits, Depends(_deposits)]


class ChequeBody(Body):
    """A post-dated cheque to hold until its deposit date (PAY-7)."""

    due: Day
    amount: PositiveMoneyIn
    bank: Line
    holder: Line


class ChequesBody(Body):
    """Post-dated cheques that a family hands over together."""

    cheques: Annotated[tuple[ChequeBody, ...], Field(min_length=1, max_length=60)]

    def decided(self, schedule: Schedule, context: Context) -> Decision[Schedule]:
        """What this leads to."""
        cheques = tuple(
            PostDated(each.due, amount_in(each.amount, schedule.currency), each.bank, each.holder)
            for each in self.cheques
        )
        return hold_cheques(schedule, cheques, context)


@routes.post("/schedules/{contract}/cheques", status_code=201, response_model=ScheduleView)
async def hold_post_dated_cheques(contract: Id, body: ChequesBody, command: Collects) -> Response:
    """Hold post-dated cheques, in place of what is unscheduled, then of the earliest instalments (PAY-7)."""

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        command.must_match(schedule.version)
        saved = save(unit, body.decided(schedule, context), context)
        return Reply(ScheduleView.of(saved), saved.version)

    return await command.run(work, status=201, loads=schedule_loads(contract))


@routes.post("/schedules/{contract}/cheques/preview")
async def preview_post_dated_cheques(contract: Id, body: ChequesBody, call: StaffReads) -> PreviewView:
    """The schedule before and after post-dated cheques are held."""

    async def work(unit: Unit, context: Context) -> PreviewView:
        schedule = await unit.one(SCHEDULES, contract, what="schedule")
        return PreviewView.of(schedule, body.decided(schedule, context).state)

    return await call.preview(work)


@routes.get("/cheques")
async def list_cheques(call: StaffReads, deposits: DepositsAsked, page: PageAsked) -> Page[HeldChequeView]:
    """The cheques that are held, the first to deposit first, page by page."""
    found = await held_cheques(call.database, deposits, after=page.after(str, str), limit=page.fetch)
    return page.of(found, place=lambda cheque: (cheque.due.isoformat(), cheque.id), show=HeldChequeView.of)


@routes.get("/cheques.csv", response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}})
async def export_cheques(call: StaffReads, deposits: DepositsAsked, form: FormAsked) -> StreamingResponse:
    """The same cheques, all of them, as CSV that the spreadsheets of a language open."""
    lines = (cells(cheque) async for cheque in all_held_cheques(call.database, deposits))
    return download(f"cheques-{(await today_of(call)).isoformat()}.csv", HEADER, lines, form)


@routes.get(
    "/cheques.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The slip, typeset."}},
)
async def print_cheques(
    call: StaffReads,
    deposits: DepositsAsked,
    language: Annotated[
        Literal["en", "fr"] | None, Query(description="Left out, the first language of the organisation.")
    ] = None,
) -> Response:
    """The same cheques as a slip for the bank (PAY-7); 500 at most."""
    cheques = await held_cheques(call.database, deposits, after=None, limit=LONGEST_SLIP + 1)
    if len(cheques) > LONGEST_SLIP:
        raise conflict(
            "slip-too-long",
            f"More than {LONGEST_SLIP} cheques are held for these days. Ask for fewer days.",
            rule="PAY-7",
            most=LONGEST_SLIP,
        )

    async def work(unit: Unit, context: Context) -> tuple[Organisation, date]:
        return await organisation_of(unit, call.organisation), context.today

    organisation, today = await call.preview(work)
    letterhead = await letterhead_of(call.database, organisation, language or organisation.languages[0])
    slip = slip_of_held(cheques, letterhead, today)
    return pdf_answer(f"cheques-{today.isoformat()}.pdf", await asyncio.to_thread(render_slip, slip, letterhead))


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
