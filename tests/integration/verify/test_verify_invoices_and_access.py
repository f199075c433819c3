"""Invoices, books and accesses to online courses, tampered with by hand, are found (INV-2 to INV-7, PAY-16, CON-20)."""

import pytest

from tests.findings import Document, Found, put
from tests.integration.verify.conftest import Played
from tests.integration.verify.tampering import removed, replaced

INVOICE = {"kind": "invoice"}
BEARS = {"invoicing.invoiced": {"$gt": 0}}

TAMPERED = [
    ("invoices", INVOICE, put("document.lines.0.gross", "+1"), Found("MON-4", "invoices", "total", "30001", "30000")),
    ("invoices", INVOICE, put("document.lines.0.net", "+1"), Found("INV-7", "", "entries that are not bal", "", "")),
    ("invoices", INVOICE, put("credited", []), Found("INV-3", "invoices", "the lines that credit notes took", "", "")),
    ("invoices", INVOICE, put("credited", []), Found("INV-7", "books", "what is invoiced by its entries", "", "")),
    ("schedules", BEARS, put("paid", "-7"), Found("INV-7", "books", "what is paid by its entries", "29993", "30000")),
    ("schedules", BEARS, put("paid", "-7"), Found("PAY-16", "schedules", "the balance of the statement", "7", "0")),
    ("invoices", INVOICE, put("printed_at", None), Found("INV-5", "invoices", "whether it is made", "True", "False")),
    ("invoice_series", {"prefix": "FA"}, put("last", 2), Found("INV-2", "FA", "numbers that are missing", "", "2")),
    ("schedules", BEARS, put("invoicing.invoiced", 0), Found("PAY-14", "", "bear", "", "0")),
]  # fmt: skip


@pytest.mark.parametrize(("collection", "query", "change", "found"), TAMPERED)
async def test_an_invoice_its_series_or_its_schedule_is_tampered_with(
    played: Played, collection: str, query: dict[str, object], change: object, found: Found
) -> None:
    async with replaced(played, "payments", collection, query, change):
        report = await played.verified()
    assert found.among(report), report.findings


async def test_inv_2_an_invoice_or_its_paper_is_removed(played: Played) -> None:
    async with removed(played, "payments", "invoices", INVOICE) as invoice:
        report = await played.verified()
    assert Found("INV-2", "FA", "numbers that are missing", "", "1").among(report), report.findings
    assert Found("INV-4", invoice["contract"], "the marked lines", "", "FA-").among(report)
    async with removed(played, "payments", "invoice_papers", {"_id": invoice["_id"]}):
        report = await played.verified()
    assert Found("INV-5", invoice["_id"], "whether its PDF is kept", "True", "False").among(report)


async def test_inv_4_a_line_is_marked_and_no_invoice_bears_it(played: Played) -> None:
    contract = {"_id": played.season.contracts["paid"]}
    invoiced = await played.world.one("contracts", "contracts", {"_id": played.season.contracts["invoiced"]})
    mark = next(line["invoice"] for line in invoiced["lines"] if line["invoice"])
    async with replaced(played, "contracts", "contracts", contract, put("lines.0.invoice", mark)):
        report = await played.verified()
    assert Found("INV-4", contract["_id"], "the marked lines and their invoices", "{}", "FA-").among(report), (
        report.findings
    )


async def test_inv_7_a_movement_of_a_credit_is_another_in_the_books(played: Played) -> None:
    async with replaced(played, "payments", "credit_moves", {}, put("amount", "+1")) as move:
        report = await played.verified()
    where = f"payments.credit_moves {move.partition(':')[0]}"
    assert Found("INV-7", where, "what moved it otherwise", "", "").among(report), report.findings


async def test_inv_4_a_mark_is_lost_in_contracts(played: Played) -> None:
    contract = {"_id": played.season.contracts["invoiced"]}
    async with replaced(played, "contracts", "contracts", contract, put("lines.0.invoice", None)):
        report = await played.verified()
    assert Found("INV-4", contract["_id"], "the marked lines and their invoices", "FA-", "").among(report)
    assert Found("INV-4", "line", "the request of its mark", "", "none").among(report)


HARMONY = {"course": "harmony"}

ACCESSES = [
    (HARMONY, put("open", False), Found("CON-20", "accesses", "whether it is open", "True", "False")),
    (HARMONY, put("given.settings.lessons", 6), Found("CON-20", "accesses", "the settings", "5", "6")),
    (HARMONY, put("lines.0.settings.lessons", 6), Found("CON-20", "accesses", "its lines make of it", "6", "5")),
    (
        HARMONY,
        put("lines.0.last_day", "2099-01-01"),
        Found("CON-20", "accesses of the line", "its last day", "", "2099"),
    ),
    (HARMONY, put("lines", []), Found("CON-20", "accesses of the line", "opens harmony", "-", "none")),
    (HARMONY, put("version", "+1"), Found("ORG-4", "contracts.journal", "version", "5, its last", "6")),
    ({"course": "rhythm"}, put("open", True), Found("CON-20", "accesses", "its lines make of it", "none", "line")),
]


@pytest.mark.parametrize(("query", "change", "found"), ACCESSES)
async def test_con_20_an_access_is_tampered_with(
    played: Played, query: dict[str, object], change: object, found: Found
) -> None:
    async with replaced(played, "contracts", "accesses", query, change):
        report = await played.verified()
    assert found.among(report), report.findings


async def test_con_20_an_access_is_removed_or_left_to_somebody_who_was_erased(played: Played) -> None:
    async with removed(played, "contracts", "accesses", HARMONY) as access:
        report = await played.verified()
    assert Found("ORG-4", f"contracts.journal {access['_id']}", "the state", "a document", "none").among(report)
    assert Found("CON-20", "accesses of the line", "opens harmony", "-", "none").among(report)

    def erase(account: Document) -> None:
        account["members"][0]["erased"] = True

    account = {"_id": played.season.accounts["petit"]}
    async with replaced(played, "contracts", "accounts", account, erase):
        report = await played.verified()
    assert Found("ORG-4", "accesses", "of an erased person", "closed", "open").among(report)


async def test_con_19_a_change_of_plan_is_rewritten(played: Played) -> None:
    contract = played.season.contracts["online"]
    entry = {"aggregate": contract, "type": {"$regex": "PlanChanged"}}
    came = (await played.world.one("contracts", "journal", entry))["data"]["line"]
    async with replaced(played, "contracts", "journal", entry, put("data.line_before", came)):
        report = await played.verified()
    assert Found("CON-19", f"contracts.journal {contract}", "when one went", "", "").among(report), report.findings
