"""What the mail about withheld accesses reads when it is sent: what is late of its contract now (CON-20)."""

from datetime import date

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from carnet.decisions import Actor
from carnet.http import router
from carnet.http.papers import ANSWERS, shown_now
from carnet.links import Paper
from carnet.mongo import Unit
from carnet.organisations import context_for
from payments.collection.store.calendars import CALENDARS, calendar_in
from payments.payment_methods.store import PAYMENT_METHODS, methods_in
from payments.reminders.api.views import LateDebtView
from payments.reminders.domain.debts import late_of
from payments.schedules.store import SCHEDULES

KIND = "late"
"""The kind of link, about an account and a contract."""

routes = router(tags=["reminders"])


class LinkedLateView(BaseModel):
    """What is late of a contract now."""

    on: date = Field(description="Today, the organisation's.")
    debts: list[LateDebtView] = Field(
        description="What is late of it, by date: what withholds accesses. `collected` where the run collects it: not "
        "while nothing is collected automatically, nor without a payment method."
    )


@routes.get("/late-links/{link}", response_model=LinkedLateView, responses=ANSWERS)
async def read_late(link: str, request: Request) -> Response:
    """What is late of a contract now (CON-20): read when its mail is sent. The link itself is the permission."""
    return await shown_now(request, link, KIND, _late_now)


async def _late_now(unit: Unit, link: Paper) -> LinkedLateView | None:
    account, contract = link.about
    await unit.load(SCHEDULES, [contract])
    schedule = unit.get(SCHEDULES, contract)
    if schedule is None or schedule.account != account:
        return None
    context = await context_for(unit, link.organisation, Actor("client", account))
    await unit.load(PAYMENT_METHODS, [account])
    await unit.load(CALENDARS, [link.organisation])
    late = late_of(
        schedule,
        context.today,
        collecting=calendar_in(unit, link.organisation).hour is not None,
        has_method=methods_in(unit, schedule).preferred is not None,
    )
    return LinkedLateView(on=context.today, debts=[LateDebtView.of_late(each, schedule.currency) for each in late])
