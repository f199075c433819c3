"""The account statement over HTTP: pages, period, CSV, PDF, and who may read it (PAY-16)."""

import csv
import io
from datetime import date
from typing import Any

from pypdf import PdfReader

from carnet.events.contracts import OnSite
from carnet.events.credits import DepositReversed
from carnet.ids import new_id
from carnet.links import Paper
from payments.statements.api import printing
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.received_records import SALE_DAY, Credit, Family, Story
from tests.links import LINKS
from tests.refused import old_id, problem, strangers
from tests.waits import apis_wait


async def two_contracts(desk: Desk, payments: Payments, family: Family) -> tuple[Story, Story]:
    """One of 900 on site, 100 and 300 paid of it, then 200; one of 500 online, whose credit of 500 pays 400."""
    await payments.handles(family.changed())
    first, second = Story(family, number="2026-0001"), Story(family, number="2026-0002")
    await payments.handles(first.opened(90_000, OnSite(), mode="on_site"), second.opened(50_000))
    assert (await desk.pay(first.contract, 10_000, version=1, received_on="2026-11-19")).status_code == 201
    assert (await desk.pay(first.contract, 30_000, version=2, method="cheque")).status_code == 201
    await payments.handles(first.changed(20_000))
    credit = Credit(family, 40_000)
    await payments.handles(credit.issued())
    body = {"credit": credit.credit, "amount": euros(40_000)}
    with apis_wait(0):
        asked = await desk.post(f"/v1/schedules/{second.contract}/credit-uses", body, version=1)
    request = (await payments.published(second.contract))[-1]["data"]["request"]
    assert asked.status_code == 202
    await payments.handles(credit.used(second.contract, request, 40_000))
    return first, second


