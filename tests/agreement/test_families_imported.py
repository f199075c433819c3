"""A family from another system, over all services: they agree to the cent, and no mail goes (IMP-1, IMP-3)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from payments.books.domain.entries import entry_of
from payments.books.domain.plan import Plan
from payments.books.store import is_booked, row_booked
from tests.agreement.quiet import verified
from tests.agreement.school import School, money
from tests.memory.nature import natural
from tests.memory.suite import Suite

PATH = "/v1/imports/families"


@pytest.fixture
def school() -> Iterator[School]:
    with natural() as nature:
        suite = Suite(nature)
        school = School(suite, suite.organisation)
        school.let_in()
        school.open()
        yield school


def person(key: str, first_name: str, kind: str = "adult") -> dict[str, Any]:
    return {"key": key, "kind": kind, "first_name": first_name, "last_name": "Petit"}


def family(today: date, **other: Any) -> dict[str, Any]:
    """Ballet at 300.00 of which 100.00 is paid, an instalment is late and one to come; jazz paid whole; a credit."""
    signed = (today - timedelta(days=60)).isoformat()
    paid = {"method": "cheque", "received_on": (today - timedelta(days=30)).isoformat()}
    ballet = {
        "key": "C-1",
        "mode": "online",
        "signed_on": signed,
        "lines": [{"name": "Danse classique", "price": money(30_000), "vat_rate": 2_000, "participant": "M-2"}],
        "paid": [{**paid, "amount": money(4_000)}, {**paid, "method": "direct_debit", "amount": money(6_000)}],
        "planned": [
            {"due": (today - timedelta(days=3)).isoformat(), "amount": money(5_000)},
            {"due": (today + timedelta(days=20)).isoformat(), "amount": money(10_000)},
        ],
    }
    jazz = {
        "key": "C-2",
        "mode": "on_site",
        "signed_on": signed,
        "lines": [{"name": "Jazz", "price": money(12_000), "vat_rate": 2_000}],
        "paid": [{**paid, "method": "cash", "amount": money(12_000)}],
    }
    return {
        "key": "F-1",
        "language": "fr",
        "owner": "M-1",
        "people": [person("M-2", "Chloé", "child"), person("M-1", "Marie")],
        "contracts": [ballet, jazz],
        "credits": [{"key": "A-1", "amount": money(2_500)}],
        **other,
    }


def imported(school: School, body: dict[str, Any]) -> dict[str, Any]:
    answer = school.suite.ask("contracts", "POST", PATH, body)
    assert answer.ok, answer
    school.suite.settle()
    found: dict[str, Any] = answer.body
    return found


def today_of(school: School) -> date:
    return date.fromisoformat(school.suite.ask("contracts", "GET", "/v1/today").body["today"])


def mails(school: School) -> int:
    return len(school.suite.services["notifications"].database.documents("mails"))


def test_imp_1_a_family_is_imported_whole_and_every_service_agrees(school: School) -> None:
    suite, before = school.suite, mails(school)
    body = family(today_of(school))
    looked = suite.ask("contracts", "POST", f"{PATH}/preview", body).body
    sums = {name: each["amount"] for name, each in looked["totals"].items()}
    assert (looked["standing"], looked["problems"]) == ("new", [])
    assert sums == {"total": 42_000, "paid": 22_000, "planned": 15_000, "unscheduled": 5_000, "credit": 2_500}
    done = imported(school, body)
    ballet, jazz = (suite.ask("payments", "GET", f"/v1/schedules/{each['id']}").body for each in done["contracts"])
    balance = {name: each["amount"] for name, each in ballet["balance"].items()}
    assert balance == {
        "total": 30_000, "paid": 10_000, "processing": 0, "planned": 15_000, "unscheduled": 5_000, "refund_due": 0,
    }  # fmt: skip
    assert [(each["amount"]["amount"], each["on_request"]) for each in ballet["instalments"]] == [
        (5_000, True),
        (10_000, False),
    ]
    assert jazz["balance"]["paid"] == money(12_000)
    (credit,) = suite.ask("credits", "GET", f"/v1/accounts/{done['account']}/credits").body["items"]
    assert (credit["left"], credit["origin"]) == (money(2_500), "imported")
    line = suite.ask("contracts", "GET", f"/v1/contracts/{done['contracts'][0]['id']}").body["lines"][0]
    people = {each["id"]: each["first_name"] for each in account_of(school, done)["members"]}
    assert people[line["participant"]] == "Chloé"
    assert account_of(school, done)["owner"] in people
    report = suite.run(verified(suite))
    assert report.ok, report.findings
    assert mails(school) == before, "an import sends no mail (IMP-3)"


def account_of(school: School, done: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = school.suite.ask("contracts", "GET", f"/v1/accounts/{done['account']}").body
    return found


def test_imp_2_the_same_family_changes_nothing_and_another_one_is_reported(school: School) -> None:
    suite, body = school.suite, family(today_of(school))
    first = imported(school, body)
    rows = len(suite.services["contracts"].journal)
    again = suite.ask("contracts", "POST", PATH, body)
    assert (again.status, again.body["outcome"], again.body["account"]) == (200, "unchanged", first["account"])
    less = {**body, "contracts": body["contracts"][:1], "credits": []}
    assert suite.ask("contracts", "POST", PATH, less).body["outcome"] == "unchanged", "what is left out is no change"
    ballet = {**body["contracts"][0], "paid": []}
    other = {**body, "contracts": [ballet, body["contracts"][1]]}
    refused = suite.ask("contracts", "POST", PATH, other)
    assert (refused.status, refused.slug) == (409, "family-changed-since-import")
    assert refused.body["params"]["places"] == ["contracts[0]"]
    looked = suite.ask("contracts", "POST", f"{PATH}/preview", other).body
    assert (looked["standing"], looked["changed"]) == ("changed", ["contracts[0]"])
    assert len(suite.services["contracts"].journal) == rows


def test_imp_1_nothing_is_imported_of_a_family_with_a_problem(school: School) -> None:
    suite, today = school.suite, today_of(school)
    body = family(today)
    body["contracts"][1]["paid"][0]["amount"] = money(12_001)
    body["contracts"][0]["planned"][1]["amount"] = money(15_001)
    body["contracts"][0]["lines"][0]["participant"] = "M-9"
    body["people"][1]["kind"] = "child"
    rows = len(suite.services["contracts"].journal)
    refused = suite.ask("contracts", "POST", PATH, body)
    assert (refused.status, refused.slug) == (422, "family-not-importable")
    assert [(each["place"], each["problem"]) for each in refused.body["params"]["problems"]] == [
        ("people[1].kind", "owner-is-no-adult"),
        ("contracts[0].lines[0].participant", "unknown-person"),
        ("contracts[0]", "planned-above-rest"),
        ("contracts[1]", "paid-above-total"),
    ]
    assert len(suite.services["contracts"].journal) == rows


def test_imp_3_what_was_paid_elsewhere_is_an_opening_balance_and_never_voided(school: School) -> None:
    suite = school.suite
    done = imported(school, family(today_of(school)))
    contract = done["contracts"][0]["id"]
    paid = suite.ask("payments", "GET", f"/v1/schedules/{contract}/payments").body["items"]
    assert [(each["amount"]["amount"], each["method"], each["imported"]) for each in paid] == [
        (4_000, "cheque", True),
        (6_000, "direct_debit", True),
    ]
    version = suite.ask("payments", "GET", f"/v1/schedules/{contract}").body["version"]
    path = f"/v1/schedules/{contract}/payments/{paid[0]['id']}/voiding"
    refused = suite.ask("payments", "POST", path, {"reason": "wrong"}, version=version)
    assert (refused.status, refused.slug) == (409, "payment-imported")
    rows = [row for row in suite.services["payments"].journal if row["aggregate"] == contract and is_booked(row)]
    (entry,) = [entry_of(row_booked(row), today_of(school), Plan(), None) for row in rows]
    assert entry is not None
    assert [(each.account.number, each.debit, each.credit) for each in entry.postings] == [
        ("411000", 0, 10_000),
        ("890000", 10_000, 0),
    ]


def test_imp_2_once_a_person_is_erased_nothing_is_kept_of_the_rows(school: School) -> None:
    suite = school.suite
    done = imported(school, family(today_of(school)))
    version = account_of(school, done)["version"]
    path = f"/v1/accounts/{done['account']}/erasure"
    assert suite.ask("contracts", "POST", path, {"whole_account": True}, version=version).ok
    (kept,) = suite.services["contracts"].database.documents("imported_families").values()
    assert kept["parts"] == {}


def packs(today: date) -> list[dict[str, Any]]:
    """Four sessions of the child until next month, and any number for the family without an end."""
    until = (today + timedelta(days=30)).isoformat()
    return [
        {"key": "S-1", "name": "10 × Yoga", "sessions": 4, "valid_until": until, "member": "M-2"},
        {"key": "S-2", "name": "Passe annuel"},
    ]


def test_cre_10_what_is_left_of_session_packs_comes_with_the_family_and_is_used_here(school: School) -> None:
    suite, today = school.suite, today_of(school)
    body = family(today, packs=packs(today))
    looked = suite.ask("contracts", "POST", f"{PATH}/preview", body).body
    assert (looked["problems"], looked["sessions"]) == ([], 4)
    before = mails(school)
    done = imported(school, body)
    assert len(done["contracts"]) == 3
    bearer = suite.ask("payments", "GET", f"/v1/schedules/{done['contracts'][2]['id']}").body
    assert bearer["balance"]["total"] == money(0)
    there = suite.ask("credits", "GET", f"/v1/accounts/{done['account']}/session-packs").body["items"]
    of_name = {each["name"]: each for each in there}
    people = {each["id"]: each["first_name"] for each in account_of(school, done)["members"]}
    yoga, passe = of_name["10 × Yoga"], of_name["Passe annuel"]
    assert (yoga["left"], yoga["expires_on"], people[yoga["member"]]) == (4, packs(today)[0]["valid_until"], "Chloé")
    assert (passe["left"], passe["expires_on"], passe["member"]) == (None, None, None)
    path = f"/v1/accounts/{done['account']}/session-uses"
    taken = suite.ask("credits", "POST", path, {"member": yoga["member"], "pack": yoga["id"]})
    assert taken.ok, taken
    assert taken.body["pack"]["left"] == 3
    suite.settle()
    assert suite.ask("contracts", "POST", PATH, body).body["outcome"] == "unchanged"
    more = {**body, "packs": [{**body["packs"][0], "sessions": 5}, body["packs"][1]]}
    refused = suite.ask("contracts", "POST", PATH, more)
    assert (refused.slug, refused.body["params"]["places"]) == ("family-changed-since-import", ["packs[0]"])
    report = suite.run(verified(suite))
    assert report.ok, report.findings
    assert mails(school) == before


def test_imp_1_a_pack_that_has_ended_or_is_for_nobody_is_named(school: School) -> None:
    today = today_of(school)
    ended = (today - timedelta(days=1)).isoformat()
    wrong = [{"key": "S-1", "name": "Yoga", "valid_until": ended}, {"key": "S-1", "name": "Yoga", "member": "M-9"}]
    refused = school.suite.ask("contracts", "POST", PATH, family(today, packs=wrong))
    assert [(each["place"], each["problem"]) for each in refused.body["params"]["problems"]] == [
        ("packs[0].key", "key-twice"),
        ("packs[1].key", "key-twice"),
        ("packs[0].valid_until", "date-out-of-range"),
        ("packs[1].member", "unknown-person"),
    ]
