"""The pages of the books: sums, downloads, closing, accounts (INV-7)."""

import re

from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import books
from tests.unit.backoffice.test_contract_changes import fields
from tests.unit.backoffice.test_moves import bodies


def shown(page: str) -> dict[str, str]:
    """What the fields of the form of the accounts show, the hidden ones too."""
    found = re.findall(r'<input type="text" value="([^"]*)"\s+id="[^"]+" name="([^"]+)"', page)
    return fields(page) | {name: value for value, name in found}


async def test_inv_7_the_export_of_the_period_that_is_shown_is_downloaded(office: Office) -> None:
    period = {"from": "2027-09-01", "until": "2027-09-30"}
    async with office.browser("secretary", "fr") as browser:
        page = await browser.get("/books", params=period)
        assert "8\u202f875,00" in page.text
        assert "close_until" not in page.text, "who may not close sees no form for it"
        fec = await browser.get("/books/fec.txt", params=period)
        assert fec.headers["content-disposition"] == 'attachment; filename="732829320FEC20270930.txt"'
        assert fec.content == "JournalCode\tDébit".encode("latin-1")
        table = await browser.get("/books/entries.csv", params=period)
        assert table.headers["content-disposition"].startswith('attachment; filename="ecritures-comptables-')
        workbook = await browser.get("/books/entries.xlsx", params=period)
        assert workbook.content.startswith(b"PK")
    for path in ("balance", "entries.csv", "fec.txt"):
        asked = [each for each in office.front.requests if each.url.path == f"{books.BOOKS}/{path}"]
        assert {(each.url.params["from"], each.url.params["until"]) for each in asked} == {tuple(period.values())}


async def test_inv_7_a_period_is_closed_once_it_is_confirmed_as_it_was_seen(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get("/books")
        typed = fields(page.text) | {"close_until": "2027-09-30"}
        unsure = await browser.post("/books/closings", data=typed)
        assert (unsure.status_code, "Confirm that this is for good." in unsure.text) == (422, True)
        assert bodies(office, f"{books.BOOKS}/closings") == []
        office.front.answers[f"POST {books.BOOKS}/closings"] = lambda _: problem(
            409, "period-closed", closed_until="2027-10-01"
        )
        refused = await browser.post("/books/closings", data=typed | {"sure": "yes"})
        assert "The books are closed until 1 Oct 2027 already" in refused.text
        books.answers(office.front)
        closed = await browser.post("/books/closings", data=typed | {"sure": "yes"})
        assert closed.headers["location"] == "/books?until=2027-09-30"
    assert bodies(office, f"{books.BOOKS}/closings")[-1] == {"until": "2027-09-30"}
    sent = [each for each in office.front.requests if each.url.path == f"{books.BOOKS}/closings"]
    assert sent[-1].headers["if-match"] == '"5"'


async def test_inv_7_the_accounts_are_saved_and_those_that_the_form_does_not_show_stay(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get("/books/settings")
        typed = shown(page.text)
        assert (typed["sales_item_number"], typed["vat_850_name"]) == ("707000", "TVA 8,5 %")
        changed = {"cash_number": "531a", "sales_item_number": "", "sales_membership_number": "756000"}
        named = {"sales_membership_name": "Cotisations"}
        answer = await browser.post("/books/settings", data=typed | changed | named)
        assert answer.headers["location"] == "/books", answer.text
    (sent,) = office.front.sent(books.BOOKS, "PUT")
    assert sent["accounts"]["cash"] == {"number": "531A", "name": "Caisse"}
    assert set(sent["accounts"]) == set(books.NAMES)
    assert [each["kind"] for each in sent["sales"]] == ["hologram", "membership"]
    assert sent["vat"] == books.SAVED["vat"]


async def test_inv_7_a_refused_account_is_an_error_at_its_field(office: Office) -> None:
    office.front.answers[f"PUT {books.BOOKS}"] = lambda _: problem(422, "account-named-twice", account="512000")
    async with office.browser("director", "en") as browser:
        page = await browser.get("/books/settings")
        answer = await browser.post("/books/settings", data=shown(page.text) | {"card_number": "512000"})
    assert answer.status_code == 422
    assert "The account 512000 has two names." in answer.text
