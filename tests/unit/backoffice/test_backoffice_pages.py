"""Every page of the registry: it is answered, is small, asks the APIs few times in a row, and is all French."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from starlette.routing import Route

from backoffice.languages.catalogues import folders, saved
from tests.backoffice.people import Office, session
from tests.backoffice.registry import Page, pages
from tests.unit.backoffice.reaching import reached

PAGES = list(pages())
NO_PAGES = {
    "/contracts/{contract}",
    "/mails/{mail}/shown",
    "/search/proposals",
    "/accounts/{account}/statement.pdf",
    "/cheques.pdf",
    "/bank-deposits/{deposit}/slip.pdf",
    "/books/fec.txt",
    "/invoices/{invoice}/pdf",
    "/vouchers/{voucher}/pdf",
    "/gift-cards/{card}/pdf",
    "/debits/{remittance}/file",
    "/refund-files/{file}/file",
    "/mail-texts/{kind}/{language}/sample",
    "/",
    "/sign-in/return",
    "/sign-in",
    "/health/live",
    "/health/ready",
    "/metrics",
}
"""Addresses that answer no page of their own."""


SAID = {"aria-label", "title", "placeholder", "alt", "data-label"}
SILENT = {"script", "style", "template"}


class Visible(HTMLParser):
    """The texts that a person sees or hears."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._tags: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.texts += [value for name, value in attrs if name in SAID and value]
        if tag not in {"meta", "link", "input", "br", "img", "hr"}:
            self._tags.append((tag, said.get("lang") if tag != "html" else None))

    def handle_endtag(self, tag: str) -> None:
        while self._tags and self._tags.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        other_language = any(lang for _, lang in self._tags)
        if data.strip() and not other_language and not any(tag in SILENT for tag, _ in self._tags):
            self.texts.append(" ".join(data.split()))


def english_only() -> Iterator[str]:
    """The English texts whose French is another one."""
    for folder in folders():
        for message in saved(folder):
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            strings = [message.string] if isinstance(message.string, str) else list(message.string)
            yield from (text for text in ids if text and text not in strings)


ENGLISH = {text for text in english_only() if "%" not in text and "{" not in text}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_every_page_is_shown_in_its_language_is_small_and_asks_few_times(
    office: Office, page: Page, language: str
) -> None:
    async with office.browser(page.role, language) as browser:
        answer = await reached(office, browser, page)
        assert answer.status_code == page.status, answer.text
        parts = re.findall(r'(?:href|src)="(/static/[^"]+)"', answer.text)
        weight = len(answer.content) + sum([len((await browser.get(part)).content) for part in parts])
    assert f'<html lang="{language}">' in answer.text
    assert weight < page.weight
    assert office.front.rounds <= page.rounds, [str(request.url) for request in office.front.requests]
    assert all(request.headers["accept-language"] == language for request in office.front.requests)
    if language == "fr":
        assert not ENGLISH & set(Visible(answer.text).texts)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_nothing_inline_runs_and_nothing_is_loaded_from_elsewhere(office: Office, page: Page) -> None:
    async with office.browser(page.role) as browser:
        answer = await reached(office, browser, page)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r'\s(on[a-z]+|style)="', answer.text)
    assert "<style" not in answer.text
    assert not re.search(r"<script(?![^>]*\ssrc=)", answer.text)
    assert not re.findall(r'(?:href|src|action)="(?!/|#)[^"]*"', answer.text)
    assert answer.headers["cache-control"] == "no-store"


def test_every_page_is_in_the_registry(office: Office) -> None:
    served = {route.path for route in office.app.routes if isinstance(route, Route) and "GET" in (route.methods or ())}
    patterns = [re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)) for path in served]
    shown = {page.at().partition("?")[0] for page in PAGES}
    exported = {path for path in served if path.endswith((".csv", ".xlsx", ".zip"))}
    missing = [
        path
        for path, pattern in zip(served, patterns, strict=True)
        if path not in NO_PAGES | exported and not any(pattern.fullmatch(address) for address in shown)
    ]
    assert not missing, "add them to tests/backoffice/subjects"


async def test_a_part_whose_service_is_away_says_so_and_the_rest_is_there(office: Office) -> None:
    office.front.away.add("payments")
    async with office.browser("secretary", "en") as browser:
        answer = await browser.get("/follow-up")
    assert answer.status_code == 200
    assert "Payments: no answer just now." in answer.text
    assert "École Pas de Deux" in answer.text
    assert 'name="search"' in answer.text


async def test_without_the_catalogue_pages_are_shown_without_the_name_of_the_school(office: Office) -> None:
    office.front.away.add("catalog")
    async with office.browser("secretary") as browser:
        answer = await browser.get("/follow-up")
    assert answer.status_code == 200
    assert "Martin-Dupré" in answer.text


async def test_a_moved_test_clock_is_shown_on_every_page(office: Office) -> None:
    office.front.answers["GET /catalog/v1/organisation"] |= {"clock_ahead": 86_400}
    async with office.browser("secretary") as browser:
        assert "Horloge d’essai" in (await browser.get("/follow-up")).text


async def test_what_a_role_may_not_do_is_shown_with_its_reason_org_2(office: Office) -> None:
    async with office.browser(language="en", signed_in=session("secretary", scopes="credits:read")) as browser:
        answer = await browser.get("/follow-up")
    assert answer.status_code == 403
    assert "Your role does not let you see payments." in answer.text
    assert "(not for your role)" in answer.text
    assert not [request for request in office.front.requests if "follow-up" in request.url.path]
