"""What credits refuses, it says in words (CRE-5, CRE-9, CRE-11, CRE-3), which clients read.

From a refusal that was published before there were words, contracts and payments make the same problem by its code.
"""

from datetime import date
from typing import Any, get_args

import pytest

from carnet.codes import digest_of
from carnet.events.catalog import GiftCardDetails
from carnet.events.contracts import CreditRemovalRequested, Named, OnSite, Redemption, VoucherRedemptionRequested
from carnet.events.credits import (
    CreditRemovalRefused,
    PackRemovalRefused,
    VoucherRedemptionRefused,
    VoucherRefusal,
    VoucherRemovalRefused,
)
from carnet.events.scholarship_uses import ScholarshipUse, ScholarshipUseRequested
from carnet.events.scholarships import ScholarshipRefusal, ScholarshipUseRefused
from carnet.ids import new_id
from carnet.requests.asked import Request, refusal_from
from carnet.requests.causes import CREDIT_REMOVAL, CREDIT_USE, SCHOLARSHIP_USE, VOUCHER_REDEMPTION
from contracts.contracts.domain.aid_asked import not_aided
from contracts.contracts.domain.causes import credit_in_the_way, not_covered, pack_in_the_way, voucher_in_the_way
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.contracts import Contract
from credits.domain import refusals
from credits.domain.credit import Card, Credit
from credits.scholarships.domain import using
from payments.credit_uses.domain import UseRequest
from tests.unit.contracts.contract_builders import BOOK, CREDIT, a_context, a_product, an_offer, buying, kept, opened

CARD = a_product(305, GiftCardDetails(minimum=1000, maximum=20000), price=5000)
DAY, REQUEST = date(2026, 11, 22), new_id()


def removal(contract: Contract) -> CreditRemovalRequested:
    return CreditRemovalRequested(
        contract=contract.id,
        account=contract.account,
        request=REQUEST,
        lines=(),
        names=tuple(Named(id=line.id, name=line.purchase.name) for line in contract.lines),
        effective_on=DAY,
    )


@pytest.mark.parametrize("why", ["used", "exists"])
@pytest.mark.parametrize("product", [CREDIT, CARD], ids=["credit", "card"])
def test_cre_5_what_sold_a_credit_that_stays(product: Any, why: Any) -> None:
    opening = Opening(mode="on_site", sale=OnSite(), currency="EUR", add=(buying(product),))
    contract = kept(open_contract(opening, an_offer(product), a_context()))
    (line,) = contract.lines
    credit = Credit(
        id=line.id,
        organisation=contract.organisation,
        account=contract.account,
        origin="sold",
        contract=contract.id,
        line=line.id,
        amount=5000,
        left=4000,
        currency="EUR",
        status="granted",
        granted_on=DAY,
        card=Card(name=line.purchase.name, code=None) if product is CARD else None,
    )
    asked = removal(contract)
    said = refusals.credit_kept(credit, asked, why)
    answer = CreditRemovalRefused(
        request=REQUEST,
        contract=contract.id,
        credit=line.id,
        amount=5000,
        left=4000,
        currency="EUR",
        effective_on=DAY,
        why=why,
    )
    assert said == CREDIT_REMOVAL.refused(credit_in_the_way(contract, answer))
    assert f"“{product.name}”" in said.detail
    assert ("4000" in said.detail) == (product is CREDIT and why == "used"), "only those who have its code see that"
    unnamed = refusals.credit_kept(credit, asked.model_copy(update={"names": ()}), why)
    assert (unnamed.problem, unnamed.params) == (said.problem, said.params)
    assert ("that the line sold" in unnamed.detail) == (product is CREDIT), (
        "an older release of contracts does not say the name"
    )


def test_con_8_what_sold_a_voucher_or_a_pack_that_stays() -> None:
    contract = opened(BOOK)
    (line,) = contract.lines
    shared: dict[str, Any] = {"request": REQUEST, "contract": contract.id, "effective_on": DAY}
    voucher = voucher_in_the_way(contract, VoucherRemovalRefused(**shared, voucher=line.id))
    assert refusals.voucher_kept(line.id, BOOK.name, removal(contract)) == CREDIT_REMOVAL.refused(voucher)
    pack = pack_in_the_way(contract, PackRemovalRefused(**shared, pack=line.id, uses=2))
    said = refusals.pack_kept(line.id, BOOK.name, 2, contract=contract.id, request=REQUEST)
    assert said == CREDIT_REMOVAL.refused(pack)


@pytest.mark.parametrize("why", get_args(VoucherRefusal))
def test_cre_9_a_voucher_that_does_not_cover_a_line(why: Any) -> None:
    contract = opened(BOOK)
    (line,) = contract.lines
    redemption = Redemption(line=line.id, product=BOOK.id, code=digest_of(new_id(), "7K3M"), name=line.purchase.name)
    shared: dict[str, Any] = {"request": REQUEST, "contract": contract.id, "effective_on": DAY}
    asked = VoucherRedemptionRequested(**shared, account=contract.account, redemptions=(redemption,))
    made = not_covered(contract, VoucherRedemptionRefused(**shared, line=line.id, why=why))
    assert refusals.not_covered(asked, redemption, why) == VOUCHER_REDEMPTION.refused(made)
    unnamed = refusals.not_covered(asked, redemption.model_copy(update={"name": None}), why)
    assert "the line" in unnamed.detail, "an older release of contracts does not say what the line buys"


@pytest.mark.parametrize("why", get_args(ScholarshipRefusal))
def test_cre_11_a_scholarship_that_does_not_cover_a_part_of_a_line(why: Any) -> None:
    contract = opened(BOOK)
    (line,) = contract.lines
    use = ScholarshipUse(
        line=line.id, scholarship=new_id(), product=BOOK.id, name=line.purchase.name, kind="item", amount=400
    )
    shared: dict[str, Any] = {"request": REQUEST, "contract": contract.id, "effective_on": DAY}
    asked = ScholarshipUseRequested(**shared, account=contract.account, currency="EUR", uses=(use,), given_back=())
    answer = ScholarshipUseRefused(**shared, line=line.id, scholarship=use.scholarship, amount=400, left=300, why=why)
    said = using.not_aided(asked, use, why, 300)
    made = SCHOLARSHIP_USE.refused(not_aided(contract, answer))
    assert said == made


@pytest.mark.parametrize("why", get_args(refusals.UseRefusal))
def test_cre_3_a_credit_that_does_not_pay(why: Any) -> None:
    credit, suspended = new_id(), why == "suspended"
    reason = "more-than-left" if suspended else why
    said = refusals.not_used(why, credit)
    request = UseRequest(
        id=new_id(),
        organisation=new_id(),
        contract=new_id(),
        account=new_id(),
        credit=credit,
        amount=100,
        currency="EUR",
        asked=Request.to(CREDIT_USE, credit),
        asked_at=a_context().now,
        asked_by="user:1",
    )
    words = said.model_copy(update={"detail": "In the words of credits.", "rule": "CRE-9"})
    kept = request.refused(reason, a_context(), suspended=suspended, refusal=words).asked.refused
    assert kept is not None
    shown = refusal_from(kept)
    assert (shown.detail, shown.rule, shown.slug) == ("In the words of credits.", "CRE-9", said.problem)
    older = request.refused(reason, a_context(), suspended=suspended).asked.refused
    assert older == said
