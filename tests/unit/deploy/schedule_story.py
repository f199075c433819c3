"""A contract and its schedule in memory, moved by the real functions of payments, and their journal."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from carnet.decisions import Context, Decision
from carnet.events import payments as events
from carnet.events.base import Event
from carnet.events.contracts import ContractTerms, Instalments
from carnet.journal import rows_of
from carnet_operations.verify.contracts.rebuilt import ReplayedContract, WholeChange
from payments.receipts.domain.receiving import Received, receive
from payments.refunds.domain.refunds import settle, take_back
from payments.schedules.domain import attempts
from payments.schedules.domain.decisions import adjust_schedule, open_schedule, record_payment
from payments.schedules.domain.schedule import Schedule
from payments.schedules.domain.schedule_events import as_it_is, led_to
from tests.findings import Document
from tests.unit.payments.payments_builders import CONTRACT, TODAY, a_context, an_id, an_opening

CREDIT, OTHER_CREDIT = an_id(71), an_id(72)


@dataclass
class Story:
    """What happens, one method each; ``rows`` is the journal of the schedule."""

    contract: ReplayedContract = field(default_factory=lambda: ReplayedContract(CONTRACT))
    rows: list[Document] = field(default_factory=list)
    _schedule: Schedule | None = None
    _ids: int = 100

    @property
    def schedule(self) -> Schedule:
        assert self._schedule is not None
        return self._schedule

    def opened(self, total: int, count: int) -> None:
        context = self._agreed(total)
        opening = an_opening("online", Instalments(count=count), total)
        self._save(open_schedule(opening, context), context)

    def changed(self, total: int) -> None:
        context = self._agreed(total)
        covers = self.contract.changes[-1].version
        self._save(
            adjust_schedule(self.schedule, ContractTerms(total=total, live_lines=1, version=covers), context), context
        )

    def paid(self, amount: int) -> str:
        context, payment = self._context(), self._id()
        received = Received(amount, "cash", context.today)
        self._save(record_payment(self.schedule, received, payment, context), context)
        return payment

    def started(self, index: int = 0) -> str:
        """The instalment of that index goes to the provider."""
        attempt, instalment = self._id(), self.schedule.instalments[index]
        self._moves(
            lambda schedule, _: attempts.collect(schedule, instalment.id, attempt),
            events.CollectionStarted,
            attempt=attempt,
            instalment=instalment.id,
            due=instalment.due,
            amount=instalment.amount,
            method="card",
            number=1,
        )
        return attempt

    def collected(self, attempt: str, amount: int, *, late: bool = False) -> None:
        def after(schedule: Schedule, context: Context) -> Schedule:
            if late:
                return receive(schedule, Received(amount, "card", context.today), context)
            return attempts.succeeded(schedule, attempt, context)

        context = self._context()
        before, moved = self.schedule, after(self.schedule, context)
        shown = {name: value for name, value in as_it_is(moved, context).items() if name != "effective_on"}
        event = events.PaymentCollected(
            **shown, payment=attempt, attempt=attempt, amount=amount, method="card", received_on=context.today
        )
        self._save(Decision(moved, (event, *led_to(before, moved, context))), context)

    def failed(self, attempt: str) -> None:
        taken = next(each for each in self.schedule.attempts if each.id == attempt).taken[0]
        self._moves(
            lambda schedule, context: attempts.failed(schedule, attempt, context),
            events.PaymentFailed,
            attempt=attempt,
            instalment=taken.instalment.id,
            due=taken.instalment.due,
            amount=taken.amount,
            method="card",
            reason="refused",
            next_try=None,
        )

    def method_missing(self) -> None:
        first = self.schedule.instalments[0]
        self._moves(
            lambda schedule, _: schedule,
            events.PaymentMethodMissing,
            instalment=first.id,
            due=first.due,
            amount=first.amount,
        )

    def use_requested(self, credit: str, amount: int) -> str:
        request = self._id()
        self._moves(
            lambda schedule, _: attempts.use_credit(schedule, credit, amount, request),
            events.CreditUseRequested,
            request=request,
            credit=credit,
            amount=amount,
        )
        return request

    def use_completed(self, request: str, credit: str, amount: int) -> None:
        context = self._context()
        after = attempts.succeeded(self.schedule, request, context)
        event = events.CreditUseCompleted(**as_it_is(after, context), request=request, credit=credit, amount=amount)
        used = attempts.CreditUse(credit=credit, amount=amount)
        before = self.schedule.but(credit_uses=(*self.schedule.credit_uses, used))
        self._save(Decision(after, (event, *led_to(before, after, context))), context)

    def use_returned(self, request: str, credit: str, amount: int) -> None:
        self._moves(
            lambda schedule, context: attempts.failed(schedule, request, context),
            events.CreditUseReturned,
            request=request,
            credit=credit,
            amount=amount,
            reason="more-than-left",
        )

    def settled(self, amount: int, how: str, **parts: int) -> str:
        """``parts`` are what goes back of each payment."""
        settlement = self._id()
        self._moves(
            lambda schedule, _: settle(schedule, amount),
            events.RefundLineSettled,
            settling=amount,
            settlement=settlement,
            amount=amount,
            how=how,
            left=self.schedule.refund_due - amount,
            credit=self._id() if how == "converted" else None,
            payments=tuple(events.PaymentReturned(payment=payment, amount=part) for payment, part in parts.items()),
        )
        return settlement

    def refund_failed(self, settlement: str, payment: str, amount: int, *, taken: int = 0) -> None:
        """``taken`` is what of it the bank had taken beyond what the contract had."""
        self._moves(
            lambda schedule, context: attempts.cover(schedule.but(paid=schedule.paid + amount - taken), context),
            events.RefundFailed,
            settlement=settlement,
            payment=payment,
            amount=amount,
            reason="other",
            recovered=taken,
        )

    def voided(self, payment: str, amount: int) -> None:
        self._moves(
            lambda schedule, context: attempts.cover(schedule.but(paid=schedule.paid - amount), context),
            events.PaymentVoided,
            payment=payment,
            amount=amount,
            method="cash",
            received_on=TODAY,
        )

    def settlement_voided(self, settlement: str, amount: int, how: str, **recovered: int) -> None:
        """``recovered`` is what of it the bank had taken of each payment beyond what the contract had."""
        back = amount - sum(recovered.values())
        self._moves(
            lambda schedule, context: attempts.cover(schedule.but(paid=schedule.paid + back), context),
            events.SettlementVoided,
            settlement=settlement,
            amount=amount,
            how=how,
            settled_on=TODAY,
            recovered=tuple(events.PaymentReturned(payment=each, amount=part) for each, part in recovered.items()),
        )

    def loss_resolved(self, payment: str, amount: int, *, left: int = 0) -> None:
        self._publishes(events.LossResolved, payment=payment, amount=amount, left=left)

    def reversal_confirmed(self, payment: str, reversal: str, amount: int) -> None:
        self._publishes(events.ReversalConfirmed, payment=payment, reversal=reversal, amount=amount)

    def _publishes(self, event: type[Event], **fields: Any) -> None:
        """An event that moves no balance."""
        context, schedule = self._context(), self.schedule
        about = {"contract": schedule.id, "account": schedule.account, "currency": schedule.currency}
        self._save(Decision(schedule, (event(**about, effective_on=context.today, **fields),)), context)

    def reversed(self, payment: str, amount: int, *, beyond: int = 0) -> None:
        self._moves(
            lambda schedule, context: take_back(schedule, amount - beyond, context),
            events.PaymentReversed,
            payment=payment,
            amount=amount,
            method="card",
            reason="chargeback",
            beyond=beyond,
        )

    def _moves(
        self,
        moving: Callable[[Schedule, Context], Schedule],
        event: type[Event],
        settling: int = 0,
        **fields: Any,
    ) -> None:
        context = self._context()
        after = moving(self.schedule, context)
        made = event(**as_it_is(after, context), **fields)
        self._save(Decision(after, (made, *led_to(self.schedule, after, context, settled=settling))), context)

    def _save(self, decision: Decision[Schedule], context: Context) -> None:
        after, version = decision.state, len(self.rows)
        self.rows += [dict(row) for row in rows_of(CONTRACT, after.organisation, version, decision.events, context)]
        self._schedule = after

    def _agreed(self, total: int) -> Context:
        """A change of the contract, which the schedule must answer."""
        changes = self.contract.changes
        context = self._context()
        version = changes[-1].version + 1 if changes else 3
        changes.append(WholeChange(context.change, version, not changes, total, 1, touches_products=True))
        return context

    def _context(self) -> Context:
        self._ids += 100
        return replace(a_context(date(2026, 11, 21), self._ids), change=self._id())

    def _id(self) -> str:
        self._ids += 1
        return an_id(self._ids)


def season() -> Story:
    """A contract on which everything happens that can move a schedule."""
    story = Story()
    story.opened(90_000, count=3)
    first = story.started()
    story.collected(first, 30_000)
    story.failed(story.started())
    second = story.started()
    story.failed(second)
    story.collected(second, 30_000, late=True)
    story.method_missing()
    request = story.use_requested(CREDIT, 10_000)
    story.use_completed(request, CREDIT, 10_000)
    request = story.use_requested(OTHER_CREDIT, 5_000)
    story.use_returned(request, OTHER_CREDIT, 5_000)
    request = story.use_requested(OTHER_CREDIT, 6_000)
    story.changed(75_000)
    story.use_completed(request, OTHER_CREDIT, 6_000)
    story.changed(50_000)
    settlement = story.settled(4_000, "refunded", **{second: 4_000})
    story.refund_failed(settlement, second, 4_000)
    story.settled(7_000, "converted")
    story.reversed(first, 5_000)
    story.paid(2_000)
    return story
