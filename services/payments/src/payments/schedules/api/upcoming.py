"""Upcoming payments (PAY-5): changed or cancelled one by one, and what is unscheduled put on dates.

Each has its preview, which runs the same decision and saves nothing (CON-3).
"""

from collections.abc import Callable
from typing import Annotated, Self

from pydantic import Field, model_validator
from starlette.responses import Response

from carnet.dates import Day
from carnet.decisions import Context, Decision
from carnet.events.payments import RecordedMethod
from carnet.http import Body, Call, Command, MoneyIn, Reply, router
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.organisations import amount_in
from payments.access import Collects, StaffReads
from payments.schedules.api.views import PreviewView, ScheduleView
from payments.schedules.domain.decisions import cancel_instalment, change_instalment, plan_unscheduled
from payments.schedules.domain.schedule import Schedule
from payments.schedules.domain.upcoming import Changes
from payments.schedules.store import SCHEDULES, save, schedule_loads, schedule_to_change

Decide = Callable[[Schedule, Context], Decision[Schedule]]

routes = router(tags=["upcoming payments"])


class InstalmentChangeBody(Body):
    """What changes of an upcoming payment, one thing or several; what is left out stays as it is."""

    amount: MoneyIn | None = Field(
        default=None,
        description="Fixes the amount. A rise is taken from what is unscheduled, then from the other instalments "
        "that are not fixed; a fall goes to these, or where there are none, online to a new instalment one month "
        "after the latest, on site to what is unscheduled.",
    )
    due: Day | None = Field(default=None, description="Today, the organisation's, or a later date.")
    method: RecordedMethod | None = Field(default=None, description="How it is to be paid.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.amount is None and self.due is None and self.method is None:
            raise ValueError("say what changes: send amount, due or method")
        return self

    def on(self, instalment: str) -> Decide:
        """The decision that these changes ask for."""

        def decide(schedule: Schedule, context: Context) -> Decision[Schedule]:
            amount = None if self.amount is None else amount_in(self.amount, schedule.currency)
            return change_instalment(schedule, instalment, Changes(amount, self.due, self.method), context)

        return decide


class PlanningBody(Body):
    """Monthly dates for what is unscheduled, in equal parts; the first gives the schedule its day."""

    count: Annotated[int, Field(ge=1, le=60)]
    first_due: Day

    def decide(self, schedule: Schedule, context: Context) -> Decision[Schedule]:
        """The decision that this asks for."""
        return plan_unscheduled(schedule, self.first_due, self.count, context)


@routes.post("/schedules/{contract}/instalments/{instalment}/changes", response_model=ScheduleView)
async def change_upcoming(contract: Id, instalment: Id, body: InstalmentChangeBody, command: Collects) -> Response:
    """Change an upcoming payment: its amount, its date or its method, all at once or not at all.

    A held cheque keeps its amount and its method; its deposit date can change.
    """
    return await _confirmed(command, contract, body.on(instalment))


@routes.post("/schedules/{contract}/instalments/{instalment}/changes/preview")
async def preview_upcoming_change(
    contract: Id, instalment: Id, body: InstalmentChangeBody, call: StaffReads
) -> PreviewView:
    """The schedule before and after a change of an upcoming payment."""
    return await _previewed(call, contract, body.on(instalment))


@routes.post("/schedules/{contract}/instalments/{instalment}/cancellation", response_model=ScheduleView)
async def cancel_upcoming(contract: Id, instalment: Id, command: Collects) -> Response:
    """Cancel an upcoming payment: its amount is unscheduled, and a cheque held for it is handed back."""
    return await _confirmed(command, contract, _cancelling(instalment))


@routes.post("/schedules/{contract}/instalments/{instalment}/cancellation/preview")
async def preview_upcoming_cancellation(contract: Id, instalment: Id, call: StaffReads) -> PreviewView:
    """The schedule before and after the cancellation of an upcoming payment."""
    return await _previewed(call, contract, _cancelling(instalment))


@routes.post("/schedules/{contract}/planning", response_model=ScheduleView)
async def put_unscheduled_on_dates(contract: Id, body: PlanningBody, command: Collects) -> Response:
    """Put what is unscheduled on monthly dates, in equal parts."""
    return await _confirmed(command, contract, body.decide)


@routes.post("/schedules/{contract}/planning/preview")
async def preview_unscheduled_on_dates(contract: Id, body: PlanningBody, call: StaffReads) -> PreviewView:
    """The schedule before and after what is unscheduled is put on monthly dates."""
    return await _previewed(call, contract, body.decide)


def _cancelling(instalment: str) -> Decide:
    return lambda schedule, context: cancel_instalment(schedule, instalment, context)


async def _confirmed(command: Command, contract: str, decide: Decide) -> Response:
    """Save what is decided on the version that the caller has seen, and answer the schedule as it then is."""

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        command.must_match(schedule.version)
        saved = save(unit, decide(schedule, context), context)
        return Reply(ScheduleView.of(saved), saved.version)

    return await command.run(work, loads=schedule_loads(contract))


async def _previewed(call: Call, contract: str, decide: Decide) -> PreviewView:
    """The schedule before and after what would be decided."""

    async def work(unit: Unit, context: Context) -> PreviewView:
        schedule = await unit.one(SCHEDULES, contract, what="schedule")
        return PreviewView.of(schedule, decide(schedule, context).state)

    return await call.preview(work)
