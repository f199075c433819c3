"""Invoices in pages: issued, cancelled after a preview, in bulk, and what they say of the school (INV-1 to INV-5)."""

import httpx

from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.registry import NAMES
from tests.backoffice.subjects import invoices
from tests.unit.backoffice.test_contract_changes import fields
from tests.unit.backoffice.test_moves import bodies

CREDIT = f"/invoices/{invoices.INVOICE}/credit"
ISSUE = f"/contracts/{invoices.PAID}/invoice"
ASKED = f"/payments/v1/schedules/{invoices.PAID}/invoices"

HOLOGRAMS = {"kind": "hologram", "exemption": {"code": "VATEX-FR-CGI261-4"}}
"""A kind that the form does not know keeps its reason."""


async def test_inv_1_the_paid_purchases_without_an_invoice_are_chosen_and_invoiced(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get(ISSUE)
        assert page.text.count("disabled") == 2, "what has an invoice or is not paid whole can't be chosen"
        answer = await browser.post(ISSUE, data=fields(page.text) | {"line": invoices.JAZZ})
        assert answer.headers["location"] == f"/invoices/{invoices.WAITING}"
    assert bodies(office, ASKED) == [{"lines": [invoices.JAZZ]}]


async def test_inv_1_a_company_is_named_with_its_siren(office: Office) -> None:
    typed = {"line": invoices.JAZZ, "company": "yes", "name": "Fabre et fils", "siren": "732829320", "city": "Lille"}
    async with office.browser("director", "en") as browser:
        page = await browser.get(ISSUE)
        await browser.post(ISSUE, data=fields(page.text) | typed)
    (sent,) = bodies(office, ASKED)
    assert (sent["buyer"]["kind"], sent["buyer"]["siren"]) == ("company", "732829320")
    assert sent["buyer"]["address"] == {"lines": [], "postcode": None, "city": "Lille"}


async def test_inv_1_a_deposit_invoice_is_issued_of_the_amount_that_was_seen(office: Office) -> None:
    path = f"/contracts/{invoices.PAID}/deposit-invoice"
    asked = f"/payments/v1/schedules/{invoices.PAID}/deposit-invoices"
    async with office.browser("director", "en") as browser:
        assert "Deposit invoice of €45.00" in (await browser.get(ISSUE)).text
        page = await browser.get(path)
        answer = await browser.post(path, data=fields(page.text))
        assert answer.headers["location"] == f"/invoices/{invoices.DEPOSIT}"
        office.front.answers[f"POST {asked}"] = lambda _: problem(409, "advance-moved", advance=1, amount=2)
        refused = await browser.post(path, data=fields(page.text))
    assert refused.status_code == 422
    assert "Another amount is paid in advance by now." in refused.text
    assert bodies(office, asked)[0] == {"amount": {"amount": 4500, "currency": "EUR"}}


async def test_inv_4_a_refusal_of_contracts_is_shown_above_the_form_and_nothing_is_issued(office: Office) -> None:
    office.front.answers[f"POST {ASKED}"] = lambda _: problem(409, "line-invoiced", number=None)
    async with office.browser("director", "en") as browser:
        page = await browser.get(ISSUE)
        none = await browser.post(ISSUE, data=fields(page.text))
        assert "Choose what is invoiced." in none.text
        answer = await browser.post(ISSUE, data=fields(page.text) | {"line": invoices.JAZZ})
    assert answer.status_code == 422
    assert "An invoice bears this purchase." in answer.text


async def test_inv_3_a_credit_note_is_issued_only_as_it_was_seen(office: Office) -> None:
    typed = {"line": invoices.SHOES, "reason": "Rendus."}
    async with office.browser("director", "en") as browser:
        page = await browser.get(CREDIT)
        seen = await browser.post(CREDIT, data=fields(page.text) | typed | {"do": "look"})
        assert "Issue the credit note of €35.00" in seen.text
        other = await browser.post(CREDIT, data=fields(seen.text) | typed | {"reason": "Other", "do": "confirm"})
        assert other.status_code == 200
        assert bodies(office, f"{invoices.INVOICES}/{invoices.INVOICE}/credit-notes") == []
        answer = await browser.post(CREDIT, data=fields(seen.text) | typed | {"do": "confirm"})
        assert answer.headers["location"] == f"/invoices/{invoices.NOTE}"
    sent = bodies(office, f"{invoices.INVOICES}/{invoices.INVOICE}/credit-notes")
    assert sent == [{"lines": [invoices.SHOES], "reason": "Rendus."}]


async def test_inv_5_the_pdf_is_opened_and_one_that_is_being_made_is_waited_for(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        answer = await browser.get(f"/invoices/{invoices.INVOICE}/pdf")
        assert (answer.headers["content-type"], answer.content) == ("application/pdf", b"%PDF-1.7 41")
        waits = await browser.get(f"/invoices/{invoices.WAITING}/pdf")
        assert waits.headers["location"] == f"/invoices/{invoices.WAITING}"
        page = await browser.get(f"/invoices/{invoices.WAITING}")
        assert page.headers["refresh"] == "3"


async def test_inv_1_the_settings_are_saved_as_they_were_seen_and_keep_what_the_form_does_not_show(
    office: Office,
) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get("/invoices/settings")
        typed = {"name": "Pas de Trois", "country": "fr", "siren": "732829320", "exemption": "VATEX-FR-CGI261-7"}
        typed |= {"invoice_prefix": "fa", "credit_note_prefix": "AV", "automatic": "yes"}
        answer = await browser.post("/invoices/settings", data=fields(page.text) | typed)
        assert answer.headers["location"] == "/invoices/settings", answer.text
    (sent,) = office.front.sent(invoices.SETTINGS, "PUT")
    assert (sent["seller"]["name"], sent["seller"]["address"]["country"]) == ("Pas de Trois", "FR")
    assert (sent["mentions"], sent["automatic"], sent["invoice_prefix"]) == (invoices.GIVEN["mentions"], True, "FA")
    assert office.front.requests[-1].headers["if-match"] == '"4"'


async def test_inv_1_mentions_have_days_and_kinds_of_product_their_reason(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get("/invoices/settings/law")
        assert "Agréée." in page.text
        typed = {
            "mention-0-fr": "Agréée par l'État.",
            "mention-1-fr": "Pas d'escompte.",
            "mention-1-en": "No discount.",
            "mention-1-since": "2027-09-01",
            "mention-1-until": "2028-08-31",
            "mention-1-code": "AAB",
            "mention-1-companies": "yes",
            "kind-course": "VATEX-FR-CGI261-4",
        }
        wrong = await browser.post(
            "/invoices/settings/law", data=fields(page.text) | typed | {"mention-1-until": "2027-08-31"}
        )
        assert (wrong.status_code, "The last day is before the first." in wrong.text) == (422, True)
        done = await browser.post("/invoices/settings/law", data=fields(wrong.text) | typed)
        assert done.headers["location"] == "/invoices/settings/law", done.text
    (sent,) = office.front.sent(invoices.SETTINGS, "PUT")
    assert sent == {
        **invoices.GIVEN,
        "exemptions": [HOLOGRAMS, {"kind": "course", "exemption": {"code": "VATEX-FR-CGI261-4"}}],
        "mentions": [
            {
                "text": {"fr": "Agréée par l'État.", "en": None},
                "since": None,
                "until": None,
                "code": None,
                "companies": False,
            },
            {
                "text": {"fr": "Pas d'escompte.", "en": "No discount."},
                "since": "2027-09-01",
                "until": "2028-08-31",
                "code": "AAB",
                "companies": True,
            },
        ],
    }


async def test_inv_1_a_mention_without_words_is_removed(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get("/invoices/settings/law")
        await browser.post("/invoices/settings/law", data=fields(page.text) | {"mention-0-fr": ""})
    (sent,) = office.front.sent(invoices.SETTINGS, "PUT")
    assert (sent["mentions"], sent["exemptions"]) == ([], [HOLOGRAMS])


async def test_inv_1_a_product_has_a_reason_of_its_own_or_that_of_its_kind(office: Office) -> None:
    path, product = f"/invoices/exemptions/{NAMES['product']}", NAMES["product"]
    own = {"product": product, "exemption": {"code": "VATEX-FR-CGI261-7"}}
    async with office.browser("director", "en") as browser:
        page = await browser.get(path)
        done = await browser.post(path, data=fields(page.text) | {"exemption": "VATEX-FR-CGI261-7"})
        assert done.headers["location"] == f"/catalog/{product}", done.text
        await browser.post(path, data=fields(page.text) | {"exemption": ""})
        unknown = await browser.post(path, data=fields(page.text) | {"exemption": "VATEX-X"})
        assert unknown.status_code == 422
    sent = office.front.sent(invoices.SETTINGS, "PUT")
    other = {"product": invoices.SHOES, "exemption": {"code": "VATEX-FR-CGI261-4"}}
    assert [each["product_exemptions"] for each in sent] == [[other, own], [other]]


async def test_inv_1_a_wrong_siren_is_an_error_in_words_and_what_was_typed_stays(office: Office) -> None:
    office.front.answers[f"PUT {invoices.SETTINGS}"] = lambda _: problem(422, "siren-invalid", field="seller.siren")
    async with office.browser("director", "en") as browser:
        page = await browser.get("/invoices/settings")
        typed = {"name": "École <b>", "country": "FR", "siren": "1", "invoice_prefix": "FA", "credit_note_prefix": "AV"}
        answer = await browser.post("/invoices/settings", data=fields(page.text) | typed)
    assert answer.status_code == 422
    assert "This is no SIREN." in answer.text
    assert "École &lt;b&gt;" in answer.text


async def test_inv_5_all_that_is_paid_is_invoiced_and_the_page_shows_how_far_it_is(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get("/invoices")
        started = await browser.post("/invoices/issue-all", data=fields(page.text))
        assert started.headers["location"] == f"/invoices/jobs/{invoices.JOB}"
        moving = await browser.get(f"/invoices/jobs/{invoices.JOB}")
        ended = await browser.get(f"/invoices/jobs/{invoices.ENDED}")
    assert moving.headers["refresh"] == "3"
    assert "refresh" not in ended.headers
    assert "A change of" in ended.text


async def test_inv_5_invoices_are_looked_for_by_number_name_and_days(office: Office) -> None:
    asked: list[httpx.QueryParams] = []

    def listed(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params)
        return httpx.Response(200, json={"items": [], "next": None})

    office.front.answers[f"GET {invoices.INVOICES}"] = listed
    async with office.browser("secretary", "en") as browser:
        await browser.get("/invoices?q=fa-2027-000041")
        await browser.get("/invoices?q=Martin&kind=invoice")
        await browser.get("/invoices?from=2027-09-01&until=2027-09-30")
        wrong = await browser.get("/invoices?until=demain")
    assert "write it as 2027-09-01" in wrong.text
    assert (asked[2].get("since"), asked[2].get("until")) == ("2027-09-01", "2027-09-30")
    assert (asked[0].get("number"), asked[0].get("name")) == ("FA-2027-000041", None)
    assert (asked[1].get("name"), asked[1].get("kind")) == ("Martin", "invoice")


async def test_inv_6_a_payment_is_matched_by_hand_to_an_invoice_and_the_match_is_undone(office: Office) -> None:
    path, address = f"/invoices/{invoices.INVOICE}", f"/payments/v1/schedules/{invoices.PAID}/matches"
    async with office.browser("director", "en") as browser:
        form = await browser.get(f"{path}/match")
        assert invoices.CHEQUE not in form.text, "it is matched to this invoice already"
        wrong = await browser.post(f"{path}/match", data=fields(form.text) | {"amount": "a lot"})
        assert wrong.status_code == 422
        typed = {"payment": invoices.CASH, "amount": "10.00"}
        done = await browser.post(f"{path}/match", data=fields(form.text) | typed)
        assert done.headers["location"] == path, done.text
        page = await browser.get(path)
        assert "covered by post-dated cheques" in page.text
        undone = await browser.post(f"{path}/matches/{invoices.MATCH}/undo", data=fields(page.text))
        assert undone.headers["location"] == path
    amount = {"amount": 1_000, "currency": "EUR"}
    assert bodies(office, address) == [{"invoice": invoices.INVOICE, "payment": invoices.CASH, "amount": amount}]
    deleted = [each.url.path for each in office.front.requests if each.method == "DELETE"]
    assert deleted == [f"{address}/{invoices.MATCH}"]


async def test_inv_6_the_list_is_of_invoices_that_stand_in_one_way(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = (await browser.get("/invoices?status=not_paid&q=Martin")).text
        assert '<option value="not_paid" selected>not paid</option>' in page
        assert "/invoices?q=Martin&amp;kind=credit_note&amp;status=not_paid" in page
        older = (await browser.get("/invoices?status=covered")).text
        assert "/invoices?status=covered&amp;cursor=older" in older
        await browser.get("/invoices?status=nonsense")
    asked = [each.url.params.get("status") for each in office.front.requests if each.url.path == invoices.INVOICES]
    assert asked == ["not_paid", "covered", None]
