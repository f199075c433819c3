"""Invoices and credit notes on a real database: numbers, freezing, refusals, tenants (INV-1 to INV-5, PAY-14)."""

import asyncio
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from carnet import parking
from carnet.batches import Batches
from carnet.ids import new_id
from carnet.mongo import patiently as retried
from carnet_suite.servers import Servers
from payments.accounts.store import ACCOUNTS
from payments.invoices.reactions import CONTRACT_REACTIONS
from payments.invoices.store import INVOICES, SERIES
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.invoicing import (
    SETTINGS,
    Sale,
    a_line,
    asked_quickly,
    issued,
    of_request,
    paid_sale,
    settle,
    the_request,
    under_way,
)
from tests.integration.payments.received_records import SALE_DAY, Family
from tests.refused import problem
from tests.servers import open_database
from tests.waits import BOUND, patiently


async def test_inv_1_an_invoice_is_issued_with_its_number_its_journal_and_its_document_at_once(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    await settle(desk)
    sale = await paid_sale(desk, family, a_line(30000, discount=3000), a_line(10000, vat_rate=0))
    going = asyncio.create_task(patiently(desk.post(f"/v1/schedules/{sale.contract}/invoices", {})))
    request = await under_way(payments, sale)
    await payments.handles(sale.marked(request))
    answer = await going
    assert answer.status_code == 201, answer.text
    (invoice,) = answer.json()["invoices"]
    shown = (await desk.get(f"/v1/invoices/{invoice}")).json()
    assert (shown["number"], shown["client"], shown["issued_on"]) == ("FA-2026-000001", "Inès Martin", "2026-11-21")
    document = shown["document"]
    assert (document["gross"], document["net"], document["tax"]) == (euros(40000), euros(35000), euros(5000))
    assert [line["exemption"] for line in document["lines"]] == [
        None,
        "Exonération de TVA, article 261-7-1° du CGI",
    ]
    published = await payments.published(sale.contract)
    assert [row["type"].split(".")[2] for row in published[-2:]] == ["InvoiceMarkRequested", "InvoiceIssued"]
    assert (published[-1]["data"]["number"], published[-1]["data"]["total"]) == ("FA-2026-000001", 40000)
    schedule = await payments.schedule(sale.contract)
    assert (schedule.invoicing.request, schedule.invoicing.invoiced) == (None, 40000)
    again = await desk.post(f"/v1/schedules/{sale.contract}/invoices", {})
    problem(again, 409, "nothing-to-invoice")


async def test_inv_2_numbers_have_no_gap_and_none_comes_twice_whatever_is_at_work_at_once_and_killed(
    desk: Desk, payments: Payments, family: Family, servers: Servers
) -> None:
    await settle(desk)
    sales = [await paid_sale(desk, family, a_line(1200)) for _ in range(24)]
    answers = [sale.marked(await asked_quickly(desk, sale)) for sale in sales]
    for round_ in range(3):
        # Each worker has its own connection, works on a part that others have too, and some die in the middle.
        workers = [open_database(servers, payments.database.name) for _ in range(4)]
        tasks = [
            asyncio.create_task(Batches("payments", worker, CONTRACT_REACTIONS).apply(answers[place::3]))
            for place, worker in enumerate(workers)
        ]
        await asyncio.sleep(0.004 * (round_ + 1))
        for victim in tasks[round_::2]:
            victim.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for worker in workers:
            worker.close()
    for answer in answers:
        await retried(partial(payments.handles, answer), BOUND)  # a transaction that died holds its locks for a while
    found = await payments.database[INVOICES.name].find().sort("count", 1).to_list(None)
    assert [each["number"] for each in found] == [f"FA-2026-{count:06}" for count in range(1, 25)]
    assert len({each["contract"] for each in found}) == 24
    assert await parking.listing(payments.database) == []


async def test_inv_2_days_never_go_back_within_a_series_and_each_year_has_its_own(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await settle(desk)
    days = [date(2026, 12, 31), date(2027, 1, 2), date(2026, 12, 30)]
    for day in days:
        sale = await paid_sale(desk, family)
        await payments.handles(sale.marked(await asked_quickly(desk, sale), on=day))
    found = await payments.database[INVOICES.name].find().sort("_id", 1).to_list(None)
    assert [(each["number"], each["issued_on"]) for each in found] == [
        ("FA-2026-000001", "2026-12-31"),
        ("FA-2027-000001", "2027-01-02"),
        ("FA-2026-000002", "2026-12-31"),
    ]


async def test_inv_1_one_invoice_gives_one_reason_of_exemption(desk: Desk, payments: Payments, family: Family) -> None:
    await settle(desk, exemptions=[{"kind": "workshop", "exemption": {"code": "VATEX-FR-CGI261-4"}}])
    sale = await paid_sale(desk, family, a_line(), a_line(vat_rate=0), a_line(vat_rate=0, kind="workshop"))
    request = await asked_quickly(desk, sale)
    await payments.handles(sale.marked(request))
    first, second = await of_request(payments.database, request)
    assert (first.number, first.total, second.number, second.total) == (
        "FA-2026-000001",
        60000,
        "FA-2026-000002",
        30000,
    )
    assert (await the_request(payments, request)).invoices == (first.id, second.id)


async def test_inv_1_a_product_has_a_reason_of_exemption_of_its_own(
    desk: Desk, payments: Payments, family: Family
) -> None:
    own = a_line(vat_rate=0, kind="workshop")
    teaching = {"code": "VATEX-FR-CGI261-4"}
    await settle(
        desk,
        exemptions=[{"kind": "workshop", "exemption": {"code": "VATEX-FR-X", "wording": {"fr": "Autre."}}}],
        product_exemptions=[{"product": own.purchase.product, "exemption": teaching}],
    )
    sale = await paid_sale(desk, family, own, a_line(vat_rate=0, kind="workshop"), a_line(vat_rate=0))
    request = await asked_quickly(desk, sale)
    await payments.handles(sale.marked(request))
    reasons = [each.document.exemption for each in await of_request(payments.database, request)]
    assert [each.code for each in reasons if each] == ["VATEX-FR-CGI261-4", "VATEX-FR-X", "VATEX-FR-CGI261-7"]


async def test_inv_1_an_invoice_says_for_whom_each_purchase_is_unless_that_person_was_erased(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await settle(desk)
    sale = await paid_sale(desk, family, a_line(participant=family.child), a_line(participant=family.owner), a_line())
    await payments.handles(family.changed(), family.changed(2, erased=[family.owner]))
    request = await asked_quickly(desk, sale)
    await payments.handles(sale.marked(request))
    (made,) = await of_request(payments.database, request)
    format_ = "One hour a week"
    assert [line.detail for line in made.document.lines] == [f"Noé Martin · {format_}", format_, format_]
    kept = await payments.database[ACCOUNTS.name].find_one({"_id": family.account})
    assert kept is not None
    assert kept["people"] == {family.child: "Noé Martin"}
    await payments.handles(family.erased(3))
    kept = await payments.database[ACCOUNTS.name].find_one({"_id": family.account})
    assert kept is not None
    assert kept["people"] == {}


async def test_inv_4_a_refusal_of_contracts_is_answered_and_the_contract_can_be_asked_again(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await settle(desk)
    sale = await paid_sale(desk, family)
    going = asyncio.create_task(
        patiently(desk.post(f"/v1/schedules/{sale.contract}/invoices", {"lines": list(sale.ids)}))
    )
    request = await under_way(payments, sale)
    problem(await desk.post(f"/v1/schedules/{sale.contract}/invoices", {}), 409, "invoice-under-way")
    refusal = sale.refused(request)
    await payments.handles(refusal, refusal)
    problem(await going, 409, "line-not-paid")
    kept = (await desk.get(f"/v1/schedules/{sale.contract}/invoice-requests/{request}")).json()
    assert (kept["status"], kept["refusal"]["problem"]) == ("refused", "line-not-paid")
    assert await payments.database[SERIES.name].count_documents({}) == 0
    assert (await issued(desk, sale))[0].number == "FA-2026-000001"


async def test_pay_14_what_is_no_longer_paid_when_contracts_answers_is_not_invoiced_and_its_marks_are_void(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await settle(desk)
    sale = await paid_sale(desk, family)
    request = await asked_quickly(desk, sale)
    voided = await void(desk, sale)
    assert voided.status_code == 200, voided.text
    await payments.handles(sale.marked(request))
    assert await of_request(payments.database, request) == []
    assert (await payments.names_published(sale.contract))[-1] == "InvoiceNotIssued"
    refused = await the_request(payments, request)
    assert (refused.status, refused.refusal and refused.refusal.problem) == ("refused", "line-not-paid")


async def void(desk: Desk, sale: Sale) -> Any:
    payment = (await desk.get(f"/v1/schedules/{sale.contract}/payments")).json()["items"][0]["id"]
    version = (await desk.payments.schedule(sale.contract)).version
    path = f"/v1/schedules/{sale.contract}/payments/{payment}/voiding"
    return await desk.post(path, {"reason": "typed twice"}, version=version)


async def test_pay_19_a_payment_on_which_an_invoice_was_built_is_not_voided_before_a_credit_note(
    desk: Desk, family: Family
) -> None:
    await settle(desk)
    sale = await paid_sale(desk, family)
    (invoice,) = await issued(desk, sale)
    problem(await void(desk, sale), 409, "payment-invoiced")
    assert (await desk.post(f"/v1/invoices/{invoice.id}/credit-notes", {"reason": "Not paid."})).status_code == 201
    assert (await void(desk, sale)).status_code == 200


async def test_inv_1_what_the_settings_do_not_allow_takes_no_number(
    desk: Desk, payments: Payments, family: Family
) -> None:
    sale = await paid_sale(desk, family)
    problem(await desk.post(f"/v1/schedules/{sale.contract}/invoices", {}), 409, "invoice-settings-missing")
    await settle(desk, exemption={"code": "VATEX-FR-FRANCHISE"})
    request = await asked_quickly(desk, sale)
    await payments.handles(sale.marked(request))
    refusal = (await the_request(payments, request)).refusal
    assert refusal is not None
    assert refusal.problem == "vat-under-franchise"
    assert await payments.database[SERIES.name].count_documents({}) == 0


async def test_inv_3_a_credit_note_takes_lines_once_in_a_series_of_its_own_and_names_its_invoice(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await settle(desk)
    sale = await paid_sale(desk, family, a_line(10000), a_line(20000))
    (invoice,) = await issued(desk, sale)
    path = f"/v1/invoices/{invoice.id}/credit-notes"
    body = {"lines": [sale.ids[0]], "reason": "The course is called off."}
    preview = (await desk.post(f"{path}/preview", body)).json()
    assert (preview["gross"], preview["preceding"]) == (euros(10000), "FA-2026-000001")
    assert await payments.database[INVOICES.name].count_documents({}) == 1
    first = (await desk.post(path, body)).json()
    assert (first["number"], first["kind"], first["total"]) == ("AV-2026-000001", "credit_note", euros(10000))
    assert first["document"] == preview
    problem(await desk.post(path, body), 409, "line-credited")
    rest = (await desk.post(path, {"reason": "All of it."})).json()
    assert (rest["number"], rest["total"]) == ("AV-2026-000002", euros(20000))
    assert first["document"]["tax"]["amount"] + rest["document"]["tax"]["amount"] == invoice.document.tax
    problem(await desk.post(path, {"reason": "Again."}), 409, "invoice-credited")
    problem(await desk.post(f"/v1/invoices/{rest['id']}/credit-notes", {"reason": "No."}), 409, "not-an-invoice")
    kept = (await desk.get(f"/v1/invoices/{invoice.id}")).json()
    assert (kept["left"], kept["credit_notes"]) == (euros(0), [first["id"], rest["id"]])
    cancelled = [row["data"] for row in await payments.published(sale.contract) if "InvoiceCancelled" in row["type"]]
    assert [(each["lines"], each["whole"]) for each in cancelled] == [([sale.ids[0]], False), ([sale.ids[1]], True)]
    assert (await payments.schedule(sale.contract)).invoicing.invoiced == 0
    assert (await issued(desk, sale))[0].number == "FA-2026-000002"


async def test_inv_3_two_credit_notes_at_once_take_a_line_once(desk: Desk, payments: Payments, family: Family) -> None:
    await settle(desk)
    sale = await paid_sale(desk, family)
    (invoice,) = await issued(desk, sale)
    body = {"reason": "Twice."}
    answers = await asyncio.gather(*(desk.post(f"/v1/invoices/{invoice.id}/credit-notes", body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert await payments.database[INVOICES.name].count_documents({"kind": "credit_note"}) == 1


async def test_inv_1_an_issued_invoice_stays_as_it_was_whatever_settings_and_names_become(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    version = await settle(desk)
    sale = await paid_sale(desk, family)
    (invoice,) = await issued(desk, sale)
    before = (await desk.get(f"/v1/invoices/{invoice.id}")).json()
    await settle(desk, version, seller={**SETTINGS["seller"], "name": "Another name"})
    await payments.handles(family.changed(2, erased=(family.owner,)))
    assert (await desk.get(f"/v1/invoices/{invoice.id}")).json() == before


async def test_inv_5_invoices_are_found_by_number_client_and_date_page_by_page(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    await settle(desk)
    invoices = [(await issued(desk, await paid_sale(desk, family)))[0] for _ in range(3)]
    other = Family(payments.organisation, owner_name=("Zoé", "Bernard"))
    await payments.handles(other.changed())
    hers = (await issued(desk, await paid_sale(desk, other)))[0]

    async def found(**query: Any) -> list[str]:
        return [each["number"] for each in (await desk.get("/v1/invoices", **query)).json()["items"]]

    numbers = [each.number for each in invoices]
    assert await found() == [hers.number, *reversed(numbers)]
    assert await found(number="FA-2026-000002") == [numbers[1]]
    assert await found(name="mart") == list(reversed(numbers))
    assert await found(name="zoe bern") == [hers.number]
    assert await found(account=other.account) == [hers.number]
    assert await found(contract=invoices[0].contract) == [numbers[0]]
    assert await found(kind="credit_note") == []
    assert await found(since=SALE_DAY.isoformat(), until=SALE_DAY.isoformat()) == [hers.number, *reversed(numbers)]
    assert await found(since=(SALE_DAY + timedelta(days=1)).isoformat()) == []
    page = (await desk.get("/v1/invoices", limit=2)).json()
    rest = (await desk.get("/v1/invoices", limit=2, cursor=page["next"])).json()
    assert [each["number"] for each in (*page["items"], *rest["items"])] == [hers.number, *reversed(numbers)]


async def test_org_1_org_2_invoices_are_seen_by_their_organisation_and_their_client_alone(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await settle(desk)
    sale = await paid_sale(desk, family)
    (invoice,) = await issued(desk, sale)
    path = f"/v1/invoices/{invoice.id}"
    own = desk.headers(kind="client", account=family.account)
    assert (await desk.get(path, headers=own)).status_code == 200
    assert len((await desk.get("/v1/invoices", headers=own)).json()["items"]) == 1
    other = desk.headers(kind="client", account=new_id())
    assert (await desk.get("/v1/invoices", headers=other)).json()["items"] == []
    foreign = desk.headers(organisation=new_id())
    for headers in (other, foreign):
        problem(await desk.get(path, headers=headers), 404, "unknown-invoice")
        problem(await desk.get(f"{path}/pdf", headers=headers), 404, "unknown-invoice")
    answer = await desk.post(f"{path}/credit-notes", {"reason": "x"}, organisation=new_id())
    assert answer.status_code in {404, 409}
    problem(
        await desk.post(f"/v1/schedules/{sale.contract}/invoices", {}, kind="client", account=family.account),
        403,
        "staff-only",
    )


@pytest.mark.parametrize(
    ("seller", "slug"),
    [
        ({"siren": "732829321"}, "siren-invalid"),
        ({"siret": "73282932000075"}, "siret-invalid"),
        ({"vat_number": "FR45732829320"}, "vat-number-invalid"),
        ({"siren": None, "vat_number": None}, "seller-unregistered"),
    ],
)
async def test_inv_1_registration_numbers_that_cannot_be_right_are_refused(
    desk: Desk, seller: dict[str, Any], slug: str
) -> None:
    body = {**SETTINGS, "seller": {**SETTINGS["seller"], **seller}}
    problem(await desk.put("/v1/invoice-settings", body, version=0), 422, slug)
    assert (await desk.get("/v1/invoice-settings")).json() == {
        "given": None,
        "logo": None,
        "automatic_since": None,
    }
