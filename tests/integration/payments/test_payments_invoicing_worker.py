"""Invoices by the worker: papers after the commit, automatically on payment, in bulk (INV-1, INV-2, INV-5)."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from carnet.batches import Batches
from carnet.dates import utc_now, write_instant
from carnet.events.contracts import AtOnce, DatedCharge
from carnet.ids import new_id
from carnet.job_runs import Jobs
from carnet.journal import SLOTS, slot_of
from carnet.mongo import Database, patiently
from carnet_suite.servers import Servers
from payments.invoices.automatic import AT_ONCE, INVOICING, Invoicer
from payments.invoices.domain.document import Document
from payments.invoices.paper import render
from payments.invoices.printing import Printer
from payments.invoices.reactions import CONTRACT_REACTIONS
from payments.invoices.store import INVOICE_REQUESTS, INVOICES, PAPERS, count_to_invoice
from payments.schedules.store import SCHEDULES
from tests.integration.payments.conftest import Desk, Payments
from tests.integration.payments.invoicing import Sale, a_line, issued, of_request, paid_sale, settle
from tests.integration.payments.received_records import Family, Story
from tests.refused import problem
from tests.waits import BOUND

ALL_SLOTS = frozenset(range(SLOTS))


async def printed(payments: Payments, printer: Printer) -> int:
    return await printer.round(ALL_SLOTS, asyncio.Event())


async def test_inv_5_the_paper_is_made_after_the_commit_kept_once_and_given_to_staff_and_its_client(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    await settle(desk)
    (invoice,) = await issued(desk, await paid_sale(desk, family))
    path = f"/v1/invoices/{invoice.id}/pdf"
    waiting = await desk.get(path)
    assert (waiting.status_code, waiting.json()) == (202, {"invoice": invoice.id, "printed": False})
    printer = Printer(payments.database, render)
    assert await printed(payments, printer) == 1
    assert await printed(payments, printer) == 0
    for headers in (desk.headers(), desk.headers(kind="client", account=family.account)):
        answer = await desk.get(path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF-")
        assert 'filename="FA-2026-000001.pdf"' in answer.headers["content-disposition"]
    problem(await desk.get(path, headers=desk.headers(kind="client", account=new_id())), 404, "unknown-invoice")
    assert await payments.names_published(invoice.id) == ["InvoiceReady"]
    assert (await desk.get(f"/v1/invoices/{invoice.id}")).json()["printed"] is True


@pytest.mark.parametrize(
    ("fault", "counted"),
    [(ValueError("a broken font"), 1), (AutoReconnect("a step-down"), 0)],
    ids=["permanent", "transient"],
)
async def test_inv_5_a_paper_that_cannot_be_made_stops_no_other_and_is_tried_again(
    desk: Desk, payments: Payments, family: Family, fault: Exception, counted: int
) -> None:
    await settle(desk)
    invoices = [(await issued(desk, await paid_sale(desk, family)))[0] for _ in range(2)]

    def broken_for_one(document: Document, logo: bytes | None) -> bytes:
        if document.number == "FA-2026-000001":
            raise fault
        return render(document, logo)

    assert await printed(payments, Printer(payments.database, broken_for_one)) == 2
    kept = [each["_id"] for each in await payments.database[PAPERS.name].find().to_list(None)]
    assert kept == [invoices[1].id]
    waiting = await payments.database[INVOICES.name].find_one({"_id": invoices[0].id})
    assert waiting is not None
    assert (waiting["claim"], bool(waiting["due"]), waiting["claims"]) == (None, True, counted)
    await payments.database[INVOICES.name].update_one(
        {"_id": invoices[0].id}, {"$set": {"due": write_instant(utc_now())}}
    )
    assert await printed(payments, Printer(payments.database, render)) == 1
    assert await payments.database[PAPERS.name].count_documents({}) == 2


async def asked_of(payments: Payments) -> list[dict[str, Any]]:
    return await payments.database[INVOICE_REQUESTS.name].find().sort("_id", 1).to_list(None)


async def test_inv_1_a_contract_is_invoiced_by_itself_once_it_is_paid_and_none_that_was_paid_before(
    desk: Desk, payments: Payments, family: Family
) -> None:
    version = await settle(desk)
    before = await paid_sale(desk, family)
    await payments.database["schedules"].update_one(
        {"_id": before.contract}, {"$set": {"invoicing.whole_since": "2026-11-20", "to_invoice": "2026-11-20"}}
    )
    await settle(desk, version, automatic=True)
    unpaid = Sale(before.story.__class__(family), [a_line()])
    await payments.handles(unpaid.story.opened(unpaid.total))
    paid = await paid_sale(desk, family)
    invoicer = Invoicer(payments.database)
    assert await invoicer.round(ALL_SLOTS) == 1
    assert await invoicer.round(ALL_SLOTS) == 0
    (request,) = await asked_of(payments)
    assert (request["contract"], request["asked_by"]) == (paid.contract, "service:payments")
    await payments.handles(paid.refused(request["_id"], "nothing-to-invoice"))
    assert await invoicer.round(ALL_SLOTS) == 0, "refused once, it is not asked for again until the contract moves"
    await payments.handles(paid.story.changed(paid.total + 100))
    schedule = await payments.schedule(paid.contract)
    assert (await desk.pay(paid.contract, 100, version=schedule.version)).status_code == 201
    assert await invoicer.round(ALL_SLOTS) == 1


async def test_inv_1_what_another_worker_has_to_invoice_holds_up_nobody(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await settle(desk, automatic=True)
    earlier = [new_id() for _ in range(2 * AT_ONCE)]
    paid = (await paid_sale(desk, family)).contract
    slot, ours = slot_of(paid), await payments.schedule(paid)
    theirs = [
        ours.model_copy(update={"id": id_}) for id_ in [id_ for id_ in earlier if slot_of(id_) != slot][: AT_ONCE + 1]
    ]
    await payments.database[SCHEDULES.name].insert_many([SCHEDULES.write(each) for each in theirs])
    invoicer = Invoicer(payments.database)
    assert await invoicer.round(frozenset({slot})) == 1
    assert [request["contract"] for request in await asked_of(payments)] == [paid]
    assert await invoicer.round(frozenset({slot})) == 0
    assert await invoicer.round(ALL_SLOTS - {slot}) == AT_ONCE


async def test_inv_1_a_contract_that_fails_stops_no_other(desk: Desk, payments: Payments, family: Family) -> None:
    await settle(desk, automatic=True)
    first, broken, last = [(await paid_sale(desk, family)).contract for _ in range(3)]
    schedules = payments.database["schedules"]
    known = await schedules.find_one({"_id": broken})
    assert known is not None
    await schedules.update_one({"_id": broken}, {"$set": {"instalments": "unreadable"}})
    invoicer = Invoicer(payments.database)
    assert await invoicer.round(ALL_SLOTS) == 2
    assert {request["contract"] for request in await asked_of(payments)} == {first, last}
    await schedules.replace_one({"_id": broken}, known)
    assert await invoicer.round(ALL_SLOTS) == 0, "it is left alone for a while"
    assert await Invoicer(payments.database).round(ALL_SLOTS) == 1
    assert {request["contract"] for request in await asked_of(payments)} == {first, broken, last}


async def test_inv_1_each_period_of_a_subscription_is_invoiced_by_itself_once_it_is_paid(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await settle(desk, automatic=True)
    charges = [DatedCharge(line=new_id(), amount=4500, due=date(2026, 12, day)) for day in (1, 8, 15)]
    sale = Sale(Story(family), [a_line(4500)])
    await payments.handles(sale.story.opened(13_500, AtOnce(), charges=tuple(charges)))
    invoicer = Invoicer(payments.database)

    async def pays(amount: int) -> None:
        schedule = await payments.schedule(sale.contract)
        assert (await desk.pay(sale.contract, amount, version=schedule.version)).status_code == 201

    await pays(4499)
    assert await invoicer.round(ALL_SLOTS) == 0, "the first period is not paid whole"
    await pays(1)
    assert await invoicer.round(ALL_SLOTS) == 1
    (request,) = await asked_of(payments)
    assert request["contract"] == sale.contract
    await payments.handles(sale.marked(request["_id"]))
    assert (await payments.schedule(sale.contract)).invoicing.invoiced == 4500
    assert await invoicer.round(ALL_SLOTS) == 0
    await pays(4500)
    assert await invoicer.round(ALL_SLOTS) == 1


async def test_inv_3_what_a_credit_note_took_is_invoiced_again_by_hand_and_never_by_itself(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await settle(desk, automatic=True)
    sale = await paid_sale(desk, family, a_line(20_000), a_line(10_000))
    first, _ = sale.ids
    invoicer = Invoicer(payments.database)
    assert await invoicer.round(ALL_SLOTS) == 1
    (request,) = await asked_of(payments)
    await payments.handles(sale.marked(request["_id"]))
    (invoice,) = await of_request(payments.database, request["_id"])
    body = {"reason": "The wrong buyer.", "lines": [first]}
    assert (await desk.post(f"/v1/invoices/{invoice.id}/credit-notes", body)).status_code == 201
    assert await invoicer.round(ALL_SLOTS) == 0, "nobody said to invoice it again"
    assert await count_to_invoice(payments.database, payments.organisation) == 0, "nor is it in bulk"

    sale.lines.append(a_line(5000))
    await payments.handles(sale.story.changed(sale.total))
    schedule = await payments.schedule(sale.contract)
    assert (await desk.pay(sale.contract, 5000, version=schedule.version)).status_code == 201
    assert await invoicer.round(ALL_SLOTS) == 1, "what was bought since is invoiced automatically"
    request = (await asked_of(payments))[-1]
    assert request["left_out"] == [first]
    await payments.handles(sale.marked(request["_id"], [sale.ids[-1]]))
    assert await invoicer.round(ALL_SLOTS) == 1
    request = (await asked_of(payments))[-1]
    await payments.handles(sale.refused(request["_id"], "nothing-to-invoice"))
    assert await invoicer.round(ALL_SLOTS) == 0

    (again,) = await issued(desk, sale, [first])
    assert (await payments.schedule(sale.contract)).invoicing.credited == ()
    assert again.total == 20_000
    assert await invoicer.round(ALL_SLOTS) == 0


KILLED = """
import asyncio, sys
from carnet.job_runs import Jobs
from carnet.journal import SLOTS
from carnet.mongo import Database, patiently
from payments.invoices.automatic import INVOICING

