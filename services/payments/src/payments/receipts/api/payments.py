"""Payments that staff records (PAY-7), and those that are voided since they were wrong entries (PAY-19)."""

from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from carnet.dates import Day
from carnet.decisions import Context, Decision
from carnet.events.payments import RecordedMethod
from carnet.http import Body, Page, PageAsked, PositiveMoneyIn, Reply, router
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.organisations import amount_in
from carnet.texts import Paragraphs
from payments.access import Collects, Corrects, Reads, StaffReads, may_correct, visible
from payments.banking.api.views import PaperChequeBody
from payments.banking.domain.takings import Taking, taking_of
from payments.banking.store import TAKINGS, follow_payment, refuse_deposited
from payments.credit_uses.store import spent_credit
from payments.receipts.api.views import PaymentPreview
from payments.receipts.domain.receiving import Payment, Received
from payments.receipts.domain.voiding import PaymentUndone, void_payment
from payments.receipts.store import PAYMENTS, payment_to_change, payments_of, payments_referred_to
from payments.schedules.api.views import PaymentView, PreviewView, RecordedView, ScheduleView
from payments.schedules.domain.decisions import record_payment
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES, save, schedule_loads, schedule_to_change

routes = router(tags=["payments"])


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
    cheque: PaperChequeBody | None = Field(
        default=None,
        description="What the cheque says of itself, for the slip with which it goes to the bank. Of a cheque that "
        "was held, its bank and its holder where they are left out.",
    )
    overpayment_confirmed: bool = Field(
        default=False,
        description="True where the amount is meant to exceed what is left to pay by more than the contract's whole "
        "total; without, such a payment is refused (`far-above-due`).",
    )

    def decided(self, schedule: Schedule, context: Context) -> tuple[Decision[Schedule], Payment, Taking | None]:
        """What this leads to, the payment that keeps it, and what goes to the bank, if anything does."""
        received = Received(
            amount=amount_in(self.amount, schedule.currency),
            method=self.method,
            received_on=self.received_on or context.today,
            instalment=self.instalment,
            overpayment_confirmed=self.overpayment_confirmed,
        )
        payment_id = context.new_id()
        decision = record_payment(schedule, received, payment_id, context)
        payment = received.recorded(payment_id, schedule, context.now, str(context.actor))
        paper = self.cheque.paper() if self.cheque else None
        return decision, payment, taking_of(payment, schedule, paper)


class CorrectionBody(Body):
    """Why something is corrected; shown to staff, in no event, and erased with the people of the account (ORG-4)."""

    reason: Annotated[Paragraphs, Field(min_length=1)]


@routes.post("/schedules/{contract}/payments", status_code=201, response_model=RecordedView)
async def record_received_payment(contract: Id, body: PaymentBody, command: Collects) -> Response:
    """Record a payment (PAY-7). What is above what is left goes back to client credits, then makes a refund line."""

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        command.must_match(schedule.version)
        decision, payment, taking = body.decided(schedule, context)
        saved = save(unit, decision, context)
        unit.put(PAYMENTS, payment)
        if taking is not None:
            unit.put(TAKINGS, taking)
        return Reply(RecordedView(payment=PaymentView.of(payment), schedule=ScheduleView.of(saved)), saved.version)

    return await command.run(work, status=201, loads=schedule_loads(contract))


@routes.post("/schedules/{contract}/payments/preview")
async def preview_received_payment(contract: Id, body: PaymentBody, call: StaffReads) -> PaymentPreview:
    """The schedule before and after a payment, and how much of it would go back to client credits (CRE-6)."""

    async def work(unit: Unit, context: Context) -> PaymentPreview:
        schedule = await unit.one(SCHEDULES, contract, what="schedule")
        decision, _, _ = body.decided(schedule, context)
        return PaymentPreview.shown(schedule, decision)

    return await call.preview(work)


@routes.get("/schedules/{contract}/payments")
async def list_payments(contract: Id, call: Reads, page: PageAsked) -> Page[PaymentView]:
    """The payments of a contract, oldest first, with those that were voided."""
    after = page.after(str)
    await visible(call, contract)
    found = await payments_of(
        call.database, call.organisation, contract, after=after[0] if after else None, limit=page.fetch
    )
    staff = call.principal.is_staff
    return page.of(
        found, place=lambda payment: (payment.id,), show=lambda payment: PaymentView.of(payment, for_staff=staff)
    )


@routes.get("/payments")
async def find_payments(
    call: StaffReads,
    page: PageAsked,
    reference: Annotated[
        str, Query(max_length=200, description="How the provider's own id of the payment begins.")
    ] = "",
) -> Page[PaymentView]:
    """The payments of the organisation that have a provider's reference, sorted by it, of whatever contracts."""
    found = await payments_referred_to(
        call.database, call.organisation, reference, after=page.after(str, str), limit=page.fetch
    )
    return page.of(found, place=lambda payment: (payment.reference or "", payment.id), show=PaymentView.of)


@routes.post("/schedules/{contract}/payments/{payment}/voiding", response_model=RecordedView)
async def void_recorded_payment(contract: Id, payment: Id, body: CorrectionBody, command: Corrects) -> Response:
    """Void a payment that staff recorded by mistake: support online, staff at the desk on site (PAY-19).

    What it took returns where it was, as with an attempt that failed; then the rules apply to what has changed since.
    It is refused where something was built on the payment. What the bank took back is reversed, not voided.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        may_correct(command, schedule)
        command.must_match(schedule.version)
        undone = await _voided(unit, schedule, payment, body, context)
        saved = save(unit, undone.decision, context)
        unit.put(PAYMENTS, undone.payment)
        await follow_payment(unit, undone.payment)
        view = RecordedView(payment=PaymentView.of(undone.payment), schedule=ScheduleView.of(saved))
        return Reply(view, saved.version)

    return await command.run(work)


@routes.post("/schedules/{contract}/payments/{payment}/voiding/preview")
async def preview_voided_payment(contract: Id, payment: Id, body: CorrectionBody, call: StaffReads) -> PreviewView:
    """The schedule before and after a payment that staff recorded is voided."""

    async def work(unit: Unit, context: Context) -> PreviewView:
        schedule = await unit.one(SCHEDULES, contract, what="schedule")
        undone = await _voided(unit, schedule, payment, body, context)
        return PreviewView.of(schedule, undone.decision.state)

    return await call.preview(work)


async def _voided(
    unit: Unit, schedule: Schedule, payment: str, body: CorrectionBody, context: Context
) -> PaymentUndone:
    found = await payment_to_change(unit, schedule.id, payment)
    await refuse_deposited(unit, payment)
    spent = await spent_credit(unit, schedule.id)
    return void_payment(schedule, found, body.reason, context, spent=spent)
