"""PAY-18: remittances: due instalments in one file of direct debits, from building it to what the bank made of it.

built ──sent──▶ sent ──credited──▶ collected
  └──taken back──▶ taken_back

Each instalment in it is an attempt from building on (PAY-6), so that it can be in no other file.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from carnet.refusals import conflict, unknown
from payments.collection.domain.orders import Order
from payments.schedules.domain.attempts import failed
from payments.schedules.domain.schedule import Part, Schedule
from payments.schedules.domain.schedule_events import as_it_is, led_to
from payments.sepa.domain.mandates import CURRENCY
from payments.sepa.domain.settings import UNKNOWN_STATUS, Creditor

Status = Literal["built", "sent", "taken_back", "collected"]


class Debit(Part):
    """An instalment in a remittance, as it was when it was built."""

    attempt: str
    contract: str
    number: str | None
    """The contract's number for people."""
    account: str
    mandate: str
    reference: str
    """The mandate's unique reference."""
    signed_on: date
    due: date
    amount: int
    instalment: str | None = None
    """Which one it is; None in what older releases built."""


class Remittance(State):
    """A file of direct debits; amounts are in minor units of the euro."""

    collect_on: date
    creditor: Creditor
    """As it was when it was built."""
    debits: tuple[Debit, ...]
    status: Status = "built"
    built_at: Instant
    built_by: str
    sent_on: date | None = None
    ended_on: date | None = None
    """The date on which it was taken back or credited."""

    @property
    def amount(self) -> int:
        """The sum of its debits."""
        return sum(debit.amount for debit in self.debits)

    @property
    def currency(self) -> str:
        """The euro."""
        return CURRENCY

    def debit(self, attempt: str) -> Debit:
        """The debit of that attempt, or an ``unknown-attempt`` refusal."""
        for debit in self.debits:
            if debit.attempt == attempt:
                return debit
        raise unknown("attempt", attempt)


def mark_sent(remittance: Remittance, context: Context) -> Decision[Remittance]:
    """The file was handed to the bank: it can't be taken back any more.

    Raises:
        Refusal: ``remittance-moved-on``.
    """
    _must_be(remittance, "built")
    after = remittance.model_copy(update={"status": "sent", "sent_on": context.today})
    return Decision(after, (published.RemittanceSent(remittance=remittance.id, sent_on=context.today),))


def take_back(remittance: Remittance, context: Context) -> Decision[Remittance]:
    """The file is not sent after all; ``withdrawn`` says what becomes of each debit.

    Raises:
        Refusal: ``remittance-moved-on`` once it was sent.
    """
    _must_be(remittance, "built")
    after = remittance.model_copy(update={"status": "taken_back", "ended_on": context.today})
    return Decision(after, (published.RemittanceTakenBack(remittance=remittance.id, effective_on=context.today),))


def withdrawn(schedule: Schedule, order: Order, context: Context) -> Decision[Schedule]:
    """An attempt of a remittance that was taken back: its amount is where it was, as if never attempted.

    Raises:
        Refusal: ``unknown-attempt``.
    """
    after = failed(schedule, order.id, context)
    event = published.CollectionWithdrawn(
        **as_it_is(after, context),
        attempt=order.id,
        instalment=order.instalment or order.id,
        due=order.due or context.today,
        amount=order.amount,
        method=order.method_kind,
        remittance=order.remittance or order.id,
    )
    return Decision(after, (event, *led_to(schedule, after, context)))


def mark_collected(remittance: Remittance, context: Context) -> Decision[Remittance]:
    """The bank has credited the remittance: what it did not refuse is paid.

    Raises:
        Refusal: ``remittance-moved-on``, or ``remittance-not-due`` before its collection date.
    """
    _must_be(remittance, "sent")
    if context.today < remittance.collect_on:
        raise conflict(
            "remittance-not-due",
            f"The bank credits this remittance on {remittance.collect_on}. Wait until then.",
            rule="PAY-18",
            collect_on=remittance.collect_on.isoformat(),
        )
    return settled(remittance, context)


def settled(remittance: Remittance, context: Context) -> Decision[Remittance]:
    """The bank's files have reported the outcome of each of its debits: none is open any more."""
    after = remittance.model_copy(update={"status": "collected", "ended_on": context.today})
    return Decision(after, (published.RemittanceCollected(remittance=remittance.id, effective_on=context.today),))


def refusable(remittance: Remittance, order: Order) -> None:
    """Refuse to say of a debit that the bank refused it: it was not sent, or it has ended.

    Raises:
        Refusal: ``remittance-moved-on`` or ``debit-ended``.
    """
    _must_be(remittance, "sent")
    if order.over:
        raise conflict(
            "debit-ended",
            "This debit has ended already. If the bank took it back after it was paid, record a reversal of the "
            "payment.",
            rule="PAY-18",
            attempt=order.id,
            status=order.status,
        )


_WHAT_NEXT: Mapping[Status, str] = {
    "built": "It was not marked as sent yet: do that first, once the bank has it.",
    "sent": "It was sent to the bank: it can't be taken back any more, but each refused debit can be recorded.",
    "taken_back": "It was taken back: build another one.",
    "collected": "The bank has credited it: record what it takes back later as reversals of the payments.",
}


def _must_be(remittance: Remittance, status: Status) -> None:
    if remittance.status == status:
        return
    if remittance.status not in _WHAT_NEXT:
        raise conflict("remittance-moved-on", UNKNOWN_STATUS, rule="PAY-18", status=remittance.status)
    raise conflict("remittance-moved-on", _WHAT_NEXT[remittance.status], rule="PAY-18", status=remittance.status)
