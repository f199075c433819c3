"""The accountant's export over HTTP: entries of every kind, closed periods, the same file each time (INV-7)."""

import csv
import io
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from carnet.events.contracts import OnSite
from carnet.ids import new_id
from payments.books.store import JOURNAL_BY_DAY
from tests.integration.payments.conftest import Desk, Payments, euros, stages
from tests.integration.payments.invoicing import a_line, issued, paid_sale, settle
from tests.integration.payments.received_records import SALE_DAY, Credit, Family, Story, organisation_record
from tests.refused import problem

PERIOD = {"from": "2026-11-01", "until": "2026-11-30"}


async def fec(desk: Desk, **period: str) -> tuple[bytes, list[dict[str, str]]]:
    answer = await desk.get("/v1/books/fec.txt", **(PERIOD | period))
    assert answer.status_code == 200, answer.text
    rows = csv.DictReader(io.StringIO(answer.content.decode("iso8859-15")), delimiter="\t")
    return answer.content, list(rows)


def sums(rows: list[dict[str, str]]) -> dict[str, int]:
    """Debit less credit in cents by account; each entry is balanced."""
    by_entry, by_account = defaultdict[str, int](int), defaultdict[str, int](int)
    for row in rows:
        amount = int(row["Debit"].replace(",", "")) - int(row["Credit"].replace(",", ""))
        by_entry[row["EcritureNum"]] += amount
        by_account[row["CompteNum"]] += amount
    assert not any(by_entry.values())
    return {number: amount for number, amount in sorted(by_account.items()) if amount}


async def a_month(desk: Desk, payments: Payments, family: Family) -> Story:
    """An invoice of 300 and its credit note, 900 on site of which 100 and 300 are paid, 50 of a credit, 20 back."""
    await payments.handles(family.changed())
    await settle(desk)
    sale = await paid_sale(desk, family, a_line(30_000))
    (invoice,) = await issued(desk, sale)
    noted = await desk.post(f"/v1/invoices/{invoice.id}/credit-notes", {"reason": "She moved away."})
    assert noted.status_code == 201, noted.text
    story = Story(family, number="2026-0107")
    await payments.handles(story.opened(90_000, OnSite(), mode="on_site"))
    assert (await desk.pay(story.contract, 10_000, version=1, received_on="2026-11-19")).status_code == 201
    assert (await desk.pay(story.contract, 30_000, version=2, method="cheque")).status_code == 201
    deposit = Credit(family, 7_000)
    await payments.handles(deposit.issued(origin="deposit", method="transfer", received_on="2026-11-02"))
    await payments.handles(Credit(family, 500).issued())
    await payments.handles(story.changed(38_000))
    version = (await payments.schedule(story.contract)).version
    body = {"amount": euros(2_000), "how": "on_site", "reason": "Paid twice."}
    assert (await desk.post(f"/v1/schedules/{story.contract}/settlements", body, version=version)).status_code == 201
    return story


async def test_inv_7_the_export_has_all_that_moved_money_balanced_and_the_same_twice(
    desk: Desk, payments: Payments, family: Family
) -> None:
    family.number = "2026-0042"
    story = await a_month(desk, payments, family)
    content, rows = await fec(desk)
    paid = sum([(await payments.schedule(each)).paid for each in await contracts_of(payments)])
    assert sums(rows) == {
        "411000": -paid,  # the credit note took the whole invoice back
        "419100": -7_500,
        "511200": 30_000,
        "512000": 7_000,
        "530000": 30_000 + 10_000 - 2_000,
        "658000": 500,
    }
    numbers = list(dict.fromkeys(row["EcritureNum"] for row in rows))
    assert sorted(numbers) == [
        "BQ-2026-11-00001", "BQ-2026-11-00002", "CA-2026-11-00001", "CA-2026-11-00002", "CA-2026-11-00003",
        "OD-2026-11-00001", "VE-2026-11-00001", "VE-2026-11-00002",
    ]  # fmt: skip
    assert [row["EcritureDate"] for row in rows] == sorted(row["EcritureDate"] for row in rows)
    assert all(row["EcritureLib"] and row["PieceRef"] and row["CompteLib"] for row in rows)
    clients = [row for row in rows if row["CompteNum"] == "411000"]
    assert {row["CompAuxNum"] for row in clients} == {"2026-0042"}
    assert all(not row["CompAuxNum"] for row in rows if row not in clients)
    assert any(row["EcritureLib"] == "Paiement (chèque), contrat 2026-0107" for row in rows)
    assert (await fec(desk))[0] == content
    later = await fec(desk, **{"from": "2026-11-20"})
    assert later[1] == [row for row in rows if row["EcritureDate"] >= "20261120"]
    assert (await fec(desk, **{"from": "2026-12-01", "until": "2026-12-31"}))[1] == []
    balance = (await desk.get("/v1/books/balance", **PERIOD)).json()
    assert (balance["entries"], balance["debit"]) == (len(numbers), balance["credit"])
    assert {
        each["account"]["number"]: each["debit"]["amount"] - each["credit"]["amount"]
        for each in balance["items"]
        if each["debit"] != each["credit"]
    } == sums(rows)
    written = (await desk.get("/v1/books/entries.csv", **PERIOD, language="fr")).content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(written), delimiter=";"))
    assert len(lines) == len(rows)
    assert [each["débit"] for each in lines] == [row["Debit"] for row in rows]
    assert {each["opération"] for each in lines} >= {"facture", "avoir", "paiement", "dépôt reçu"}
    assert story.number


