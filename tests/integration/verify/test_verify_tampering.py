"""Contracts, schedules, journals, marks, mails and accounts tampered with by hand are found: one at a time."""

from collections.abc import Callable

import pytest

from carnet.ids import new_id
from tests.findings import Document, Found, put
from tests.integration.verify.conftest import Played
from tests.integration.verify.tampering import added, removed, replaced


async def test_a_season_as_it_should_be_is_verified(played: Played) -> None:
    report = await played.verified()
    assert report.findings == []
    wanted = {"contracts", "schedules", "payments", "credits", "mails due", "contracts.accounts", "catalog.products",
              "orders to providers", "orders compared with the sandbox's book", "settlements"}  # fmt: skip
    assert {what for what in wanted if report.proven[what] > 1} == wanted
    assert report.proven["mails sent"] == report.proven["mails due"] - 1
    assert report.proven["records on the topics"] == report.proven["journal rows"]


CONTRACT, SCHEDULE = ("contracts", "contracts"), ("payments", "schedules")

ON_CONTRACTS = [
    (CONTRACT, "paid", put("lines.0.purchase.price", 23_900), Found("CON-1", "line", "the price", "24000", "23900")),
    (CONTRACT, "paid", put("lines.0.purchase.price", 23_900), Found("CON-1", "contracts", "the sum", "21600", "21500")),
    (CONTRACT, "paid", put("lines.1.shares.0.amount", "+1"), Found("CON-7", "line", "the shares", "2400", "2401")),
    (CONTRACT, "paid", put("lines.0.state", "cancelled"), Found("CON-6", "line", "the state", "live", "cancelled")),
    (CONTRACT, "paid", put("lines.0.state", "cancelled"), Found("CON-6", "contracts", "bears a discount", "live", "")),
    (CONTRACT, "paid", put("lines.0.purchase.name", "Jass"), Found("CAT-4", "line", "the name", "jazz", "Jass")),
    (CONTRACT, "paid", lambda kept: kept["lines"].pop(), Found("CON-1", "contracts", "the lines, in order", "", "")),
    (CONTRACT, "paid", put("number", "1999-0001"), Found("CON-27", "contracts", "number", "none", "1999")),
    (SCHEDULE, "paid", put("number", "1999-0001"), Found("CON-27", "schedules", "number", "none", "1999")),
    (CONTRACT, "paid", put("mode", "on_site"), Found("CON-1", "contracts", "mode", "online", "on_site")),
    (CONTRACT, "paid", put("version", "+1"), Found("ORG-4", "contracts.journal", "version", "4, its last", "5")),
    (CONTRACT, "paid", put("organisation", new_id()), Found("ORG-1", "contracts.journal", "organisation", "one", "")),
    (CONTRACT, "cancelled", put("cancelled_on", None), Found("CON-22", "contracts", "cancelled_on", "-", "none")),
    (CONTRACT, "paid", lambda kept: kept.pop("lines"), Found("ORG-4", "", "documents", "whole", "KeyError: 'lines'")),
    (SCHEDULE, "instalments", put("instalments.0.amount", "+100"), Found("PAY balance", "schedules", "paid +", "", "")),
    (SCHEDULE, "instalments", put("instalments.0.due", "2031-01-01"), Found("PAY-2", "", "instalments", "", "2031")),
    (SCHEDULE, "paid", put("paid", "+7"), Found("PAY-7", "schedules", "the sum of its payments", "24000", "24007")),
    (SCHEDULE, "paid", put("covers", "-2"), Found("EVT-1", "schedules", "version of the contract covered", "4", "2")),
    (SCHEDULE, "paid", put("live_lines", 1), Found("PAY-8", "schedules", "the live lines", "2", "1")),
    (SCHEDULE, "paid", put("total", "+5"), Found("CON-1", "schedules", "the total", "21600", "21605")),
    (SCHEDULE, "paid", put("mode", "on_site"), Found("PAY-7", "schedules", "mode", "online", "on_site")),
    (SCHEDULE, "instalments", put("collect_on", None), Found("PAY-11", "schedules", "the run finds it", "-", "None")),
    (SCHEDULE, "instalments", put("slot", 999), Found("PAY-11", "schedules", "the run finds it", "-", "999")),
    (("payments", "follow_ups"), "paid", put("number", "1-1"), Found("CON-27", "follow_ups", "number", "none", "1-1")),
    (("payments", "follow_ups"), "paid", put("refund_due", 0), Found("PAY-9", "follow_ups", "figures", "2400", "")),
    (("payments", "follow_ups"), "paid", put("names.owner", "Zoé"), Found("VIEW", "follow_ups", "shows", "", "names")),
    (("payments", "follow_ups"), "paid", put("open", "yes"), Found("VIEW", "follow_ups", "", "", "open")),
    (("contracts", "schedules"), "paid", put("version", "-1"), Found("CON-3", "contracts.schedules", "cover", "", "")),
]  # fmt: skip


