"""`carnet verify` and money in and out: each order, payment, settlement and reversal is kept as published."""

import copy
from collections.abc import Callable

import pytest

from carnet_operations.verify import Report
from carnet_operations.verify.money.orders import check_orders
from carnet_operations.verify.money.outgoing import check_reversals, check_settlements
from carnet_operations.verify.schedules.collection import check_waiting
from carnet_operations.verify.schedules.documents import check_paid, check_payments
from carnet_operations.verify.schedules.ledger import Ledger
from carnet_operations.verify.schedules.replayed import ReplayedSchedule, replay_schedule
from tests.findings import Document, Found, put
from tests.unit.deploy.schedule_story import season
from tests.unit.payments.payments_builders import CONTRACT, an_id

STORY = season()
UNTIL_AN_ATTEMPT = 4
"""The sequence at which the second attempt is still open."""


def replayed(until: int = len(STORY.rows)) -> ReplayedSchedule:
    return replay_schedule(STORY.contract, STORY.rows[:until], Report())


def orders_of(ledger: Ledger) -> list[Document]:
    """The orders as the collector and a settlement leave them."""
    over = {"PaymentCollected": "succeeded", "PaymentFailed": "failed"}
    charges = [
        {
            "_id": id_,
            "kind": "charge",
            "instalment": attempt.instalment,
            "due": attempt.due,
            "number": attempt.number,
            "amount": attempt.amount,
            "currency": "EUR",
            "provider": "sandbox",
            "reference": f"ch_{id_}",
            "status": over.get(attempt.ended or "", "pending"),
            "check_at": None if attempt.ended else "2026-11-21T09:00:00.000000Z",
        }
        for id_, attempt in ledger.attempts.items()
        if attempt.instalment is not None
    ]
    return charges + [
        {
            "_id": part["order"],
            "kind": "refund",
            "provider": "sandbox",
            "settlement": settlement["_id"],
            "payment": part["payment"],
            "amount": part["amount"],
            "status": "failed" if part["failed"] else "succeeded",
            "check_at": None,
        }
        for settlement in settlements_of(ledger)
        for part in settlement["parts"]
    ]


def payments_of(ledger: Ledger) -> list[Document]:
    return [
        {
            "_id": id_,
            "amount": payment.amount,
            "currency": "EUR",
            "provider": "sandbox" if payment.attempt else None,
            "reference": f"ch_{id_}" if payment.attempt else None,
            "refunded": payment.refunded,
            "reversed": payment.reversed,
            "beyond": payment.beyond,
        }
        for id_, payment in ledger.payments.items()
    ]


def settlements_of(ledger: Ledger) -> list[Document]:
    return [
        {
            "_id": id_,
            "amount": settlement.amount,
            "how": settlement.how,
            "credit": settlement.credit,
            "parts": [
                {
                    "order": f"{id_}:{payment}",
                    "payment": payment,
                    "amount": amount,
                    "failed": "other" if payment in settlement.failed else None,
                }
                for payment, amount in settlement.payments.items()
            ],
        }
        for id_, settlement in ledger.settlements.items()
    ]


def reversals_of(ledger: Ledger) -> list[Document]:
    names = ("payment", "amount", "beyond", "reason")
    return [
        {"_id": an_id(901 + number), **dict(zip(names, reversal, strict=True))}
        for number, reversal in enumerate(ledger.reversals)
    ]


class Kept:
    """All that payments keeps of the season, to tamper with."""

    def __init__(self, until: int = len(STORY.rows)) -> None:
        self.replayed = replayed(until)
        self.orders = orders_of(self.replayed.ledger)
        self.payments = payments_of(self.replayed.ledger)
        self.settlements = settlements_of(self.replayed.ledger)
        self.reversals = reversals_of(self.replayed.ledger)
        self.schedule = {"_id": CONTRACT, "credit_uses": [], "paid": 50_000}

    def verified(self) -> Report:
        report, ledger = Report(), self.replayed.ledger
        check_orders(ledger, self.orders, self.payments, self.settlements, report)
        check_payments(self.replayed, self.payments, report)
        check_paid(self.schedule, self.payments, self.settlements, report)
        check_settlements(ledger, self.settlements, report)
        check_reversals(CONTRACT, ledger, self.reversals, report)
        return report


def test_what_is_kept_as_published_has_no_finding() -> None:
    assert Kept().verified().findings == []


FIRST, FAILED, LATE = (order["_id"] for order in Kept().orders if order["kind"] == "charge")

TAMPERED = [
    ("orders", FIRST, put("amount", "-1"), Found("PAY-6", FIRST, "number and amount", "30000", "29999")),
    ("orders", FIRST, put("instalment", an_id(9)), Found("PAY-6", FIRST, "instalment, date", "", an_id(9))),
    ("orders", FIRST, put("number", 2), Found("PAY-6", FIRST, "instalment, date", "1, 30000", "2, 30000")),
    ("orders", FIRST, put("status", "failed"), Found("PAY-6", FIRST, "the status", "succeeded", "failed")),
    ("orders", FIRST, put("status", "failed"), Found("PAY-6", FIRST, "its payment", "none", "ch_")),
    ("orders", FIRST, put("status", "pending"), Found("PAY-6", FIRST, "the status", "succeeded", "asked or pending")),
    ("orders", FIRST, put("status", "asked"), Found("PAY-11", FIRST, "whether it is looked at again", "True", "False")),
    ("orders", FAILED, put("status", "succeeded"), Found("PAY-6", FAILED, "its payment", "ch_", "none")),
    ("orders", FAILED, put("check_at", "2026"), Found("PAY-11", FAILED, "looked at again", "False", "True")),
    ("orders", FIRST, put("reference", "ch_1"), Found("PAY-6", FIRST, "its payment", "ch_1", f"ch_{FIRST}")),
    ("payments", FIRST, put("provider", None), Found("PAY-6", FIRST, "its payment", "sandbox", "None")),
    ("payments", FIRST, put("refunded", "+1"), Found("PAY-4", FIRST, "what was refunded of it", "0", "1")),
    ("payments", FIRST, put("reversed", "-1"), Found("PAY-13", FIRST, "what the bank took back", "5000", "4999")),
    ("payments", FIRST, put("beyond", "+1"), Found("PAY-13", FIRST, "what the bank took beyond", "0", "1")),
    ("payments", FIRST, put("refunded", "+1"), Found("PAY-7", CONTRACT, "the sum of its payments", "49999", "50000")),
]


