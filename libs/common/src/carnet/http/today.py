"""Which day it is: every service shows the organisation's today, so that a moved clock is seen to arrive (MON-5)."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from carnet.dates import Instant, utc_now
from carnet.http.calls import TODAY, Call, reads
from carnet.http.routes import router
from carnet.organisations import clock_of, not_known

routes = router(tags=["today"])

Anybody = Annotated[Call, reads()]


class TodayView(BaseModel):
    """The day and the hour of the organisation, as this service knows them."""

    today: date = Field(description="The date that is today for everything that this service decides.")
    now: Instant = Field(description="The instant that the organisation's clock shows, UTC.")
    time_zone: str = Field(description="The organisation's time zone: `Europe/Paris`.")
    clock_ahead: int = Field(description="Seconds by which the clock of a test organisation is ahead; else 0.")
    version: int = Field(
        description="The version of the organisation's profile that this service knows: a clock that was moved has "
        "arrived here once this is the version that moving it answered, or a later one."
    )


@routes.get("/today")
async def show_today(call: Anybody) -> TodayView:
    """Read which day it is for the organisation, in this service. Any token of the organisation may.

    The date is also in the header ``Carnet-Today`` of every answer.
    """
    clock = await clock_of(call.database, call.organisation)
    if clock is None:
        raise not_known(call.organisation)
    local = clock.local(utc_now())
    call.request.scope[TODAY] = local.date()
    return TodayView(
        today=local.date(), now=local, time_zone=clock.time_zone, clock_ahead=clock.clock_ahead, version=clock.version
    )
