"""Client credits and gift cards that pay a part of a contract, at its opening or later (CRE-3, CRE-8)."""

from typing import Literal, Self

from pydantic import Field
from starlette.responses import Response

from carnet.codes import Code, digest_of
from carnet.dates import Instant
from carnet.decisions import Context
from carnet.events.payments import CreditRefusal
from carnet.http import (
    Body,
    Call,
    Page,
    PageAsked,
    PositiveMoneyIn,
    Reply,
    router,
    waits,
    with_outcome,
    within_patience,
)
from carnet.ids import Id
from carnet.money import Money
from carnet.mongo import Unit
from carnet.organisations import amount_in
from carnet.refusals import unknown
from carnet.requests.asked import refusal_from
from carnet.tolerance import Tolerant
from payments.access import Collects, Reads, StaffReads, visible
from payments.credit_uses.domain import UseRequest, complete_use, request_use
from payments.credit_uses.store import KNOWN_CREDITS, keep_request, knows_credit, use_request, use_requests
from payments.schedules.api.views import PreviewView, ScheduleView
from payments.schedules.store import SCHEDULES, schedule_loads, schedule_of, schedule_to_change

routes = router(tags=["credit uses"])


class CreditUseBody(Body):
    """A client credit, or a gift card, that is to pay a part of what is left of a contract."""

    credit: Id = Field(description="The client credit; or the gift card, as credits says which one a code is of.")
    amount: PositiveMoneyIn
    code: Code | None = Field(
        default=None,
        description="Of a gift card: the code that is presented, as it was typed: case, spaces and dashes do not "
        "count (CRE-8).",
    )

    def digest(self, organisation: str) -> str | None:
        """The digest by which credits is asked about the code."""
        return None if self.code is None else digest_of(organisation, self.code)


class CreditUseView(Tolerant):
    """What a client credit was asked to pay of a contract, and what became of it."""

    id: str
    contract: str
    credit: str
    card: bool = Field(description="True if it is a gift card (CRE-8).")
    amount: Money
    status: Literal["requested", "completed", "returned"] = Field(
        description="`requested` until credits has answered; then it is paid, or back where it was."
    )
    reason: CreditRefusal | None = Field(description="Why credits refused it.")
    suspended: bool = Field(
        description="True where it was refused because the contract that sold the credit is not paid any more (CRE-2)."
    )
    asked_at: Instant
    asked_by: str
    answered_at: Instant | None

    @classmethod
    def of(cls, request: UseRequest) -> Self:
        """A request as it is kept."""
        money = Money(amount=request.amount, currency=request.currency)
        return cls(amount=money, **request.model_dump(include=cls.model_fields.keys() - {"amount"}))


class UsedView(Tolerant):
    """A credit that paid, and the schedule as it then is."""

    use: CreditUseView
    schedule: ScheduleView


WAITS = waits(CreditUseView, "Credits has not answered yet, and the amount is processing.")


@routes.post("/schedules/{contract}/credit-uses", status_code=201, response_model=UsedView, responses=WAITS)
async def use_credit(contract: Id, body: CreditUseBody, command: Collects) -> Response:
    """Pay a part of what is left with a client credit, or with a gift card whose code is presented (CRE-3, CRE-8).

    It is taken from what is unscheduled, then from the earliest instalments, and waits for the
    answer of credits, for 1.5 seconds at most. A contract that was just opened, or a credit
    that was just granted, is waited for as long.
    """
    await within_patience(lambda: _known(command, contract, body.credit))

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        command.must_match(schedule.version)
        credit = await unit.one(KNOWN_CREDITS, body.credit, what="credit")
        amount, code = amount_in(body.amount, schedule.currency), body.digest(command.organisation)
        decision, request = request_use(schedule, credit, amount, context, code=code)
        saved = keep_request(unit, decision, request, context)
        return Reply(
            CreditUseView.of(request), saved.version, f"/v1/schedules/{contract}/credit-uses/{request.id}", status=202
        )

    loads = (*schedule_loads(contract), (KNOWN_CREDITS, body.credit))
    return await _answered(command, await command.run(work, loads=loads))


@routes.post("/schedules/{contract}/credit-uses/preview")
async def preview_credit_use(contract: Id, body: CreditUseBody, call: StaffReads) -> PreviewView:
    """The schedule before a use and once the credit has paid, provided that as much is left of the credit."""

    async def work(unit: Unit, context: Context) -> PreviewView:
        schedule = await unit.one(SCHEDULES, contract, what="schedule")
        credit = await unit.one(KNOWN_CREDITS, body.credit, what="credit")
        amount, code = amount_in(body.amount, schedule.currency), body.digest(call.organisation)
        asked, request = request_use(schedule, credit, amount, context, code=code)
        return PreviewView.of(schedule, complete_use(asked.state, request, context).state)

    return await call.preview(work)


@routes.get("/schedules/{contract}/credit-uses")
async def list_credit_uses(contract: Id, call: Reads, page: PageAsked) -> Page[CreditUseView]:
    """What client credits were asked to pay of a contract, oldest first."""
    after = page.after(str)
    await visible(call, contract)
    found = await use_requests(
        call.database, call.organisation, contract, after=after[0] if after else None, limit=page.fetch
    )
    return page.of(found, place=lambda request: (request.id,), show=CreditUseView.of)


@routes.get("/schedules/{contract}/credit-uses/{request}")
async def show_credit_use(contract: Id, request: Id, call: Reads) -> CreditUseView:
    """What became of a request to pay with a client credit."""
    await visible(call, contract)
    found = await use_request(call.database, call.organisation, request)
    if found is None or found.contract != contract:
        raise unknown("request", request)
    return CreditUseView.of(found)


async def _known(call: Call, contract: str, credit: str) -> Literal[True] | None:
    """True once payments knows both."""
    known = await schedule_of(call.database, call.organisation, contract) is not None
    return True if known and await knows_credit(call.database, call.organisation, credit) else None


async def _answered(call: Call, asked: Response) -> Response:
    """What became of a use once credits has answered; the answer ``asked`` (202) if that takes longer.

    Raises the refusal that credits answered.
    """
    waiting = CreditUseView.model_validate_json(bytes(asked.body))

    async def look() -> UseRequest | None:
        found = await use_request(call.database, call.organisation, waiting.id)
        return found if found is not None and found.status != "requested" else None

    async def show(request: UseRequest) -> Response:
        if request.asked.refused is not None:
            raise refusal_from(request.asked.refused)
        schedule = await visible(call, request.contract)
        used = UsedView(use=CreditUseView.of(request), schedule=ScheduleView.of(schedule))
        return call.show(used, version=schedule.version, status=201)

    return await with_outcome(asked, look, show)