@pytest.mark.parametrize(("place", "contract", "change", "found"), ON_CONTRACTS)
async def test_a_document_of_a_contract_is_tampered_with(
    played: Played, place: tuple[str, str], contract: str, change: Callable[[Document], object], found: Found
) -> None:
    contract_id = played.season.contracts[contract]
    async with replaced(played, *place, {"_id": contract_id}, change):
        report = await played.verified()
    assert found.among(report), report.findings
    assert all(contract_id in finding.where for finding in report.findings), "others are not accused"


async def test_something_due_and_something_to_refund_at_once(played: Played) -> None:
    def both(schedule: Document) -> None:
        schedule["unscheduled"] += 500
        schedule["refund_due"] += 500

    contract = played.season.contracts["paid"]
    async with replaced(played, "payments", "schedules", {"_id": contract}, both):
        report = await played.verified()
    assert Found("PAY balance", contract, "one side zero", "or", "due 500 and to refund 2900").among(report)
    assert not Found("PAY balance", contract, "paid + processing", "", "").among(report), "the sum itself still holds"


async def test_a_schedule_or_a_contract_is_removed(played: Played) -> None:
    contract = played.season.contracts["paid"]
    for service, collection in (CONTRACT, SCHEDULE):
        async with removed(played, service, collection, {"_id": contract}):
            report = await played.verified()
        expected = Found("ORG-4", f"{service}.journal {contract}", "the state", "a document", "none")
        assert expected.among(report)


async def test_a_journal_entry_is_removed(played: Played) -> None:
    contract = played.season.contracts["paid"]
    async with removed(played, "contracts", "journal", {"aggregate": contract, "sequence": 3}):
        report = await played.verified()
    assert Found("ORG-4", f"contracts.journal {contract}", "sequences", "each from 1", "missing [3]").among(report)
    assert Found("EVT", f"contracts.contracts {contract}", "no journal has", "none", "sequences [3]").among(report)
    async with removed(played, "payments", "journal", {"aggregate": contract, "type": {"$regex": "Adjusted"}}):
        report = await played.verified()
    assert Found("EVT-1", f"payments.journal {contract}", "the changes answered", "unanswered", "").among(report)


async def test_a_journal_entry_is_rewritten(played: Played) -> None:
    contract = played.season.contracts["paid"]
    entry = {"aggregate": contract, "type": {"$regex": "ContractChanged"}}
    async with replaced(played, "contracts", "journal", entry, put("data.total_after", 21_000)) as id_:
        report = await played.verified()
    assert Found("CON-1", f"contracts.journal {contract}", "the total after 4", "21600", "21000").among(report)
    assert Found("EVT", "contracts.contracts", "sequence 4, ContractChanged", id_, "another").among(report)
    passage = {"aggregate": contract, "type": {"$regex": "ContractPaid"}}
    async with replaced(played, "payments", "journal", passage, put("type", "carnet.payments.ContractReopened.v1")):
        report = await played.verified()
    assert Found("PAY-8", f"payments.journal {contract}", "fully paid", "True", "False").among(report)


