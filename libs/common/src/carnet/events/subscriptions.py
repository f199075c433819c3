"""What contracts publishes of subscriptions, on its topic of contracts (CON-17, CON-18)."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from carnet.events.base import Event, Topic
from carnet.events.contracts.topic import CONTRACTS
from carnet.ids import Id
from carnet.money import Amount, Currency


class SubscriptionEvent(Event):
    """What happens to a subscription: on its contract, what it was sold as, and for whom."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    currency: Currency
    effective_on: date
    product: Id
    name: str
    participant: Id | None = None


class SubscriptionCancelled(SubscriptionEvent):
    """A subscription was cancelled at a date; what that does to lines is published with it (CON-17)."""

    cancelled_from: date
    """The date of the cancellation: periods that begin on it or after are cancelled, and none is billed any more."""
    ends_on: date | None
    """The last day that is billed; None if the subscription never begins."""
    by_days: bool = False
    """True if the period under way on that date is priced by its days; it stays whole otherwise."""
    fee: Amount = 0
    """What the cancellation costs, in minor units: a line that is added with it."""


class SubscriptionPaused(SubscriptionEvent):
    """A subscription is paused: its periods that have not begun then move (CON-18).

    Each line that moves is published with it as ``ProductEdited``. A pause that is made longer is published again, as
    it is from then on.
    """

    paused_from: date
    """The first day of the pause; the period under way on it stays whole."""
    months: Annotated[int, Field(ge=1)] | None = None
    """For how many months; None for a pause that is open, until it is lifted."""
    period: Annotated[int, Field(ge=1)]
    """The first period that moves."""
    first_day: date
    """The day on which that period would have begun: from here on nothing is billed."""
    resumes_on: date | None = None
    """The day on which it begins instead; None while the pause is open."""


class SubscriptionPauseLifted(SubscriptionEvent):
    """The pause of a subscription was lifted, or taken back before it began; its periods move back (CON-18)."""

    paused_from: date
    """The first day of the pause."""
    lifted_on: date | None = None
    """The day from which it is lifted; None if it was taken back, as if it had never been."""
    period: Annotated[int, Field(ge=1)]
    """The first period that had moved."""
    resumes_on: date
    """The day on which that period begins now."""


class SubscriptionPriceChanged(SubscriptionEvent):
    """The periods of a subscription have another price from one of them on (CON-21).

    Each line whose price changes is published with it as ``ProductEdited``; further periods are added at the new price.
    """

    period: Annotated[int, Field(ge=1)]
    """The first period that has the new price."""
    begins_on: date | None = None
    """The first day of that period; None while it waits for an open pause to be lifted."""
    price_before: Amount
    """What that period cost before, in minor units."""
    price_after: Amount


class SubscriptionRenewalAnnounced(SubscriptionEvent):
    """The term of a subscription renews soon unless it is cancelled, and the client is informed (CON-21).

    Nothing of the contract changes by it. It takes effect on the day of the organisation's notice, published once for
    each renewal.
    """

    period: Annotated[int, Field(ge=1)]
    """The period with which it renews."""
    term_ends_on: date
    """The last day of the term that ends: the minimum one, or a period of a year or more."""
    renews_on: date
    """The first day of that period: after a pause it is later than the day after the term."""
    last_day: date
    """The last day of that period."""
    price: Amount
    """What that period costs, in minor units."""


class CancellationRequested(SubscriptionEvent):
    """A client asks for the cancellation of a subscription, which staff confirms or declines (CON-17).

    Nothing of the contract changes by it. ``SubscriptionCancelled`` confirms it.
    """

    wished_on: date
    """The date from which the client wishes it to be cancelled."""


class CancellationWithdrawn(SubscriptionEvent):
    """The client no longer asks for the cancellation of a subscription (CON-17)."""

    wished_on: date
    """The date that was asked for."""


class CancellationDeclined(SubscriptionEvent):
    """Staff does not cancel a subscription as the client asked: it goes on (CON-17)."""

    wished_on: date
    """The date that was asked for."""


EVENTS: tuple[type[Event], ...] = (
    SubscriptionCancelled,
    SubscriptionPaused,
    SubscriptionPauseLifted,
    SubscriptionPriceChanged,
    SubscriptionRenewalAnnounced,
    CancellationRequested,
    CancellationWithdrawn,
    CancellationDeclined,
)
