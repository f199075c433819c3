"""The paper that a link of a mail leads to, read with no token (INV-5)."""

import asyncio
import time

import httpx
import pytest

from carnet.http.link_page import School, page
from carnet.ids import new_id
from carnet.links import DAYS, Paper
from payments.invoices.printing import Printer
from tests.integration.payments.conftest import Desk, Payments
from tests.integration.payments.invoicing import a_line, issued, paid_sale, settle
from tests.integration.payments.received_records import Family, organisation_record
from tests.links import LINKS
from tests.refused import problem

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PDF = b"%PDF-1.7 a paper"


async def get(desk: Desk, link: str, **headers: str) -> httpx.Response:
    """What anyone who has the link gets, with no token."""
    return await desk.client.get(f"/v1/papers/{link}", headers=headers)


async def an_invoice(desk: Desk, family: Family) -> str:
    await settle(desk)
    (invoice,) = await issued(desk, await paid_sale(desk, family, a_line(30000)))
    return invoice.id


def link_to(payments: Payments, invoice: str, *, language: str = "fr", organisation: str | None = None) -> str:
    return LINKS.written(Paper("invoice", organisation or payments.organisation, (invoice,), language))


async def test_inv_5_the_link_reads_that_invoice_without_a_token_until_it_expires(
    desk: Desk, payments: Payments, family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = await an_invoice(desk, family)
    link = link_to(payments, invoice)
    problem(await get(desk, link), 404, "unknown-link")
    printer = Printer(payments.database, lambda _document, _logo: PDF)
    assert await printer.round(frozenset(range(256)), asyncio.Event()) == 1
    for headers in ({}, BROWSER):
        read = await get(desk, link, **headers)
        assert (read.status_code, read.content) == (200, PDF)
        assert read.headers["content-type"] == "application/pdf"
        assert read.headers["content-disposition"] == 'inline; filename="FA-2026-000001.pdf"'
        assert read.headers["cache-control"] == "private, no-store"
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + DAYS * 86_400 + 60)
    expired = problem(await get(desk, link), 410, "link-expired")
    assert "send the mail again" in expired["detail"]


async def test_a_browser_gets_a_page_in_the_language_of_the_mail(
    desk: Desk, payments: Payments, monkeypatch: pytest.MonkeyPatch
) -> None:
    await payments.handles(organisation_record(payments.organisation))
    old = {language: link_to(payments, new_id(), language=language) for language in ("fr", "en")}
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + DAYS * 86_400 + 60)
    for language, title in (("fr", "Ce lien a expiré"), ("en", "This link has expired")):
        shown = await get(desk, old[language], **BROWSER)
        assert (shown.status_code, shown.headers["content-type"]) == (410, "text/html; charset=utf-8")
        assert f"<h1>{title}</h1>" in shown.text
        assert f'<html lang="{language}">' in shown.text
        assert "<strong>École de danse du Nord</strong>" in shown.text, "it says whom to ask"
        assert '<a href="mailto:aide@example.org">' in shown.text
    unknown = await get(desk, link_to(payments, new_id(), organisation=new_id()), **BROWSER)
    assert "<address>" not in unknown.text


def test_what_a_school_says_of_itself_is_no_markup() -> None:
    shown = page("link-expired", "fr", School("Danse & <b>Cie</b>", "a'\"@b.example", "<i>"))
    assert "<strong>Danse &amp; &lt;b&gt;Cie&lt;/b&gt;</strong>" in shown
    assert "mailto:a&#x27;&quot;@b.example" in shown
    assert "<i>" not in shown


async def test_a_link_that_leads_to_nothing_shows_nothing_of_itself(desk: Desk, payments: Payments) -> None:
    unknown = link_to(payments, new_id())
    for link in (unknown, unknown[:-3], "%3Cscript%3E", LINKS.written(Paper("nonsense", new_id(), ("a",), "xx"))):
        problem(await get(desk, link), 404, "unknown-link")
        shown = await get(desk, link, **BROWSER, **{"Accept-Language": "fr-FR,fr;q=0.9"})
        assert shown.status_code == 404
        assert "script" not in shown.text
    assert "Ce lien ne mène nulle part" in (await get(desk, unknown[:-3], **BROWSER, **{"Accept-Language": "fr"})).text


async def test_org_1_a_link_names_its_organisation(desk: Desk, payments: Payments, family: Family) -> None:
    invoice = await an_invoice(desk, family)
    await Printer(payments.database, lambda _document, _logo: PDF).round(frozenset(range(256)), asyncio.Event())
    problem(await get(desk, link_to(payments, invoice, organisation=new_id())), 404, "unknown-link")