async def contracts_of(payments: Payments) -> list[str]:
    found = payments.database["schedules"].find({"organisation": payments.organisation}, {"_id": 1})
    return [each["_id"] async for each in found]


async def test_inv_7_a_closed_period_stays_the_same_and_what_is_entered_later_falls_in_the_next(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    story = Story(family, number="2026-0107")
    await payments.handles(story.opened(90_000, OnSite(), mode="on_site"))
    assert (await desk.pay(story.contract, 10_000, version=1, received_on="2026-11-02")).status_code == 201
    first = {"from": "2026-11-01", "until": "2026-11-10"}
    open_, _ = await fec(desk, **first)
    closed = await desk.post("/v1/books/closings", {"until": "2026-11-10"}, version=0)
    assert closed.status_code == 201, closed.text
    assert (closed.json()["closed_until"], len(closed.json()["closings"])) == ("2026-11-10", 1)
    content, rows = await fec(desk, **first)
    assert [row["ValidDate"] for row in rows] == ["20261121", "20261121"]
    assert content.replace(b"20261121", b"") == open_
    assert (await desk.pay(story.contract, 5_000, version=2, received_on="2026-11-03")).status_code == 201
    await payments.handles(Credit(family, 900).issued(origin="deposit", method="cash", received_on="2026-11-04"))
    accounts = closed.json()["accounts"]
    accounts["cash"] = {"number": "531000", "name": "Caisse de l'accueil"}
    body = {"accounts": accounts, "sales": [], "vat": []}
    assert (await desk.put("/v1/books", body, version=1)).status_code == 200
    assert (await fec(desk, **first))[0] == content
    _, late = await fec(desk, **{"from": "2026-11-11"})
    assert [(row["EcritureNum"], row["EcritureDate"], row["PieceDate"], row["CompteNum"]) for row in late] == [
        ("CA-2026-11-00002", "20261111", "20261103", "411000"),
        ("CA-2026-11-00002", "20261111", "20261103", "531000"),
        ("CA-2026-11-00003", "20261111", "20261104", "531000"),
        ("CA-2026-11-00003", "20261111", "20261104", "419100"),
    ]
    again = await desk.post("/v1/books/closings", {"until": "2026-11-10"}, version=2)
    problem(again, 409, "period-closed")
    unseen = await desk.post("/v1/books/closings", {"until": "2026-11-12"}, version=1)
    assert unseen.status_code == 412
    journal = (await desk.get("/v1/books/journal")).json()["items"]
    assert [each["type"] for each in journal] == ["PeriodClosed", "BooksSettingsChanged"]


ACCOUNTS_OF_TAKINGS = ("511200", "512000", "530000")


async def take(desk: Desk, story: Story, amount: int, method: str = "cheque", **more: Any) -> str:
    version = (await desk.payments.schedule(story.contract)).version
    answer = await desk.pay(story.contract, amount, version=version, method=method, **more)
    assert answer.status_code == 201, answer.text
    payment: str = answer.json()["payment"]["id"]
    return payment


async def deposit(desk: Desk, *takings: str, **more: Any) -> Any:
    body = {"takings": list(takings), "bank_account": "Crédit du Nord, compte courant", **more}
    answer = await desk.post("/v1/bank-deposits", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def undo(desk: Desk, made: Any) -> None:
    answer = await desk.post(f"/v1/bank-deposits/{made['id']}/undoing", None, version=1)
    assert answer.status_code == 200, answer.text


def of_takings(rows: list[dict[str, str]]) -> dict[str, int]:
    return {number: amount for number, amount in sums(rows).items() if number in ACCOUNTS_OF_TAKINGS}


async def test_inv_7_a_bank_deposit_moves_cash_and_cheques_to_the_account_of_the_bank(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    story = Story(family)
    await payments.handles(story.opened(90_000, OnSite(), mode="on_site"))
    cheque, other = await take(desk, story, 30_000), await take(desk, story, 10_000)
    cash = await take(desk, story, 5_000, "cash")
    kept = Credit(family, 7_000)
    await payments.handles(kept.issued(origin="deposit", method="cheque", received_on="2026-11-20"))
    assert of_takings((await fec(desk))[1]) == {"511200": 47_000, "530000": 5_000}
    made, undone = await deposit(desk, cheque, kept.credit), await deposit(desk, other)
    in_cash = await deposit(desk, cash)
    await undo(desk, undone)
    content, rows = await fec(desk)
    assert of_takings(rows) == {"511200": 10_000, "512000": 42_000}
    assert (await fec(desk))[0] == content
    banked = [row for row in rows if row["PieceRef"] == made["reference"]]
    assert [(row["JournalCode"], row["CompteNum"], row["Debit"], row["Credit"]) for row in banked] == [
        ("BQ", "512000", "370,00", "0,00"),
        ("BQ", "511200", "0,00", "370,00"),
    ]
    name = "Crédit du Nord, compte courant"
    assert {row["EcritureLib"] for row in banked} == {f"Remise en banque (chèque) {made['reference']} {name}"}
    assert {row["CompAuxNum"] for row in banked} == {""}
    said = {row["EcritureLib"] for row in rows}
    assert f"Remise en banque (espèces) {in_cash['reference']} {name}" in said
    assert f"Remise en banque annulée (chèque) {undone['reference']} {name}" in said
    written = (await desk.get("/v1/books/entries.csv", **PERIOD, language="fr")).content.decode("utf-8-sig")
    entries = {each["opération"] for each in csv.DictReader(io.StringIO(written), delimiter=";")}
    assert {"remise en banque", "remise en banque annulée"} <= entries


async def test_inv_7_a_cheque_that_comes_back_leaves_the_account_on_which_it_is(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    story = Story(family)
    await payments.handles(story.opened(90_000, OnSite(), mode="on_site"))
    at_bank, elsewhere = await take(desk, story, 30_000), await take(desk, story, 10_000)
    kept = Credit(family, 7_000)
    await payments.handles(kept.issued(origin="deposit", method="cheque", received_on="2026-11-20"))
    await deposit(desk, at_bank, kept.credit)
    for payment in (at_bank, elsewhere):
        version = (await payments.schedule(story.contract)).version
        path = f"/v1/schedules/{story.contract}/payments/{payment}/reversal"
        answer = await desk.post(path, {"reason": "bounced_cheque"}, version=version)
        assert answer.status_code == 201, answer.text
    await payments.handles(kept.bounced())
    content, rows = await fec(desk)
    assert of_takings(rows) == {}
    returned = [row for row in rows if row["EcritureLib"].startswith(("Rejet", "Dépôt rejeté"))]
    assert sorted((row["CompteNum"], row["Credit"]) for row in returned if row["CompteNum"] != "411000") == [
        ("419100", "0,00"),
        ("511200", "100,00"),
        ("512000", "300,00"),
        ("512000", "70,00"),
    ]
    assert (await fec(desk))[0] == content


async def test_inv_7_the_till_is_what_was_taken_in_cash_less_what_was_given_back_and_deposited(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    story = Story(family)
    await payments.handles(story.opened(30_000, OnSite(), mode="on_site"))
    cash = await take(desk, story, 30_000, "cash")
    kept = Credit(family, 7_000)
    await payments.handles(
        kept.issued(origin="deposit", method="cheque"), kept.bounced(), kept.due_settled(7_000, "cash")
    )
    await payments.handles(story.changed(20_000))
    given_back: dict[str, str] = {}
    for method, amount in ((None, 6_000), ("transfer", 1_000), ("cheque", 500), ("card", 250)):
        version = (await payments.schedule(story.contract)).version
        body = {"amount": euros(amount), "how": "on_site", "method": method}
        answer = await desk.post(f"/v1/schedules/{story.contract}/settlements", body, version=version)
        assert answer.status_code == 201, answer.text
        given_back[str(method)] = answer.json()["settlement"]["id"]
    rows = (await fec(desk))[1]
    assert of_takings(rows) == {"530000": 31_000, "512000": -1_500}
    assert sums(rows)["511500"] == -250
    assert (await desk.get("/v1/takings/sum", method="cash")).json()["amount"] == euros(31_000)
    version = (await payments.schedule(story.contract)).version
    path = f"/v1/schedules/{story.contract}/settlements/{given_back['cheque']}/voiding"
    assert (await desk.post(path, {"reason": "a slip"}, version=version)).status_code == 200
    await deposit(desk, cash, given_back["None"])
    assert of_takings((await fec(desk))[1]) == {"530000": 7_000, "512000": -1_000 + 24_000}
    assert (await desk.get("/v1/takings/sum", method="cash")).json()["amount"] == euros(7_000)


async def test_inv_7_a_period_that_an_older_release_closed_stays_without_its_bank_deposits(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    story = Story(family)
    await payments.handles(story.opened(90_000, OnSite(), mode="on_site"))
    received = {"received_on": "2026-11-02"}
    first, second, third = [await take(desk, story, amount, **received) for amount in (30_000, 10_000, 5_000)]
    period = {"from": "2026-11-01", "until": "2026-11-10"}
    older, _ = await fec(desk, **period)
    before = await deposit(desk, first, deposited_on="2026-11-03")
    undone = await deposit(desk, second, deposited_on="2026-11-03")
    assert (await fec(desk, **period))[0] != older
    closed = await desk.post("/v1/books/closings", {"until": "2026-11-10"}, version=0)
    assert closed.status_code == 201, closed.text
    await payments.database["books"].update_one(
        {"organisation": payments.organisation}, {"$unset": {"closings.0.bank_deposits": 1}}
    )
    await undo(desk, undone)
    late = await deposit(desk, third, deposited_on="2026-11-04")
    assert (await fec(desk, **period))[0].replace(b"20261121", b"") == older
    _, rows = await fec(desk, **{"from": "2026-11-11"})
    assert {row["PieceRef"] for row in rows} == {late["reference"]}
    assert {row["EcritureDate"] for row in rows} == {"20261111"}
    assert before["reference"] not in {row["PieceRef"] for row in (await fec(desk))[1]}


async def test_inv_7_bank_deposits_arrive_where_transfers_do_unless_another_account_is_given(desk: Desk) -> None:
    accounts = (await desk.get("/v1/books")).json()["accounts"]
    assert accounts["bank"] == accounts["transfer"]
    accounts["transfer"] = {"number": "512100", "name": "Crédit du Nord"}
    del accounts["bank"]
    answer = await desk.put("/v1/books", {"accounts": accounts}, version=0)
    assert answer.status_code == 200, answer.text
    assert answer.json()["accounts"]["bank"] == accounts["transfer"]
    accounts["bank"] = {"number": "512000", "name": "Banque"}
    answer = await desk.put("/v1/books", {"accounts": accounts}, version=1)
    assert answer.json()["accounts"]["bank"] == accounts["bank"]


async def test_inv_7_another_school_has_its_own_books(desk: Desk, payments: Payments, family: Family) -> None:
    await a_month(desk, payments, family)
    stranger = new_id()
    await payments.handles(organisation_record(stranger))
    headers = desk.headers(organisation=stranger)
    answer = await desk.get("/v1/books/balance", headers, **PERIOD)
    assert (answer.status_code, answer.json()["items"]) == (200, [])


async def test_inv_7_a_day_is_read_by_the_indexes_alone(payments: Payments) -> None:
    for index in JOURNAL_BY_DAY.indexes:
        spec = index.document
        day = [field for field, _ in spec["key"].items()][1]
        query = {
            "organisation": payments.organisation,
            day: {"$gte": SALE_DAY.isoformat(), "$lte": (SALE_DAY + timedelta(days=30)).isoformat()},
            **spec["partialFilterExpression"],
        }
        cursor = payments.database["journal"].find(query).hint(spec["name"])
        plan = await cursor.sort([("organisation", 1), (day, 1), ("at", 1), ("_id", 1)]).explain()
        assert stages(plan["queryPlanner"]["winningPlan"]) == {"FETCH", "IXSCAN"}


async def test_inv_7_a_period_that_cannot_be_exported_is_refused(desk: Desk) -> None:
    reversed_ = await desk.get("/v1/books/fec.txt", **{"from": "2026-12-01", "until": "2026-11-01"})
    problem(reversed_, 422, "dates-reversed")
    long = await desk.get("/v1/books/entries.csv", **{"from": "1990-01-01", "until": "2026-11-01"})
    problem(long, 422, "export-too-long")
    today: dict[str, Any] = {"until": date(2026, 11, 21).isoformat()}
    problem(await desk.post("/v1/books/closings", today, version=0), 409, "period-not-over")
