"""The day in figures over HTTP (PAY-9)."""

from datetime import date
from typing import Self

from carnet.decisions import Context
from carnet.http import router
from carnet.money import Money
from carnet.mongo import Unit
from carnet.organisations import organisation_of
from carnet.tolerance import Tolerant
from payments.access import StaffReads
from payments.follow_up.store.figures import Figure, Figures, figures_of

routes = router(tags=["follow-up"])


class FigureView(Tolerant):
    """How many, and how much in all."""

    count: int
    amount: Money

    @classmethod
    def of(cls, figure: Figure, currency: str) -> Self:
        """A figure in that currency."""
        return cls(count=figure.count, amount=Money(amount=figure.amount, currency=currency))


class MonthView(Tolerant):
    """What is planned in a month and still to come, and what was received in it."""

    month: str
    """The month: `2026-11`."""
    planned: Money
    """The instalments due in it that are not paid, late ones too."""
    received: Money
    """The payments received in it, less wrong entries and what the bank took back of them."""


class FiguresView(Tolerant):
    """The day of the organisation in figures."""

    today: date
    """The organisation's date."""
    due_today: FigureView
    """The instalments that are due today."""
    late: FigureView
    """The instalments that were due before today."""
    failed: FigureView
    """The instalments of which an attempt has failed and that are not paid since."""
    to_refund: FigureView
    """The refund lines of contracts paid on site."""
    awaiting_correction: FigureView
    """The refund lines of contracts paid online (PAY-3)."""
    in_attempt: FigureView
    """The contracts of which something is at the provider, or waits for the answer of credits."""
    awaiting_credits: FigureView
    """The uses of client credits that credits has not answered yet."""
    cheques_to_deposit: FigureView
    """The held cheques whose deposit date has come."""
    to_remit: FigureView
    """The instalments that the next remittance of direct debits can collect, and that wait for it to be built."""
    lost: FigureView
    """The contracts of which the bank took back what they no longer had, until that is dealt with."""
    months: list[MonthView]
    """Five months before this one, this one and six after it."""

    @classmethod
    def of(cls, figures: Figures, today: date, currency: str) -> Self:
        """The figures in that currency."""
        names = cls.model_fields.keys() - {"today", "months"}
        return cls(
            today=today,
            months=[
                MonthView(
                    month=each.first.isoformat()[:7],
                    planned=Money(amount=each.planned, currency=currency),
                    received=Money(amount=each.received, currency=currency),
                )
                for each in figures.months
            ],
            **{name: FigureView.of(getattr(figures, name), currency) for name in names},
        )


@routes.get("/figures")
async def show_figures(call: StaffReads) -> FiguresView:
    """The day in figures: due, late, failed, to refund, waiting, to deposit, and planned and received by month."""

    async def known(unit: Unit, context: Context) -> tuple[date, str]:
        return context.today, (await organisation_of(unit, call.organisation)).currency

    today, currency = await call.preview(known)
    return FiguresView.of(await figures_of(call.database, call.organisation, today), today, currency)
