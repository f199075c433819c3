"""Mandates over HTTP: signed, shown by their last digits only, ended, lapsed, erased; settings and keys (PAY-18)."""

import asyncio
from datetime import date
from typing import Any

import pytest
from cryptography.fernet import Fernet

from carnet.events.contracts import AtOnce, Instalments
from carnet.ids import new_id
from carnet.journal import ROWS
from payments.collection.collector.run import Collector, Limits
from payments.collections import COLLECTIONS
from payments.sepa.store.mandates import MANDATES
from payments.sepa.store.rotating import sealed_again
from payments.sepa.vault import SealedError, Vault
from tests.integration.payments.collecting_office import ALL, GOING_ON
from tests.integration.payments.conftest import SEPA_KEY, Desk
from tests.integration.payments.debiting import CREDITOR, IBAN, PAPER, built, moved, signed, sold, with_settings
from tests.integration.payments.received_records import Family, Story, clock_at, organisation_record
from tests.providers import PlayedProvider
from tests.refused import problem
from tests.waits import BOUND


@pytest.fixture
async def contract(desk: Desk, family: Family) -> str:
    """A contract in three instalments, the first due today, of a family without a payment method."""
    await desk.payments.handles(family.changed())
    story = Story(family)
    await desk.payments.handles(story.opened(900, Instalments(count=3)))
    await with_settings(desk)
    return story.contract


def of(family: Family) -> str:
    return f"/v1/accounts/{family.account}/mandates"


async def methods(desk: Desk, family: Family) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await desk.get(f"/v1/accounts/{family.account}/payment-methods")).json()["methods"]
    return found


def run_of(desk: Desk) -> Collector:
    return Collector(desk.payments.database, {"sandbox": PlayedProvider()}, Limits(calls=16, seconds=BOUND))


async def test_pay_18_the_settings_show_the_last_digits_and_keep_the_account(desk: Desk) -> None:
    shown = await with_settings(desk)
    assert (shown["creditor"], shown["iban_ending"], shown["lead_days"]) == ("FR72ZZZ123456", "2606", 2)
    later = {"name": "École du Nord", "creditor": "FR72ZZZ123456", "lead_days": 3}
    changed = await desk.put("/v1/sepa-settings", later, version=1)
    assert (changed.json()["name"], changed.json()["iban_ending"]) == ("École du Nord", "2606")
    same = await desk.put("/v1/sepa-settings", {**later, "iban": CREDITOR["iban"]}, version=2)
    assert same.headers["etag"] == '"2"'
    journal = await desk.get("/v1/sepa-settings/journal")
    assert [entry["type"] for entry in journal.json()["items"]] == ["SepaSettingsChanged"] * 2


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"iban": "FR1420041010050500013M02607"}, "iban-invalid"),
        ({"iban": "CH9300762011623852957"}, "iban-not-debited"),
        ({"iban": None}, "iban-missing"),
        ({"creditor": "FR73ZZZ123456"}, "creditor-identifier-invalid"),
    ],
)
async def test_pay_18_settings_that_can_not_be_right(desk: Desk, changes: dict[str, Any], slug: str) -> None:
    problem(await desk.put("/v1/sepa-settings", {**CREDITOR, **changes}, version=0), 422, slug)


async def test_pay_18_a_mandate_on_paper_is_the_payment_method(desk: Desk, family: Family, contract: str) -> None:
    mandate = await signed(desk, family.account, paper={**PAPER, "reference": "DANSE-0042"})
    assert (mandate["reference"], mandate["how"], mandate["place"]) == ("DANSE-0042", "paper", "Lille")
    assert (mandate["iban_ending"], mandate["usable_until"]) == ("0189", "2029-11-02")
    (method,) = await methods(desk, family)
    assert (method["id"], method["provider"], method["label"]) == (mandate["id"], "sepa", "IBAN •••• 0189")
    other = {"holder": "Noé", "iban": IBAN, "paper": {**PAPER, "reference": "DANSE-0042"}}
    problem(await desk.post(of(family), other), 409, "mandate-reference-known")


