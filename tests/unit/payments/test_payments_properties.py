"""What holds for every schedule after any sequence of steps."""

from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.decisions import Context
from carnet.events.contracts import AtOnce, ContractTerms, DatedCharge, Deposit, Instalments, Later, OnSite
from carnet.refusals import Refusal
from carnet.sales import ALLOWED
from payments.receipts.domain.receiving import PostDated, Received, hold, receive
from payments.refunds.domain.refunds import settle, take_back
from payments.schedules.domain.attempts import collect, failed, succeeded, use_credit
from payments.schedules.domain.covering import cover
from payments.schedules.domain.decisions import adjust_schedule, hold_cheques, open_schedule, record_payment
from payments.schedules.domain.schedule import Schedule, balanced
from payments.schedules.domain.starting import Opening, start
from payments.schedules.domain.upcoming import cancel, change_amount, change_date, plan
from tests.unit.payments.payments_builders import PAYMENT, TODAY, a_charge, a_context, an_id, an_opening

AMOUNTS = st.one_of(st.integers(1, 30), st.integers(1, 100_000))
TOTALS = st.one_of(st.integers(0, 30), st.integers(0, 100_000))
DATES = st.integers(-20, 400).map(lambda days: TODAY + timedelta(days=days))
FIRST_DATES = st.none() | st.integers(0, 400).map(lambda days: TODAY + timedelta(days=days))
COUNTS = st.integers(1, 12)

Step = Callable[[Schedule, Context], Schedule]


def _nth(schedule: Schedule, n: int) -> str:
    return schedule.instalments[n % len(schedule.instalments)].id if schedule.instalments else "none"


def _attempt(schedule: Schedule, n: int) -> str:
    return schedule.attempts[n % len(schedule.attempts)].id if schedule.attempts else "none"


POSITIONS = st.integers(0, 11)
charges = st.dictionaries(st.integers(70, 74), st.tuples(DATES, AMOUNTS), max_size=4).map(
    lambda lines: tuple(a_charge(number, due, amount) for number, (due, amount) in lines.items())
)


def led_to(terms: tuple[int, tuple[DatedCharge, ...]]) -> Step:
    """A change of the contract: what its other lines come to, and its charges."""
    others, dated = terms
    total = others + sum(charge.amount for charge in dated)
    return lambda s, c: (
        adjust_schedule(s, ContractTerms(total=total, live_lines=1, version=s.covers + 1, charges=dated), c).state
    )


changes: st.SearchStrategy[Step] = st.one_of(
    TOTALS.map(lambda total: lambda s, c: cover(s.but(total=total), c)),
    st.tuples(TOTALS, charges).map(led_to),
)
payments: st.SearchStrategy[Step] = st.one_of(
    AMOUNTS.map(lambda amount: lambda s, c: receive(s, Received(amount, "cash", c.today), c)),
    st.tuples(AMOUNTS, POSITIONS).map(
        lambda it: lambda s, c: receive(s, Received(it[0], "card", c.today, _nth(s, it[1])), c)
    ),
    POSITIONS.map(
        lambda n: lambda s, c: receive(s, Received(s.instalment(_nth(s, n)).amount, "cheque", c.today, _nth(s, n)), c)
    ),
    st.lists(st.tuples(DATES, AMOUNTS), min_size=1, max_size=3).map(
        lambda cheques: lambda s, c: hold(s, tuple(PostDated(due, amount, "N", "M") for due, amount in cheques), c)
    ),
)
upcoming: st.SearchStrategy[Step] = st.one_of(
    st.tuples(POSITIONS, AMOUNTS).map(lambda it: lambda s, c: change_amount(s, _nth(s, it[0]), it[1], c)),
    st.tuples(POSITIONS, DATES).map(lambda it: lambda s, c: change_date(s, _nth(s, it[0]), it[1], c)),
    POSITIONS.map(lambda n: lambda s, _: cancel(s, _nth(s, n))),
    st.tuples(DATES, COUNTS).map(lambda it: lambda s, c: plan(s, it[0], it[1], c)),
)
attempts: st.SearchStrategy[Step] = st.one_of(
    POSITIONS.map(lambda n: lambda s, c: collect(s, _nth(s, n), c.new_id())),
    st.tuples(st.sampled_from((an_id(90), an_id(91))), AMOUNTS).map(
        lambda it: lambda s, c: use_credit(s, it[0], it[1], c.new_id())
    ),
    POSITIONS.map(lambda n: lambda s, c: succeeded(s, _attempt(s, n), c)),
    POSITIONS.map(lambda n: lambda s, c: failed(s, _attempt(s, n), c)),
)
marks: st.SearchStrategy[Step] = st.tuples(
    POSITIONS, st.sampled_from(("gave_up", "waits_for_method", "on_request"))
).map(
    lambda it: (
        lambda s, _: s.but(
            instalments=(
                each.model_copy(update={it[1]: not each.held}) if each.id == _nth(s, it[0]) else each
                for each in s.instalments
            )
        )
    )
)
refunds: st.SearchStrategy[Step] = st.one_of(
    AMOUNTS.map(lambda amount: lambda s, _: settle(s, amount)),
    AMOUNTS.map(lambda amount: lambda s, c: take_back(s, amount, c)),
)
steps = st.lists(st.one_of(changes, changes, payments, upcoming, attempts, marks, refunds), max_size=15)

