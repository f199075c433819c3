"""What staff does with credits: granting one, for a deposit too, and adjusting what is left (CRE-2, CRE-7, PAY-7)."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from starlette.responses import Response

from carnet.dates import Day
from carnet.decisions import Context
from carnet.events.payments import RecordedMethod
from carnet.http import Body, PositiveMoneyIn, Reply, router, within_patience
from carnet.ids import Id
from carnet.money import Money
from carnet.mongo import Unit
from carnet.organisations import amount_in, organisation_of
from carnet.refusals import unknown
from carnet.texts import Line
from credits.api.access import Adjusts, Grants
from credits.api.views import CreditView
from credits.domain.credit import Receipt
from credits.domain.movements import Gift, adjust, issue
from credits.store import ACCOUNTS, CREDITS, knows_account, save, suspended_since

routes = router(tags=["credits"])

Why = Annotated[Line, Field(description="The reason, as staff says it: it is kept with the movement.")]


class GrantBody(Body):
    """A credit that staff grants: out of its own decision, or for a deposit without contract."""

    origin: Literal["staff", "deposit"]
    amount: PositiveMoneyIn
    reason: Why
    method: RecordedMethod | None = Field(default=None, description="How the deposit was received.")
    received_on: Day | None = Field(
        default=None, description="When the deposit was: today, the organisation's, where it is left out."
    )

    @model_validator(mode="after")
    def _receipt(self) -> Self:
        if self.origin == "deposit" and self.method is None:
            raise ValueError("say how the deposit was received: send method")
        if self.origin == "staff" and (self.method is not None or self.received_on is not None):
            raise ValueError("only a deposit is received: leave method and received_on out, or send origin deposit")
        return self

    def received(self, context: Context) -> Receipt | None:
        """How the deposit was received; None if it is no deposit."""
        if self.method is None:
            return None
        return Receipt(method=self.method, received_on=self.received_on or context.today)


class AdjustmentBody(Body):
    """What staff adds to a credit, or takes off it where the amount is below zero."""

    amount: Annotated[Money, Field(description="Signed, and not zero.")]
    reason: Why

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.amount.amount == 0:
            raise ValueError("an adjustment adds something or takes something off: write an amount that is not zero")
        return self


@routes.post("/accounts/{account}/credits", status_code=201, response_model=CreditView)
async def grant_credit(account: Id, body: GrantBody, command: Grants) -> Response:
    """Grant a client a credit, or turn a deposit without contract into one (CRE-2, PAY-7). Only staff may.

    An account that was just opened is waited for, for 1.5 seconds at most.
    """

    async def known() -> bool | None:
        return await knows_account(command.database, command.organisation, account) or None

    await within_patience(known)

    async def work(unit: Unit, context: Context) -> Reply:
        await unit.one(ACCOUNTS, account, what="account")
        amount = amount_in(body.amount, (await organisation_of(unit, command.organisation)).currency)
        currency = body.amount.currency
        decision = issue(Gift(account, amount, currency, body.received(context)), command.organisation, context)
        saved = save(unit, None, decision, context, note=body.reason)
        return Reply(CreditView.of(saved), saved.version, location=f"/v1/credits/{saved.id}")

    return await command.run(work, status=201, loads=((ACCOUNTS, account),))


@routes.post("/credits/{credit}/adjustments", response_model=CreditView)
async def adjust_credit(credit: Id, body: AdjustmentBody, command: Adjusts) -> Response:
    """Add to what is left of a credit, or take off it, never below zero (CRE-7). Only staff may."""

    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(CREDITS, credit, what="credit")
        if before.card is not None:
            raise unknown("credit", credit)
        command.must_match(before.version)
        decision = adjust(before, amount_in(body.amount, before.currency), context.today)
        saved = save(unit, before, decision, context, note=body.reason)
        since = await suspended_since(command.database, saved)
        return Reply(CreditView.of(saved, since), saved.version)

    return await command.run(work)
