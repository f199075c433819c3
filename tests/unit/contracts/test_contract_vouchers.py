"""Gift vouchers on a contract: what they cover is not in its total, and waits for credits (CRE-8, CRE-9, CON-8)."""

from datetime import timedelta
from typing import Any

import pytest

from carnet.decisions import Decision
from carnet.events.catalog import GiftVoucherDetails
from carnet.events.contracts import (
    ChangeRefused,
    ConfirmationRefused,
    ContractChanged,
    ContractOpened,
    CreditRemovalRequested,
    OnSite,
    ProductAdded,
    VoucherRedemptionRequested,
    VoucherRedemptionWithdrawn,
)
from carnet.events.credits import VoucherRedemptionRefused, VoucherRemovalRefused
from carnet.refusals import Refusal
from carnet.requests.causes import CREDIT_REMOVAL, VOUCHER_REDEMPTION
from contracts.contracts.domain.causes import not_covered, voucher_in_the_way
from contracts.contracts.domain.changes import Change, Opening, cancel_contract, change_contract, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.draft import Edit
from contracts.contracts.domain.pending import ask, granted, refused
from contracts.contracts.domain.products import Presented
from contracts.contracts.domain.purchases import payment_statuses
from tests.unit.contracts.contract_builders import (
    ADA,
    BOOK,
    CAL,
    FIFTY_OFF,
    JAZZ,
    TEN_PERCENT,
    TODAY,
    a_context,
    a_product,
    an_id,
    an_offer,
    buying,
    counted,
    kept,
)

VOUCHER = a_product(301, GiftVoucherDetails(products=(JAZZ.id,)), price=25000)
CODE = Presented("ab" * 32, "C6RX")
REQUEST = an_id(999)


def presenting(**fields: Any) -> Any:
    return buying(JAZZ, voucher=CODE, **fields)


def opening(*add: Any, discounts: tuple[str, ...] = ()) -> Decision[Contract]:
    command = Opening(mode="on_site", sale=OnSite(), currency="EUR", add=add, discounts=discounts)
    return open_contract(command, an_offer(VOUCHER), a_context())


def changing(contract: Contract, **fields: Any) -> Decision[Contract]:
    return change_contract(contract, Change(**fields), an_offer(VOUCHER), a_context(new_id=counted(7000)))


def test_cre_9_what_a_voucher_covers_is_not_in_the_total_and_bears_no_discount() -> None:
    decided = opening(presenting(), buying(BOOK), discounts=(TEN_PERCENT.id,))
    covered, book, discount = decided.state.lines
    assert (covered.purchase.price, covered.amount, covered.purchase.voucher) == (30000, 0, "C6RX")
    assert [(share.line, share.amount) for share in discount.shares] == [(book.id, 100)]
    assert decided.state.total == 900
    assert payment_statuses(decided.state, 0)[covered.id] == "paid"


def test_cre_9_the_digest_of_the_code_is_kept_and_never_published_with_the_purchase() -> None:
    decided = opening(presenting())
    assert decided.state.lines[0].code == CODE.digest
    assert all(CODE.digest not in event.model_dump_json() for event in decided.events)


def test_cre_9_an_opening_waits_for_the_answer_of_credits_and_is_then_made_as_decided() -> None:
    decided = opening(presenting(), buying(BOOK))
    waiting = ask(None, decided, a_context())
    (event,) = waiting.events
    assert isinstance(event, VoucherRedemptionRequested)
    line = decided.state.lines[0].id
    assert [(each.line, each.product, each.code) for each in event.redemptions] == [(line, JAZZ.id, CODE.digest)]
    assert waiting.state.opening == "pending"
    answered = granted(kept(waiting), VOUCHER_REDEMPTION.name, REQUEST, line)
    assert [type(each) for each in answered.events] == [ContractOpened, ProductAdded, ProductAdded]
    assert answered.state.total == BOOK.formats[0].tariffs[0].price


def test_cre_9_a_refused_redemption_refuses_the_change_whole_and_says_why() -> None:
    contract = kept(opening(buying(BOOK)))
    waiting = kept(ask(contract, changing(contract, add=(presenting(),)), a_context()))
    assert waiting.pending is not None
    line = waiting.pending.lines[-1].id
    said = VoucherRedemptionRefused(
        request=REQUEST, contract=contract.id, line=line, why="redeemed", effective_on=TODAY
    )
    refusal = not_covered(waiting, said)
    assert (refusal.slug, refusal.rule, refusal.params["line"]) == ("voucher-redeemed-before", "CRE-9", line)
    assert JAZZ.name in refusal.detail
    decision = refused(waiting, VOUCHER_REDEMPTION.name, REQUEST, refusal)
    (event,) = decision.events
    assert isinstance(event, ConfirmationRefused)
    assert decision.state.total == contract.total


def test_a_reason_that_a_newer_credits_gives_is_a_refusal_all_the_same() -> None:
    said = VoucherRedemptionRefused.model_validate(
        {"request": REQUEST, "contract": an_id(1), "line": an_id(2), "why": "expired", "effective_on": TODAY}
    )
    assert not_covered(kept(opening(buying(BOOK))), said).slug == "voucher-not-redeemed"


