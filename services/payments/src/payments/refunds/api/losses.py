"""What the bank took back that contracts no longer had, listed until somebody has dealt with it (PAY-9, PAY-13)."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import Page, PageAsked, Reply, router
from carnet.ids import Id
from carnet.money import Money
from carnet.mongo import Unit
from carnet.organisations import organisation_of
from carnet.refusals import unknown
from payments.access import Corrects, StaffReads, may_correct
from payments.accounts.store import account_of
from payments.receipts.api.payments import CorrectionBody
from payments.receipts.store import payment_to_change
from payments.refunds.api.views import AccountLossView, LossView, ResolvedView
from payments.refunds.domain.losses import resolve_loss
from payments.refunds.store import Losses, keep_resolved, losses, lost_of, rows_of
from payments.schedules.store import schedule_to_change

routes = router(tags=["losses"])


@routes.get("/losses")
async def list_losses(
    call: StaffReads,
    page: PageAsked,
    account: Annotated[Id | None, Query(description="Of this account alone.")] = None,
) -> Page[LossView]:
    """The payments of which something is lost and not dealt with, oldest first.

    A payment that the bank took back after it was settled or converted left nothing to take from `paid`.
    """
    after = page.after(str)
    wanted = Losses(call.organisation, account)
    found = await losses(call.database, wanted, after=after[0] if after else None, limit=page.fetch)
    rows = await rows_of(call.database, call.organisation, [each.contract for each in found])
    return page.of(
        found, place=lambda payment: (payment.id,), show=lambda payment: LossView.of(payment, rows[payment.contract])
    )


@routes.get("/accounts/{account}/losses")
async def show_account_losses(account: Id, call: StaffReads) -> AccountLossView:
    """What is lost of all payments of an account and nobody has dealt with yet."""
    if await account_of(call.database, call.organisation, account) is None:
        raise unknown("account", account)

    async def currency(unit: Unit, _: Context) -> str:
        return (await organisation_of(unit, call.organisation)).currency

    amount, payments = await lost_of(call.database, Losses(call.organisation, account))
    money = Money(amount=amount, currency=await call.preview(currency))
    return AccountLossView(account=account, lost=money, payments=payments)


@routes.post("/schedules/{contract}/payments/{payment}/loss/resolution", response_model=ResolvedView)
async def resolve_lost_payment(contract: Id, payment: Id, body: CorrectionBody, command: Corrects) -> Response:
    """Say that what is lost of a payment was dealt with, and how: support online, staff at the desk on site (PAY-9).

    The balance does not move: money that comes for it later is recorded as any payment.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        may_correct(command, schedule)
        command.must_match(schedule.version)
        resolved = resolve_loss(schedule, await payment_to_change(unit, contract, payment), body.reason, context)
        saved = keep_resolved(unit, resolved, context)
        return Reply(ResolvedView.of(resolved.payment, saved), saved.version)

    return await command.run(work)
