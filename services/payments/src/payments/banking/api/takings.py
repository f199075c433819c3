"""What was taken on site by cash or cheque and waits for a bank deposit (PAY-7)."""

from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import Response

from carnet.dates import Day
from carnet.decisions import Context
from carnet.events.payments import BankedMethod
from carnet.http import Page, PageAsked, Reply, router
from carnet.ids import Id
from carnet.money import Money
from carnet.mongo import Unit
from carnet.organisations import organisation_of
from carnet.refusals import invalid
from payments.access import Demands, StaffReads
from payments.accounts.store import ACCOUNTS
from payments.banking.api.views import PaperChequeBody, TakingView, WaitingSumView
from payments.banking.domain.takings import Taking, describe
from payments.banking.store import TAKINGS, WantedTakings, sum_waiting, waiting_takings

routes = router(tags=["bank deposits"])


async def _wanted(
    call: StaffReads,
    method: Annotated[BankedMethod, Query(description="Cheques, where it is left out, or cash.")] = "cheque",
    since: Annotated[Day | None, Query(alias="from", description="The first day of receipt wanted.")] = None,
    until: Annotated[Day | None, Query(description="The last day of receipt wanted.")] = None,
) -> WantedTakings:
    if since is not None and until is not None and until < since:
        raise invalid(
            "dates-reversed",
            "The period ends before it begins. Send as 'until' the day of 'from' or a later one.",
            **{"from": since.isoformat(), "until": until.isoformat()},
        )
    return WantedTakings(call.organisation, method, since, until)


TakingsAsked = Annotated[WantedTakings, Depends(_wanted)]


@routes.get("/takings")
async def list_takings(call: StaffReads, wanted: TakingsAsked, page: PageAsked) -> Page[TakingView]:
    """What was taken on site and is in no bank deposit yet, oldest first.

    It has what staff recorded since bank deposits are kept: payments, deposits without a contract, what was paid of
    those that had come back, and below zero the cash that was given back on site. Wrong entries are left out, and what
    the bank took back whole.
    """
    found = await waiting_takings(call.database, wanted, after=page.after(str, str), limit=page.fetch)

    async def work(unit: Unit, _: Context) -> Page[TakingView]:
        await unit.load(ACCOUNTS, [each.account for each in found])
        return page.of(found, place=_place, show=lambda each: TakingView.of(each, unit.get(ACCOUNTS, each.account)))

    return await call.preview(work)


@routes.get("/takings/sum")
async def sum_takings(call: StaffReads, wanted: TakingsAsked) -> WaitingSumView:
    """How much of the same waits for a bank deposit; of cash, what is in the till, below zero what is missing."""
    count, amount = await sum_waiting(call.database, wanted)

    async def currency_of(unit: Unit, _: Context) -> str:
        return (await organisation_of(unit, call.organisation)).currency

    return WaitingSumView(count=count, amount=Money(amount=amount, currency=await call.preview(currency_of)))


@routes.put("/takings/{taking}/cheque", response_model=TakingView)
async def describe_cheque(taking: Id, body: PaperChequeBody, command: Demands) -> Response:
    """Note what a cheque says of itself, for its slip, as long as it is in no bank deposit."""

    async def work(unit: Unit, _: Context) -> Reply:
        found = await unit.one(TAKINGS, taking, what="taking")
        described = describe(found, body.paper())
        unit.put(TAKINGS, described)
        await unit.load(ACCOUNTS, [found.account])
        return Reply(TakingView.of(described, unit.get(ACCOUNTS, found.account)))

    return await command.run(work)


def _place(taking: Taking) -> tuple[str, str]:
    return taking.received_on.isoformat(), taking.id
