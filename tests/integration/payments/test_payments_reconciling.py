"""Invoices and the payments that are matched to them over HTTP (INV-6)."""

from typing import Any

import pytest

from carnet.ids import new_id
from payments.invoices.api import reading as listing
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.invoicing import Sale, a_line, issued, paid_sale, settle
from tests.integration.payments.received_records import Family
from tests.refused import old_id, problem, strangers


async def two_invoices(desk: Desk, family: Family) -> tuple[Sale, list[str], list[str]]:
    """A contract of 500 paid by 200 and 300, its invoices of 250 and of 250: the sale, its payments, its invoices."""
    await desk.payments.handles(family.changed())
    await settle(desk)
    sale = await paid_sale(desk, family, a_line(25_000), a_line(25_000))
    invoices = [each.id for line in sale.ids for each in await issued(desk, sale, [line])]
    paid = (await desk.get(f"/v1/schedules/{sale.contract}/payments")).json()["items"]
    return sale, [each["id"] for each in paid], invoices


async def standings(desk: Desk) -> list[tuple[str, int, int]]:
    """The status of the invoices of the list, the oldest first."""
    items = (await desk.get("/v1/invoices", kind="invoice")).json()["items"]
    return [(each["status"], each["paid"]["amount"], each["covered"]["amount"]) for each in reversed(items)]


async def matching(desk: Desk, sale: Sale) -> dict[str, Any]:
    answer = await desk.get(f"/v1/schedules/{sale.contract}/matching")
    assert answer.status_code == 200, answer.text
    return {**answer.json(), "version": int(answer.headers["etag"].strip('"'))}


async def reverse(desk: Desk, sale: Sale, payment: str, amount: int) -> None:
    version = (await desk.payments.schedule(sale.contract)).version
    answer = await desk.post(
        f"/v1/schedules/{sale.contract}/payments/{payment}/reversal",
        {"amount": euros(amount), "reason": "bounced_cheque"},
        version=version,
    )
    assert answer.status_code == 201, answer.text


async def test_inv_6_an_invoice_is_paid_then_partly_then_covered_by_cheques_that_are_held(
    desk: Desk, family: Family
) -> None:
    sale, (payment,), (first, second) = await two_invoices(desk, family)
    assert await standings(desk) == [("paid", 25_000, 0), ("paid", 25_000, 0)]
    await reverse(desk, sale, payment, 10_000)
    assert await standings(desk) == [("paid", 25_000, 0), ("partly_paid", 15_000, 0)]
    version = (await desk.payments.schedule(sale.contract)).version
    cheque = {"due": "2027-03-05", "amount": euros(10_000), "bank": "Nord", "holder": "Inès Martin"}
    held = await desk.post(f"/v1/schedules/{sale.contract}/cheques", {"cheques": [cheque]}, version=version)
    assert held.status_code == 201, held.text
    shown = (await desk.get(f"/v1/invoices/{second}")).json()
    assert (shown["status"], shown["paid"], shown["covered"]) == ("covered", euros(15_000), euros(10_000))
    credited = await desk.post(f"/v1/invoices/{first}/credit-notes", {"reason": "Called off."})
    assert (credited.json()["status"], credited.json()["paid"]) == (None, None)
    assert await standings(desk) == [("cancelled", 0, 0), ("paid", 25_000, 0)]


