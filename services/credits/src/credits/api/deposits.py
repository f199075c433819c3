"""Deposits that the bank takes back, and what is then due from their accounts (CRE-2, PAY-13)."""

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field
from starlette.responses import Response

from carnet.decisions import Context, Decision
from carnet.events.payments import RecordedMethod, ReversalReason
from carnet.http import Body, Command, PositiveMoneyIn, Reply, router
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.organisations import amount_in
from carnet.refusals import invalid
from carnet.texts import Line
from credits.api.access import Adjusts
from credits.api.views import CreditView
from credits.domain.credit import Credit
from credits.domain.taking_back import DueReceipt, reverse_deposit, settle_due
from credits.store import CREDITS, save

routes = router(tags=["credits"])


class DepositReversalBody(Body):
    """What the bank took back of a deposit that had become a credit."""

    amount: PositiveMoneyIn | None = Field(
        default=None, description="All that has not been taken back of the deposit yet, where it is left out."
    )
    reason: ReversalReason


class DueSettlementBody(Body):
    """How what is due of a deposit was settled: the account paid it, or it is waived."""

    amount: PositiveMoneyIn
    how: Literal["paid", "waived"]
    method: RecordedMethod | None = Field(
        default=None,
        description="How it was paid. Cash and cheques then go to the bank like any other; left out, the accounting "
        "export has it as a transfer.",
    )
    reason: Annotated[Line, Field(description="The reason, as staff says it: it is kept with the credit.")]


@routes.post("/credits/{credit}/reversal", response_model=CreditView)
async def record_reversal(credit: Id, body: DepositReversalBody, command: Adjusts) -> Response:
    """Record that the bank took back a deposit, or a part of it (CRE-2). Only staff may.

    It takes what is left of the credit; the rest is due from the account.
    """

    def decide(before: Credit, context: Context) -> Decision[Credit]:
        whole = before.amount - before.reversed
        amount = whole if body.amount is None else amount_in(body.amount, before.currency)
        return reverse_deposit(before, amount, body.reason, context.today)

    return await _change(command, credit, decide)


@routes.post("/credits/{credit}/due-settlements", response_model=CreditView)
async def record_settlement(credit: Id, body: DueSettlementBody, command: Adjusts) -> Response:
    """Record that what is due of a reversed deposit was paid, or is waived (CRE-2). Only staff may."""
    if body.how == "waived" and body.method is not None:
        raise invalid(
            "waived-by-method",
            "What is waived is not paid. Leave 'method' out, or say that it was paid.",
            rule="CRE-2",
            field="method",
        )

    def decide(before: Credit, context: Context) -> Decision[Credit]:
        paid = DueReceipt(context.new_id(), body.method) if body.how == "paid" else None
        return settle_due(before, amount_in(body.amount, before.currency), paid, body.reason, context.today)

    return await _change(command, credit, decide)


async def _change(command: Command, credit: str, decide: Callable[[Credit, Context], Decision[Credit]]) -> Response:
    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(CREDITS, credit, what="credit")
        command.must_match(before.version)
        saved = save(unit, before, decide(before, context), context)
        return Reply(CreditView.of(saved), saved.version)

    return await command.run(work)