async def test_an_entry_is_not_published_or_only_marked_so(played: Played) -> None:
    contract = played.season.contracts["paid"]
    entry = {"aggregate": contract, "sequence": 4}
    async with replaced(played, "contracts", "journal", entry, lambda row: row.update(pending=True)):
        report = await played.verified()
    assert Found("EVT", f"contracts.journal {contract}", "unpublished", "none", "sequences [4]").among(report)
    assert any("not quiet" in note and "1 unpublished" in note for note in report.notes)
    last = await played.world.one("contracts", "journal", entry)
    never_sent = {**last, "_id": new_id(), "sequence": 5}
    async with added(played, "contracts", "journal", never_sent):
        report = await played.verified()
    expected = f"sequence 5, ContractChanged {never_sent['_id']}"
    assert Found("EVT", f"contracts.contracts {contract}", "on its topic", expected, "none").among(report)
    assert Found("EVT", f"payments.marks contracts.contracts:{contract}", "applied", "5", "4").among(report)


@pytest.mark.parametrize("service", ["payments", "credits", "notifications"])
async def test_a_mark_is_moved_removed_or_says_that_records_are_parked(played: Played, service: str) -> None:
    mark = {"_id": f"contracts.contracts:{played.season.contracts['paid']}"}
    where = f"{service}.marks {mark['_id']}"
    async with replaced(played, service, "marks", mark, put("sequence", "-1")):
        assert Found("EVT", where, f"how far {service} has applied", "4", "3").among(await played.verified())
    async with replaced(played, service, "marks", mark, put("sequence", "+1")):
        assert Found("EVT", where, f"how far {service} has applied", "4", "5").among(await played.verified())
    async with removed(played, service, "marks", mark):
        assert Found("EVT", where, f"how far {service} has applied", "4", "0").among(await played.verified())
    async with replaced(played, service, "marks", mark, put("parked", 2)):
        assert Found("EVT", where, "parked records", "0", "2").among(await played.verified())


async def test_a_mark_of_what_was_never_published(played: Played) -> None:
    stray = {"_id": f"payments.schedules:{new_id()}", "sequence": 3, "parked": 0}
    async with added(played, "credits", "marks", stray):
        report = await played.verified()
    assert Found("EVT", f"credits.marks {stray['_id']}", "never published", "none", "3").among(report)


async def test_a_parked_record_is_found(played: Played) -> None:
    parked = {
        "_id": "contracts.contracts:x:1",
        "topic": "contracts.contracts",
        "aggregate": "x",
        "sequence": 1,
        "reason": "the body is not JSON",
    }
    async with added(played, "payments", "parked", parked):
        report = await played.verified()
    assert Found("EVT", "payments.parked", "contracts.contracts x sequence 1", "applied", "not JSON").among(report)


async def test_a_mail_is_removed_doubled_invented_or_has_another_amount(played: Played) -> None:
    contract = played.season.contracts["paid"]
    refund = {"kind": "refund_awaiting", "content.contract": contract}
    where = f"notifications.mails of contract {contract}"
    async with removed(played, "notifications", "mails", refund) as mail:
        report = await played.verified()
    about = f"the mail refund_awaiting about {mail['cause']}"
    assert Found("NOT-3", where, about, "1", "0").among(report)
    async with added(played, "notifications", "mails", {**mail, "_id": new_id()}):
        assert Found("NOT-3", where, about, "1", "2").among(await played.verified())
    invented = {**mail, "_id": new_id(), "cause": new_id()}
    async with added(played, "notifications", "mails", invented):
        report = await played.verified()
    assert Found("NOT-1", where, f"about {invented['cause']}, which is not due", "0", "1").among(report)
    async with replaced(played, "notifications", "mails", refund, put("content.amount", "+1")):
        assert Found("NOT-1", mail["_id"], "the amount", "2400", "2401").among(await played.verified())
    changed = {"kind": "contract_changed", "content.contract": contract}
    async with replaced(played, "notifications", "mails", changed, put("content.balance.paid", 0)) as id_:
        assert Found("EVT-1", id_, "the balance", "24000", "'paid': 0").among(await played.verified())
    async with replaced(played, "notifications", "mails", refund, put("status", "failed")):
        assert Found("NOT-3", mail["_id"], "the status", "sent", "failed").among(await played.verified())