sales = st.one_of(
    st.just(AtOnce()),
    st.builds(Instalments, count=COUNTS, first_due=FIRST_DATES),
    st.builds(Deposit, deposit=AMOUNTS, count=COUNTS, first_due=FIRST_DATES),
    st.just(Later()),
    st.just(OnSite()),
)


def allowed(opening: Opening) -> bool:
    return opening.sale.start in ALLOWED[opening.mode] and getattr(opening.sale, "deposit", 0) <= opening.terms.total


openings = st.builds(
    an_opening, st.sampled_from(["online", "on_site"]), sales, TOTALS, charges=st.just(()) | charges
).filter(allowed)


def after_steps(opening: Opening, sequence: list[Step]) -> Schedule:
    context = a_context()
    schedule = start(opening, context)
    for step in sequence:
        schedule = after_step(schedule, step, context)
    return schedule


def after_step(schedule: Schedule, step: Step, context: Context) -> Schedule:
    try:
        return step(schedule, context)
    except Refusal:
        return schedule


schedules = st.builds(after_steps, openings, steps)


def terms_of(schedule: Schedule, total: int, *, live_lines: int = 1, version: int = 9) -> ContractTerms:
    """Terms with another total and the charges that the contract has."""
    return ContractTerms(total=total, live_lines=live_lines, version=version, charges=schedule.charges)


@settings(max_examples=300, deadline=None)
@given(openings, steps)
def test_the_balance_identity_holds_after_every_step(opening: Opening, sequence: list[Step]) -> None:
    context = a_context()
    schedule = balanced(start(opening, context))
    for step in sequence:
        schedule = after_step(schedule, step, context)
        balance = schedule.balance
        due = balance.planned + balance.unscheduled
        assert balance.total == balance.paid + balance.processing + due - balance.refund_due
        assert not (balance.refund_due and due)
        assert list(schedule.instalments) == sorted(schedule.instalments, key=lambda each: (each.due, each.id))
        assert len({each.id for each in schedule.instalments}) == len(schedule.instalments)


@given(openings)
def test_a_start_loses_nothing(opening: Opening) -> None:
    schedule = start(opening, a_context())
    assert schedule.planned + schedule.unscheduled == opening.terms.total
    assert all(each.amount > 0 for each in schedule.instalments)


@settings(deadline=None)
@given(schedules, TOTALS)
def test_pay_1_a_total_change_leaves_paid_and_processing_alone_but_for_credits_given_back(
    schedule: Schedule, total: int
) -> None:
    after = cover(schedule.but(total=total), a_context(first_id=9000))
    given_back = sum(use.amount for use in schedule.credit_uses) - sum(use.amount for use in after.credit_uses)
    assert after.attempts == schedule.attempts
    assert after.paid == schedule.paid - given_back
    assert given_back == 0 or after.left <= 0


