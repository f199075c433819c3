"""Refund lines: what awaits correction, and how it is settled (PAY-3, PAY-4)."""

from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from carnet.decisions import Context
from carnet.events.contracts import Mode
from carnet.events.payments import RecordedMethod, SettledHow
from carnet.http import Body, Page, PageAsked, PositiveMoneyIn, Reply, router
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.organisations import amount_in
from carnet.texts import Paragraphs
from payments.access import Corrects, Reads, StaffReads, may_convert, may_correct, visible
from payments.banking.store import forget_given_back, keep_given_back, refuse_deposited
from payments.receipts.api.payments import CorrectionBody
from payments.refunds.api.views import RefundLineView, SettledView, SettlementPreview, SettlementView
from payments.refunds.domain.settling import Settled, Settling, settle_refund_line
from payments.refunds.domain.voiding import SettlementUndone, void_settlement
from payments.refunds.store import (
    collected_payments,
    keep_settled,
    keep_undone,
    overtaken_payments,
    place_of,
    refund_lines,
    settlement_to_change,
    settlements_of,
)
from payments.schedules.api.views import PreviewView, ScheduleView
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES, schedule_loads, schedule_to_change

routes = router(tags=["refunds"])


class SettlementBody(Body):
    """A part of a refund line to settle, or all of it (PAY-4)."""

    amount: PositiveMoneyIn
    how: SettledHow = Field(
        description="Refunded to the payment method, the latest payments first; converted to a client credit of the "
        "account; refunded on site; or waived."
    )
    method: RecordedMethod | None = Field(
        default=None,
        description="How it is given back on site: cash where it is left out, which is then taken off the cash that "
        "goes to the bank.",
    )
    reason: Paragraphs | None = Field(default=None, description="Why; needed to waive.")

    async def decided(self, unit: Unit, schedule: Schedule, context: Context) -> Settled:
        """What this asks for, decided on the contract's payments as they are."""
        settling = Settling(amount_in(self.amount, schedule.currency), self.how, self.reason, self.method)
        payments = await collected_payments(unit, schedule.id) if self.how == "refunded" else ()
        return settle_refund_line(schedule, settling, payments, context)


@routes.post("/schedules/{contract}/settlements", status_code=201, response_model=SettledView)
async def settle_refund(contract: Id, body: SettlementBody, command: Corrects) -> Response:
    """Settle a part of the refund line, or all of it: support online, staff at the desk on site.

    A refund to the payment method counts as made; should the provider not be able to do it, the amount is paid again.
    On site, a client credit needs `credits:adjust` beside `payments:collect` (ORG-3). While something is processing, no
    more can be settled than would remain of the refund line if that failed.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        may_correct(command, schedule)
        if body.how == "converted":
            may_convert(command, schedule)
        command.must_match(schedule.version)
        settled = await body.decided(unit, schedule, context)
        saved = keep_settled(unit, settled, context)
        await keep_given_back(unit, settled.settlement, schedule.number)
        view = SettledView(settlement=SettlementView.of(settled.settlement), schedule=ScheduleView.of(saved))
        return Reply(view, saved.version)

    return await command.run(work, status=201, loads=schedule_loads(contract))


@routes.post("/schedules/{contract}/settlements/preview")
async def preview_settlement(contract: Id, body: SettlementBody, call: StaffReads) -> SettlementPreview:
    """The schedule before and after a settlement, and the payments by which it would go back."""

    async def work(unit: Unit, context: Context) -> SettlementPreview:
        schedule = await unit.one(SCHEDULES, contract, what="schedule")
        return SettlementPreview.shown(schedule, await body.decided(unit, schedule, context))

    return await call.preview(work)


@routes.post("/schedules/{contract}/settlements/{settlement}/voiding", response_model=SettledView)
async def void_settled_part(contract: Id, settlement: Id, body: CorrectionBody, command: Corrects) -> Response:
    """Void a settlement on site, or waived, that was a wrong entry: support online, staff at the desk on site (PAY-19).

    Its amount is paid again; then the rules apply to what has changed since. Cash that a bank deposit has taken off was
    given back: undo that bank deposit first.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        may_correct(command, schedule)
        command.must_match(schedule.version)
        undone = await _voided(unit, schedule, settlement, body, context)
        await forget_given_back(unit, settlement)
        saved = keep_undone(unit, undone, context)
        view = SettledView(settlement=SettlementView.of(undone.settlement), schedule=ScheduleView.of(saved))
        return Reply(view, saved.version)

    return await command.run(work)


@routes.post("/schedules/{contract}/settlements/{settlement}/voiding/preview")
async def preview_voided_settlement(
    contract: Id, settlement: Id, body: CorrectionBody, call: StaffReads
) -> PreviewView:
    """The schedule before and after a settlement on site, or waived, is voided."""

    async def work(unit: Unit, context: Context) -> PreviewView:
        schedule = await unit.one(SCHEDULES, contract, what="schedule")
        undone = await _voided(unit, schedule, settlement, body, context)
        await refuse_deposited(unit, settlement)
        return PreviewView.of(schedule, undone.decision.state)

    return await call.preview(work)


async def _voided(
    unit: Unit, schedule: Schedule, settlement: str, body: CorrectionBody, context: Context
) -> SettlementUndone:
    found = await settlement_to_change(unit, schedule.id, settlement)
    return void_settlement(schedule, found, await overtaken_payments(unit, schedule.id), body.reason, context)


@routes.get("/schedules/{contract}/settlements")
async def list_settlements(contract: Id, call: Reads, page: PageAsked) -> Page[SettlementView]:
    """How the refund lines of a contract were settled, oldest first."""
    after = page.after(str)
    await visible(call, contract)
    found = await settlements_of(
        call.database, call.organisation, contract, after=after[0] if after else None, limit=page.fetch
    )
    staff = call.principal.is_staff
    return page.of(found, place=lambda each: (each.id,), show=lambda each: SettlementView.of(each, for_staff=staff))


@routes.get("/refund-lines")
async def list_refund_lines(
    call: StaffReads,
    page: PageAsked,
    mode: Annotated[Mode | None, Query(description="Online they await correction, on site they are refunded.")] = None,
) -> Page[RefundLineView]:
    """The refund lines of the organisation's schedules, the oldest first."""
    found = await refund_lines(call.database, call.organisation, mode, after=page.after(str, str), limit=page.fetch)
    return page.of(found, place=place_of, show=RefundLineView.of)
