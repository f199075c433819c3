"""What answers to previews look like: lines, total and schedule before and after (CON-3)."""

from collections.abc import Sequence

from pydantic import Field

from carnet.http import RequestView
from carnet.money import Money
from carnet.requests.asked import Request
from carnet.requests.causes import CREDIT_REMOVAL
from contracts.access.api.views import AccessMovedView
from contracts.access.domain import Moved
from contracts.contracts.api.subscription_views import SubscriptionView
from contracts.contracts.api.view import View
from contracts.contracts.api.views import AdviceView, LineView, lines_of
from contracts.contracts.domain.advice import advise
from contracts.contracts.domain.contracts import Contract
from contracts.peers import Moment, SchedulePreview


class LinesShown(View):
    """The lines of a contract before and after a change."""

    before: list[LineView]
    after: list[LineView]


class TotalsShown(View):
    """The total of a contract before and after a change."""

    before: Money
    after: Money


class ScheduleShown(View):
    """The schedule before and after a change, instalment by instalment, with any refund line."""

    before: Moment | None = Field(description="None before an opening.")
    after: Moment


class VersionsShown(View):
    """What a confirmation names: ``contract`` in If-Match, ``schedule`` as schedule_version."""

    contract: int
    schedule: int


class VoucherShown(View):
    """A gift voucher that is presented for a line, as credits answers (CRE-9)."""

    line: str = Field(description="The line of the preview.")
    name: str = Field(description="What is bought by it.")
    covers: bool = Field(description="Whether it covers the line, as things are.")
    why: str | None = Field(description="Why it does not cover it: `redeemed`.")
    detail: str | None = Field(description="What to do then, in English.")


class ScholarshipShown(View):
    """A scholarship that is to cover a part of a line, as credits answers (CRE-11)."""

    line: str = Field(description="The line of the preview.")
    name: str = Field(description="What is bought by it.")
    scholarship: str
    fund: str | None = Field(description="The name of its fund; null if there is no such scholarship.")
    amount: Money = Field(description="What it covers of the line.")
    covers: bool = Field(description="Whether it covers that, as things are.")
    why: str | None = Field(description="Why not: `not-enough`.")
    detail: str | None = Field(description="What to do then, in English.")
    left: Money | None = Field(description="What is left of it once the change is made; null where it is refused.")


class PreviewView(View):
    """What an opening or a change would do (CON-3). New lines and instalments have other ids once confirmed."""

    lines: LinesShown
    total: TotalsShown
    schedule: ScheduleShown
    advice: list[AdviceView]
    asks_credits: list[str] = Field(
        description="The lines that sell client credits and are cancelled or bring less. Where there are any, the "
        "confirmation asks credits first and waits for the answer: it is refused where less is left of one that is "
        "cancelled than was sold (CRE-5), or where one that would bring less exists (CON-11)."
    )
    asks: list[RequestView] = Field(
        description="What the confirmation asks of other services first: it is made once all of it is granted, and "
        "not at all if one refuses."
    )
    subscription: SubscriptionView | None = Field(
        default=None, description="The subscription as the opening or the change leaves it (CON-21)."
    )
    vouchers: list[VoucherShown] = Field(
        description="The gift vouchers that are presented. The confirmation is refused where one does not cover its "
        "line then."
    )
    scholarships: list[ScholarshipShown] = Field(
        default_factory=list,
        description="The scholarships that are to cover parts of lines. The confirmation is refused where one can not "
        "then (CRE-11).",
    )
    accesses: list[AccessMovedView] = Field(
        description="What happens to accesses to online courses, in the order of the courses (CON-19, CON-20); one "
        "that stays as it is is not listed."
    )
    versions: VersionsShown


def preview_of(
    before: Contract | None,
    after: Contract,
    schedule: SchedulePreview,
    *,
    asks: Sequence[Request] = (),
    vouchers: Sequence[VoucherShown] = (),
    scholarships: Sequence[ScholarshipShown] = (),
    accesses: Sequence[Moved] = (),
) -> PreviewView:
    """The contract and its schedule before and after, for staff; with the advice that the change calls for."""
    advice = advise(before, after, schedule.before.balance.amounts) if before and schedule.before else ()
    return PreviewView(
        lines=LinesShown(
            before=lines_of(before, notes=True) if before else [],
            after=lines_of(after, notes=True, deleted=_visible(before)),
        ),
        total=TotalsShown(
            before=Money(amount=before.total if before else 0, currency=after.currency),
            after=Money(amount=after.total, currency=after.currency),
        ),
        schedule=ScheduleShown(before=schedule.before, after=schedule.after),
        advice=AdviceView.of(advice),
        asks_credits=[each for request in asks if request.cause == CREDIT_REMOVAL.name for each in request.awaited],
        asks=RequestView.of(asks),
        subscription=SubscriptionView.of(after),
        vouchers=list(vouchers),
        scholarships=list(scholarships),
        accesses=AccessMovedView.of_all(accesses),
        versions=VersionsShown(
            contract=before.version if before else 0,
            schedule=schedule.schedule_version,
        ),
    )


def _visible(contract: Contract | None) -> set[str]:
    """The lines that people see of a contract."""
    return {line.id for line in contract.lines if line.deleted_on is None} if contract else set()