@settings(deadline=None)
@given(schedules, TOTALS)
def test_cheques_are_never_resized_and_fixed_ones_never_grow(schedule: Schedule, total: int) -> None:
    before = {each.id: each for each in schedule.instalments}
    for each in cover(schedule.but(total=total), a_context(first_id=9000)).instalments:
        if each.held:
            assert each == before[each.id]
        elif each.fixed:
            assert each.amount <= before[each.id].amount


@settings(deadline=None)
@given(schedules, AMOUNTS, st.integers(0, 400))
def test_pay_2_what_is_added_never_lands_on_what_nobody_collects(schedule: Schedule, rise: int, days: int) -> None:
    today = TODAY + timedelta(days=days)
    before = {each.id: each for each in schedule.instalments}
    after = cover(schedule.but(total=schedule.total + rise), a_context(today, first_id=9000))
    for each in after.instalments:
        was = before.get(each.id)
        if was is None or each.amount > was.amount:
            assert each.due >= today
            assert each.free
            assert (each.on_request, each.gave_up, each.waits_for_method) == (False, False, False)


@settings(deadline=None)
@given(schedules, st.integers(0, 400))
def test_pay_2_a_mistake_undone_in_a_second_change_brings_the_dates_back(schedule: Schedule, days: int) -> None:
    if schedule.mode == "on_site" or schedule.unscheduled or schedule.credit_uses or schedule.left <= 0:
        return
    context = a_context(TODAY + timedelta(days=days), first_id=9000)
    dropped = cover(schedule.but(total=schedule.paid + schedule.processing), context)
    kept = [(each.due, each.amount) for each in schedule.ordinary if not each.held]
    assert dropped.instalments == ()
    assert [(each.due, each.amount) for each in dropped.last_plan] == kept or not kept
    after = cover(dropped.but(total=schedule.total), context)
    coming = [(each.due, each.amount) for each in dropped.last_plan if each.due >= context.today]
    assert after.planned == schedule.planned
    assert {each.due for each in after.instalments} <= ({due for due, _ in coming} or {context.today})
    if coming == [(each.due, each.amount) for each in schedule.instalments]:
        assert sorted((each.due, each.amount) for each in after.instalments) == sorted(coming)
    assert after.last_plan == ()


@settings(deadline=None)
@given(schedules, st.integers(0, 100_000), st.integers(0, 400))
def test_pay_15_what_other_lines_gain_never_lands_on_a_charge(schedule: Schedule, rise: int, days: int) -> None:
    context = a_context(TODAY + timedelta(days=days), first_id=9000)
    before = {each.id: each for each in schedule.instalments if each.line}
    after = adjust_schedule(schedule, terms_of(schedule, schedule.total + rise), context).state
    assert {each.id: each for each in after.instalments if each.line} == before


@settings(deadline=None)
@given(schedules, TOTALS)
def test_pay_15_a_fall_reaches_charges_last_and_the_earliest_first(schedule: Schedule, total: int) -> None:
    after = adjust_schedule(schedule, terms_of(schedule, total), a_context(first_id=9000)).state
    before = [each for each in schedule.instalments if each.line]
    now = {each.id: each.amount for each in after.instalments if each.line}
    if any(now.get(each.id, 0) < each.amount for each in before):
        assert not after.ordinary
        reached = [each for each in before if each.id in now]
        assert reached == before[len(before) - len(reached) :]
        assert all(now[each.id] == each.amount for each in reached[1:])


@settings(deadline=None)
@given(schedules, charges)
def test_pay_15_a_charge_is_planned_on_its_date_and_moves_no_other(
    schedule: Schedule, more: tuple[DatedCharge, ...]
) -> None:
    added = tuple(charge.model_copy(update={"line": an_id(700 + place)}) for place, charge in enumerate(more))
    terms = ContractTerms(
        total=schedule.total + sum(charge.amount for charge in added),
        live_lines=1,
        version=9,
        charges=(*schedule.charges, *added),
    )
    after = adjust_schedule(schedule, terms, a_context(first_id=9000)).state
    if schedule.left < 0:
        return  # what was paid too much pays the first of them
    own = {each.line: (each.due, each.amount) for each in after.instalments if each.line in {c.line for c in added}}
    assert own == {charge.line: (charge.due, charge.amount) for charge in added}
    ids = {each.id for each in schedule.instalments}
    assert tuple(each for each in after.instalments if each.id in ids) == schedule.instalments
    gone = adjust_schedule(after, terms_of(schedule, schedule.total), a_context(first_id=9500)).state
    assert (gone.instalments, gone.unscheduled) == (schedule.instalments, schedule.unscheduled)


