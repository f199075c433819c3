"""Gift cards: sold as credits are, paying for anyone who presents the code, given while untouched (CRE-8, CON-8)."""

import re
from typing import Any

import pytest

from carnet.codes import digest_of, new_code
from carnet.decisions import Decision
from carnet.events.catalog import GiftCardDetails
from carnet.events.contracts import ProductAdded, Purchase
from carnet.events.credits import (
    CreditRemovalRefused,
    CreditRestored,
    CreditUsed,
    GiftCardIssued,
    GiftCardSendingRequested,
)
from carnet.refusals import Refusal
from credits.api.views import CheckedView, GiftCardView
from credits.domain.cards import PresentedCard, card_to_give, issue_card, send_card_again
from credits.domain.credit import Card, Credit, entry
from credits.domain.movements import restore, use
from credits.domain.removing import Removal, remove_all
from credits.domain.selling import SellingContract, due_cards, grant, pay, sell, whole_until
from credits.domain.vouchers import code_of, why_not
from tests.unit.credits.credits_builders import (
    ACCOUNT,
    DAY,
    GRANDMOTHER,
    LINE,
    ORGANISATION,
    OTHER,
    PAID,
    SELLING,
    a_credit,
    asked,
    given_back,
    removal,
)

CODE = new_code()
DIGEST = digest_of(ORGANISATION, CODE)


def a_card(left: int = 5000, **fields: Any) -> Credit:
    return a_credit(left, card=Card(name="Gift card", code=CODE), **fields)


def sold(value: int | None = 5000) -> SellingContract:
    """A contract that sells one, at its version 1."""
    purchase = Purchase(
        line=LINE,
        product=OTHER,
        kind="gift_card",
        name="Gift card",
        price=5000,
        vat_rate=0,
        bought_on=DAY,
        recipient=GRANDMOTHER,
        details=GiftCardDetails(minimum=1000, maximum=10000, value=value),
    )
    added = ProductAdded(contract=SELLING, account=ACCOUNT, currency="EUR", effective_on=DAY, purchase=purchase)
    return whole_until(sell(SellingContract(id=SELLING, organisation=ORGANISATION), added, 1), 2)


def test_cre_8_it_exists_once_its_contract_is_paid_with_the_amount_that_was_chosen() -> None:
    assert due_cards(sold())[1] == ()
    selling, ((on, due),) = due_cards(pay(sold(), 2, DAY))
    decision = issue_card(selling, due, CODE, on)
    (event,) = decision.events
    assert isinstance(event, GiftCardIssued)
    assert (event.amount, event.left, event.code, event.recipient, event.account) == (
        5000,
        5000,
        CODE,
        GRANDMOTHER,
        ACCOUNT,
    )
    assert grant(selling)[1] == ()
    assert selling.awaiting == ()
    moved = entry(None, decision.state.model_copy(update={"version": 1}), event, DAY)
    assert moved is not None
    assert (moved.kind, moved.reason, moved.amount, moved.card) == ("granted", "contract_paid", 5000, True)
    assert code_of(decision.state).id == DIGEST


def test_cre_8_the_bearer_of_its_code_pays_a_contract_of_any_account_and_is_informed() -> None:
    answer = use(a_card(), asked(2000, account=GRANDMOTHER, code=DIGEST))
    assert isinstance(answer, Decision)
    (event,) = answer.events
    assert isinstance(event, CreditUsed)
    assert (event.account, event.left, event.card) == (GRANDMOTHER, 3000, True)
    back = restore(answer.state, given_back(500))
    (restored,) = back.events
    assert isinstance(restored, CreditRestored)
    assert (restored.left, restored.card, back.state.used_on(PAID)) == (3500, True, 1500)


@pytest.mark.parametrize(
    ("card", "fields", "blocked", "why"),
    [
        (a_card(), {}, False, "unknown-code"),
        (a_card(), {"code": digest_of(ORGANISATION, new_code())}, False, "unknown-code"),
        (a_card(status="removed", left=0), {"code": DIGEST}, False, "removed"),
        (a_card(left=1999), {"code": DIGEST}, False, "more-than-left"),
        (a_card(), {"code": DIGEST, "contract": SELLING}, False, "sold-by-this-contract"),
        (a_card(), {"code": DIGEST}, True, "too-many-codes"),
        (a_credit(), {"account": GRANDMOTHER, "code": DIGEST}, False, "other-account"),
    ],
)
def test_cre_8_it_pays_for_nobody_else(card: Credit, fields: dict[str, Any], blocked: bool, why: str) -> None:
    assert use(card, asked(2000, **fields), blocked=blocked) == why


def test_cre_2_it_is_suspended_as_a_credit_is() -> None:
    assert use(a_card(), asked(2000, code=DIGEST), suspended=True) == "suspended"
    assert PresentedCard(a_card(), suspended=True).why_not == "suspended"


def test_con_8_its_sale_is_cancelled_while_nothing_of_it_is_used() -> None:
    gone = remove_all(sold(), {LINE: a_card()}, removal(), 3)
    assert isinstance(gone, Removal)
    assert gone.removed[0].state.status == "removed"
    refused = remove_all(sold(), {LINE: a_card(left=4999)}, removal(), 3)
    assert isinstance(refused, Decision)
    assert isinstance(refused.events[0], CreditRemovalRefused)
    never = remove_all(sold(), {}, removal(), 3)
    assert isinstance(never, Removal)
    assert never.removed[0].state.card == Card(name="Gift card", recipient=GRANDMOTHER, code=None)


def test_cre_8_it_is_sent_again_while_nothing_of_it_is_used() -> None:
    (event,) = send_card_again(a_card(), DAY).events
    assert isinstance(event, GiftCardSendingRequested)
    assert (event.code, event.amount, event.contract) == (CODE, 5000, SELLING)
    for card, slug in ((a_card(left=1), "card-used"), (a_card(left=0, status="removed"), "card-removed")):
        with pytest.raises(Refusal) as caught:
            card_to_give(card)
        assert (caught.value.slug, caught.value.rule) == (slug, "CRE-8")


def test_cre_8_what_is_left_is_shown_to_the_bearer_of_the_code_alone() -> None:
    used = a_card(left=1200, uses=({"contract": PAID, "amount": 3800},))
    theirs = GiftCardView.of(used, for_staff=False)
    assert (theirs.pays, theirs.code, theirs.standing) == (None, None, "used")
    assert GiftCardView.of(a_card(), for_staff=False).code == CODE
    ours = GiftCardView.of(used)
    assert (ours.pays, ours.code) == ([PAID], None)
    assert not {"1200", "3800"} & set(re.findall(r"\d+", theirs.model_dump_json() + ours.model_dump_json()))
    presented = PresentedCard(used)
    checked = CheckedView.of(presented, presented.why_not)
    assert (checked.kind, checked.usable, checked.gift_card and checked.gift_card.left.amount) == (
        "gift_card",
        True,
        1200,
    )


@pytest.mark.parametrize(("left", "status", "why"), [(0, "granted", "used-up"), (0, "removed", "removed")])
def test_cre_8_a_card_of_which_nothing_is_left_says_so(left: int, status: str, why: str) -> None:
    presented = PresentedCard(a_card(left=left, status=status))
    checked = CheckedView.of(presented, presented.why_not)
    assert (checked.usable, checked.why) == (False, why)
    assert checked.detail is not None
    assert "gift card" in checked.detail


def test_cre_9_a_gift_card_covers_no_line() -> None:
    assert why_not(PresentedCard(a_card()), OTHER) == "gift-card"
