"""PAY-2: the schedule covers what is left of the total, and CRE-6, CRE-8: what goes back to credits and gift cards."""

from collections.abc import Iterable

from carnet.dates import month_after
from carnet.decisions import Context
from carnet.money import split
from payments.schedules.domain.schedule import CreditUse, Instalment, PlannedBefore, Schedule, balanced


def cover(schedule: Schedule, context: Context) -> Schedule:
    """The schedule once what is planned, unscheduled or to refund covers R (PAY-2).

    R = total − paid − processing, as ``schedule`` has them; a schedule that covers it already
    comes back as it is. ``context.today`` is the date on which the change takes effect.

    A charge with a date of its own is separate (PAY-15): a rise never lands on it, and a fall is taken from it only
    once nothing else can give. What gift cards had paid of what now sells gift cards goes back to them first (CRE-8).
    """
    schedule = _without_cards_for_cards(schedule)
    left = schedule.left
    if left <= 0:
        return balanced(_nothing_left(schedule))
    schedule = schedule.but(refund_due=0)
    gap = left - schedule.planned - schedule.unscheduled
    if gap > 0:
        return balanced(_raised(schedule, gap, context))
    from_unscheduled = min(-gap, schedule.unscheduled)
    schedule = schedule.but(unscheduled=schedule.unscheduled - from_unscheduled)
    return balanced(_lowered(schedule, -gap - from_unscheduled))


def respread(schedule: Schedule, change: int, sharing: Iterable[Instalment]) -> Schedule:
    """The instalments ``sharing`` share ``change`` by MON-2; one that comes to zero disappears.

    ``change`` is of either sign and takes no more than they have.
    """
    sharing = tuple(sharing)
    weights = [each.amount for each in sharing]
    shares = split(sum(weights) + change, weights)
    resized = {each.id: each.resized(share) for each, share in zip(sharing, shares, strict=True)}
    instalments = (resized.get(each.id, each) for each in schedule.instalments)
    return schedule.but(instalments=[each for each in instalments if each.amount])


def one_more(schedule: Schedule, amount: int, context: Context) -> Schedule:
    """``amount`` where no instalment may take it: online one month after the latest, on site unscheduled.

    Today at the earliest, or where no instalment has a date before a pause is lifted (PAY-2, PAY-5, CON-18).
    """
    if schedule.mode == "on_site":
        return schedule.but(unscheduled=schedule.unscheduled + amount)
    dated = schedule.ordinary or schedule.dated
    due = max(month_after(dated[-1].due, schedule.day), context.today) if dated else context.today
    return schedule.but(
        instalments=(*schedule.instalments, Instalment(id=context.new_id(), due=due, amount=amount)),
    )


def _nothing_left(schedule: Schedule) -> Schedule:
    """R ≤ 0: what was on dates is dropped and remembered, since a second change may bring it back (PAY-2)."""
    excess = -schedule.left
    dropped = tuple(
        PlannedBefore(due=each.due, amount=each.amount, method=each.method)
        for each in schedule.instalments
        if not each.held and each.line is None
    )
    uses, given_back = _given_back(schedule.credit_uses, excess)
    return schedule.but(
        instalments=(),
        unscheduled=0,
        credit_uses=uses,
        paid=schedule.paid - given_back,
        refund_due=excess - given_back,
        last_plan=dropped or schedule.last_plan,
    )


def _without_cards_for_cards(schedule: Schedule) -> Schedule:
    """The schedule once no gift card pays what sells gift cards: the latest use goes back first (CRE-8)."""
    beyond = schedule.by_cards - schedule.for_cards
    if beyond <= 0:
        return schedule
    uses, given_back = _given_back(schedule.credit_uses, beyond, of_cards=True)
    return schedule.but(credit_uses=uses, paid=schedule.paid - given_back)


def _given_back(
    uses: tuple[CreditUse, ...], excess: int, *, of_cards: bool = False
) -> tuple[tuple[CreditUse, ...], int]:
    """The uses that remain and what went back to credits, or to gift cards only, the latest use first (CRE-6)."""
    kept: list[CreditUse] = []
    given_back = 0
    for use in reversed(uses):
        part = 0 if of_cards and not use.card else min(use.amount, excess - given_back)
        given_back += part
        if use.amount > part:
            kept.append(use.model_copy(update={"amount": use.amount - part}))
    return tuple(reversed(kept)), given_back


def _raised(schedule: Schedule, rise: int, context: Context) -> Schedule:
    if not schedule.ordinary:
        return _with_nothing_planned(schedule, rise, context)
    sharing = [each for each in schedule.instalments if each.open(context.today)]
    return respread(schedule, rise, sharing) if sharing else one_more(schedule, rise, context)


def _with_nothing_planned(schedule: Schedule, rise: int, context: Context) -> Schedule:
    if schedule.mode == "on_site" or schedule.unscheduled:
        return schedule.but(unscheduled=schedule.unscheduled + rise)
    coming = [each for each in schedule.last_plan if each.due >= context.today]
    if not coming:
        coming = [PlannedBefore(due=context.today, amount=rise)]
    shares = split(rise, [each.amount for each in coming])
    back = (
        Instalment(id=context.new_id(), due=each.due, amount=share, method=each.method)
        for each, share in zip(coming, shares, strict=True)
        if share
    )
    return schedule.but(instalments=(*schedule.instalments, *back), last_plan=())


def _lowered(schedule: Schedule, fall: int) -> Schedule:
    """Those that are free give first, then the latest fixed ones and cheques, then the earliest charges."""
    if fall == 0:
        return schedule
    sharing = [each for each in schedule.instalments if each.free]
    from_free = min(fall, sum(each.amount for each in sharing))
    firm = [each for each in schedule.ordinary if not each.free]
    from_firm = min(fall - from_free, sum(each.amount for each in firm))
    if from_free:
        schedule = respread(schedule, -from_free, sharing)
    if from_firm:
        schedule = _latest_give_way(schedule, firm, from_firm)
    return _earliest_charges_give_way(schedule, fall - from_free - from_firm)


def _earliest_charges_give_way(schedule: Schedule, fall: int) -> Schedule:
    """What was paid too much pays the next charges (PAY-15)."""
    kept = []
    for each in schedule.instalments:
        part = min(each.amount, fall) if each.line else 0
        fall -= part
        if each.amount > part:
            kept.append(each.resized(each.amount - part))
    return schedule.but(instalments=kept)


def _latest_give_way(schedule: Schedule, firm: list[Instalment], fall: int) -> Schedule:
    """The latest of the ``firm`` instalments bear ``fall``, which they suffice for; a cheque goes back whole."""
    unscheduled = schedule.unscheduled
    left = list(firm)
    while fall:
        latest = left.pop()
        if latest.amount > fall and not latest.held:
            left.append(latest.resized(latest.amount - fall))
        elif latest.amount > fall:
            unscheduled += latest.amount - fall
        fall = max(fall - latest.amount, 0)
    firm_ids = {each.id for each in firm}
    others = (each for each in schedule.instalments if each.id not in firm_ids)
    return schedule.but(instalments=(*others, *left), unscheduled=unscheduled)
