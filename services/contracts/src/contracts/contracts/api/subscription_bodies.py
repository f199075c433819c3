"""What requests about subscriptions look like, and the commands that they are (CON-17, CON-18, CON-21)."""

from typing import Annotated

from pydantic import Field

from carnet.dates import Day
from carnet.http import Body, MoneyIn
from carnet.organisations import amount_in
from carnet.texts import Line
from contracts.contracts.api.bodies import ScheduleVersion
from contracts.contracts.domain.pauses import LONGEST, Pausing
from contracts.contracts.domain.prices import Pricing
from contracts.contracts.domain.subscriptions import Cancelling


class SubscriptionCancellationIn(Body):
    """A subscription, to be cancelled at a date (CON-17); only a confirmation needs ``schedule_version``."""

    on: Day = Field(
        description="From today to five years ahead: periods that begin on it or after are cancelled, and none is "
        "billed any more."
    )
    by_days: bool = Field(
        default=False, description="Whether the period under way then is priced by its days; it stays whole otherwise."
    )
    fee: MoneyIn | None = Field(
        default=None, description="What the cancellation costs, VAT included; that of the product if null."
    )
    fee_name: Line | None = Field(
        default=None,
        description="What the client reads as the name of the fee's line; that of the subscription if null.",
    )
    schedule_version: ScheduleVersion | None = None

    def command(self, currency: str) -> Cancelling:
        """What it asks of the domain; refused in another currency (MON-1)."""
        fee = None if self.fee is None else amount_in(self.fee, currency)
        return Cancelling(self.on, self.by_days, fee, self.fee_name)


class SubscriptionCancellationConfirmed(SubscriptionCancellationIn):
    """A subscription, cancelled on the schedule that the preview showed (CON-3)."""

    schedule_version: ScheduleVersion


class PauseIn(Body):
    """A subscription, to be paused (CON-18); only a confirmation needs ``schedule_version``."""

    on: Day = Field(
        description="Its first day, from today to a year ahead: the periods that begin on it or after move. Where a "
        "pause with an end lasts, a day within it makes that one longer."
    )
    months: Annotated[int, Field(ge=1, le=LONGEST)] | None = Field(
        description="For how many months, by which the periods move; null for a pause that is open, until it is lifted."
    )
    schedule_version: ScheduleVersion | None = None

    def command(self) -> Pausing:
        """What it asks of the domain."""
        return Pausing(self.on, self.months)


class PauseConfirmed(PauseIn):
    """A subscription, paused on the schedule that the preview showed (CON-3)."""

    schedule_version: ScheduleVersion


class LiftingIn(Body):
    """The pause of a subscription, to be lifted (CON-18); only a confirmation needs ``schedule_version``."""

    on: Day | None = Field(
        description="The day on which the next period begins, from today and from a month after the pause began; null "
        "to take back a pause that has not begun."
    )
    schedule_version: ScheduleVersion | None = None


class LiftingConfirmed(LiftingIn):
    """The pause of a subscription, lifted on the schedule that the preview showed (CON-3)."""

    schedule_version: ScheduleVersion


class PriceIn(Body):
    """A new price of a subscription (CON-21); only a confirmation needs ``schedule_version``."""

    on: Day = Field(
        description="From today to two years ahead: the periods that begin on it or after have the new price."
    )
    price: MoneyIn = Field(description="Of a period, VAT included.")
    schedule_version: ScheduleVersion | None = None

    def command(self, currency: str) -> Pricing:
        """What it asks of the domain; refused in another currency (MON-1)."""
        return Pricing(self.on, amount_in(self.price, currency))


class PriceConfirmed(PriceIn):
    """A new price of a subscription, on the schedule that the preview showed (CON-3)."""

    schedule_version: ScheduleVersion


class CancellationRequestIn(Body):
    """What a client asks: the cancellation of a subscription (CON-17)."""

    on: Day = Field(description="From today to five years ahead: the date from which it is to be cancelled.")