async def test_inv_6_a_match_by_hand_pays_its_invoice_first_and_is_undone(
    desk: Desk, payments: Payments, family: Family
) -> None:
    sale, (payment,), (first, second) = await two_invoices(desk, family)
    await reverse(desk, sale, payment, 30_000)
    assert await standings(desk) == [("partly_paid", 20_000, 0), ("not_paid", 0, 0)]
    before = await matching(desk, sale)
    path = f"/v1/schedules/{sale.contract}/matches"
    body = {"payment": payment, "invoice": second, "amount": euros(15_000)}
    done = await desk.post(path, body, version=before["version"])
    assert done.status_code == 201, done.text
    assert [(each["invoice"], each["amount"], each["match"] is not None) for each in done.json()["matched"]] == [
        (second, euros(15_000), True),
        (first, euros(5_000), False),
    ]
    (kept,) = done.json()["matches"]
    assert (kept["amount"], kept["by"].partition(":")[0]) == (euros(15_000), "user")
    assert await standings(desk) == [("partly_paid", 5_000, 0), ("partly_paid", 15_000, 0)]
    moved = await matching(desk, sale)
    problem(await desk.post(path, {**body, "invoice": first, "amount": euros(5_001)}, version=moved["version"]), 409,
            "match-too-large")  # fmt: skip
    problem(await desk.post(path, body, version=moved["version"]), 409, "matched-before")
    problem(await desk.post(path, {**body, "invoice": first}, version=before["version"]), 412, "version-moved")
    problem(await desk.post(path, {**body, "invoice": old_id()}, version=moved["version"]), 404, "unknown-invoice")
    problem(await desk.post(path, {**body, "payment": old_id()}, version=moved["version"]), 404, "unknown-payment")
    voided = await desk.post(
        f"/v1/schedules/{sale.contract}/payments/{payment}/voiding", {"reason": "x"}, version=moved["version"]
    )
    assert voided.status_code == 409
    undo = f"{path}/{kept['id']}"
    headers = {**desk.headers(), "If-Match": f'"{moved["version"]}"'}
    undone = await desk.client.delete(undo, headers=headers)
    assert undone.status_code == 200, undone.text
    assert (undone.json()["matches"], await standings(desk)) == ([], [("partly_paid", 20_000, 0), ("not_paid", 0, 0)])
    headers["If-Match"] = undone.headers["etag"]
    problem(await desk.client.delete(undo, headers=headers), 404, "unknown-match")
    assert (await payments.names_published(sale.contract))[-2:] == ["PaymentMatched", "PaymentUnmatched"]


async def test_inv_6_the_invoices_of_other_contracts_and_organisations_are_nobody_elses(
    desk: Desk, payments: Payments, family: Family
) -> None:
    sale, (payment,), _ = await two_invoices(desk, family)
    other = await paid_sale(desk, family, a_line(25_000))
    (invoice,) = await issued(desk, other)
    version = (await payments.schedule(sale.contract)).version
    path = f"/v1/schedules/{sale.contract}/matches"
    body = {"payment": payment, "invoice": invoice.id}
    problem(await desk.post(path, body, version=version), 404, "unknown-invoice")
    foreign = desk.headers(organisation=new_id())
    reading = f"/v1/schedules/{sale.contract}/matching"
    problem(await desk.get(reading, foreign), 404, "unknown-schedule")
    for stranger in strangers(desk.signer, payments.organisation, "payments:read", staff_only=True):
        problem(await desk.client.get(reading, headers=stranger.headers), stranger.status, stranger.slug)
    assert await standings(desk) == [("paid", 25_000, 0)] * 3


async def test_inv_6_invoices_are_found_by_how_they_stand_page_by_page(
    desk: Desk, family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale, (payment,), (first, second) = await two_invoices(desk, family)
    await reverse(desk, sale, payment, 10_000)

    async def found(status: str, **query: Any) -> list[str]:
        """The ids on all pages; a page may be empty and have a next one."""
        ids, cursor = list[str](), dict[str, str]()
        while True:
            answer = (await desk.get("/v1/invoices", status=status, limit=1, **query, **cursor)).json()
            ids += [each["id"] for each in answer["items"]]
            if answer["next"] is None:
                return ids
            cursor = {"cursor": answer["next"]}

    assert await found("paid") == [first]
    assert await found("partly_paid") == [second]
    assert await found("cancelled") == []
    assert await found("paid", kind="credit_note") == []
    monkeypatch.setattr(listing, "LOOKED_AT_ONCE", 1)
    monkeypatch.setattr(listing, "MOST_LOOKED_AT", 1)
    assert await found("paid") == [first]
    everything = (await desk.get("/v1/invoices", limit=1)).json()
    assert (len(everything["items"]), everything["next"] is None) == (1, False)
    problem(await desk.get("/v1/invoices", status="settled"), 422, "request-invalid")
