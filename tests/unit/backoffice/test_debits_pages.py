"""Direct debits in pages: a remittance from building it to its outcome, settings, and mandates (PAY-18)."""

from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import debits
from tests.unit.backoffice.test_contract_changes import fields
from tests.unit.backoffice.test_moves import bodies

API = "/payments/v1/remittances"
MANDATES = f"/payments/v1/accounts/{debits.ACCOUNT}/mandates"


async def test_pay_18_a_remittance_is_built_as_it_was_shown(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get("/debits/new?collect_on=2027-10-05")
        assert "2 debits, together €210.00" in page.text
        assert "2 of them would be announced to the families less than 14 days before." in page.text
        answer = await browser.post("/debits/new", data=fields(page.text))
        assert answer.headers["location"] == f"/debits/{debits.BUILT}"
        nothing = await browser.get("/debits/new?collect_on=2027-10-12")
        assert "No instalment that is due by" in nothing.text
    assert bodies(office, API) == [{"collect_on": "2027-10-05"}]


async def test_pay_18_a_remittance_is_downloaded_sent_taken_back_and_credited(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        file = await browser.get(f"/debits/{debits.BUILT}/file")
        assert (file.headers["content-type"], file.content) == ("application/xml", b"<Document/>")
        page = await browser.get(f"/debits/{debits.BUILT}")
        for do in ("sent", "take-back", "collected"):
            answer = await browser.post(f"/debits/{debits.BUILT}", data=fields(page.text) | {"do": do})
            assert answer.headers["location"] == f"/debits/{debits.BUILT}"
    for move in ("sent", "taking-back", "collected"):
        assert len(bodies(office, f"{API}/{debits.BUILT}/{move}")) == 1


async def test_pay_18_a_debit_that_the_bank_refused_is_recorded_with_its_reason(office: Office) -> None:
    form = f"/debits/{debits.SENT}/{debits.ATTEMPT}/refused"
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"/debits/{debits.SENT}")
        assert form in page.text
        page = await browser.get(form)
        answer = await browser.post(form, data=fields(page.text) | {"reason": "account_closed"})
        assert answer.headers["location"] == f"/debits/{debits.SENT}"
    assert bodies(office, f"{API}/{debits.SENT}/debits/{debits.ATTEMPT}/refusal") == [{"reason": "account_closed"}]


async def test_pay_18_the_settings_keep_the_account_where_none_is_typed(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get("/debits/settings")
        assert "ends in 2606" in page.text
        typed = {
            "name": "École",
            "creditor": "fr72zzz123456",
            "iban": "",
            "bic": "",
            "lead_days": "3",
            "notice_days": "10",
        }
        answer = await browser.post("/debits/settings", data=fields(page.text) | typed)
        assert answer.headers["location"] == "/debits", answer.text
    (sent,) = office.front.sent("/payments/v1/sepa-settings", "PUT")
    assert (sent["iban"], sent["creditor"], sent["lead_days"], sent["notice_days"]) == (None, "FR72ZZZ123456", 3, 10)


async def test_pay_18_a_mandate_is_kept_and_a_wrong_iban_is_an_error_at_its_field(office: Office) -> None:
    form = f"/accounts/{debits.ACCOUNT}/mandates/new"
    typed = {"holder": "Inès", "iban": "FR76 3000 6000 0112 3456 7890 189", "signed_on": "2027-09-01", "place": "Lille"}
    async with office.browser("director", "en") as browser:
        page = await browser.get(form)
        answer = await browser.post(form, data=fields(page.text) | typed | {"reference": ""})
        assert answer.headers["location"] == f"/accounts/{debits.ACCOUNT}/mandates"
        office.front.answers[f"POST {MANDATES}"] = lambda _: problem(422, "iban-invalid", field="iban")
        page = await browser.get(form)
        answer = await browser.post(form, data=fields(page.text) | typed)
    assert answer.status_code == 422
    assert "This is not a valid IBAN" in answer.text
    assert bodies(office, MANDATES)[0]["paper"] == {"signed_on": "2027-09-01", "place": "Lille", "reference": None}


async def test_pay_18_a_family_is_invited_by_mail_to_sign(office: Office) -> None:
    page_of = f"/accounts/{debits.ACCOUNT}/mandates/link"
    path = f"/payments/v1/accounts/{debits.ACCOUNT}/mandate-invitations"
    async with office.browser("director", "en") as browser:
        page = await browser.get(page_of)
        answer = await browser.post(page_of, data=fields(page.text))
        assert answer.headers["location"] == f"/accounts/{debits.ACCOUNT}/mandates"
        assert [request.url.path for request in office.front.requests].count(path) == 1
        office.front.answers[f"POST {path}"] = lambda _: problem(409, "sepa-settings-missing")
        answer = await browser.post(page_of, data=fields((await browser.get(page_of)).text))
    assert answer.status_code == 422


async def test_pay_18_a_link_to_sign_is_shown_for_each_language_and_so_is_a_refusal(office: Office) -> None:
    page_of = f"/accounts/{debits.ACCOUNT}/mandates/link"
    async with office.browser("director", "en") as browser:
        page = await browser.get(page_of)
        for language in ("fr", "en"):
            assert f'value="https://carnet.example/payments/v1/mandate-links/{language}"' in page.text
        path = f"POST /payments/v1/accounts/{debits.ACCOUNT}/mandate-links"
        office.front.answers[path] = lambda _: problem(409, "sepa-settings-missing")
        assert "mandate-links" not in (await browser.get(page_of)).text
        shown = await browser.get(f"/accounts/{debits.ACCOUNT}/mandates")
    assert "from the address 203.0.113.9" in shown.text
