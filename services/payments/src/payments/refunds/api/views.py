"""What the API answers about what goes back: money is minor units with its currency, dates are the organisation's."""

from collections.abc import Iterable
from datetime import date
from typing import Literal, Self

from pydantic import Field

from carnet.dates import Instant
from carnet.events.contracts import Mode
from carnet.events.payments import FailureReason, Method, RecordedMethod, ReversalReason, SettledHow
from carnet.money import Money
from carnet.tolerance import Tolerant
from payments.follow_up.domain import FollowUp
from payments.receipts.domain.receiving import Payment
from payments.refunds.domain.reversing import Reversal, Reversed
from payments.refunds.domain.settling import RefundedPart, Settled, Settlement
from payments.schedules.api.views import CorrectionView, PaymentView, PreviewView, ScheduleView
from payments.schedules.domain.schedule import Schedule


class PartView(Tolerant):
    """The part of a settlement that goes back by one payment; ``failed`` says why the provider could not refund it."""

    payment: str
    amount: Money
    failed: FailureReason | None

    @classmethod
    def all_of(cls, parts: Iterable[RefundedPart], currency: str) -> list[Self]:
        """The parts of a settlement, the latest payment first."""
        return [
            cls(payment=part.payment, amount=Money(amount=part.amount, currency=currency), failed=part.failed)
            for part in parts
        ]


class SettlementView(Tolerant):
    """A part of a refund line, or all of it, that was settled (PAY-4).

    ``failed`` is the part of it that the provider could not refund, which is paid again. ``reason`` is shown to staff.
    ``voided`` says that it was a wrong entry, where it was (PAY-19).
    """

    id: str
    contract: str
    amount: Money
    how: SettledHow
    method: RecordedMethod | None = Field(
        description="Of what was refunded on site: how; null where nobody has said it, which counts as cash."
    )
    reason: str | None
    credit: str | None
    payments: list[PartView]
    failed: Money
    settled_on: date
    settled_at: Instant
    settled_by: str
    voided: CorrectionView | None

    @classmethod
    def of(cls, settlement: Settlement, *, for_staff: bool = True) -> Self:
        """A settlement as it is kept."""
        return cls(
            id=settlement.id,
            contract=settlement.contract,
            amount=Money(amount=settlement.amount, currency=settlement.currency),
            how=settlement.how,
            method=settlement.method,
            reason=settlement.reason if for_staff else None,
            credit=settlement.credit,
            payments=PartView.all_of(settlement.parts, settlement.currency),
            failed=Money(amount=settlement.failed, currency=settlement.currency),
            settled_on=settlement.settled_on,
            settled_at=settlement.settled_at,
            settled_by=settlement.settled_by,
            voided=CorrectionView.of(settlement.voided, for_staff=for_staff),
        )


class SettledView(Tolerant):
    """A settlement just made, and the schedule as it then is."""

    settlement: SettlementView
    schedule: ScheduleView


class SettlementPreview(PreviewView):
    """What a settlement would do, and by which payments it would go back, the latest first."""

    payments: list[PartView]

    @classmethod
    def shown(cls, before: Schedule, settled: Settled) -> Self:
        """The schedule before and after."""
        preview = PreviewView.of(before, settled.decision.state)
        return cls(**dict(preview), payments=PartView.all_of(settled.settlement.parts, before.currency))


class ReversalView(Tolerant):
    """What the bank took back of a payment (PAY-13).

    ``beyond`` is the part of it that the contract no longer had, since it was settled before: nothing could leave
    ``paid``. ``unconfirmed`` is the part of it that only staff has recorded: what the provider reports next is matched
    to it.
    """

    id: str
    contract: str
    payment: str
    amount: Money
    beyond: Money
    unconfirmed: Money
    by_provider: bool
    """Whether the provider said it first."""
    reason: ReversalReason
    reversed_on: date
    recorded_at: Instant
    recorded_by: str

    @classmethod
    def of(cls, reversal: Reversal) -> Self:
        """A reversal as it is kept."""
        amounts = {name: getattr(reversal, name) for name in ("amount", "beyond", "unconfirmed")}
        return cls(
            **{name: Money(amount=amount, currency=reversal.currency) for name, amount in amounts.items()},
            **reversal.model_dump(include=cls.model_fields.keys() - amounts.keys()),
        )


