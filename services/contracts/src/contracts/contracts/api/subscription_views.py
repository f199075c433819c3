"""What answers about the subscription of a contract look like (CON-17, CON-18, CON-21)."""

from datetime import date
from typing import Self

from pydantic import Field

from carnet.events.catalog import PeriodUnit
from carnet.money import Money
from contracts.contracts.api.view import View
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.listed_subscriptions import ListedSubscription, Status
from contracts.contracts.domain.periods import Pause, Subscription, Wish


class NextPeriodView(View):
    """The period that is billed next."""

    number: int
    first_day: date = Field(description="On which it is due.")
    last_day: date = Field(description="The day before the one after it begins.")
    price: Money
    billed_on: date = Field(description="The day from which it is added: the first of the period before it.")


class CancellationView(View):
    """That a subscription is cancelled at a date, which may be to come (CON-17)."""

    on: date = Field(description="Periods that begin on it or after are cancelled.")
    ends_on: date | None = Field(description="The last day that is billed; null if it never begins.")
    by_days: bool = Field(description="Whether the period under way on that date is priced by its days.")

    @classmethod
    def of(cls, subscription: Subscription) -> Self | None:
        """The view of the cancellation; None if there is none."""
        cancellation = subscription.cancellation
        if cancellation is None:
            return None
        return cls(on=cancellation.on, ends_on=subscription.ends_on, by_days=cancellation.by_days)


class CancellationRequestView(View):
    """That the client asks for the cancellation of the subscription, and staff has not answered (CON-17)."""

    on: date = Field(description="The date from which it is to be cancelled.")
    asked_on: date = Field(description="The day on which it was asked.")

    @classmethod
    def of(cls, wish: Wish | None) -> Self | None:
        """The view of the request; None if there is none."""
        return None if wish is None else cls(on=wish.wished_on, asked_on=wish.asked_on)


class PauseView(View):
    """A pause of a subscription (CON-18), which is over once `resumes_on` is reached."""

    on: date = Field(description="Its first day; the period under way on it stays whole.")
    months: int | None = Field(description="For how many months it was agreed; null if it is open until it is lifted.")
    period: int = Field(description="The first period that moves.")
    first_day: date = Field(description="When that period would have begun: from here on nothing is billed.")
    resumes_on: date | None = Field(
        description="When it begins instead; null while the pause is open: the periods that were added before wait "
        "until it is lifted."
    )
    lifted_on: date | None = Field(description="The day from which it is lifted, if it is.")

    @classmethod
    def of(cls, pause: Pause) -> Self:
        """The view of a pause."""
        return cls(
            on=pause.on,
            months=pause.months,
            period=pause.number,
            first_day=pause.first_day,
            resumes_on=None if pause.is_open else pause.resumes_on,
            lifted_on=pause.lifted_on,
        )


class SubscriptionView(View):
    """A subscription, on the contract of its own (CON-21); its periods are the lines."""

    product: str
    name: str
    participant: str | None = Field(description="The member who takes part, where the product is for one.")
    unit: PeriodUnit = Field(description="What its period is counted in.")
    every: int = Field(description="How many weeks, months or years one period has.")
    minimum: int = Field(description="How many periods are billed at least: the minimum term.")
    minimum_until: date | None = Field(
        description="The last day of the minimum term; null while it waits for an open pause to be lifted (CON-18)."
    )
    first_day: date = Field(description="On which its first period begins.")
    price: Money = Field(description="Of a period that is billed next, VAT included.")
    periods: int = Field(description="How many periods were added so far.")
    next_period: NextPeriodView | None = Field(
        description="Null if none is billed any more, as it is cancelled or has the most that it can have, or none "
        "before an open pause is lifted."
    )
    renews_on: date | None = Field(
        description="The day on which the minimum term ends and the subscription goes on, or, of periods of a year or "
        "more, the first day of the next one; null if nothing renews, or none before an open pause is lifted."
    )
    renewal_announced: bool = Field(
        description="Whether the client was informed of that renewal, as many days before as the organisation says."
    )
    cancellation_fee: Money = Field(description="What cancelling it costs unless staff says otherwise, VAT included.")
    cancellation: CancellationView | None = Field(description="Null unless it is cancelled at a date (CON-17).")
    cancellation_request: CancellationRequestView | None = Field(
        description="Null unless the client asks for its cancellation, and staff has not answered yet (CON-17)."
    )
    pausable: bool = Field(description="Whether it can be paused (CAT-3).")
    pauses: list[PauseView] = Field(
        description="Its pauses in their order; at most the last one is to come or under way (CON-18)."
    )

    @classmethod
    def of(cls, contract: Contract) -> Self | None:
        """The view of the subscription of a contract; None if it has none."""
        subscription = contract.subscription
        if subscription is None:
            return None
        sold, details = subscription.sold, subscription.details
        price = Money(amount=subscription.price(subscription.added + 1), currency=contract.currency)
        renewal = None if contract.cancelled else subscription.renewal
        return cls(
            product=sold.product,
            name=sold.name,
            participant=sold.participant,
            unit=details.unit,
            every=details.every,
            minimum=details.minimum,
            minimum_until=subscription.minimum_until,
            first_day=subscription.first_day(1),
            price=price,
            periods=subscription.added,
            next_period=None if contract.cancelled else _next_period(subscription, contract.currency),
            renews_on=subscription.first_day(renewal) if renewal else None,
            renewal_announced=renewal is not None and renewal <= subscription.announced,
            cancellation_fee=Money(amount=details.cancellation_fee, currency=contract.currency),
            cancellation=CancellationView.of(subscription),
            cancellation_request=None if contract.cancelled else CancellationRequestView.of(subscription.wish),
            pausable=details.pausable,
            pauses=[PauseView.of(pause) for pause in subscription.pauses],
        )


class StandingView(View):
    """A subscription of an account, and its status (CON-14)."""

    contract: str
    contract_number: str | None = Field(description="What people call the contract by, such as 2027-0042.")
    product: str
    name: str
    participant: str | None = Field(description="The member who takes part, where the product is for one.")
    status: Status = Field(
        description="`active_until` is of one that has all periods that it can have; `ended` of one that is over."
    )
    on: date | None = Field(
        description="The day that the status is about: the first day of one that is soon active or pauses, the day on "
        "which one that is paused goes on, the last day of one that ends or has ended, the day from which a "
        "cancellation is asked for. Null if there is none, such as the end of an open pause."
    )

    @classmethod
    def of(cls, listed: ListedSubscription) -> Self:
        """The view of the status of a subscription."""
        sold = listed.subscription.sold
        return cls(
            contract=listed.contract.id,
            contract_number=listed.contract.number,
            product=sold.product,
            name=sold.name,
            participant=sold.participant,
            status=listed.status,
            on=listed.on,
        )


def _next_period(subscription: Subscription, currency: str) -> NextPeriodView | None:
    on = subscription.next_on
    if on is None:
        return None
    number = subscription.added + 1
    bought = subscription.purchase(number, subscription.sold.line, on)
    return NextPeriodView(
        number=number,
        first_day=subscription.first_day(number),
        last_day=bought.last_day or on,
        price=Money(amount=bought.price, currency=currency),
        billed_on=on,
    )
