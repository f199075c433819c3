"""Payments that the bank takes back, recorded by staff: returned debits, chargebacks, bounced cheques (PAY-13)."""

from pydantic import Field
from starlette.responses import Response

from carnet.dates import write_instant
from carnet.decisions import Context
from carnet.events.payments import ReversalReason
from carnet.http import Body, Page, PageAsked, PositiveMoneyIn, Reply, router
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.organisations import amount_in
from payments.access import Corrects, Reads, StaffReads, may_correct, visible
from payments.banking.store import follow_payment
from payments.receipts.store import payment_to_change
from payments.refunds.api.views import ReversalPreview, ReversalView, ReversedView
from payments.refunds.domain.reversing import Reversed, TakenBack, reverse_by_hand
from payments.refunds.store import keep_reversed, reversals_of, reversals_of_payment
from payments.schedules.api.views import PaymentView, ScheduleView
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES, schedule_to_change

routes = router(tags=["reversals"])


class ReversalBody(Body):
    """What the bank took back of a payment (PAY-13)."""

    amount: PositiveMoneyIn | None = Field(
        default=None, description="All that has not gone back of the payment yet, where it is left out."
    )
    reason: ReversalReason
    another: bool = Field(
        default=False,
        description="True where a part of the payment was reversed before, by the provider or by staff, and the bank "
        "took this besides; without, it is refused (`reversed-before`).",
    )

    async def decided(self, unit: Unit, schedule: Schedule, payment: str, context: Context) -> Reversed:
        """What this leads to."""
        found = await payment_to_change(unit, schedule.id, payment)
        known = await reversals_of_payment(unit, found)
        amount = found.remaining if self.amount is None else amount_in(self.amount, schedule.currency)
        taken = TakenBack(context.new_id(), amount, self.reason)
        return reverse_by_hand(schedule, found, known, taken, context, another=self.another)


@routes.post("/schedules/{contract}/payments/{payment}/reversal", status_code=201, response_model=ReversedView)
async def reverse_payment(contract: Id, payment: Id, body: ReversalBody, command: Corrects) -> Response:
    """Record that the bank took a payment back, or a part of it: support online, staff at the desk on site.

    A refund line is reduced first; the rest is due again, online on today and not collected automatically, on site
    unscheduled. What the provider then says of it is matched to it: it is one reversal, no matter who reports it first.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        may_correct(command, schedule)
        command.must_match(schedule.version)
        reversed_ = await body.decided(unit, schedule, payment, context)
        saved = keep_reversed(unit, reversed_, context)
        await follow_payment(unit, reversed_.payment)
        view = ReversedView(
            reversal=ReversalView.of(reversed_.reversal),
            payment=PaymentView.of(reversed_.payment),
            schedule=ScheduleView.of(saved),
        )
        return Reply(view, saved.version)

    return await command.run(work, status=201)


@routes.post("/schedules/{contract}/payments/{payment}/reversal/preview")
async def preview_reversal(contract: Id, payment: Id, body: ReversalBody, call: StaffReads) -> ReversalPreview:
    """The schedule before and after a reversal."""

    async def work(unit: Unit, context: Context) -> ReversalPreview:
        schedule = await unit.one(SCHEDULES, contract, what="schedule")
        reversed_ = await body.decided(unit, schedule, payment, context)
        return ReversalPreview.shown(schedule, reversed_)

    return await call.preview(work)


@routes.get("/schedules/{contract}/reversals")
async def list_reversals(contract: Id, call: Reads, page: PageAsked) -> Page[ReversalView]:
    """What the bank took back of a contract's payments, oldest first."""
    after = page.after(str, str)
    await visible(call, contract)
    found = await reversals_of(call.database, call.organisation, contract, after=after, limit=page.fetch)
    return page.of(
        found, place=lambda reversal: (write_instant(reversal.recorded_at), reversal.id), show=ReversalView.of
    )
