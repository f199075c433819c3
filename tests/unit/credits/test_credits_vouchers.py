"""Gift vouchers: issued when paid, redeemed once, restored, removed; codes that are guessed (CRE-8, CRE-9, CON-8)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.codes import digest_of, new_code
from carnet.decisions import Decision
from carnet.events.catalog import GiftVoucherDetails
from carnet.events.contracts import ProductAdded, Purchase, Redemption, VoucherRedemptionRequested
from carnet.events.credits import (
    VoucherIssued,
    VoucherRedeemed,
    VoucherRedemptionRefused,
    VoucherRemovalRefused,
    VoucherRemoved,
    VoucherRestored,
    VoucherSendingRequested,
)
from carnet.refusals import Refusal
from credits.domain.removing import Removal, remove_all
from credits.domain.selling import SellingContract, due_vouchers, grant, pay, sell, unsell, whole_until
from credits.domain.vouchers import (
    MOST_OF_CALLER,
    TRIES_WITHIN,
    Presented,
    Redeemed,
    Tries,
    Voucher,
    code_of,
    detail_of,
    issue,
    redeem_all,
    restore,
    send_again,
    too_many,
    tried,
    why_not,
)
from tests.unit.credits.credits_builders import ACCOUNT, DAY, LINE, ORGANISATION, PAID, REQUEST, SELLING, an_id, removal

COURSE, OTHER = an_id(31), an_id(32)
RECIPIENT = an_id(33)
NOW = datetime(2027, 1, 31, 9, tzinfo=UTC)


def sold(line: str = LINE) -> ProductAdded:
    details = GiftVoucherDetails(products=(COURSE,))
    purchase = Purchase(
        line=line,
        product=an_id(40),
        kind="gift_voucher",
        name="A term of pottery",
        price=25000,
        vat_rate=0,
        bought_on=DAY,
        details=details,
        recipient=RECIPIENT,
    )
    return ProductAdded(contract=SELLING, account=ACCOUNT, currency="EUR", effective_on=DAY, purchase=purchase)


def selling(*lines: str) -> SellingContract:
    known = whole_until(SellingContract(id=SELLING, organisation=ORGANISATION), 1 + len(lines))
    for sequence, line in enumerate(lines, 2):
        known = sell(known, sold(line), sequence)
    return known


def a_voucher(line: str = LINE) -> Voucher:
    left, ((on, due),) = due_vouchers(pay(selling(line), 2, DAY))
    assert left.vouchers == ()
    return issue(left, due, new_code(), on).state


def asking(*redemptions: Redemption, request: str = REQUEST) -> VoucherRedemptionRequested:
    return VoucherRedemptionRequested(
        contract=PAID, account=ACCOUNT, request=request, redemptions=redemptions, effective_on=DAY
    )


def of(voucher: Voucher, line: int = 61, product: str = COURSE) -> Redemption:
    return Redemption(line=an_id(line), product=product, code=code_of(voucher).id)


def there(*vouchers: Voucher) -> Mapping[str, Presented]:
    return {code_of(each).id: Presented(each) for each in vouchers}


def test_cre_9_a_voucher_exists_once_its_contract_is_paid_with_the_line_on_it() -> None:
    known = selling(LINE)
    assert due_vouchers(known)[1] == ()
    assert due_vouchers(pay(known, 1, DAY))[1] == ()
    later = DAY + timedelta(days=30)
    known, ((on, due),) = due_vouchers(pay(known, 2, later))
    decision = issue(known, due, new_code(), on)
    (event,) = decision.events
    assert isinstance(event, VoucherIssued)
    assert (event.voucher, event.account, event.recipient, event.products) == (LINE, ACCOUNT, RECIPIENT, (COURSE,))
    assert (decision.state.standing, decision.state.issued_on) == ("issued", later)
    assert due_vouchers(grant(known)[0])[1] == ()


def test_con_8_a_line_that_is_cancelled_first_never_issues_one() -> None:
    assert due_vouchers(pay(unsell(selling(LINE), LINE), 2, DAY))[1] == ()


def test_cre_9_one_read_finds_a_voucher_by_the_digest_of_its_code() -> None:
    voucher = a_voucher()
    assert voucher.code is not None
    found = code_of(voucher)
    assert (found.id, found.voucher) == (digest_of(ORGANISATION, voucher.code), LINE)
    assert voucher.code not in found.model_dump_json()


def test_cre_9_it_covers_a_line_of_what_it_names_and_comes_back_when_that_goes() -> None:
    voucher = a_voucher()
    answer = redeem_all(asking(of(voucher)), there(voucher), ORGANISATION, blocked=False)
    assert isinstance(answer, Redeemed)
    (decision,), (covered,) = answer.vouchers, answer.lines
    assert isinstance(decision.events[0], VoucherRedeemed)
    assert (decision.state.standing, covered.id, covered.voucher) == ("redeemed", an_id(61), LINE)
    assert restore(decision.state, an_id(62), DAY) is None
    restored = restore(decision.state, an_id(61), DAY)
    assert restored is not None
    assert isinstance(restored.events[0], VoucherRestored)
    assert (restored.state.standing, restored.state.covers) == ("issued", None)
    assert restore(restored.state, an_id(61), DAY) is None


@pytest.mark.parametrize("why", ["unknown", "redeemed", "removed", "suspended", "other-product", "too-many-tries"])
def test_cre_9_what_does_not_cover_says_why(why: str) -> None:
    voucher = a_voucher()
    asked = asking(of(voucher, product=OTHER if why == "other-product" else COURSE))
    standing = why if why in ("redeemed", "removed") else "issued"
    presented = Presented(voucher.model_copy(update={"standing": standing}), suspended=why == "suspended")
    known = {} if why == "unknown" else {code_of(voucher).id: presented}
    answer = redeem_all(asked, known, ORGANISATION, blocked=why == "too-many-tries")
    assert isinstance(answer, Decision)
    (event,) = answer.events
    assert isinstance(event, VoucherRedemptionRefused)
    assert (event.why, event.line, event.request) == (why, an_id(61), REQUEST)
    assert answer.state.id == REQUEST
    if why != "too-many-tries":
        assert detail_of(event.why)


def test_a_voucher_that_is_only_looked_up_needs_no_product() -> None:
    voucher = a_voucher()
    assert why_not(Presented(voucher), None) is None
    assert why_not(None, None) == "unknown"


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=6))
def test_cre_9_all_of_a_request_is_redeemed_or_nothing_and_no_voucher_twice(steps: list[tuple[int, bool]]) -> None:
    vouchers = [a_voucher(an_id(number)) for number in (1, 2, 3)]
    asked = asking(*(of(vouchers[at], 60 + n, COURSE if right else OTHER) for n, (at, right) in enumerate(steps)))
    answer = redeem_all(asked, there(*vouchers), ORGANISATION, blocked=False)
    right = all(fits for _, fits in steps) and len({at for at, _ in steps}) == len(steps)
    assert isinstance(answer, Redeemed) == right
    if isinstance(answer, Redeemed):
        assert [each.id for each in answer.lines] == [each.line for each in asked.redemptions]
        assert len({each.state.id for each in answer.vouchers}) == len(steps)


@given(st.lists(st.sampled_from(["redeem", "restore", "remove"]), max_size=12))
def test_cre_9_con_8_whatever_is_asked_in_whatever_order_it_covers_one_line_at_most(steps: list[str]) -> None:
    voucher, line, covered = a_voucher(), 60, set[str]()
    for step in steps:
        line += 1
        if step == "redeem":
            answer = redeem_all(asking(of(voucher, line)), there(voucher), ORGANISATION, blocked=False)
            assert isinstance(answer, Redeemed) == (voucher.standing == "issued")
            if isinstance(answer, Redeemed):
                voucher, covered = answer.vouchers[0].state, {an_id(line)}
        elif step == "restore":
            for each in tuple(covered):
                decision = restore(voucher, each, DAY)
                assert decision is not None
                voucher, covered = decision.state, set()
        elif voucher.standing != "removed":
            answer = remove_all(selling(), {}, removal(LINE), 9, {LINE: voucher})
            assert isinstance(answer, Removal) == (not covered)
            if isinstance(answer, Removal):
                voucher = answer.vouchers[0].state
        assert (voucher.standing == "redeemed") == bool(covered)


def redeemed(voucher: Voucher) -> Voucher:
    answer = redeem_all(asking(of(voucher, 60)), there(voucher), ORGANISATION, blocked=False)
    assert isinstance(answer, Redeemed)
    return answer.vouchers[0].state


def test_con_8_an_unused_voucher_is_removed_and_a_redeemed_one_refuses() -> None:
    voucher = a_voucher()
    answer = remove_all(selling(), {}, removal(LINE), 9, {LINE: voucher})
    assert isinstance(answer, Removal)
    (event,) = answer.vouchers[0].events
    assert isinstance(event, VoucherRemoved)
    assert (event.line, event.request) == (LINE, REQUEST)
    refused = remove_all(selling(), {}, removal(LINE), 9, {LINE: redeemed(voucher)})
    assert isinstance(refused, Decision)
    assert isinstance(refused.events[0], VoucherRemovalRefused)


def test_con_8_a_redeemed_one_goes_with_the_line_that_it_covers_and_with_no_other() -> None:
    voucher = redeemed(a_voucher())
    answer = remove_all(selling(), {}, removal(LINE, uncovered=(an_id(62), an_id(60))), 9, {LINE: voucher})
    assert isinstance(answer, Removal)
    back, gone = answer.vouchers[0].events
    assert isinstance(back, VoucherRestored)
    assert isinstance(gone, VoucherRemoved)
    assert (back.line, gone.line, gone.request) == (an_id(60), LINE, REQUEST)
    assert (answer.vouchers[0].state.standing, answer.vouchers[0].state.covers) == ("removed", None)
    refused = remove_all(selling(), {}, removal(LINE, uncovered=(an_id(62),)), 9, {LINE: voucher})
    assert isinstance(refused, Decision)


def test_con_8_one_that_was_not_issued_yet_never_will_be() -> None:
    answer = remove_all(selling(LINE), {}, removal(LINE), 9)
    assert isinstance(answer, Removal)
    voucher = answer.vouchers[0].state
    assert (voucher.standing, voucher.code, voucher.issued_on) == ("removed", None, None)
    assert due_vouchers(pay(answer.selling, 2, DAY))[1] == ()


def test_cre_9_it_is_sent_again_while_it_is_not_used() -> None:
    voucher = a_voucher()
    (event,) = send_again(voucher, DAY).events
    assert isinstance(event, VoucherSendingRequested)
    assert (event.code, event.recipient) == (voucher.code, RECIPIENT)
    for standing, slug in (("redeemed", "voucher-redeemed-before"), ("removed", "voucher-removed")):
        with pytest.raises(Refusal) as caught:
            send_again(voucher.model_copy(update={"standing": standing}), DAY)
        assert caught.value.slug == slug


def test_wrong_codes_are_counted_for_an_hour() -> None:
    tries: Tries | None = None
    for _ in range(MOST_OF_CALLER):
        assert not too_many(tries, MOST_OF_CALLER, NOW)
        tries = tried(tries, "org/user:ines", ORGANISATION, NOW)
    assert too_many(tries, MOST_OF_CALLER, NOW)
    later = NOW + timedelta(seconds=TRIES_WITHIN)
    assert not too_many(tries, MOST_OF_CALLER, later)
    assert tried(tries, "org/user:ines", ORGANISATION, later).wrong == 1