async def main() -> None:
    database = Database.open(sys.argv[1], sys.argv[2])
    print("begun", flush=True)
    await Jobs(database, [INVOICING], chunk=3).round(frozenset(range(SLOTS)), asyncio.Event())

asyncio.run(main())
"""


async def test_inv_5_a_bulk_job_that_is_killed_invoices_each_contract_once_without_a_gap(
    desk: Desk, payments: Payments, family: Family, servers: Servers
) -> None:
    await settle(desk)
    sales = {sale.contract: sale for sale in [await paid_sale(desk, family, a_line(1000)) for _ in range(30)]}
    answer = await desk.post("/v1/invoices/issue-all", {})
    assert answer.status_code == 202, answer.text
    job = answer.json()["id"]
    worker = await asyncio.to_thread(
        subprocess.Popen,
        [sys.executable, "-c", KILLED, servers.mongo_url, payments.database.name],
        stdout=subprocess.PIPE,
    )
    while len(await asked_of(payments)) < 6 and worker.poll() is None:  # noqa: ASYNC110 # another process does it
        await asyncio.sleep(0.005)
    os.kill(worker.pid, signal.SIGKILL) if worker.poll() is None else None
    worker.wait()

    async def resumed() -> None:
        left = {"_id": job, "status": {"$in": ["waiting", "running"]}}
        await payments.database["jobs"].update_one(left, {"$set": {"due": "2026-01-01T00:00:00.000000Z"}})
        await Jobs(payments.database, [INVOICING], chunk=3).round(ALL_SLOTS, asyncio.Event())

    await patiently(resumed, BOUND)  # the transaction of the killed process holds its locks for a while
    shown = (await desk.get(f"/v1/jobs/{job}")).json()
    assert (shown["status"], shown["done"], shown["refused"]) == ("done", 30, 0)
    asked = await asked_of(payments)
    assert sorted(each["contract"] for each in asked) == sorted(sales)
    answers = [sales[each["contract"]].marked(each["_id"]) for each in asked]
    await both_at_once(payments, servers, answers)
    numbers = [each["number"] for each in await payments.database[INVOICES.name].find().sort("count", 1).to_list(None)]
    assert numbers == [f"FA-2026-{count:06}" for count in range(1, 31)]
    outcomes = (await desk.get(f"/v1/jobs/{job}/invoices")).json()
    assert outcomes == {"requested": 0, "issued": 30, "refused": 0}
    assert (await desk.get(f"/v1/jobs/{job}/refused-invoices")).json()["items"] == []


async def both_at_once(payments: Payments, servers: Servers, answers: Sequence[Any]) -> None:
    """Two workers of the same service, each with half of the answers."""
    workers = [Database.open(servers.mongo_url, payments.database.name) for _ in range(2)]
    halves = [answers[place::2] for place in range(2)]
    await asyncio.gather(
        *(
            Batches("payments", worker, CONTRACT_REACTIONS).apply(half)
            for worker, half in zip(workers, halves, strict=True)
        )
    )
    for worker in workers:
        worker.close()


@pytest.mark.parametrize("route", ["/v1/invoices/issue-all"])
async def test_inv_1_nothing_is_invoiced_in_bulk_before_the_settings_are_given(desk: Desk, route: str) -> None:
    problem(await desk.post(route, {}), 409, "invoice-settings-missing")
