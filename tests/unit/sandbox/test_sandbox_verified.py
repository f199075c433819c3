"""`carnet verify` reads the sandbox's book and holds it against the orders: each is there once, and ended alike."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from carnet.ids import new_id
from carnet_operations.verify import Report
from carnet_operations.verify.money.provider_book import Comparison, read_book
from tests.findings import Document, Found
from tests.unit.sandbox.conftest import MERCHANT, Played


@dataclass
class Books:
    """The sandbox, and the orders and reversals that payments would keep of what it answered."""

    sandbox: Played
    orders: list[Document] = field(default_factory=list)
    reversals: list[Document] = field(default_factory=list)

    async def charge(self, token: str) -> Document:
        key = new_id()
        return self._keep("charge", key, 5_000, await self.sandbox.charged(token, key))

    async def refund(self, charge: Document) -> Document:
        key = new_id()
        answer = await self.sandbox.refunded(charge["reference"], key)
        return self._keep("refund", key, 2_000, answer, charge=charge["reference"])

    def _keep(self, kind: str, key: str, amount: int, answer: dict[str, Any], charge: str | None = None) -> Document:
        order = {
            "_id": key,
            "kind": kind,
            "organisation": MERCHANT,
            "amount": amount,
            "currency": "EUR",
            "charge": charge,
            "taken_back": [],
            **{name: answer[name] for name in ("status", "code", "reference")},
        }
        self.orders.append(order)
        return order

    async def verified(self, *organisations: str) -> Report:
        report = Report()
        book = await read_book("http://sandbox", self.sandbox.transport)
        comparison = Comparison(book, frozenset(organisations or (MERCHANT,)), report)
        for order in self.orders:
            comparison.check(order, [each for each in self.reversals if each["payment"] == order["_id"]])
        comparison.end()
        return report


@pytest.fixture
async def books(played: Played) -> Books:
    await played.meet()
    made = Books(played)
    await made.charge("tok_refused")
    await made.refund(await made.charge("tok_success"))
    return made


async def test_orders_that_ended_as_in_the_book_have_no_finding(books: Books) -> None:
    await books.charge("tok_debit_success")
    report = await books.verified()
    assert (report.findings, report.notes) == ([], [])
    assert report.proven["orders compared with the sandbox's book"] == 4
    assert (report.unreported, report.on_their_way) == (0, 0)


async def test_the_book_is_read_page_by_page(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carnet_operations.verify.money.provider_book._PAGE", 2)
    assert (await books.verified()).findings == []


@pytest.mark.parametrize(
    ("index", "name", "value", "found"),
    [
        (0, "status", "succeeded", Found("PAY-6", "payments.orders", "the status", "failed", "succeeded")),
        (1, "status", "failed", Found("PAY-6", "payments.orders", "the status", "succeeded", "failed")),
        (1, "reference", "ch_1", Found("PAY-6", "payments.orders", "the reference", "ch_", "ch_1")),
        (1, "amount", 4_999, Found("PAY-6", "payments.orders", "what was ordered", "4999", "5000")),
        (1, "currency", "CHF", Found("PAY-6", "payments.orders", "what was ordered", "CHF", "EUR")),
        (1, "organisation", "x", Found("PAY-6", "payments.orders", "what was ordered", "x", MERCHANT)),
        (1, "kind", "refund", Found("PAY-6", "payments.orders", "the sandbox's book", "a refund that is", "none")),
        (2, "charge", "ch_1", Found("PAY-6", "payments.orders", "what was ordered", "ch_1", "ch_")),
        (2, "status", "failed", Found("PAY-6", "payments.orders", "the status", "succeeded", "failed")),
    ],
)
async def test_an_order_is_tampered_with(books: Books, index: int, name: str, value: Any, found: Found) -> None:
    books.orders[index][name] = value
    report = await books.verified()
    assert found.among(report), report.findings


async def test_a_debit_that_ended_is_found_once_a_webhook_that_reported_it_was_accepted(books: Books) -> None:
    debit = await books.charge("tok_debit_success:2")
    books.sandbox.mailbox.statuses = [503]
    await books.sandbox.meet(days=2)
    await books.sandbox.until(lambda: len(books.sandbox.mailbox.refused) == 1)
    report = await books.verified()
    assert (report.findings, report.on_their_way) == ([], 1), "it is reported again"
    books.sandbox.clock.now += 1
    await books.sandbox.webhooks(1)
    report = await books.verified()
    assert Found("PAY-6", debit["_id"], "the status", "succeeded", "pending").among(report)
    assert (len(report.findings), report.on_their_way) == (1, 0)
    debit["status"] = "succeeded"
    assert (await books.verified()).findings == []


async def test_a_debit_that_no_webhook_reports_is_only_noted(books: Books) -> None:
    await books.charge("tok_webhook_lost:1")
    await books.sandbox.meet(days=1)
    await books.sandbox.quiet()
    report = await books.verified()
    assert (report.findings, report.unreported) == ([], 1)


async def test_money_that_came_after_all_is_found_where_it_was_reported_and_not_taken(books: Books) -> None:
    late = await books.charge("tok_late_success:1")
    assert late["status"] == "failed"
    await books.sandbox.meet(days=1)
    await books.sandbox.webhooks(1)
    assert Found("PAY-6", late["_id"], "the status", "succeeded", "failed").among(await books.verified())


async def test_an_order_that_was_not_answered_is_waited_for(books: Books) -> None:
    books.orders[1]["status"] = "asked"
    assert (await books.verified()).findings == []


async def test_an_order_that_the_sandbox_could_not_take_is_not_in_the_book(books: Books) -> None:
    refused = {**books.orders[0], "_id": new_id(), "reference": None}
    books.orders.append(refused)
    report = await books.verified()
    assert Found("PAY-6", refused["_id"], "the sandbox's book", "a charge that is failed", "none").among(report)
    refused["code"] = "invalid_request"
    assert (await books.verified()).findings == []


async def test_what_nobody_ordered_is_found_unless_it_was_for_others(books: Books) -> None:
    key = new_id()
    await books.sandbox.charged("tok_success", key)
    report = await books.verified()
    assert Found("PAY-6", f"the sandbox's book {key}", "a charge that was ordered by nobody", "none", "5000").among(
        report
    )
    books.orders.clear()
    report = await books.verified("somebody else")
    assert report.findings == []
    assert "4 things for organisations" in report.notes[0]


async def test_a_reversal_that_was_reported_and_is_not_kept_is_found(books: Books) -> None:
    charge = await books.charge("tok_chargeback:1")
    await books.sandbox.meet(days=1)
    await books.sandbox.webhooks(1)
    where = f"payments.reversals of payment {charge['_id']}"
    assert Found("PAY-13", where, "the reversal rv_", "5000", "none").among(await books.verified())
    books.reversals = [{"_id": "a", "payment": charge["_id"], "amount": 4_000}]
    assert Found("PAY-13", where, "the reversal rv_", "5000", "none").among(await books.verified())
    books.reversals.append({"_id": "b", "payment": charge["_id"], "amount": 5_000})
    assert (await books.verified()).findings == []
    # Staff had recorded a part before: the report confirmed it, and only the rest was new.
    books.reversals[0]["confirmed"] = [{"id": "b", "amount": 4_000}]
    books.reversals[1]["amount"] = 1_000
    assert (await books.verified()).findings == []
    books.reversals.pop()
    assert Found("PAY-13", where, "the reversal rv_", "5000", "none").among(await books.verified())


async def test_a_reversal_that_was_reported_before_its_charge_waits_in_the_order(books: Books) -> None:
    charge = await books.charge("tok_webhook_reordered:60")
    await books.sandbox.webhooks(1)
    assert Found("PAY-13", charge["_id"], "the reversal rv_", "5000", "none").among(await books.verified())
    charge["taken_back"] = [{"id": "rv_1", "amount": 5_000, "reason": "returned_debit"}]
    report = await books.verified()
    assert (report.findings, report.on_their_way) == ([], 1)
