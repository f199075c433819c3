"""What the API answers: money is minor units with its currency, dates are the organisation's."""

from datetime import date
from typing import Self

from carnet.dates import Instant
from carnet.events.contracts import Mode
from carnet.events.payments import Method
from carnet.money import Money
from carnet.tolerance import Tolerant
from payments.follow_up.domain import FollowUp
from payments.receipts.domain.cheques import HeldCheque
from payments.receipts.domain.receiving import Correction, Payment
from payments.schedules.domain.schedule import Attempt, Cheque, Instalment, PlannedBefore, Schedule


class BalanceView(Tolerant):
    """total = paid + processing + planned + unscheduled − refund_due."""

    total: Money
    paid: Money
    processing: Money
    planned: Money
    unscheduled: Money
    refund_due: Money

    @classmethod
    def of(cls, schedule: Schedule) -> Self:
        """The balance of a schedule."""
        amounts = schedule.balance.model_dump()
        return cls(**{name: Money(amount=amount, currency=schedule.currency) for name, amount in amounts.items()})


class InstalmentView(Tolerant):
    """An instalment to come; ``cheque`` says whose it is where one is held for it."""

    id: str
    due: date | None
    """Null while it is ``paused``."""
    amount: Money
    method: str | None
    fixed: bool
    held: bool
    cheque: Cheque | None
    on_request: bool
    """True for what the bank took back: it is not collected automatically (PAY-13)."""
    next_try: date | None
    """When it is attempted again, where an attempt has failed (PAY-6)."""
    gave_up: bool
    """True after its last attempt."""
    waits_for_method: bool
    """True where it was due and the account had no payment method (PAY-12)."""
    line: str | None
    """The line whose charge it is, where that is due on a date of its own (PAY-15)."""
    paused: bool
    """True where it has no date before an open pause of its subscription is lifted (CON-18)."""

    @classmethod
    def of(cls, instalment: Instalment, currency: str, *, paused: bool) -> Self:
        """An instalment of a schedule, which is paused or not."""
        return cls(
            id=instalment.id,
            due=None if paused else instalment.due,
            amount=Money(amount=instalment.amount, currency=currency),
            method=instalment.method,
            fixed=instalment.fixed,
            held=instalment.held,
            cheque=instalment.cheque,
            on_request=instalment.on_request,
            next_try=instalment.next_try,
            gave_up=instalment.gave_up,
            waits_for_method=instalment.waits_for_method,
            line=instalment.line,
            paused=paused,
        )


class PlannedBeforeView(Tolerant):
    """An amount of the last plan (PAY-2): its date, its weight, and how it was to be paid where that was said."""

    due: date
    amount: Money
    method: str | None

    @classmethod
    def of(cls, planned: PlannedBefore, currency: str) -> Self:
        """An amount of a last plan."""
        return cls(due=planned.due, amount=Money(amount=planned.amount, currency=currency), method=planned.method)


class InAttemptView(Tolerant):
    """What is being attempted (PAY-6, CRE-3): by a provider, or by a client credit or a gift card, which is named."""

    id: str
    amount: Money
    credit: str | None
    card: bool
    """True if it is a gift card that pays (CRE-8)."""
    instalments: list[str]
    """The instalments that it took, in part or whole."""

    @classmethod
    def of(cls, attempt: Attempt, currency: str) -> Self:
        """An attempt of a schedule."""
        return cls(
            id=attempt.id,
            amount=Money(amount=attempt.amount, currency=currency),
            credit=attempt.credit,
            card=attempt.card,
            instalments=[part.instalment.id for part in attempt.taken],
        )


def _instalments(schedule: Schedule) -> list[InstalmentView]:
    paused = schedule.paused
    return [InstalmentView.of(each, schedule.currency, paused=each.id in paused) for each in schedule.instalments]


class ScheduleView(Tolerant):
    """The schedule of a contract. ``covers`` is the version of the contract that it has applied."""

    contract: str
    number: str | None
    """The contract's number for people, such as 2027-0042 (CON-27)."""
    account: str
    version: int
    covers: int
    mode: Mode
    day: int
    fully_paid: bool
    balance: BalanceView
    instalments: list[InstalmentView]
    in_attempt: list[InAttemptView]
    last_plan: list[PlannedBeforeView]
    """What a change dropped from the dates last: a later one brings it back where nothing else is planned (PAY-2)."""
    lost: Money
    """What the bank took back that the contract no longer had, until somebody has dealt with it (PAY-9, PAY-13)."""

    @classmethod
    def of(cls, schedule: Schedule) -> Self:
        """A schedule as it is."""
        return cls(
            contract=schedule.id,
            number=schedule.number,
            account=schedule.account,
            version=schedule.version,
            covers=schedule.covers,
            mode=schedule.mode,
            day=schedule.day,
            fully_paid=schedule.fully_paid,
            balance=BalanceView.of(schedule),
            instalments=_instalments(schedule),
            in_attempt=[InAttemptView.of(each, schedule.currency) for each in schedule.attempts],
            last_plan=[PlannedBeforeView.of(each, schedule.currency) for each in schedule.last_plan],
            lost=Money(amount=schedule.lost, currency=schedule.currency),
        )


