"""PAY-18: a remittance is built: what is due goes into one file, on a day that its bank can make (PAY-6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from carnet.decisions import Context, Decision
from carnet.events import payments as published
from carnet.refusals import conflict, invalid
from payments.collection.domain.orders import Order
from payments.collection.domain.starting import Claim, for_the_run, start
from payments.payment_methods.domain import PaymentMethod
from payments.schedules.domain.schedule import Schedule
from payments.sepa.domain.announcing import announce, announced_late
from payments.sepa.domain.banking import banking_day_from, first_collection, is_banking_day
from payments.sepa.domain.mandates import UNUSED_MONTHS, Mandate
from payments.sepa.domain.remittances import Debit, Remittance
from payments.sepa.domain.settings import SepaSettings

MOST_DEBITS = 500
"""How many instalments one file has at most; the others are in the next one."""

LONGEST_AHEAD = timedelta(days=31)
"""How far ahead a file may collect."""


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
    mandates: tuple[Decision[Mandate], ...]
    """Those that are debited: their families are informed of what is new."""
    late_notice: int
    """Of how many debits the families are informed later than was agreed."""
    more: bool
    """Whether something due is left for another remittance."""
    lapsed: int
    """How many families with something due are in none: their mandate will have lapsed by the collection date."""


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


def notice_date(settings: SepaSettings, today: date) -> date:
    """The first day that a remittance can collect on and whose families are informed in time, if it is built today."""
    in_time = banking_day_from(today + timedelta(days=settings.notice_days))
    return max(in_time, first_collection(today, settings.lead_days))


def build(
    remittance_id: str,
    settings: SepaSettings,
    collect_on: date,
    due: Sequence[Due],
    context: Context,
    *,
    lapsed: int = 0,
) -> Built:
    """Put what is due up to the collection date into one file: each instalment is an attempt from now on (PAY-6).

    ``lapsed`` is how many families with something due have a mandate that can't be used on that date any more.

    Raises:
        Refusal: ``nothing-to-remit``, ``mandates-lapsed`` or ``sepa-settings-missing``.
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
    if not debits and lapsed:
        raise conflict(
            "mandates-lapsed",
            f"Nothing can be debited on {collect_on}: the mandates of {lapsed} families with something due were not "
            f"used for {UNUSED_MONTHS} months by then, and have lapsed. Have new ones signed, or agree on another "
            "payment method.",
            rule="PAY-18",
            lapsed=lapsed,
            months=UNUSED_MONTHS,
            collect_on=collect_on.isoformat(),
        )
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
    known = {each.mandate.id: each.mandate for each in due}
    late = sum(announced_late(mandate, remittance, settings, context) for mandate in known.values())
    announced = tuple(announce(mandate, remittance, context) for mandate in known.values())
    return Built(Decision(remittance, (event,)), tuple(schedules), tuple(orders), announced, late, more, lapsed)


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
        instalment=order.instalment,
    )
