"""An invoice from the payment to the family's mail, through a running suite (INV-1, INV-5, NOT-1)."""

import re
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.policy import default
from typing import Any

import httpx
import pytest

from carnet_operations.verify import verify
from carnet_play.story.waiting import eventually
from carnet_suite.inbox import Mail, newest, read_inbox
from carnet_suite.supervisor import Suite
from tests.builders import ON_SITE, School, school_on
from tests.waits import BOUND

SETTINGS = {
    "seller": {
        "name": "École de danse Pas de Deux",
        "legal_form": "SARL au capital de 10 000 €",
        "address": {"lines": ["4 rue du Bal"], "postcode": "59000", "city": "Lille"},
        "siren": "732829320",
        "vat_number": "FR44732829320",
    },
    "exemption": {"code": "VATEX-FR-CGI261-7"},
    "automatic": True,
}


@pytest.fixture
async def school(running: Suite) -> AsyncIterator[School]:
    async with school_on(running) as opened:
        yield opened


async def test_a_family_gets_the_invoice_of_what_it_paid_by_mail_and_by_a_link(school: School, running: Suite) -> None:
    before = newest(running.inbox)
    await school.desk.send("/payments/v1/invoice-settings", SETTINGS, method="PUT", version=0)
    account = await school.family()
    contract = await school.contract(account, sale=ON_SITE, mode="on_site")
    await school.desk.pay(contract.id, 30_000, "cash")
    found: list[Mail] = []

    async def delivered() -> bool:
        found[:] = [mail for mail in read_inbox(running.inbox, after=before) if "facture" in mail.subject]
        return bool(found)

    await eventually(delivered, "the invoice is mailed")
    (mail,) = found
    message = message_from_bytes(mail.path.read_bytes(), policy=default)
    (attached,) = message.iter_attachments()
    pdf = attached.get_content()
    assert re.fullmatch(r"FA-\d{4}-000001\.pdf", attached.get_filename() or "")
    assert pdf.startswith(b"%PDF-1.7")
    links = re.findall(rf"{re.escape(running.front)}/payments/v1/papers/[\w.-]+", mail.text or "")
    async with httpx.AsyncClient(timeout=BOUND) as anybody:
        assert (await anybody.get(links[0])).content == pdf
        page = await anybody.get(links[0][:-4], headers={"Accept": "text/html", "Accept-Language": "fr"})
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    await _matched_by_hand(school, contract.id)
    await _deposited(school)
    await _statement_sent(school, running, account.id)
    await _reminded(school, running)
    servers = running.servers
    report = await verify(servers.mongo_url, servers.kafka_bootstrap, running.namespace, wait=BOUND)
    assert report.findings == []


async def _deposited(school: School) -> None:
    """A part is paid and on a deposit invoice; once the rest is paid, the invoice deducts it automatically (INV-1)."""
    account = await school.family("Acompte")
    contract = await school.contract(account, sale=ON_SITE, mode="on_site")
    await school.desk.pay(contract.id, 12_000, "cash")
    path = f"/payments/v1/schedules/{contract.id}/deposit-invoices"
    body = {"amount": {"amount": 12_000, "currency": "EUR"}}
    done = await school.desk.send(path, body)
    (deposit,) = done.body["invoices"]
    (purchase,) = (await school.desk.read(f"/contracts/v1/accounts/{account.id}/purchases")).body["items"]
    await school.desk.pay(contract.id, 18_000, "cash")
    found: list[dict[str, Any]] = []

    async def invoiced() -> bool:
        listed = await school.desk.read(f"/payments/v1/invoices?contract={contract.id}&kind=invoice")
        found[:] = listed.body["items"]
        return bool(found)

    await eventually(invoiced, "the purchase is invoiced")
    assert (purchase["payment"], purchase["advance"]["amount"]) == ("partly_paid", 0)
    assert (found[0]["deposits"], found[0]["left"]["amount"]) == ([deposit], 30_000)


async def _matched_by_hand(school: School, contract: str) -> None:
    """The payment is matched to the invoice by hand (INV-6)."""
    path = f"/payments/v1/schedules/{contract}"
    matching = await school.desk.read(f"{path}/matching")
    (payment,), (invoice,) = matching.body["payments"], matching.body["invoices"]
    assert invoice["status"] == "paid"
    body = {"payment": payment["id"], "invoice": invoice["invoice"]}
    done = await school.desk.send(f"{path}/matches", body, version=matching.version)
    assert [each["match"] is not None for each in done.body["matched"]] == [True]


async def _statement_sent(school: School, running: Suite, account: str) -> None:
    """The family gets its account statement by mail (PAY-16)."""
    before = newest(running.inbox)
    await school.desk.send(f"/payments/v1/accounts/{account}/statement/sendings", {})
    found: list[Mail] = []

    async def delivered() -> bool:
        found[:] = [mail for mail in read_inbox(running.inbox, after=before) if "relevé" in mail.subject]
        return bool(found)

    await eventually(delivered, "the statement is mailed")
    message = message_from_bytes(found[0].path.read_bytes(), policy=default)
    (attached,) = message.iter_attachments()
    assert attached.get_content().startswith(b"%PDF-1.7")
    assert "tout était réglé" in (found[0].text or "")


async def _reminded(school: School, running: Suite) -> None:
    """A family that owes gets a reminder by mail with what is due then, and stops others by its link (PAY-10)."""
    before, account = newest(running.inbox), await school.family("Rappel")
    await school.contract(account, sale=ON_SITE, mode="on_site")
    await school.desk.send(f"/payments/v1/accounts/{account.id}/reminders", {"text": "Passez nous voir."})
    found: list[Mail] = []

    async def delivered() -> bool:
        found[:] = [mail for mail in read_inbox(running.inbox, after=before) if "reste à régler" in mail.subject]
        return bool(found)

    await eventually(delivered, "the reminder is mailed")
    text = found[0].text or ""
    assert "Passez nous voir." in text
    (link,) = set(re.findall(rf"{re.escape(running.front)}/payments/v1/reminder-links/[\w.-]+", text))
    async with httpx.AsyncClient(timeout=BOUND) as anybody:
        page = await anybody.get(link, headers={"Accept": "text/html"})
        assert "Arrêter les rappels" in page.text
        assert "ne recevrez plus" in (await anybody.post(link, headers={"Accept": "text/html"})).text
    shown = await school.desk.read(f"/payments/v1/accounts/{account.id}/reminders")
    assert shown.body["stopped"] is True
