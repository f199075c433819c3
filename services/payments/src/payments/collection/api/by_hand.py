"""Collecting by hand, of a contract or in the whole organisation, and the attempts of a contract (PAY-6, PAY-11)."""

from collections.abc import Callable, Sequence

from pydantic import BaseModel
from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import Command, Page, PageAsked, Reply, router
from carnet.ids import Id
from carnet.journal import slot_of
from carnet.mongo import Unit
from carnet.refusals import conflict
from payments.access import Collects, Configured, Demands, StaffReads, not_configured, visible
from payments.collection.api.attempts import AttemptView
from payments.collection.api.calendars import CalendarView
from payments.collection.domain.calendars import ask_to_collect
from payments.collection.domain.starting import Claim, by_hand, start
from payments.collection.store.calendars import CALENDARS, calendar_to_change
from payments.collection.store.orders import orders_of
from payments.collection.store.starting import load_to_start, save_started
from payments.payment_methods.domain import PaymentMethod
from payments.payment_methods.store import methods_in
from payments.schedules.api.views import ScheduleView
from payments.schedules.domain.decisions import run_again
from payments.schedules.domain.schedule import Instalment, Schedule
from payments.schedules.store import save, schedule_to_change
from payments.sepa.domain.mandates import SEPA

Choose = Callable[[Schedule, Context], Sequence[Instalment]]

routes = router(tags=["collecting"])


class StartedView(BaseModel):
    """What was started, and the schedule as it then is. A worker asks the provider within a second or two.

    Nothing was started of what is paid by SEPA direct debit: it is in the next remittance (PAY-18).
    """

    attempts: list[AttemptView]
    schedule: ScheduleView


@routes.post("/schedules/{contract}/instalments/{instalment}/collection", status_code=202, response_model=StartedView)
async def collect_instalment(contract: Id, instalment: Id, command: Collects, providers: Configured) -> Response:
    """Collect an online instalment now, also one whose attempts have all failed or that is not due yet."""
    return await _started(command, contract, providers, lambda schedule, _: [schedule.instalment(instalment)])


@routes.post("/schedules/{contract}/collection", status_code=202, response_model=StartedView)
async def collect_due(contract: Id, command: Collects, providers: Configured) -> Response:
    """Collect now what is due of a contract, also what was tried in vain, but for what is paid another way."""
    return await _started(command, contract, providers, lambda schedule, context: by_hand(schedule, context.today))


@routes.post("/collections", status_code=202, response_model=CalendarView)
async def collect_all(command: Demands, providers: Configured) -> Response:
    """Have the run collect what is due in the organisation today, whatever the hour."""
    if not providers:
        raise not_configured(None)

    async def work(unit: Unit, context: Context) -> Reply:
        calendar = await calendar_to_change(unit)
        saved = unit.decide(CALENDARS, ask_to_collect(calendar, context), context)
        return Reply(CalendarView.of(saved), saved.version)

    return await command.run(work, status=202)


@routes.get("/schedules/{contract}/attempts")
async def list_attempts(contract: Id, call: StaffReads, page: PageAsked) -> Page[AttemptView]:
    """What was asked of payment providers for a contract, and what became of it, the newest first."""
    before = page.after(str)
    await visible(call, contract)
    found = await orders_of(
        call.database, call.organisation, contract, before=before[0] if before else None, limit=page.fetch
    )
    return page.of(found, place=lambda order: (order.id,), show=AttemptView.of)


async def _started(command: Command, contract: str, providers: Configured, choose: Choose) -> Response:
    """Save the intents: the orders are anybody's from now on, so a worker takes them up at once."""

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        command.must_match(schedule.version)
        chosen = choose(schedule, context)
        if not chosen:
            raise conflict("nothing-due", "Nothing of this contract is due to be collected.", rule="PAY-6")
        await load_to_start(unit, [contract])
        method = _usable(methods_in(unit, schedule).preferred, providers)
        if method.provider == SEPA:
            return _for_the_next_remittance(unit, schedule, chosen, context)
        started = start(schedule, chosen, method, Claim(None, context.now, slot_of(contract)), context)
        saved = save_started(unit, started, context)
        view = StartedView(attempts=[AttemptView.of(each) for each in started.orders], schedule=ScheduleView.of(saved))
        return Reply(view, saved.version, f"/v1/schedules/{contract}/attempts")

    return await command.run(work, status=202)


def _for_the_next_remittance(unit: Unit, schedule: Schedule, chosen: Sequence[Instalment], context: Context) -> Reply:
    """Instalments paid by direct debit are in no attempt before a remittance has them (PAY-18)."""
    decision = run_again(schedule, {each.id for each in chosen}, context)
    if not decision.events:
        raise conflict(
            "collected-by-remittance",
            "This account pays by SEPA direct debit: what is due is collected by the next remittance. Build one.",
            rule="PAY-18",
        )
    saved = save(unit, decision, context)
    return Reply(StartedView(attempts=[], schedule=ScheduleView.of(saved)), saved.version)


def _usable(method: PaymentMethod | None, providers: Configured) -> PaymentMethod:
    if method is None:
        raise conflict(
            "payment-method-missing", "The account has no payment method. Add one to it first.", rule="PAY-12"
        )
    if method.provider != SEPA and method.provider not in providers:
        raise not_configured(method.provider)
    return method