@settings(deadline=None)
@given(schedules)
def test_pay_15_no_charge_is_planned_for_a_line_that_has_none_nor_above_it(schedule: Schedule) -> None:
    most = {charge.line: charge.amount for charge in schedule.charges}
    for line in {each.line for each in schedule.instalments if each.line}:
        own = [each for each in schedule.instalments if each.line == line]
        assert line in most
        if not any(each.fixed for each in own):
            assert sum(each.amount for each in own) <= most[line]


@settings(deadline=None)
@given(schedules)
def test_a_change_back_and_forth_in_one_change_moves_nothing(schedule: Schedule) -> None:
    terms = terms_of(schedule, schedule.total, live_lines=schedule.live_lines, version=schedule.covers + 5)
    decision = adjust_schedule(schedule, terms, a_context(first_id=9000))
    assert decision.state == schedule.but(covers=schedule.covers + 5)
    assert len(decision.events) == 1


@settings(deadline=None)
@given(schedules, TOTALS, st.integers(0, 3))
def test_a_preview_is_the_confirmation(schedule: Schedule, total: int, live_lines: int) -> None:
    terms = terms_of(schedule, total, live_lines=live_lines, version=schedule.covers + 1)
    previewed = adjust_schedule(schedule, terms, a_context(first_id=8000)).state
    confirmed = adjust_schedule(schedule, terms, a_context(first_id=9000)).state

    def as_shown(state: Schedule) -> tuple[object, list[tuple[date, int, bool, bool]]]:
        return state.balance, [(each.due, each.amount, each.fixed, each.held) for each in state.instalments]

    assert as_shown(previewed) == as_shown(confirmed)


@settings(deadline=None)
@given(schedules, AMOUNTS, POSITIONS)
def test_pay_6_an_attempt_that_fails_at_once_leaves_everything_as_it_was(
    schedule: Schedule, amount: int, position: int
) -> None:
    context = a_context(first_id=9000)
    for attempted in (
        after_step(schedule, lambda s, _: use_credit(s, "A", amount, "attempt"), context),
        after_step(schedule, lambda s, _: collect(s, _nth(s, position), "attempt"), context),
    ):
        if attempted != schedule:
            assert failed(attempted, "attempt", context) == schedule


@settings(deadline=None)
@given(schedules, AMOUNTS)
def test_pay_8_every_passage_is_published_and_nothing_else(schedule: Schedule, amount: int) -> None:
    context = a_context(first_id=9000)
    for decision in (
        record_payment(schedule, Received(amount, "cash", context.today, overpayment_confirmed=True), PAYMENT, context),
        adjust_schedule(schedule, ContractTerms(total=amount, live_lines=1, version=9), context),
    ):
        names = [type(event).__name__ for event in decision.events]
        assert ("ContractPaid" in names) == (not schedule.fully_paid and decision.state.fully_paid)
        assert ("ContractReopened" in names) == (schedule.fully_paid and not decision.state.fully_paid)


@settings(deadline=None)
@given(openings)
def test_what_is_published_of_an_opening_adds_up(opening: Opening) -> None:
    decision = open_schedule(opening, a_context())
    published = decision.events[0].model_dump()
    assert sum(each["amount"] for each in published["instalments"]) == published["balance"]["planned"]


@settings(deadline=None)
@given(schedules, st.lists(st.tuples(DATES, AMOUNTS), min_size=1, max_size=4))
def test_pay_7_holding_cheques_never_moves_the_balance(schedule: Schedule, cheques: list[tuple[date, int]]) -> None:
    try:
        decision = hold_cheques(
            schedule, tuple(PostDated(due, amount, "N", "M") for due, amount in cheques), a_context(first_id=9000)
        )
    except Refusal:
        return
    after = decision.state
    assert after.planned + after.unscheduled == schedule.planned + schedule.unscheduled
    assert sum(each.held for each in after.instalments) == sum(each.held for each in schedule.instalments) + len(
        cheques
    )
