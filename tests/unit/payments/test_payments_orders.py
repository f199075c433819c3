"""Which outcome of an order is news, whatever was reported of it before (PAY-4, PAY-6)."""

from typing import Literal

import pytest

from payments.collection.domain.orders import Failed, Order, Status, Succeeded, ended, is_news
from payments.refunds.domain.settling import Settling, refund_orders, settle_refund_line
from tests.unit.payments.payments_builders import a_context, a_payment, a_schedule

DONE, DECLINED = Succeeded("ref"), Failed("refused", "declined")


def an_order(kind: Literal["charge", "refund"], status: Status) -> Order:
    context = a_context()
    settled = settle_refund_line(
        a_schedule(paid=500, refund_due=500), Settling(500, "refunded"), [a_payment(1, 500)], context
    )
    (order,) = refund_orders(settled, 7, context)
    return order.model_copy(update={"kind": kind, "status": status})


@pytest.mark.parametrize(
    ("kind", "status", "success", "failure"),
    [
        ("charge", "asked", True, True),
        ("charge", "pending", True, True),
        ("charge", "succeeded", False, False),  # what came has come: the bank takes it back by a reversal
        ("charge", "failed", True, False),  # the money came after all
        ("refund", "asked", True, True),
        ("refund", "pending", True, True),
        ("refund", "succeeded", False, True),  # it came back days later
        ("refund", "failed", False, False),
    ],
)
def test_the_first_outcome_is_news_and_then_only_the_last_word(
    kind: Literal["charge", "refund"], status: Status, *, success: bool, failure: bool
) -> None:
    order = an_order(kind, status)
    assert (is_news(order, DONE), is_news(order, DECLINED)) == (success, failure)
    for outcome in (DONE, DECLINED):
        assert not is_news(ended(order, outcome, a_context().now), outcome)