async def test_a_mail_about_a_credit_is_removed_invented_or_has_another_amount(played: Played) -> None:
    contract = played.season.contracts["credit"]
    credit = (await played.world.one("credits", "credits", {"contract": contract}))["_id"]
    granted = {"kind": "credit_granted", "content.credit": credit}
    where = f"notifications.mails of credit {credit}"
    async with removed(played, "notifications", "mails", granted) as mail:
        report = await played.verified()
    assert Found("NOT-3", where, f"the mail credit_granted about {mail['cause']}", "1", "0").among(report)
    assert all(credit in finding.where or mail["_id"] in finding.where for finding in report.findings)
    used = {**mail, "_id": new_id(), "kind": "credit_used", "content": {**mail["content"], "kind": "credit_used"}}
    async with added(played, "notifications", "mails", used):
        report = await played.verified()
    assert Found("NOT-1", where, "the mail credit_used", "0", "1").among(report)
    async with replaced(played, "notifications", "mails", granted, put("content.amount", "+1")):
        assert Found("NOT-1", mail["_id"], "the amount", "5000", "5001").among(await played.verified())
    async with replaced(played, "notifications", "mails", granted, put("content.credit", new_id())):
        report = await played.verified()
    assert Found("NOT-3", where, "the mail credit_granted", "1", "0").among(report)


async def test_what_is_published_as_state_is_tampered_with(played: Played) -> None:
    jazz = played.season.products["jazz"]
    price = put("formats.0.tariffs.0.price", 1)
    async with replaced(played, "catalog", "products", {"_id": jazz}, price):
        assert Found("CAT-4", f"catalog.products {jazz}", "the formats", "24000", "1").among(await played.verified())
    async with replaced(played, "contracts", "products", {"_id": jazz}, price):
        assert Found("EVT", f"contracts.products {jazz}", "the formats", "24000", "1").among(await played.verified())
    school = {"_id": played.world.organisation}
    for service in ("contracts", "payments", "notifications"):
        async with replaced(played, service, "organisations", school, put("currency", "CHF")):
            report = await played.verified()
        assert Found("EVT", f"{service}.organisations", "the currency", "EUR", "CHF").among(report)
    async with replaced(played, "catalog", "organisations", school, put("clock_ahead", 60)):
        assert Found("ORG-5", "catalog.organisations", "clock_ahead", "0", "60").among(await played.verified())


async def test_an_account_is_tampered_with_and_no_name_is_shown(played: Played) -> None:
    martin = {"_id": played.season.accounts["martin"]}
    async with replaced(played, "contracts", "accounts", martin, put("members.0.last_name", "secret")):
        report = await played.verified()
    assert Found("CON-13", martin["_id"], "the last_name", "as its last event says", "another value").among(report)
    assert "secret" not in str(report.findings)
    async with replaced(played, "contracts", "accounts", martin, put("language", "en")):
        assert Found("CON-13", martin["_id"], "the language", "fr", "en").among(await played.verified())
    erased = {"_id": played.season.accounts["moreau"]}
    async with replaced(played, "contracts", "accounts", erased, put("members.0.last_name", "secret")):
        report = await played.verified()
    assert Found("ORG-4", erased["_id"], "personal values of an erased account", "none", "").among(report)
    first = {"aggregate": erased["_id"], "sequence": 1}
    async with replaced(played, "contracts", "journal", first, lambda row: row.update(personal={"notes": "secret"})):
        report = await played.verified()
    assert Found("ORG-4", "contracts.journal", "personal parts", "none", "sequences [1]").among(report)


async def test_the_words_of_a_template_are_taken_away(played: Played) -> None:
    async with replaced(played, "notifications", "templates", {}, put("words", None)) as id_:
        assert Found("NOT-2", id_, "own words", "True", "False").among(await played.verified())


async def test_what_was_discarded_is_noted(played: Played) -> None:
    async with added(played, "credits", "discarded", {"_id": "x", "reason": "agreed"}):
        report = await played.verified()
    assert report.ok
    assert any("credits has discarded 1" in note for note in report.notes)
