"""How reminders are written and shown over HTTP."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from carnet.dates import Instant
from carnet.events import payments as published
from carnet.http import Body, Page
from carnet.money import Money
from carnet.refusals import invalid
from carnet.texts import Paragraphs, Tag
from carnet.tolerance import Tolerant
from payments.accounts.domain import Names
from payments.reminders.domain.calendar import ReminderCalendar, Step, WantedCalendar
from payments.reminders.domain.debts import Late
from payments.reminders.domain.reminding import AccountReminders, Reminder

MOST_STEPS = 12


class StepBody(Body):
    """One reminder of the calendar."""

    days: Annotated[int, Field(ge=-60, le=365)] = Field(
        description="Days after the due date; below zero before it. Of an unpaid order, days since it waits."
    )
    text_en: Paragraphs = Field(default="", description="The school's own words in English; may be left out.")
    text_fr: Paragraphs = Field(default="", description="The school's own words in French; may be left out.")

    def step(self) -> Step:
        """The step."""
        return Step(days=self.days, text_en=self.text_en, text_fr=self.text_fr)


class OrderStepBody(StepBody):
    """One reminder of an unpaid order."""

    days: Annotated[int, Field(ge=1, le=365)] = Field(description="Days since something of a contract is on no date.")
    code: Tag | Literal[""] = Field(
        default="", description="The code of a voucher or a discount that comes with it; may be left out."
    )

    def step(self) -> Step:
        """The step."""
        return Step(days=self.days, text_en=self.text_en, text_fr=self.text_fr, code=self.code)


class ReminderCalendarBody(Body):
    """When the organisation reminds of what is due."""

    active: bool = Field(description="Whether reminders are sent automatically.")
    hour: Annotated[int, Field(ge=0, le=23)] = Field(
        default=9, description="The hour of the day, on the organisation's clock, from which they go."
    )
    steps: Annotated[tuple[StepBody, ...], Field(max_length=MOST_STEPS)] = Field(
        description="The reminders of an instalment, at most 12, each on another day."
    )
    order_steps: Annotated[tuple[OrderStepBody, ...], Field(max_length=MOST_STEPS)] = Field(
        description="The reminders of an unpaid order: of what a contract leaves on no date. None if it is empty."
    )
    staff_after: Annotated[int, Field(ge=1, le=365)] | None = Field(
        description="How many days after a due date staff gets a mail that the reminders brought nothing; null if "
        "it is not to."
    )

    def wanted(self) -> WantedCalendar:
        """The calendar. Raises ``days-repeated``."""
        for name, steps in (("steps", self.steps), ("order_steps", self.order_steps)):
            days = [step.days for step in steps]
            if len(set(days)) < len(days):
                raise invalid(
                    "days-repeated",
                    "Two reminders have the same number of days. Give each another one, or leave one out.",
                    rule="PAY-10",
                    field=name,
                )
        return WantedCalendar(
            active=self.active,
            hour=self.hour,
            steps=[step.step() for step in self.steps],
            order_steps=[step.step() for step in self.order_steps],
            staff_after=self.staff_after,
        )


class StepView(BaseModel):
    """One reminder of the calendar."""

    days: int = Field(description="Days after the due date; below zero before it.")
    text_en: str = Field(description="The school's own words in English; empty if there are none.")
    text_fr: str = Field(description="The same in French.")

    @classmethod
    def of(cls, step: Step) -> Self:
        """A step as it is."""
        return cls(days=step.days, text_en=step.text_en, text_fr=step.text_fr)


class OrderStepView(BaseModel):
    """One reminder of an unpaid order."""

    days: int = Field(description="Days since something of a contract is on no date.")
    text_en: str = Field(description="The school's own words in English; empty if there are none.")
    text_fr: str = Field(description="The same in French.")
    code: str = Field(description="The code of a voucher or a discount that comes with it; empty if none does.")

    @classmethod
    def of(cls, step: Step) -> Self:
        """A step as it is."""
        return cls(days=step.days, text_en=step.text_en, text_fr=step.text_fr, code=step.code)


class ReminderCalendarView(BaseModel):
    """When the organisation reminds of what is due."""

    active: bool = Field(description="Whether reminders are sent automatically.")
    active_since: date | None = Field(description="The day since which it is on: steps before it do not go.")
    hour: int = Field(description="The hour of the day from which they go.")
    steps: list[StepView] = Field(description="The reminders of an instalment, by their days.")
    order_steps: list[OrderStepView] = Field(description="The reminders of an unpaid order.")
    staff_after: int | None = Field(description="Days after a due date after which staff is informed; null if never.")

    @classmethod
    def of(cls, calendar: ReminderCalendar) -> Self:
        """A calendar as it is."""
        return cls(
            active=calendar.active_since is not None,
            active_since=calendar.active_since,
            hour=calendar.hour,
            steps=[StepView.of(each) for each in calendar.steps],
            order_steps=[OrderStepView.of(each) for each in calendar.order_steps],
            staff_after=calendar.staff_after,
        )


class DebtView(Tolerant):
    """Something that is due."""

    contract: str
    number: str | None = Field(description="The contract's number for people.")
    instalment: str | None = Field(description="Null for what is on no date of a contract.")
    kind: published.DebtKind = Field(
        description="An instalment that is late, due today or to come; or an order that is not paid."
    )
    due: date = Field(description="Its date; of an order, the day since which it waits.")
    amount: Money = Field(description="How much of it is due.")
    collected: bool = Field(description="Whether it will be collected automatically on its date.")

    @classmethod
    def of(cls, debt: published.Debt, currency: str) -> Self:
        """A debt."""
        fields = {name: getattr(debt, name) for name in cls.model_fields if name != "amount"}
        return cls(**fields, amount=Money(amount=debt.amount, currency=currency))


class LateDebtView(DebtView):
    """Something of a contract that is late."""

    without_method: bool = Field(
        description="Whether it would be collected automatically, had the account a payment method (PAY-12)."
    )

    @classmethod
    def of_late(cls, late: Late, currency: str) -> Self:
        """What is late."""
        return cls(**dict(DebtView.of(late.debt, currency)), without_method=late.without_method)


class ReminderView(BaseModel):
    """A reminder that was sent; its mail is among those of the account."""

    id: str
    on: date = Field(description="The day on which it went, the organisation's.")
    at: Instant = Field(description="When it was decided.")
    by: str = Field(description="Who sent it: `user:...`, or `service:payments` for the calendar.")
    by_hand: bool = Field(description="True if a person sent it, false if the calendar did.")
    debts: list[DebtView] = Field(description="What it listed.")
    text: str = Field(description="The school's own words in it; empty if there were none, or once a person is erased.")

    @classmethod
    def of(cls, reminder: Reminder) -> Self:
        """A reminder as it was decided."""
        return cls(
            id=reminder.id,
            on=reminder.on,
            at=reminder.at,
            by=reminder.by,
            by_hand=reminder.by_hand,
            debts=[DebtView.of(each, reminder.currency) for each in reminder.debts],
            text=reminder.text_fr or reminder.text_en,
        )


class AccountRemindersView(BaseModel):
    """What an account was reminded of, and what is due."""

    stopped: bool = Field(description="Whether the client or staff wished no more reminders by the calendar.")
    stopped_by: str | None = Field(description="Who stopped them; null for a client that asks.")
    stopped_on: date | None = Field(description="The day on which they were stopped.")
    paused: bool = Field(
        description="Whether a refund, a loss or a disputed payment is to be settled before the calendar goes on."
    )
    last_on: date | None = Field(description="The day of the last reminder: a day has one.")
    due: list[DebtView] = Field(description="What a reminder by hand would list now.")
    reminders: Page[ReminderView] = Field(description="What was sent, the newest first.")

    @classmethod
    def of(
        cls,
        state: AccountReminders,
        due: list[DebtView],
        reminders: Page[ReminderView],
        *,
        paused: bool,
        for_staff: bool,
    ) -> Self:
        """The reminders of an account; only staff sees who stopped them."""
        return cls(
            stopped=state.stopped_by is not None,
            stopped_by=state.stopped_by if for_staff else None,
            stopped_on=state.stopped_on,
            paused=paused,
            last_on=state.last_on,
            due=due,
            reminders=reminders,
        )


class ReminderStopView(BaseModel):
    """Whether an account gets reminders by the calendar."""

    stopped: bool = Field(description="True if it gets none.")
    stopped_on: date | None = Field(description="The day on which they were stopped.")

    @classmethod
    def of(cls, state: AccountReminders) -> Self:
        """A state as it is."""
        return cls(stopped=state.stopped_by is not None, stopped_on=state.stopped_on)


class DueReminderView(BaseModel):
    """A reminder that goes today, or went."""

    account: str
    owner: str | None = Field(description="The name of the account's owner; null once erased.")
    number: str | None = Field(description="The account's number for people.")
    debts: list[DebtView] = Field(description="What its mail lists.")
    staff_told: list[DebtView] = Field(description="What staff is informed of: their reminders have ended.")

    @classmethod
    def of_account(
        cls,
        account: str,
        names: Names,
        currency: str,
        debts: tuple[published.Debt, ...],
        ended: tuple[published.Debt, ...],
    ) -> Self:
        """What goes to an account."""
        return cls(
            account=account,
            owner=names.owner,
            number=names.number,
            debts=[DebtView.of(each, currency) for each in debts],
            staff_told=[DebtView.of(each, currency) for each in ended],
        )


class ReminderBody(Body):
    """A reminder by hand."""

    text: Paragraphs = Field(default="", description="Own words, above what is due; may be left out.")
