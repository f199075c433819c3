"""Deposit invoices on a real database, and the invoice that deducts them (INV-1 to INV-4, INV-6)."""

from datetime import date
from typing import Any

from carnet.mongo import Database
from payments.invoices.store import INVOICES
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.invoicing import Sale, Story, a_line, asked_quickly, settle, the_request
from tests.integration.payments.received_records import Family
from tests.refused import problem
from tests.waits import apis_wait

TODAY = date(2026, 11, 21)


async def partly_paid(desk: Desk, family: Family, paid: int, net: int = 30000) -> Sale:
    """A contract of one purchase, of which a part is paid."""
    sale = Sale(Story(family), [a_line(net)])
    await desk.payments.handles(sale.story.opened(sale.total))
    answer = await desk.pay(sale.contract, paid, version=1)
    assert answer.status_code == 201, answer.text
    return sale


async def asked_deposit(desk: Desk, sale: Sale, **body: Any) -> str:
    with apis_wait(0):
        answer = await desk.post(f"/v1/schedules/{sale.contract}/deposit-invoices", body)
    assert answer.status_code == 202, answer.text
    assert answer.json()["deposit"] is True
    return str(answer.json()["id"])


async def the_invoices(database: Database) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await database[INVOICES.name].find().sort("_id", 1).to_list(None)
    return found


async def deposited(desk: Desk, sale: Sale, advance: int) -> dict[str, Any]:
    """The deposit invoice of what is paid in advance, once contracts has marked the purchase."""
    await desk.payments.handles(sale.marked(await asked_deposit(desk, sale), advance=advance))
    made = (await the_invoices(desk.payments.database))[-1]
    sale.lines = [line.model_copy(update={"deposits": (*line.deposits, made["_id"])}) for line in sale.lines]
    return made


async def finished(desk: Desk, sale: Sale, rest: int) -> dict[str, Any]:
    """The invoice of the purchase, once the rest is paid."""
    version = (await desk.payments.schedule(sale.contract)).version
    assert (await desk.pay(sale.contract, rest, version=version)).status_code == 201
    await desk.payments.handles(sale.marked(await asked_quickly(desk, sale)))
    return (await the_invoices(desk.payments.database))[-1]


async def test_inv_1_a_deposit_invoice_is_of_what_is_paid_and_the_final_invoice_deducts_it(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    await settle(desk)
    sale = await partly_paid(desk, family, 12000)
    first = await deposited(desk, sale, 12000)
    shown = (await desk.get(f"/v1/invoices/{first['_id']}")).json()
    assert (shown["kind"], shown["number"], shown["status"]) == ("deposit_invoice", "FA-2026-000001", "paid")
    document = shown["document"]
    assert (document["gross"], document["net"], document["due"]) == (euros(12000), euros(10000), euros(0))
    assert [(line["name"], line["detail"]) for line in document["lines"]] == [("Acompte", "Modern jazz")]
    problem(await desk.post(f"/v1/schedules/{sale.contract}/deposit-invoices", {}), 409, "nothing-to-invoice")

    final = await finished(desk, sale, 18000)
    shown = (await desk.get(f"/v1/invoices/{final['_id']}")).json()
    assert (shown["number"], shown["total"], shown["left"]) == ("FA-2026-000002", euros(30000), euros(30000))
    assert (shown["deposits"], shown["status"], shown["paid"]) == ([first["_id"]], "paid", euros(30000))
    (deducted,) = shown["document"]["deducted"]
    assert (deducted["number"], deducted["amount"]) == ("FA-2026-000001", euros(12000))
    before = (await desk.get(f"/v1/invoices/{first['_id']}")).json()
    assert (before["status"], before["left"], before["deducted_by"]) == ("deducted", euros(0), final["_id"])
    schedule = await payments.schedule(sale.contract)
    assert schedule.invoicing.invoiced == 30000
    event = (await payments.published(sale.contract))[-1]["data"]
    assert (event["deposit"], event["deposits"], event["deducted"], event["total"]) == (
        False, [first["_id"]], 12000, 30000
    )  # fmt: skip


async def test_inv_3_a_deposit_invoice_is_cancelled_by_a_credit_note_and_one_that_is_deducted_with_its_invoice(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await settle(desk)
    alone = await partly_paid(desk, family, 12000)
    deposit = await deposited(desk, alone, 12000)
    path = f"/v1/invoices/{deposit['_id']}/credit-notes"
    preview = (await desk.post(f"{path}/preview", {"reason": "Changed."})).json()
    note = (await desk.post(path, {"reason": "Changed."})).json()
    assert (note["kind"], note["total"], note["document"]) == ("credit_note", euros(12000), preview)
    assert note["document"]["preceding"] == deposit["number"]
    assert (await payments.schedule(alone.contract)).invoicing.invoiced == 0

    sale = await partly_paid(desk, family, 12000)
    deducted = await deposited(desk, sale, 12000)
    final = await finished(desk, sale, 18000)
    answer = await desk.post(f"/v1/invoices/{deducted['_id']}/credit-notes", {"reason": "Changed."})
    assert problem(answer, 409, "deposit-deducted")["params"]["deducted_by"] == final["_id"]
    whole = (await desk.post(f"/v1/invoices/{final['_id']}/credit-notes", {"reason": "Changed."})).json()
    assert whole["total"] == euros(30000)
    assert (await payments.schedule(sale.contract)).invoicing.invoiced == 0


async def test_inv_4_what_is_not_as_it_was_seen_or_was_credited_meanwhile_takes_no_number(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await settle(desk)
    sale = await partly_paid(desk, family, 12000)
    request = await asked_deposit(desk, sale, amount=euros(11000))
    await payments.handles(sale.marked(request, advance=12000))
    refused = await the_request(payments, request)
    assert (refused.status, refused.refusal and refused.refusal.problem) == ("refused", "advance-moved")
    assert (await payments.names_published(sale.contract))[-1] == "InvoiceNotIssued"
    older = await asked_deposit(desk, sale)
    await payments.handles(sale.marked(older))  # a contracts of an older release marks the whole purchase
    assert (await the_request(payments, older)).status == "refused"
    assert await the_invoices(payments.database) == []

    deposit = await deposited(desk, sale, 12000)
    version = (await payments.schedule(sale.contract)).version
    assert (await desk.pay(sale.contract, 18000, version=version)).status_code == 201
    late = await asked_quickly(desk, sale)
    path = f"/v1/invoices/{deposit['_id']}/credit-notes"
    assert (await desk.post(path, {"reason": "Changed."})).status_code == 201
    await payments.handles(sale.marked(late))
    missed = await the_request(payments, late)
    assert (missed.status, missed.refusal and missed.refusal.problem) == ("refused", "invoice-again")
    assert [each["number"] for each in await the_invoices(payments.database)] == ["FA-2026-000001", "AV-2026-000001"]


async def test_org_1_a_deposit_invoice_of_a_foreign_contract_or_by_a_client_is_refused(
    desk: Desk, family: Family
) -> None:
    await settle(desk)
    sale = await partly_paid(desk, family, 12000)
    path = f"/v1/schedules/{sale.contract}/deposit-invoices"
    problem(await desk.post(path, {}, kind="client", account=family.account), 403, "staff-only")
    wrong = await desk.post(path, {"amount": {"amount": 0, "currency": "EUR"}})
    assert wrong.status_code == 422