async def read(desk: Desk, family: Family, **query: Any) -> dict[str, Any]:
    answer = await desk.get(f"/v1/accounts/{family.account}/statement", **query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def entries(body: dict[str, Any]) -> list[tuple[str, str | None, int, int]]:
    return [
        (each["kind"], each["number"], each["amount"]["amount"], each["balance"]["amount"]) for each in body["items"]
    ]


async def test_pay_16_a_statement_has_all_contracts_of_the_account_and_agrees_with_their_schedules(
    desk: Desk, payments: Payments, family: Family
) -> None:
    first, second = await two_contracts(desk, payments, family)
    other = Family(payments.organisation)
    await payments.handles(other.changed())
    await payments.handles(Story(other).opened(7_000))
    body = await read(desk, family)
    assert entries(body)[0] == ("payment", "2026-0001", -10_000, -10_000)  # received two days before it was entered
    assert sorted(each[:3] for each in entries(body)[1:]) == [
        ("charge", "2026-0001", -70_000),
        ("charge", "2026-0001", 90_000),
        ("charge", "2026-0002", 50_000),
        ("credit_used", "2026-0002", -40_000),
        ("payment", "2026-0001", -30_000),
    ]
    schedules = [await payments.schedule(each.contract) for each in (first, second)]
    owed = sum(each.total - each.paid for each in schedules)
    assert (body["opening"], body["closing"]) == (euros(0), euros(owed))
    assert body["raised"]["amount"] - body["lowered"]["amount"] == owed == -10_000
    assert (body["since"], body["until"]) == (None, SALE_DAY.isoformat())
    settled = await desk.post(
        f"/v1/schedules/{first.contract}/settlements",
        {"amount": euros(20_000), "how": "on_site", "reason": "She wanted it back."},
        version=(await payments.schedule(first.contract)).version,
    )
    assert settled.status_code == 201, settled.text
    assert (await read(desk, family))["closing"] == euros(10_000)


async def test_pay_16_a_period_has_its_opening_and_closing_balance(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await two_contracts(desk, payments, family)
    path = f"/v1/accounts/{family.account}/statement"
    before = await read(desk, family, until="2026-11-20")
    assert (entries(before), before["closing"]) == (
        [("payment", "2026-0001", -10_000, -10_000)],
        euros(-10_000),
    )
    after = await read(desk, family, **{"from": "2026-11-21"})
    assert (after["opening"], len(after["items"]), after["closing"]) == (euros(-10_000), 5, euros(-10_000))
    problem(await desk.get(path, **{"from": "2026-11-21", "until": "2026-11-20"}), 422, "dates-reversed")


async def test_pay_16_pages_give_every_entry_once(desk: Desk, payments: Payments, family: Family) -> None:
    await two_contracts(desk, payments, family)
    whole, seen = await read(desk, family), list[tuple[Any, ...]]()
    page = await read(desk, family, limit=2)
    while True:
        assert (page["opening"], page["closing"]) == (whole["opening"], whole["closing"])
        seen += entries(page)
        if page["next"] is None:
            break
        page = await read(desk, family, limit=2, cursor=page["next"])
    assert seen == entries(whole)
    wrong = await desk.get(f"/v1/accounts/{family.account}/statement", cursor="x")
    problem(wrong, 422, "cursor-invalid")


async def test_pay_16_a_family_without_contracts_has_an_empty_statement(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    body = await read(desk, family)
    assert (body["items"], body["opening"], body["closing"]) == ([], euros(0), euros(0))


async def test_pay_16_the_csv_is_the_same_statement(desk: Desk, payments: Payments, family: Family) -> None:
    await two_contracts(desk, payments, family)
    whole = await read(desk, family)
    answer = await desk.get(f"/v1/accounts/{family.account}/statement.csv", language="fr")
    header, opening, *lines, closing = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert header[1:] == ["opération", "contrat", "numéro", "moyen de paiement", "montant", "solde", "devise"]
    assert (opening[1], opening[6], closing[1], closing[6]) == ("solde au début", "0,00", "solde à la fin", "-100,00")
    assert lines[0][1:6:2] == ["paiement", "2026-0001", "-100,00"]
    assert lines[0][4] == "espèces"
    assert [line[6] for line in lines] == [
        f"{each['balance']['amount'] / 100:.2f}".replace(".", ",") for each in whole["items"]
    ]


async def test_pay_16_the_pdf_is_in_the_language_of_the_family_unless_another_is_asked_for(
    desk: Desk, payments: Payments, family: Family, monkeypatch: Any
) -> None:
    await two_contracts(desk, payments, family)
    path = f"/v1/accounts/{family.account}/statement.pdf"
    answer = await desk.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "Relevé de compte" in text
    assert "Inès Martin" in text
    english = PdfReader(io.BytesIO((await desk.get(path, language="en")).content)).pages[0].extract_text()
    assert "Account statement" in english
    monkeypatch.setattr(printing, "LONGEST_PAPER", 5)
    problem(await desk.get(path), 409, "statement-too-long")


async def test_pay_16_a_statement_that_was_sent_stays_as_it_was(
    desk: Desk, payments: Payments, family: Family, monkeypatch: Any
) -> None:
    first, _ = await two_contracts(desk, payments, family)
    path = f"/v1/accounts/{family.account}/statement/sendings"
    sent = await desk.post(path, {"since": "2026-11-20"})
    assert sent.status_code == 201, sent.text
    sending = sent.json()
    assert (sending["since"], sending["until"], sending["closing"]) == ("2026-11-20", "2026-11-21", euros(-10_000))
    (said,) = await payments.published(sending["id"])
    assert said["type"] == "carnet.payments.StatementSendingRequested.v1"
    assert (said["data"]["account"], said["data"]["closing"]) == (family.account, -10_000)
    version = (await payments.schedule(first.contract)).version
    assert (await desk.pay(first.contract, 5_000, version=version)).status_code == 201
    link = LINKS.written(Paper("statement", payments.organisation, (sending["id"],), "en"))
    read = await desk.client.get(f"/v1/papers/{link}")
    assert read.status_code == 200, read.text
    text = " ".join(PdfReader(io.BytesIO(read.content)).pages[0].extract_text().split())
    assert "Balance in your favour on 21 November 2026 €100.00" in text
    foreign = LINKS.written(Paper("statement", new_id(), (sending["id"],), "en"))
    problem(await desk.client.get(f"/v1/papers/{foreign}"), 404, "unknown-link")
    problem(await desk.post(path, {"since": "2026-11-20", "until": "2026-11-19"}), 422, "dates-reversed")
    problem(await desk.post(path, {}, kind="client", account=family.account), 403, "staff-only")
    monkeypatch.setattr(printing, "LONGEST_PAPER", 1)
    problem(await desk.post(path, {}), 409, "statement-too-long")


async def test_pay_16_a_client_reads_its_own_and_nobody_reads_a_foreign_one(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await two_contracts(desk, payments, family)
    paths = [f"/v1/accounts/{family.account}/statement{ending}" for ending in ("", ".csv", ".pdf")]
    own = desk.headers("payments:read", kind="client", account=family.account)
    for path in paths:
        mine = await desk.get(path, own)
        assert mine.status_code == 200, mine.text
        another = desk.headers("payments:read", kind="client", account=new_id())
        problem(await desk.get(path, another), 404, "unknown-account")
        for stranger in strangers(desk.signer, payments.organisation, "payments:read", staff_only=False):
            problem(await desk.client.get(path, headers=stranger.headers), stranger.status, stranger.slug)
        problem(await desk.get(path.replace(family.account, old_id())), 404, "unknown-account")
    body = (await desk.get(paths[0], own)).json()
    assert {each["actor"] for each in body["items"]} == {None}
    assert date.fromisoformat(body["until"]) == SALE_DAY


async def test_pay_16_deposits_without_a_contract_are_on_the_statement_of_their_account_alone(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await two_contracts(desk, payments, family)
    before = await read(desk, family)
    deposit = Credit(family, 7_000)
    await payments.handles(deposit.issued(origin="deposit", method="cheque", received_on="2026-11-20"))
    common = {"credit": deposit.credit, "account": family.account, "currency": "EUR", "effective_on": SALE_DAY}
    await payments.handles(
        deposit.published(
            DepositReversed(**common, amount=7_000, taken=4_000, left=0, due=3_000, reason="bounced_cheque")
        )
    )
    body = await read(desk, family)
    assert body["closing"]["amount"] == before["closing"]["amount"] + 3_000
    added = [each for each in body["items"] if each["contract"] is None]
    assert [(each["kind"], each["amount"]["amount"], each["method"], each["credit"]) for each in added] == [
        ("deposit", -7_000, "cheque", deposit.credit),
        ("deposit_kept", 7_000, "cheque", deposit.credit),
        ("deposit_reversed", 7_000, None, deposit.credit),
        ("deposit_taken", -4_000, None, deposit.credit),
    ]
    rows = (await desk.get(f"/v1/accounts/{family.account}/statement.csv")).text.splitlines()
    assert any("deposit_kept" in row or "Kept" in row for row in rows)
    pdf = await desk.get(f"/v1/accounts/{family.account}/statement.pdf", language="en")
    assert "Deposit taken back by the bank" in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    other = Family(payments.organisation)
    await payments.handles(other.changed())
    assert (await read(desk, other))["items"] == []
