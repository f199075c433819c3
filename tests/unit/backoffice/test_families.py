"""Families in pages: found, created, and their people added and edited."""

from tests.backoffice.people import Office
from tests.backoffice.subjects import accounts, contracts
from tests.unit.backoffice.test_contract_changes import fields

PATH = f"/accounts/{accounts.ACCOUNT}"
PERSON = {"first_name": "Zoé", "last_name": "Martin", "email": "", "phone": "", "birth_date": "2019-02-03", "notes": ""}
SENT = {
    **dict.fromkeys(("email", "phone", "notes")),
    **{name: text for name, text in PERSON.items() if text},
    "tags": [],
}


async def test_a_family_shows_its_people_contracts_credits_and_payment_methods(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(PATH)
    for text in ("Inès Martin", "Léa Martin", "2027-0042", "€12.00", "•••• 4242"):
        assert text in page.text


async def test_a_family_is_created_with_its_owner(office: Office) -> None:
    created = {"id": accounts.ACCOUNT, "similar": [], "version": 1}
    office.front.answers["POST /contracts/v1/accounts"] = created
    async with office.browser("secretary", "en") as browser:
        page = await browser.get("/accounts/new")
        wrong = await browser.post(
            "/accounts/new", data=fields(page.text) | PERSON | {"language": "fr", "last_name": ""}
        )
        assert wrong.status_code == 422
        assert 'id="error-last_name"' in wrong.text
        answer = await browser.post("/accounts/new", data=fields(page.text) | PERSON | {"language": "fr"})
    assert answer.headers["location"] == PATH
    assert office.front.sent("/contracts/v1/accounts") == [{"language": "fr", "owner": {**SENT, "kind": "adult"}}]


async def test_a_person_is_added_and_edited(office: Office) -> None:
    members = f"{accounts.API}/members"
    office.front.answers[f"POST {members}"] = {"version": 3}
    office.front.answers[f"PUT {members}/{contracts.LEA}"] = {"version": 3}
    async with office.browser("secretary", "en") as browser:
        for address in (f"{PATH}/members/new", f"{PATH}/members/{contracts.LEA}"):
            page = await browser.get(address)
            answer = await browser.post(address, data=fields(page.text) | PERSON | {"kind": "child"})
            assert answer.headers["location"] == PATH, answer.text
    assert office.front.sent(members) == [{**SENT, "kind": "child"}]
    assert office.front.sent(f"{members}/{contracts.LEA}", "PUT") == [{**SENT, "kind": "child"}]


async def test_nobody_is_edited_who_is_not_there(office: Office) -> None:
    async with office.browser("secretary") as browser:
        answer = await browser.get(f"{PATH}/members/01900000-0000-7000-8000-00000000000f")
    assert answer.headers["location"] == PATH
