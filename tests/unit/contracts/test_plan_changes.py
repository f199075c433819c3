"""An online plan is changed for another one of the same member in one change (CON-19)."""

from typing import Any

import pytest

from carnet.events.contracts import ContractChanged, PlanChanged, ProductAdded, ProductCancelled
from carnet.refusals import Refusal
from contracts.contracts.domain.changes import Change, change_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.pending import ask
from contracts.contracts.domain.products import Addition, PlanChange, Presented, Product
from tests.unit.contracts.contract_builders import (
    BEN,
    FORMAT,
    FULL,
    JAZZ,
    TEN_PERCENT,
    TODAY,
    a_context,
    counted,
    line_of,
)
from tests.unit.contracts.test_access import BASIC, ENDLESS, OFFER, Platform, a_plan

DEAR = a_plan(404, "harmony", "rhythm").model_copy(update={"name": "Dear plan"})


def to(product: Product, line: str, **fields: Any) -> PlanChange:
    return PlanChange(line, Addition(product.id, FORMAT, FULL, **fields))


def sold(*products: Product, discounts: tuple[str, ...] = ()) -> tuple[Platform, Contract]:
    platform = Platform()
    contract = platform.opens(*products)
    if discounts:
        contract = platform.changes(contract, discounts=discounts)
    return platform, contract


def test_con_19_the_new_plan_comes_and_the_old_one_goes_in_one_change() -> None:
    _, contract = sold(BASIC, JAZZ)
    old = line_of(contract, BASIC)
    context = a_context(new_id=counted(8000))
    decided = change_contract(contract, Change(plans=(to(ENDLESS, old),)), OFFER, context)
    assert [type(event) for event in decided.events] == [
        ProductCancelled, ProductAdded, PlanChanged, ContractChanged,
    ]  # fmt: skip
    new = line_of(decided.state, ENDLESS)
    assert decided.events[2] == PlanChanged(
        contract=contract.id, account=contract.account, currency="EUR", effective_on=TODAY, participant=BEN,
        line_before=old, product_before=BASIC.id, name_before=BASIC.name,
        line=new, product=ENDLESS.id, name=ENDLESS.name,
    )  # fmt: skip
    changed = decided.events[-1]
    assert isinstance(changed, ContractChanged)
    assert (changed.total_before, changed.total_after) == (60000, 60000)
    assert decided.state.lines[-1].purchase.participant == BEN


def test_con_19_the_difference_is_that_of_one_change() -> None:
    _, contract = sold(BASIC)
    change = Change(plans=(to(ENDLESS, line_of(contract, BASIC), price=45000, reason="half a year more"),))
    decided = change_contract(contract, change, OFFER, a_context(new_id=counted(8000)))
    changed = decided.events[-1]
    assert isinstance(changed, ContractChanged)
    assert (changed.total_before, changed.total_after, changed.live_lines) == (30000, 45000, 1)


def test_con_19_a_course_of_both_plans_is_never_interrupted() -> None:
    platform, contract = sold(BASIC)
    platform.changes(contract, plans=(to(ENDLESS, contract.lines[0].id),))
    assert platform.said == {"harmony": ["AccessChanged"]}
    (event,) = platform.published["harmony"]
    assert (event.product, event.first_day, event.last_day) == (ENDLESS.id, TODAY, None)
    assert [line.product for line in platform.of().lines] == [ENDLESS.id]


def test_con_6_a_discount_on_the_old_plan_goes_along_in_the_same_change() -> None:
    platform, contract = sold(BASIC, discounts=(TEN_PERCENT.id,))
    old, discount = contract.lines[0].id, contract.lines[-1].id
    with pytest.raises(Refusal) as refused:
        platform.changes(contract, plans=(to(ENDLESS, old),))
    assert refused.value.slug == "line-bears-discount"
    after = platform.changes(contract, plans=(to(ENDLESS, old),), cancel=(discount,), discounts=(TEN_PERCENT.id,))
    assert after.total == 27000
    assert platform.said == {"harmony": ["AccessChanged"]}


@pytest.mark.parametrize(
    ("product", "of", "slug"),
    [(ENDLESS, JAZZ, "not-a-plan"), (JAZZ, BASIC, "not-a-plan"), (DEAR, BASIC, "unknown-product")],
)
def test_con_19_only_a_plan_is_changed_and_only_for_a_plan(product: Product, of: Product, slug: str) -> None:
    platform, contract = sold(BASIC, JAZZ)
    with pytest.raises(Refusal) as refused:
        platform.changes(contract, plans=(to(product, line_of(contract, of)),))
    assert refused.value.slug == slug


def test_con_4_a_plan_is_named_once_and_only_while_it_is_live() -> None:
    platform, contract = sold(BASIC)
    old = contract.lines[0].id
    with pytest.raises(Refusal) as twice:
        platform.changes(contract, plans=(to(ENDLESS, old),), cancel=(old,))
    assert twice.value.slug == "line-named-twice"
    after = platform.changes(contract, cancel=(old,))
    with pytest.raises(Refusal) as gone:
        platform.changes(after, plans=(to(ENDLESS, old),))
    assert gone.value.slug == "line-cancelled"


def test_cre_9_a_new_plan_that_a_voucher_covers_waits_for_credits_with_the_whole_change() -> None:
    platform, contract = sold(BASIC)
    change = Change(plans=(to(ENDLESS, contract.lines[0].id, voucher=Presented("ab" * 32, "C6RX")),))
    context = a_context(new_id=counted(8000))
    waiting = ask(contract, change_contract(contract, change, OFFER, context), context).state
    assert waiting.pending is not None
    assert [kept.type.split(".")[2] for kept in waiting.pending.events][-2:] == ["PlanChanged", "ContractChanged"]
    assert (waiting.live_lines, waiting.total, platform.of().open) == (1, 30000, True)
