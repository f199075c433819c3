"""Schedules, the payments recorded on them, and the cheques held for them (PAY-7)."""

from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from carnet.dates import Day
from carnet.decisions import Context
from carnet.events.payments import RecordedMethod
from carnet.http import Body, JournalEntry, Page, PageAsked, PositiveMoneyIn, Reply, journal_page, router
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.organisations import amount_in
from carnet.texts import Line
from payments.access import Collects, Reads, StaffReads, visible
from payments.receipts.domain.receiving import PostDated, Received
from payments.receipts.store import PAYMENTS, payments_of
from payments.schedules.api.views import PaymentView, RecordedView, ScheduleView
from payments.schedules.domain.decisions import hold_cheques, record_payment
from payments.schedules.store import save, schedule_loads, schedule_to_change

routes = router(tags=["schedules"])


class PaymentBody(Body):
    """A payment that staff received (PAY-7)."""

    amount: PositiveMoneyIn
    method: RecordedMethod
    received_on: Day | None = Field(default=None, description="Today, the organisation's, where it is left out.")
    instalment: Id | None = Field(
        default=None,
        description="The instalment that it pays. Without, it is taken from what is unscheduled, then from the "
        "earliest instalments.",
    )


class ChequeBody(Body):
    """A post-dated cheque to hold until its deposit date (PAY-7)."""

    due: Day
    amount: PositiveMoneyIn
    bank: Line
    holder: Line


class ChequesBody(Body):
    """Post-dated cheques that a family hands over together."""

    cheques: Annotated[tuple[ChequeBody, ...], Field(min_length=1, max_length=60)]


@routes.get("/schedules/{contract}", response_model=ScheduleView)
async def show_schedule(contract: Id, call: Reads) -> Response:
    """The schedule of a contract; its ETag is what a payment names in If-Match."""
    schedule = await visible(call, contract)
    return call.show(ScheduleView.of(schedule), version=schedule.version)


@routes.post("/schedules/{contract}/payments", status_code=201, response_model=RecordedView)
async def record_received_payment(contract: Id, body: PaymentBody, command: Collects) -> Response:
    """Record a payment (PAY-7). What is above what is left makes a refund line."""

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        command.must_match(schedule.version)
        received = Received(
            amount=amount_in(body.amount, schedule.currency),
            method=body.method,
            received_on=body.received_on or context.today,
            instalment=body.instalment,
        )
        payment_id = context.new_id()
        saved = save(unit, record_payment(schedule, received, payment_id, context), context)
        payment = received.recorded(payment_id, schedule, context.now, str(context.actor))
        unit.put(PAYMENTS, payment)
        return Reply(RecordedView(payment=PaymentView.of(payment), schedule=ScheduleView.of(saved)), saved.version)

    return await command.run(work, status=201, loads=schedule_loads(contract))


@routes.get("/schedules/{contract}/payments")
async def list_payments(contract: Id, call: Reads, page: PageAsked) -> Page[PaymentView]:
    """The payments recorded on a contract, the first recorded first."""
    after = page.after(str)
    await visible(call, contract)
    found = await payments_of(
        call.database, call.organisation, contract, after=after[0] if after else None, limit=page.fetch
    )
    return page.of(found, place=lambda payment: (payment.id,), show=PaymentView.of)


@routes.post("/schedules/{contract}/cheques", status_code=201, response_model=ScheduleView)
async def hold_post_dated_cheques(contract: Id, body: ChequesBody, command: Collects) -> Response:
    """Hold post-dated cheques, in place of what is unscheduled, then of the earliest instalments (PAY-7)."""

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        command.must_match(schedule.version)
        cheques = tuple(
            PostDated(each.due, amount_in(each.amount, schedule.currency), each.bank, each.holder)
            for each in body.cheques
        )
        saved = save(unit, hold_cheques(schedule, cheques, context), context)
        return Reply(ScheduleView.of(saved), saved.version)

    return await command.run(work, status=201, loads=schedule_loads(contract))


@routes.get("/schedules/{contract}/journal")
async def schedule_journal(contract: Id, call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Everything that happened to a schedule, in order (ORG-4)."""
    await visible(call, contract)
    return await journal_page(call, contract, page)
