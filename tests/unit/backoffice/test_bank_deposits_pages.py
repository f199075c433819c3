"""Bank deposits in pages: what waits is ticked, handed to the bank with a slip, undone (PAY-7)."""

from tests.backoffice.front import problem
from tests.backoffice.people import Office, session
from tests.backoffice.subjects.bank_deposits import API, CHEQUES, TAKING, TAKINGS, UNDONE, WAITING
from tests.unit.backoffice.test_contract_changes import fields
from tests.unit.backoffice.test_moves import bodies

NEW = "/bank-deposits/new"
TYPED = {"deposited_on": "2027-09-20", "bank_account": "Crédit du Nord •••• 2606"}


async def test_pay_7_all_that_waits_is_ticked_and_goes_to_the_account_of_last_time(office: Office) -> None:
    ids = [each["id"] for each in WAITING["cheque"]]
    async with office.browser("cashier", "en") as browser:
        page = await browser.get(f"{NEW}?method=cheque")
        assert page.text.count(" checked") == 3
        assert "Banque du Nord · 0001234 · Aïcha Benali" in page.text
        assert all(f'value="{text}"' in page.text for text in TYPED.values())
        answer = await browser.post(NEW, data={**fields(page.text), **TYPED, "taking": ids[:2]})
        assert answer.headers["location"] == f"/bank-deposits/{CHEQUES}"
        page = await browser.get(f"/bank-deposits/{CHEQUES}")
        assert "taken back by the bank" in page.text
        slip = await browser.get(f"/bank-deposits/{CHEQUES}/slip.pdf")
        assert (slip.headers["content-type"], slip.content) == ("application/pdf", b"%PDF-1.7 slip")
    assert bodies(office, API) == [{"takings": ids[:2], **TYPED}]


async def test_pay_7_nothing_ticked_and_what_the_api_refuses_are_errors_in_words(office: Office) -> None:
    async with office.browser("cashier", "en") as browser:
        hidden = {**fields((await browser.get(f"{NEW}?method=cash")).text), **TYPED}
        nothing = await browser.post(NEW, data={**hidden, "taking": []})
        assert (nothing.status_code, "Tick what goes to the bank." in nothing.text) == (422, True)
        office.front.answers[f"POST {API}"] = lambda _: problem(409, "already-deposited", taking=TAKING)
        refused = await browser.post(NEW, data={**hidden, "taking": [TAKING]})
        assert (refused.status_code, "undo that bank deposit first" in refused.text) == (422, True)


async def test_pay_7_a_bank_deposit_that_the_bank_did_not_get_is_undone(office: Office) -> None:
    async with office.browser("cashier", "en") as browser:
        page = await browser.get(f"/bank-deposits/{CHEQUES}")
        answer = await browser.post(f"/bank-deposits/{CHEQUES}", data=fields(page.text))
        assert answer.headers["location"] == f"/bank-deposits/{CHEQUES}"
        undone = (await browser.get(f"/bank-deposits/{UNDONE}")).text
        assert "It was undone on" in undone
        assert "slip.pdf" not in undone
    (sent,) = [each for each in office.front.requests if each.url.path.endswith("/undoing")]
    assert sent.headers["if-match"] == '"1"'


async def test_pay_7_what_is_written_on_a_cheque_is_noted_for_its_slip(office: Office) -> None:
    form = f"/bank-deposits/cheques/{TAKING}"
    async with office.browser("cashier", "en") as browser:
        page = await browser.get(f"{form}?bank=Banque+du+Nord")
        assert 'value="Banque du Nord"' in page.text
        answer = await browser.post(
            form, data=fields(page.text) | {"number": "0001234", "bank": "Banque", "holder": ""}
        )
        assert answer.headers["location"] == f"{NEW}?method=cheque"
    (sent,) = office.front.sent(f"{TAKINGS}/{TAKING}/cheque", "PUT")
    assert sent == {"number": "0001234", "bank": "Banque", "holder": None}


async def test_org_2_who_may_not_record_payments_sees_them_and_why(office: Office) -> None:
    async with office.browser(language="en", signed_in=session("cashier", scopes="payments:read")) as browser:
        page = (await browser.get("/bank-deposits")).text
        assert "Cheques to take to the bank" in page
        assert "/bank-deposits/new" not in page
        assert (await browser.get(NEW)).status_code == 403
