"""What the bank took back that the contract no longer had, until somebody has dealt with it (PAY-9, PAY-13)."""

import pytest

from carnet.events import payments as published
from carnet.refusals import Kind, Refusal
from payments.accounts.domain import Names
from payments.follow_up.domain import FollowUp
from payments.refunds.domain.losses import make_good, recover_loss, resolve_loss
from tests.unit.payments.payments_builders import ACCOUNT, CONTRACT, TODAY, a_context, a_payment, a_schedule, an_id

LOST = a_payment(11, 1000, reversed=200, beyond=800, resolved=100)


def test_pay_9_a_loss_is_dealt_with_whole_and_moves_no_balance() -> None:
    schedule = a_schedule(paid=500, lost=1000)
    done = resolve_loss(schedule, LOST, "the insurance pays", a_context())
    assert done.decision.state == schedule.but(lost=300)
    assert done.decision.events == (
        published.LossResolved(
            contract=CONTRACT,
            account=ACCOUNT,
            currency="EUR",
            payment=LOST.id,
            amount=700,
            left=300,
            effective_on=TODAY,
        ),
    )
    assert (done.payment.lost, done.payment.beyond) == (0, 800)
    (resolution,) = done.payment.resolutions
    assert (resolution.amount, resolution.reason) == (700, "the insurance pays")
    assert (resolution.on, resolution.by) == (TODAY, "user:ines")


def test_pay_9_there_is_nothing_to_do_twice() -> None:
    done = resolve_loss(a_schedule(lost=700), LOST, "written off", a_context())
    with pytest.raises(Refusal) as refusal:
        resolve_loss(done.decision.state, done.payment, "again", a_context())
    assert (refusal.value.kind, refusal.value.slug, refusal.value.rule) == (Kind.CONFLICT, "nothing-lost", "PAY-9")


def test_pay_9_what_is_lost_after_that_is_lost_anew() -> None:
    done = resolve_loss(a_schedule(lost=700), LOST, "written off", a_context())
    assert done.payment.model_copy(update={"beyond": 850}).lost == 50


@pytest.mark.parametrize(("amount", "from_lost", "lost"), [(0, 0, 700), (600, 600, 100), (700, 700, 0), (800, 700, 0)])
def test_pay_13_what_comes_back_makes_good_first_what_nobody_dealt_with(amount: int, from_lost: int, lost: int) -> None:
    payment, taken = make_good(LOST, amount)
    assert (taken, payment.lost, payment.beyond, payment.reversed) == (from_lost, lost, 800 - amount, 200 + amount)


def test_pay_9_the_follow_up_has_it() -> None:
    assert FollowUp.of(a_schedule(lost=700), Names()).lost == 700


@pytest.mark.parametrize(("taken", "recovered", "left"), [(300, 300, 400), (700, 700, 0), (900, 700, 0)])
def test_pay_13_what_a_credit_had_left_is_lost_no_more(taken: int, recovered: int, left: int) -> None:
    done = recover_loss(a_schedule(lost=700), LOST, taken, an_id(90), a_context())
    (event,) = done.decision.events
    assert isinstance(event, published.LossResolved)
    assert (event.amount, event.left, event.credit) == (recovered, left, an_id(90))
    assert (done.payment.lost, done.decision.state.lost) == (left, left)
    (resolution,) = done.payment.resolutions
    assert (resolution.credit, resolution.reason) == (an_id(90), None)


def test_pay_13_what_was_dealt_with_is_not_recovered_again() -> None:
    dealt_with = resolve_loss(a_schedule(lost=700), LOST, "written off", a_context())
    done = recover_loss(dealt_with.decision.state, dealt_with.payment, 300, an_id(90), a_context())
    assert (done.decision.events, done.payment) == ((), dealt_with.payment)
