"""Families in pages: found, created, and their people added and edited."""

import pytest

from tests.backoffice.people import Office
from tests.backoffice.registry import NAMES
from tests.backoffice.subjects import accounts, contracts, statements
from tests.unit.backoffice.test_contract_changes import fields

PATH = f"/accounts/{accounts.ACCOUNT}"
PERSON = {
    "first_name": "Zoé",
    "last_name": "Martin",
    "email": "",
    "phone": "",
    "birth_date": "2019-02-03",
    "notes": "",
    "tags": "chorus, 2027,",
}
SENT = {
    **dict.fromkeys(("email", "phone", "notes")),
    **{name: text for name, text in PERSON.items() if text},
    "tags": ["chorus", "2027"],
}


async def test_a_family_shows_its_people_contracts_credits_and_payment_methods(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(PATH)
    for text in ("Inès Martin", "Léa Martin", "2027-0042", "€12.00", "•••• 4242"):
        assert text in page.text


async def test_a_family_that_other_services_do_not_know_yet_is_shown_with_nothing_of_theirs(office: Office) -> None:
    for path in (
        f"/credits/v1/accounts/{accounts.ACCOUNT}/credits",
        f"/credits/v1/accounts/{accounts.ACCOUNT}/holdings",
    ):
        del office.front.answers[f"GET {path}"]
    del office.front.answers[f"GET /payments/v1/accounts/{accounts.ACCOUNT}/payment-methods"]
    async with office.browser("director", "en") as browser:
        page = await browser.get(PATH)
        purse = await browser.get(f"{PATH}/credits")
    assert (page.status_code, purse.status_code) == (200, 200)
    assert "This family has no credit." in page.text


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
        people = {f"person-1-{name}": text for name, text in (PERSON | {"first_name": "Ada", "kind": "child"}).items()}
        answer = await browser.post("/accounts/new", data=fields(page.text) | PERSON | people | {"language": "fr"})
    assert answer.headers["location"] == PATH
    assert office.front.sent("/contracts/v1/accounts") == [
        {
            "language": "fr",
            "owner": {**SENT, "kind": "adult"},
            "members": [{**SENT, "first_name": "Ada", "kind": "child"}],
        }
    ]


CHANGES: list[tuple[str, dict[str, str], str, dict[str, object]]] = [
    (
        "edit",
        {"language": "en", "tags": "2027", "notes": " "},
        f"PUT {accounts.API}",
        {"language": "en", "tags": ["2027"], "notes": None},
    ),
    ("owner", {"member": contracts.LEA}, f"POST {accounts.API}/owner", {"member": contracts.LEA}),
    ("erasure", {"whom": contracts.LEA, "sure": "yes"}, f"POST {accounts.API}/erasure", {"member": contracts.LEA}),
    ("erasure", {"whom": "everybody", "sure": "yes"}, f"POST {accounts.API}/erasure", {"whole_account": True}),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]}-{change[3]}")
async def test_a_family_is_changed_as_it_was_seen(
    office: Office, change: tuple[str, dict[str, str], str, dict[str, object]]
) -> None:
    page, typed, asked, body = change
    method, _, path = asked.partition(" ")
    office.front.answers[asked] = {"version": 3}
    async with office.browser("secretary", "en") as browser:
        form = await browser.get(f"{PATH}/{page}")
        answer = await browser.post(f"{PATH}/{page}", data=fields(form.text) | typed)
    assert answer.headers["location"] == PATH, answer.text
    assert office.front.sent(path, method) == [body]
    (sent,) = [one for one in office.front.requests if (one.method, one.url.path) == (method, path)]
    assert sent.headers["if-match"] == '"2"'


async def test_nobody_is_erased_by_a_hasty_hand(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        form = await browser.get(f"{PATH}/erasure")
        answer = await browser.post(f"{PATH}/erasure", data=fields(form.text) | {"whom": "everybody"})
    assert answer.status_code == 422
    assert "Tick it: what is erased never comes back." in answer.text
    assert office.front.sent(f"{accounts.API}/erasure") == []


async def test_the_journal_of_a_family_says_what_was_changed(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"{PATH}/journal")
    for text in (
        "The family was created.",
        "Lea Martin was added.",
        "Léa Martin: first name. Of the family: tags.",
        "Léa Martin is the owner now.",
        "A person was erased. Inès Martin is the owner now.",
        "The whole family was erased.",
        "Camille Roux",
    ):
        assert text in page.text


async def test_a_payment_method_is_used_first_or_removed(office: Office) -> None:
    api = f"/payments/v1/accounts/{accounts.ACCOUNT}/payment-methods/{accounts.OTHER}"
    office.front.answers[f"POST {api}/default"] = office.front.answers[f"DELETE {api}"] = {"methods": []}
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"{PATH}/methods")
        for do in ("first", "remove"):
            data = fields(page.text) | {"do": do}
            answer = await browser.post(f"{PATH}/methods/{accounts.OTHER}", data=data)
            assert answer.headers["location"] == f"{PATH}/methods"
    asked = [(one.method, one.url.path) for one in office.front.requests if one.headers.get("if-match") == '"5"']
    assert asked == [("POST", f"{api}/default"), ("DELETE", api)]


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


async def test_pay_16_the_statement_that_is_shown_is_sent_by_mail(office: Office) -> None:
    path = f"/accounts/{NAMES['account']}/statement"
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"{path}?from=2027-09-01&until=2027-12-31")
        done = await browser.post(path, data=fields(page.text))
        assert done.headers["location"] == f"{path}?from=2027-09-01&until=2027-12-31"
    sent = office.front.sent(f"{statements.API}/sendings")
    assert sent == [{"since": "2027-09-01", "until": "2027-12-31"}]