async def test_pay_18_an_iban_is_nowhere_in_plain_text(desk: Desk, family: Family, contract: str) -> None:
    await signed(desk, family.account)
    await built(desk)
    database = desk.payments.database
    for name in (*(each.name for each in COLLECTIONS), ROWS, "idempotency"):
        for number in (IBAN, str(CREDITOR["iban"])):
            assert number not in str(await database[name].find().to_list(None)), name
    for path in (of(family), f"/v1/accounts/{family.account}/payment-methods", "/v1/sepa-settings", "/v1/remittances"):
        assert IBAN not in (await desk.get(path)).text
    wrong = await desk.post(of(family), {"holder": "Inès", "iban": IBAN[:-1] + "8", "paper": PAPER})
    problem(wrong, 422, "iban-invalid")
    assert IBAN[4:-1] not in wrong.text
    assert await database[ROWS].count_documents({"type": "carnet.payments.MandateSigned.v1"}) == 1


async def test_pay_18_a_mandate_signed_in_a_browser_keeps_its_proof(desk: Desk, family: Family, contract: str) -> None:
    client: dict[str, Any] = {"kind": "client", "account": family.account, "scopes": "payments:read payments:methods"}
    who = {"holder": "Inès Martin", "iban": IBAN}
    text = (await desk.post(f"{of(family)}/text", {**who, "language": "fr"}, **client)).json()["text"]
    assert "FR72ZZZ123456" in text
    assert IBAN not in text
    online = {"text": text, "language": "fr", "signer": "Inès Martin"}
    problem(await desk.post(of(family), {**who, "online": {**online, "text": "I agree."}}), 409, "mandate-text-differs")
    problem(await desk.post(of(family), {**who, "online": online, "paper": PAPER}), 422, "signature-missing")
    problem(await desk.post(of(family), who), 422, "signature-missing")
    answer = await desk.post(of(family), {**who, "online": online}, **client)
    assert answer.status_code == 201, answer.text
    proof = answer.json()["proof"]
    assert (proof["text"], proof["signer"], proof["by"][:7]) == (text, "Inès Martin", "client:")
    other = {**client, "account": new_id()}
    problem(await desk.post(of(family), {**who, "online": online}, **other), 404, "unknown-account")
    problem(await desk.get(of(family), desk.headers(**other)), 404, "unknown-account")


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"iban": "GB82WEST12345698765432"}, (422, "iban-not-debited")),
        ({"paper": {"signed_on": "2026-12-01"}}, (422, "signed-in-future")),
        ({"paper": {"signed_on": "2023-11-01"}}, (409, "mandate-lapsed")),
    ],
)
async def test_pay_18_mandates_that_can_not_be_used(
    desk: Desk, family: Family, contract: str, changes: dict[str, Any], refused: tuple[int, str]
) -> None:
    body = {"holder": "Inès Martin", "iban": IBAN, "paper": PAPER, **changes}
    problem(await desk.post(of(family), body), *refused)
    assert await methods(desk, family) == []


async def test_pay_18_no_mandate_without_settings_nor_in_another_currency(desk: Desk, family: Family) -> None:
    await desk.payments.handles(family.changed())
    body = {"holder": "Inès Martin", "iban": IBAN, "paper": PAPER}
    problem(await desk.post(of(family), body), 409, "sepa-settings-missing")
    problem(await desk.post("/v1/remittances", {}), 409, "sepa-settings-missing")
    await desk.payments.handles(organisation_record(family.organisation, 2, currency="CHF"))
    problem(await desk.post(of(family), body), 409, "sepa-currency")


async def test_pay_18_removing_the_method_ends_the_mandate(desk: Desk, family: Family, contract: str) -> None:
    mandate = await signed(desk, family.account)
    await desk.delete(f"/v1/accounts/{family.account}/payment-methods/{mandate['id']}")
    (ended,) = (await desk.get(of(family))).json()["mandates"]
    assert (ended["ended_why"], ended["ended_on"]) == ("removed", "2026-11-21")
    problem(await desk.post("/v1/remittances", {}), 409, "nothing-to-remit")