def test_cre_9_a_line_that_is_cancelled_or_edited_stays_out_of_the_total() -> None:
    contract = opening(presenting(), buying(BOOK)).state
    line = contract.lines[0].id
    edited = changing(contract, edit=(Edit(line=line, price=99_000),))
    assert (edited.state.lines[0].purchase.price, edited.state.total) == (99_000, contract.total)
    cancelled = changing(contract, cancel=(line,))
    assert cancelled.events[0].amount == 0
    assert cancelled.state.total == contract.total


def test_con_7_a_voucher_itself_may_be_sold_for_less() -> None:
    contract = opening(buying(VOUCHER), discounts=(FIFTY_OFF.id,)).state
    assert contract.total == 20000


def test_cre_8_a_voucher_names_its_recipient_a_person_of_the_account() -> None:
    contract = opening(buying(VOUCHER, recipient=CAL)).state
    assert contract.lines[0].purchase.recipient == CAL
    assert opening(buying(VOUCHER)).state.lines[0].purchase.recipient is None
    for add, slug in (
        (buying(VOUCHER, recipient=an_id(77)), "recipient-not-of-account"),
        (buying(BOOK, recipient=ADA), "recipient-superfluous"),
    ):
        with pytest.raises(Refusal) as caught:
            opening(add)
        assert (caught.value.slug, caught.value.rule) == (slug, "CRE-8")


def test_cre_8_the_buyer_chooses_the_day_of_its_mail_within_a_year() -> None:
    day = TODAY + timedelta(days=366)
    (line,) = kept(opening(buying(VOUCHER, send_on=day))).lines
    assert line.purchase.send_on == day
    for wrong in (TODAY - timedelta(days=1), day + timedelta(days=1)):
        with pytest.raises(Refusal) as refused:
            opening(buying(VOUCHER, send_on=wrong))
        assert refused.value.slug == "sending-day-out-of-range"
    with pytest.raises(Refusal) as refused:
        opening(buying(BOOK, send_on=TODAY))
    assert refused.value.slug == "sending-day-superfluous"


def test_con_8_cancelling_its_sale_asks_credits_first() -> None:
    contract = kept(opening(buying(VOUCHER), buying(BOOK)))
    line = contract.lines[0].id
    waiting = ask(contract, changing(contract, cancel=(line,)), a_context())
    (event,) = waiting.events
    assert isinstance(event, CreditRemovalRequested)
    assert (event.lines, event.lowered) == ((line,), ())
    said = VoucherRemovalRefused(request=REQUEST, contract=contract.id, voucher=line, effective_on=TODAY)
    refusal = voucher_in_the_way(kept(waiting), said)
    assert (refusal.slug, refusal.rule, refusal.params["voucher"]) == ("voucher-redeemed", "CON-8", line)
    assert VOUCHER.name in refusal.detail
    decision = refused(kept(waiting), CREDIT_REMOVAL.name, REQUEST, refusal)
    assert not any(isinstance(each, ChangeRefused) for each in decision.events)
    assert decision.state.lines == contract.lines


@pytest.mark.parametrize("first", ["sale", "covered"])
def test_con_8_a_change_that_cancels_the_covered_line_too_says_so(first: str) -> None:
    contract = kept(opening(buying(VOUCHER), buying(BOOK), presenting(), presenting()))
    sale, book, covered, other = (line.id for line in contract.lines)
    lines = (sale, book, covered) if first == "sale" else (covered, book, sale)
    (event,) = ask(contract, changing(contract, cancel=lines), a_context()).events
    assert isinstance(event, CreditRemovalRequested)
    assert (event.lines, event.uncovered) == ((sale,), (covered,))
    (whole,) = ask(contract, cancel_contract(contract, a_context(new_id=counted(7000))), a_context()).events
    assert isinstance(whole, CreditRemovalRequested)
    assert whole.uncovered == (covered, other)


def test_all_or_none_a_redemption_is_withdrawn_where_a_sale_is_not_cancelled() -> None:
    contract = kept(opening(buying(VOUCHER), buying(BOOK)))
    sold = contract.lines[0].id
    waiting = kept(ask(contract, changing(contract, cancel=(sold,), add=(presenting(),)), a_context()))
    assert waiting.pending is not None
    line = next(each.id for each in waiting.pending.lines if each.covered)
    asked = granted(waiting, VOUCHER_REDEMPTION.name, REQUEST, line)
    assert [type(each) for each in asked.events] == [CreditRemovalRequested]
    said = VoucherRemovalRefused(request=REQUEST, contract=contract.id, voucher=sold, effective_on=TODAY)
    after = kept(asked)
    decision = refused(after, CREDIT_REMOVAL.name, REQUEST, voucher_in_the_way(after, said))
    withdrawn, event = decision.events
    assert isinstance(withdrawn, VoucherRedemptionWithdrawn)
    assert withdrawn.lines == (line,)
    assert isinstance(event, ConfirmationRefused)


def test_con_4_one_change_covers_adds_and_cancels_at_once() -> None:
    contract = kept(opening(buying(JAZZ), buying(BOOK)))
    waiting = kept(ask(contract, changing(contract, cancel=(contract.lines[0].id,), add=(presenting(),)), a_context()))
    assert waiting.pending is not None
    line = next(each.id for each in waiting.pending.lines if each.covered)
    made = granted(waiting, VOUCHER_REDEMPTION.name, REQUEST, line)
    closing = made.events[-1]
    assert isinstance(closing, ContractChanged)
    assert (closing.total_before, closing.total_after) == (31000, 1000)