class ReversedView(Tolerant):
    """A reversal just recorded, its payment and the schedule as they then are."""

    reversal: ReversalView
    payment: PaymentView
    schedule: ScheduleView


class ReversalPreview(PreviewView):
    """What a reversal would do; ``beyond`` is the part of it that the contract no longer has."""

    beyond: Money

    @classmethod
    def shown(cls, before: Schedule, reversed_: Reversed) -> Self:
        """The schedule before and after."""
        preview = PreviewView.of(before, reversed_.decision.state)
        return cls(**dict(preview), beyond=Money(amount=reversed_.reversal.beyond, currency=before.currency))


class CauseView(Tolerant):
    """What made a refund line.

    ``id`` is that of the change of the contract, of the payment that was too much, or of the
    settlement whose refund the provider could not do, or that was voided.
    """

    kind: Literal["change", "payment", "refund_failed", "settlement_voided"]
    id: str


class RefundLineView(Tolerant):
    """The refund line of a schedule (PAY-3): online it awaits correction by support.

    ``settleable`` is the part of it that can be settled now: no more than is paid, nor than would remain if what is
    ``processing`` failed. ``schedule_version`` is what a settlement names in If-Match. ``since`` and ``cause`` are null
    where that was not kept yet when it was made.
    """

    contract: str
    number: str | None
    """The contract's number for people, such as 2027-0042 (CON-27)."""
    account: str
    account_number: str | None
    owner: str | None
    mode: Mode
    amount: Money
    settleable: Money
    processing: Money
    since: date | None
    cause: CauseView | None
    schedule_version: int

    @classmethod
    def of(cls, row: FollowUp) -> Self:
        """The refund line of a row of the follow-up."""
        cause = row.refund_cause
        return cls(
            contract=row.id,
            number=row.number,
            account=row.account,
            account_number=row.names.number,
            owner=row.names.owner,
            mode=row.mode,
            amount=Money(amount=row.refund_due, currency=row.currency),
            settleable=Money(amount=row.refundable, currency=row.currency),
            processing=Money(amount=row.processing, currency=row.currency),
            since=row.refund_since,
            cause=CauseView(kind=cause.kind, id=cause.id) if cause else None,
            schedule_version=row.version,
        )


class LossView(Tolerant):
    """What is lost of a payment: the bank took it back when the contract no longer had it (PAY-9, PAY-13).

    ``lost`` is what nobody has dealt with yet, ``beyond`` all that the bank took so. ``schedule_version`` is what its
    resolution names in If-Match.
    """

    payment: str
    contract: str
    number: str | None
    """The contract's number for people, such as 2027-0042 (CON-27)."""
    account: str
    account_number: str | None
    owner: str | None
    lost: Money
    beyond: Money
    method: Method
    received_on: date
    schedule_version: int

    @classmethod
    def of(cls, payment: Payment, row: FollowUp) -> Self:
        """A payment of which something is lost, with its contract's row of the follow-up."""
        return cls(
            payment=payment.id,
            contract=payment.contract,
            number=row.number,
            account=payment.account,
            account_number=row.names.number,
            owner=row.names.owner,
            lost=Money(amount=payment.lost, currency=payment.currency),
            beyond=Money(amount=payment.beyond, currency=payment.currency),
            method=payment.method,
            received_on=payment.received_on,
            schedule_version=row.version,
        )


class ResolutionView(Tolerant):
    """How a loss was dealt with: the amount, and who did it, when and how."""

    amount: Money
    reason: str | None
    on: date
    at: Instant
    by: str
    credit: str | None
    """The client credit that it was taken from; null where somebody dealt with it."""


class ResolvedView(Tolerant):
    """A loss that was just dealt with, its payment and the schedule as they then are."""

    resolution: ResolutionView
    payment: PaymentView
    schedule: ScheduleView

    @classmethod
    def of(cls, payment: Payment, schedule: Schedule) -> Self:
        """The latest resolution of the payment."""
        latest = payment.resolutions[-1]
        amount = Money(amount=latest.amount, currency=payment.currency)
        resolution = ResolutionView(amount=amount, **latest.model_dump(exclude={"amount"}))
        return cls(resolution=resolution, payment=PaymentView.of(payment), schedule=ScheduleView.of(schedule))


class AccountLossView(Tolerant):
    """What is lost of all payments of an account and nobody has dealt with yet (PAY-9)."""

    account: str
    lost: Money
    payments: int
    """Of how many payments."""
