"""PAY-18: remittances: due instalments in one file of direct debits, from building it to what the bank made of it.

built ──sent──▶ sent ──credited──▶ collected
  └──taken back──▶ taken_back

Each instalment in it is an attempt from building on (PAY-6), so that it can be in no other file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from carnet.refusals import conflict, invalid, unknown
from payments.collection.domain.collecting import Claim, for_the_run, start
from payments.collection.domain.orders import Order
from payments.payment_methods.domain import PaymentMethod
from payments.schedules.domain.attempts import failed
from payments.schedules.domain.schedule import Part, Schedule
from payments.schedules.domain.schedule_events import as_it_is, led_to
from payments.sepa.domain.banking import banking_day_from, first_collection, is_banking_day
from payments.sepa.domain.mandates import CURRENCY, Mandate
from payments.sepa.domain.settings import Creditor, SepaSettings

MOST_DEBITS = 500
"""How many instalments one file has at most; the others are in the next one."""

LONGEST_AHEAD = timedelta(days=31)
"""How far ahead a file may collect."""

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


@dataclass(frozen=True, slots=True)
class Due:
    """A schedule with something due, and the mandate that its account is debited by."""

    schedule: Schedule
    method: PaymentMethod
    mandate: Mandate
    slot: int
    """That of the schedule, which its orders have too."""


@dataclass(frozen=True, slots=True)
class Built:
    """A remittance, the schedules whose instalments are in it, and their orders."""

    decision: Decision[Remittance]
    schedules: tuple[Decision[Schedule], ...]
    orders: tuple[Order, ...]
    more: bool
    """Whether something due is left for another remittance."""


def collection_date(wanted: date | None, settings: SepaSettings, today: date) -> date:
    """The date on which a remittance that is built today collects: the one wanted, or else the first possible.

    Raises:
        Refusal: ``collection-too-early``, ``collection-too-late`` or ``no-banking-day``.
    """
    first = first_collection(today, settings.lead_days)
    if wanted is None:
        return first
    if wanted < first:
        raise invalid(
            "collection-too-early",
            f"The bank has to have the file {settings.lead_days} banking days before: collect on {first} or later.",
            rule="PAY-18",
            field="collect_on",
            possible=first.isoformat(),
        )
    last = today + LONGEST_AHEAD
    if wanted > last:
        raise invalid(
            "collection-too-late",
            f"A file collects {LONGEST_AHEAD.days} days ahead at most: collect by {last}.",
            rule="PAY-18",
            field="collect_on",
            possible=last.isoformat(),
        )
    if not is_banking_day(wanted):
        after = banking_day_from(wanted)
        raise invalid(
            "no-banking-day",
            f"Banks do not work on that day: collect on {after}, the next one.",
            rule="PAY-18",
            field="collect_on",
            possible=after.isoformat(),
        )
    return wanted


def build(remittance_id: str, settings: SepaSettings, collect_on: date, due: Sequence[Due], context: Context) -> Built:
    """Put what is due up to the collection date into one file: each instalment is an attempt from now on (PAY-6).

    Raises:
        Refusal: ``nothing-to-remit`` or ``sepa-settings-missing``.
    """
    creditor = settings.given
    schedules: list[Decision[Schedule]] = []
    orders: list[Order] = []
    debits: list[Debit] = []
    more = False
    for each in due:
        instalments = for_the_run(each.schedule, collect_on)
        room = MOST_DEBITS - len(debits)
        more = more or len(instalments) > room
        if not instalments[:room]:
            continue
        claim = Claim(None, None, each.slot)
        started = start(each.schedule, instalments[:room], each.method, claim, context)
        schedules.append(started.decision)
        orders += [order.model_copy(update={"remittance": remittance_id}) for order in started.orders]
        debits += [_debit(each, order) for order in started.orders]
    if not debits:
        raise conflict(
            "nothing-to-remit",
            f"No instalment that is due by {collect_on} is collected by direct debit.",
            rule="PAY-18",
            collect_on=collect_on.isoformat(),
        )
    remittance = Remittance(
        id=remittance_id,
        organisation=settings.organisation,
        collect_on=collect_on,
        creditor=creditor,
        debits=tuple(debits),
        built_at=context.now,
        built_by=str(context.actor),
    )
    event = published.RemittanceBuilt(
        remittance=remittance.id,
        collect_on=collect_on,
        debits=len(debits),
        amount=remittance.amount,
        currency=remittance.currency,
    )
    return Built(Decision(remittance, (event,)), tuple(schedules), tuple(orders), more)


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
    if remittance.status != status:
        raise conflict("remittance-moved-on", _WHAT_NEXT[remittance.status], rule="PAY-18", status=remittance.status)


def _debit(due: Due, order: Order) -> Debit:
    return Debit(
        attempt=order.id,
        contract=order.contract,
        number=due.schedule.number,
        account=order.account,
        mandate=due.mandate.id,
        reference=due.mandate.reference,
        signed_on=due.mandate.signed_on,
        due=order.due or due.mandate.signed_on,
        amount=order.amount,
    )
