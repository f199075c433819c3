"""The pages of a contract: what they show of what the APIs answer."""

import httpx
import pytest

from backoffice.contracts import journal, purchases
from backoffice.languages import Language
from carnet.events import contracts, payments
from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import contracts as given

OF_OTHERS = {
    "FamilyImported",
    "PaymentMethodAdded",
    "PaymentMethodPreferred",
    "PaymentMethodRemoved",
    "CollectionCalendarChanged",
    "CollectionAsked",
    "InvoiceReady",
    "StatementSendingRequested",
    "InvoiceSettingsChanged",
    "ReminderCalendarChanged",
    "PaymentsReminded",
    "RemindersStopped",
    "RemindersResumed",
    "RemindersEnded",
    "SepaSettingsChanged",
    "MandateSigned",
    "MandateInvitationRequested",
    "DebitsAnnounced",
    "DebitsCalledOff",
    "MandateEnded",
    "RemittanceBuilt",
    "RemittanceSent",
    "RemittanceTakenBack",
    "RemittanceCollected",
    "RefundFileBuilt",
    "RefundFileSent",
    "RefundFileTakenBack",
    "RefundFileDone",
    "BankFileRead",
    "BankDepositMade",
    "BankDepositUndone",
    "BooksSettingsChanged",
    "PeriodClosed",
}
"""Events of accounts and organisations on the same topic."""

PATH = f"/contracts/{given.CONTRACT}"


async def test_con_10_a_purchase_shows_what_is_left_of_its_session_pack(office: Office) -> None:
    path = f"GET /contracts/v1/accounts/{given.ACCOUNT}/purchases"
    bought = {"contract": given.CONTRACT, "line": given.BALLET, "payment": "paid"}
    for pack, said in (
        ({"sessions": 10, "left": 7, "expires_on": "2028-01-31"}, ("reste 7/10", "31 janv. 2028")),
        ({"sessions": None, "left": None, "expires_on": None}, ("illimité",)),
    ):
        office.front.answers[path] = {"items": [{**bought, "pack": pack}], "next": None}
        async with office.browser("director", "fr") as browser:
            text = (await browser.get(f"{PATH}/purchases")).text
        for words in (*said, f'href="/packs/{given.BALLET}"'):
            assert words in text, words


def test_lines_stand_by_member_then_the_family_then_cancellations() -> None:
    members = {each["id"]: each for each in given.ACCOUNT_VIEW["members"]}
    groups = list(purchases.grouped(given.CONTRACT_VIEW, members))
    assert [(group.member and group.member["first_name"], group.cancelled) for group in groups] == [
        ("Léa", False),
        ("Noé", False),
        (None, False),
        (None, True),
    ]
    assert [line["name"] for line in groups[2].lines] == ["Licence fédérale 2027-2028", "Fratrie 10 %"]


def test_every_discount_is_shown_beside_the_lines_that_it_reduces() -> None:
    off = purchases.reductions(given.CONTRACT_VIEW)
    assert off == {
        given.BALLET: [("Fratrie 10 %", given.euros(3000))],
        given.TAP: [("Fratrie 10 %", given.euros(2400))],
    }


def test_the_journal_has_words_for_every_event_of_a_contract_and_its_schedule() -> None:
    types = {
        kind.__name__
        for events, topic in ((contracts.EVENTS, contracts.CONTRACTS), (payments.EVENTS, payments.SCHEDULES))
        for kind in events
        if kind.topic is topic
    }
    assert types - OF_OTHERS == set(journal.SENTENCES)


def test_an_event_of_a_newer_release_is_recognised() -> None:
    (entry,) = journal.entries([given.entry(9, "SeatOffered")], Language.of("en"), {})
    assert entry.what == "Something that this release has no words for (SeatOffered)"


async def test_a_contract_without_a_schedule_yet_says_so(office: Office) -> None:
    office.front.answers[f"GET /payments/v1/schedules/{given.CONTRACT}"] = lambda _: problem(404, "not-here-yet")
    async with office.browser("secretary", "en") as browser:
        answer = await browser.get(f"{PATH}/purchases")
    assert answer.status_code == 200
    assert "The schedule is being made." in answer.text


async def test_the_purchases_are_there_while_payments_is_away(office: Office) -> None:
    office.front.away.add("payments")
    async with office.browser("secretary", "en") as browser:
        answer = await browser.get(f"{PATH}/purchases")
    assert "Danse classique, niveau 2" in answer.text
    assert "Payments: no answer just now." in answer.text


async def test_an_unknown_contract_is_a_page_that_says_so(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        answer = await browser.get("/contracts/01900000-0000-7000-8000-0000000000ff/purchases")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


async def test_a_mail_is_sent_again_once(office: Office) -> None:
    mail = given.MAILS[0]["id"]
    address = f"/notifications/v1/mails/{mail}"
    office.front.answers[f"GET {address}"] = lambda _: httpx.Response(200, json={}, headers={"ETag": '"7"'})
    office.front.answers[f"POST {address}/send-again"] = {}
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"{PATH}/mails")
        marks = {name: page.text.split(f'name="{name}" value="')[1].split('"')[0] for name in ("_token", "_key")}
        answer = await browser.post(f"{PATH}/mails/{mail}", data=marks)
        assert answer.status_code == 303
        assert "The mail is sent once more." in (await browser.get(f"{PATH}/mails")).text
    sent = [one for one in office.front.requests if one.method == "POST"]
    assert [(one.url.path, one.headers["idempotency-key"], one.headers["if-match"]) for one in sent] == [
        (f"{address}/send-again", marks["_key"], '"7"')
    ]


@pytest.mark.parametrize(
    ("status", "words"),
    [("paid", "paid"), ("partly_paid", "partly paid"), ("covered", "covered by post-dated cheques")],
)
async def test_inv_6_a_purchase_shows_the_status_of_its_invoice(office: Office, status: str, words: str) -> None:
    invoice = {"id": given.BALLET, "number": "FA-2027-000012"}
    lines = [{**line, "invoice": invoice} for line in given.CONTRACT_VIEW["lines"][:1]]
    office.front.answers[f"GET /contracts/v1/contracts/{given.CONTRACT}"] = {**given.CONTRACT_VIEW, "lines": lines}
    shown = {**invoice, "kind": "invoice", "status": status, "credit_notes": []}
    office.front.answers["GET /payments/v1/invoices"] = {"items": [shown], "next": None}
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"/contracts/{given.CONTRACT}/purchases")
        assert f"FA-2027-000012</a>: {words}" in page.text
    office.front.away.add("payments")
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"/contracts/{given.CONTRACT}/purchases")
        assert "FA-2027-000012</a><" in page.text


@pytest.mark.parametrize(
    ("actor", "said"),
    [
        ("user:alix", "alix"),
        ("user:01900000-0000-7000-8000-0000000000ab", "staff …00ab"),
        ("support:claire", "support"),
        ("service:payments", "Carnet"),
    ],
)
def test_a_journal_says_who_as_people_can_read_it(actor: str, said: str) -> None:
    assert journal.who(actor, Language.of("en")) == said