class Moment(Tolerant):
    """A schedule before or after a change."""

    balance: BalanceView
    instalments: list[InstalmentView]

    @classmethod
    def of(cls, schedule: Schedule) -> Self:
        """That schedule."""
        return cls(balance=BalanceView.of(schedule), instalments=_instalments(schedule))


class PreviewView(Tolerant):
    """What a change would do (CON-3): ``schedule_version`` is the version that it was shown on.

    The instalments that the change would make have ids of their own in every preview.
    """

    schedule_version: int
    covers: int
    before: Moment | None
    """None before an opening."""
    after: Moment

    @classmethod
    def of(cls, before: Schedule | None, after: Schedule) -> Self:
        """The schedule before and after."""
        return cls(
            schedule_version=before.version if before else 0,
            covers=before.covers if before else 0,
            before=Moment.of(before) if before else None,
            after=Moment.of(after),
        )


class CorrectionView(Tolerant):
    """Who corrected something, when and why; ``reason`` is for staff, and gone once a person was erased (ORG-4)."""

    reason: str | None
    on: date
    at: Instant
    by: str

    @classmethod
    def of(cls, correction: Correction | None, *, for_staff: bool = True) -> Self | None:
        """A correction as it is kept; None if there is none."""
        if correction is None:
            return None
        reason = correction.reason if for_staff else None
        return cls(reason=reason, on=correction.on, at=correction.at, by=correction.by)


class PaymentView(Tolerant):
    """A payment: staff recorded it, or a provider collected it, whose own id of it is ``reference``.

    ``voided`` says that it was a wrong entry, where it was (PAY-19).
    """

    id: str
    contract: str
    amount: Money
    method: Method
    received_on: date
    instalment: str | None
    recorded_at: Instant
    recorded_by: str
    provider: str | None
    reference: str | None
    refunded: Money
    reversed: Money
    beyond: Money
    """What the bank took of it though it was settled before, so that the contract no longer had it (PAY-13)."""
    lost: Money
    """The part of ``beyond`` that nobody has dealt with yet (PAY-9)."""
    voided: CorrectionView | None
    imported: bool
    """Whether another system received it, and it came with its contract (IMP-3)."""

    @classmethod
    def of(cls, payment: Payment, *, for_staff: bool = True) -> Self:
        """A payment as it is kept."""
        amounts = {name: getattr(payment, name) for name in ("amount", "refunded", "reversed", "beyond", "lost")}
        return cls(
            **{name: Money(amount=amount, currency=payment.currency) for name, amount in amounts.items()},
            **payment.model_dump(include=cls.model_fields.keys() - amounts.keys() - {"voided"}),
            voided=CorrectionView.of(payment.voided, for_staff=for_staff),
        )


class RecordedView(Tolerant):
    """A payment just recorded, and the schedule as it then is."""

    payment: PaymentView
    schedule: ScheduleView


class FollowUpView(Tolerant):
    """A contract in the follow-up (PAY-9): ``late`` was planned before the organisation's today.

    ``processing`` is being attempted, ``awaiting_correction`` is the part of ``to_refund`` that support is to settle,
    ``credit_used`` the part of ``paid`` that client credits brought, ``lost`` what the bank took back that the contract
    no longer had, until somebody has dealt with it (PAY-9).
    """

    contract: str
    number: str | None
    """The contract's number for people, such as 2027-0042 (CON-27)."""
    account: str
    account_number: str | None
    owner: str | None
    members: list[str]
    mode: Mode
    total: Money
    paid: Money
    processing: Money
    due: Money
    late: Money
    late_since: date | None
    next_due: date | None
    """The date of the next instalment that is not late; null where none is to come."""
    next_amount: Money | None
    """What is due on it."""
    to_refund: Money
    awaiting_correction: Money
    to_refund_since: date | None
    credit_used: Money
    lost: Money
    fully_paid: bool

    @classmethod
    def of(cls, row: FollowUp, today: date) -> Self:
        """A row as it reads on that day."""

        def money(amount: int) -> Money:
            return Money(amount=amount, currency=row.currency)

        coming = row.next_planned(today)
        return cls(
            contract=row.id,
            number=row.number,
            account=row.account,
            account_number=row.names.number,
            owner=row.names.owner,
            members=list(row.names.members),
            mode=row.mode,
            total=money(row.total),
            paid=money(row.paid),
            processing=money(row.processing),
            due=money(row.due),
            late=money(row.late(today)),
            late_since=row.late_since(today),
            next_due=coming.due if coming else None,
            next_amount=money(coming.amount) if coming else None,
            to_refund=money(row.refund_due),
            awaiting_correction=money(row.awaiting_correction),
            to_refund_since=row.refund_since,
            credit_used=money(row.credit_used),
            lost=money(row.lost),
            fully_paid=row.fully_paid,
        )


class HeldChequeView(Tolerant):
    """A cheque of the deposit list (PAY-7); its id is the instalment's, ``due`` its deposit date."""

    id: str
    contract: str
    number: str | None
    """The contract's number for people (CON-27)."""
    account: str
    due: date
    amount: Money
    bank: str
    holder: str | None
    """None once the person was erased (ORG-4)."""

    @classmethod
    def of(cls, cheque: HeldCheque) -> Self:
        """A cheque as it is held."""
        return cls(
            amount=Money(amount=cheque.amount, currency=cheque.currency),
            **cheque.model_dump(include={"id", "contract", "number", "account", "due", "bank", "holder"}),
        )
