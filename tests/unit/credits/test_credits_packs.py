"""Session packs: issued at once or when paid, removed with their lines, valid as purchased (CRE-10, CON-8)."""

from datetime import date, timedelta

import pytest

from carnet.decisions import Decision
from carnet.events.catalog import SessionPackDetails
from carnet.events.credits import PackExpiryChanged, PackIssued, PackRemovalRefused, PackRemoved
from credits.domain.packs import edit_expiry, entry, issue
from credits.domain.removing import Removal, remove_all
from credits.domain.selling import due_packs, edit_last_day, grant, pay, unsell
from tests.unit.credits.credits_builders import ACCOUNT, DAY, LINE, REQUEST, an_id
from tests.unit.credits.packs_builders import LEA, TEN, a_pack, removal, selling, sold

AT_ONCE = SessionPackDetails(sessions=3, usable="at_once")
LATER = DAY + timedelta(days=30)


def test_cre_10_a_pack_exists_once_its_contract_is_paid_with_the_line_on_it() -> None:
    known = selling(sold(participant=LEA, expires_on=LATER))
    assert due_packs(known)[1] == due_packs(pay(known, 1, DAY))[1] == ()
    known, ((on, due),) = due_packs(pay(known, 2, LATER))
    decision = issue(known, due, on)
    (event,) = decision.events
    assert isinstance(event, PackIssued)
    assert (event.pack, event.account, event.member, event.left) == (LINE, ACCOUNT, LEA, 10)
    assert (event.expires_on, event.effective_on, event.bought_on) == (LATER, LATER, DAY)
    assert (decision.state.standing, decision.state.left) == ("issued", 10)
    assert due_packs(grant(known)[0])[1] == ()
    moved = entry(None, decision.state, event, on)
    assert moved is not None
    assert (moved.kind, moved.sessions) == ("issued", 10)


def test_cre_10_one_that_is_usable_at_once_waits_for_no_payment() -> None:
    known, ((on, due),) = due_packs(selling(sold(details=AT_ONCE)))
    assert (on, issue(known, due, on).state.left) == (DAY, 3)
    assert due_packs(known)[1] == ()


def test_cre_10_unlimited_sessions_are_no_number() -> None:
    known, ((on, due),) = due_packs(pay(selling(sold(details=SessionPackDetails())), 2, DAY))
    decision = issue(known, due, on)
    moved = entry(None, decision.state, decision.events[0], on)
    assert decision.state.left is None
    assert moved is not None
    assert moved.sessions == 0


def test_con_8_a_line_that_is_cancelled_first_never_issues_one() -> None:
    assert due_packs(pay(unsell(selling(sold()), LINE), 2, DAY))[1] == ()
    answer = remove_all(selling(sold()), {}, removal(), 9)
    assert isinstance(answer, Removal)
    (decision,) = answer.packs
    assert (decision.state.standing, decision.state.issued_on, decision.state.left) == ("removed", None, 0)
    assert entry(None, decision.state, decision.events[0], DAY) is None
    assert due_packs(pay(answer.selling, 2, DAY))[1] == ()


def test_con_8_an_unused_pack_is_removed_and_what_was_left_is_void() -> None:
    pack = a_pack()
    answer = remove_all(selling(), {}, removal(), 9, packs={LINE: pack})
    assert isinstance(answer, Removal)
    (decision,) = answer.packs
    (event,) = decision.events
    assert isinstance(event, PackRemoved)
    assert (event.void, event.request, event.line) == (10, REQUEST, LINE)
    assert (decision.state.standing, decision.state.left, decision.state.removed_on) == ("removed", 0, DAY)
    moved = entry(pack, decision.state, event, DAY)
    assert moved is not None
    assert (moved.kind, moved.sessions) == ("removed", -10)


@pytest.mark.parametrize("pack", [a_pack(7, uses=3), a_pack(None, uses=1), a_pack(9), a_pack(10, uses=1)])
def test_con_8_a_used_pack_is_removed_with_a_fee_only(pack: object) -> None:
    used = a_pack().model_validate(pack)
    refused = remove_all(selling(), {}, removal(), 9, packs={LINE: used})
    assert isinstance(refused, Decision)
    (event,) = refused.events
    assert isinstance(event, PackRemovalRefused)
    assert (event.pack, event.request, event.uses) == (LINE, REQUEST, used.uses)
    answer = remove_all(selling(), {}, removal(with_fee=True), 9, packs={LINE: used})
    assert isinstance(answer, Removal)
    assert answer.packs[0].state.standing == "removed"


def test_con_8_all_of_a_change_or_none() -> None:
    other = an_id(2)
    both = {LINE: a_pack(), other: a_pack(4, id=other, uses=6)}
    assert isinstance(remove_all(selling(), {}, removal(LINE, other), 9, packs=both), Decision)


def test_con_11_the_last_day_that_staff_gives_the_purchase_is_that_of_the_pack() -> None:
    edited = edit_expiry(a_pack(), LATER, DAY)
    (event,) = edited.events
    assert isinstance(event, PackExpiryChanged)
    assert (event.expires_on, edited.state.expires_on) == (LATER, LATER)
    assert edit_expiry(edited.state, LATER, DAY).events == ()
    assert edit_expiry(edited.state, None, DAY).state.expires_on is None
    assert edit_expiry(a_pack(0, standing="removed"), LATER, DAY).events == ()
    known = edit_last_day(selling(sold()), LINE, LATER)
    assert due_packs(pay(known, 2, DAY))[1][0][1].last_day == LATER
    assert edit_last_day(known, LINE, LATER) is known


def test_cat_3_days_and_months_count_their_first_day() -> None:
    first = date(2027, 1, 31)
    assert SessionPackDetails(days=30).last_day_from(first) == date(2027, 3, 1)
    assert SessionPackDetails(days=1).last_day_from(first) == first
    assert SessionPackDetails(months=1).last_day_from(first) == date(2027, 2, 27)
    assert SessionPackDetails(valid_until=LATER).last_day_from(first) == LATER
    assert TEN.last_day_from(first) is None