async def test_pay_12_a_mandate_wakes_what_waited_and_the_run_leaves_it_to_the_remittance(
    desk: Desk, family: Family, contract: str
) -> None:
    await run_of(desk).round(ALL, GOING_ON)
    assert (await desk.payments.names_published(contract))[-1] == "PaymentMethodMissing"
    await signed(desk, family.account)
    assert not (await desk.payments.schedule(contract)).instalments[0].waits_for_method
    run = run_of(desk)
    assert [await run.round(ALL, GOING_ON) for _ in range(2)] == [0, 0]
    assert (await desk.payments.schedule(contract)).processing == 0
    assert (await built(desk))["debits"] == 1


async def test_pay_18_a_mandate_lapses_after_36_months_without_use(desk: Desk, family: Family, contract: str) -> None:
    """It was used last in a remittance: the months count from there, and the run says that it has lapsed."""
    await signed(desk, family.account, paper={"signed_on": "2023-12-01"})
    first = await built(desk)
    await moved(desk, first["id"], "sent", version=1)
    (used,) = (await desk.get(of(family))).json()["mandates"]
    assert (used["last_used_on"], used["usable_until"]) == ("2026-11-24", "2029-11-24")
    day_before = organisation_record(family.organisation, 2, clock_ahead=clock_at(date(2029, 11, 23)))
    await desk.payments.handles(day_before)
    assert (await moved(desk, first["id"], "collected", version=2)).status_code == 200
    refused = problem(await desk.post("/v1/remittances/preview", {}), 409, "mandates-lapsed")
    assert refused["params"]["lapsed"] == 1, "the first day that the bank can collect on is after its last one"
    other = Family(family.organisation)
    await desk.payments.handles(other.changed())
    await desk.payments.handles(Story(other).opened(200, AtOnce()))
    await signed(desk, other.account, paper={"signed_on": "2029-11-01"})
    seen = (await desk.post("/v1/remittances/preview", {})).json()
    assert (len(seen["debits"]), seen["lapsed"]) == (1, 1)
    for day, left in ((date(2029, 11, 24), 1), (date(2029, 11, 25), 0)):
        record = organisation_record(family.organisation, 3 + (left == 0), clock_ahead=clock_at(day))
        await desk.payments.handles(record)
        await run_of(desk).round(ALL, GOING_ON)
        assert len(await methods(desk, family)) == left
    (lapsed,) = (await desk.get(of(family))).json()["mandates"]
    assert lapsed["ended_why"] == "lapsed"
    assert "PaymentMethodMissing" in await desk.payments.names_published(contract)


async def test_org_4_an_erased_holder_has_no_mandate_left(desk: Desk, family: Family, contract: str) -> None:
    await signed(desk, family.account, holder="inès MARTIN")
    await desk.payments.handles(family.changed(2, erased=[family.child]))
    assert (await desk.get(of(family))).json()["mandates"][0]["holder"] == "inès MARTIN"
    await desk.payments.handles(family.changed(3, erased=[family.child, family.owner]))
    (mandate,) = (await desk.get(of(family))).json()["mandates"]
    assert (mandate["holder"], mandate["proof"], mandate["place"]) == (None, None, None)
    problem(await desk.post("/v1/remittances", {}), 409, "nothing-to-remit")
    await run_of(desk).round(ALL, GOING_ON)
    assert await methods(desk, family) == []


async def test_pay_18_keys_are_changed_while_the_suite_runs(desk: Desk, family: Family, contract: str) -> None:
    await asyncio.gather(*(sold(desk, Family(family.organisation)) for _ in range(2)))
    await built(desk)
    new, database = Fernet.generate_key().decode(), desk.payments.database
    assert await sealed_again(database, Vault(f"{new},{SEPA_KEY}")) == 4
    kept = [MANDATES.read(document) for document in await database[MANDATES.name].find().to_list(None)]
    assert {Vault(new).read(each.id, each.sealed_iban or "") for each in kept} == {IBAN}
    with pytest.raises(SealedError):
        Vault(SEPA_KEY).read(kept[0].id, kept[0].sealed_iban or "")
    with pytest.raises(SealedError):
        Vault(new).read(kept[1].id, kept[0].sealed_iban or "")
    assert await sealed_again(database, Vault(new)) == 4
    with pytest.raises(SealedError):
        await sealed_again(database, Vault(SEPA_KEY))