@pytest.mark.parametrize(("name", "id_", "change", "found"), TAMPERED)
def test_a_document_is_tampered_with(name: str, id_: str, change: Callable[[Document], None], found: Found) -> None:
    kept = Kept()
    change(next(document for document in getattr(kept, name) if document["_id"] == id_))
    report = kept.verified()
    assert found.among(report), report.findings


def test_an_order_or_a_payment_that_is_missing_or_invented_is_found() -> None:
    kept = Kept()
    order = kept.orders.pop(0)
    what = "the order of an attempt that was started"
    assert Found("PAY-6", FIRST, what, "an order", "none").among(kept.verified())
    kept.orders += [order, {**order, "_id": an_id(9)}]
    assert Found("PAY-6", an_id(9), what, "none", "an order, succeeded").among(kept.verified())
    kept = Kept()
    kept.payments.pop(0)
    assert Found("PAY-6", FIRST, "its payment", "ch_", "none").among(kept.verified())


def test_an_attempt_without_an_open_order_is_found() -> None:
    kept = Kept(UNTIL_AN_ATTEMPT)
    assert [order["status"] for order in kept.orders] == ["succeeded", "pending"]
    kept.schedule["paid"] = 30_000
    assert kept.verified().findings == []
    kept.orders[1] |= {"status": "failed", "check_at": None}
    assert Found("PAY-6", FAILED, "the status", "asked or pending", "failed").among(kept.verified())


SETTLED, CONVERTED = (settlement["_id"] for settlement in Kept().settlements)

ON_SETTLEMENTS = [
    (SETTLED, put("amount", "-1"), Found("PAY-4", SETTLED, "amount, how", "4000", "3999")),
    (SETTLED, put("parts.0.amount", "-1"), Found("PAY-4", SETTLED, "what goes back of each", "4000", "3999")),
    (SETTLED, put("parts.0.amount", "-1"), Found("PAY-4", "payments.orders", "settlement, payment", "3999", "4000")),
    (SETTLED, put("parts.0.failed", None), Found("PAY-4", SETTLED, "could not refund", "4000", "{}")),
    (SETTLED, put("parts.0.failed", None), Found("PAY-4", "payments.orders", "whether it failed", "False", "True")),
    (CONVERTED, put("how", "waived"), Found("PAY-4", CONVERTED, "amount, how", "converted", "waived")),
    (CONVERTED, put("how", "refunded"), Found("PAY-7", CONTRACT, "the sum of its payments", "57000", "50000")),
    (CONVERTED, put("credit", None), Found("PAY-4", CONVERTED, "and its credit", "", "None")),
]


@pytest.mark.parametrize(("id_", "change", "found"), ON_SETTLEMENTS)
def test_a_settlement_is_tampered_with(id_: str, change: Callable[[Document], None], found: Found) -> None:
    kept = Kept()
    change(next(document for document in kept.settlements if document["_id"] == id_))
    report = kept.verified()
    assert found.among(report), report.findings


def test_settlements_refunds_and_reversals_that_are_missing_or_doubled_are_found() -> None:
    kept = Kept()
    gone = kept.settlements.pop()
    assert Found("PAY-4", gone["_id"], "amount, how", "converted", "none").among(kept.verified())
    kept = Kept()
    refund = kept.orders.pop()
    assert Found("PAY-4", refund["_id"], "settlement, payment", "4000", "none").among(kept.verified())
    kept.orders += [refund, {**refund, "_id": an_id(9)}]
    assert Found("PAY-4", an_id(9), "settlement, payment", "none", "4000").among(kept.verified())
    kept = Kept()
    kept.reversals[0]["confirmed"] = [{"amount": 5}]
    assert Found("PAY-13", CONTRACT, "what the provider confirmed", "{}", "5").among(kept.verified())
    kept = Kept()
    kept.reversals *= 2
    assert Found("PAY-13", CONTRACT, f"a reversal of {FIRST}", "1", "2").among(kept.verified())
    kept.reversals = []
    assert Found("PAY-13", CONTRACT, f"a reversal of {FIRST}", "1", "0").among(kept.verified())


def test_pay_12_an_instalment_that_waits_though_its_account_has_a_payment_method_is_found() -> None:
    report = Report()
    waiting = [{"_id": CONTRACT, "instalments": [{"id": an_id(9), "waits_for_method": True}]}]
    check_waiting({"methods": []}, copy.deepcopy(waiting), report)
    assert report.findings == []
    check_waiting({"methods": [{"id": an_id(8)}]}, waiting, report)
    assert Found("PAY-12", CONTRACT, "that wait for a payment method", "[]", an_id(9)).among(report)
