"""Instalments collected by files that staff hands to the bank, through a running suite (PAY-18)."""

import html
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import date, timedelta

import httpx
import pytest

from carnet_operations.verify import verify
from carnet_play.story.desk import Json, RefusedError
from carnet_play.story.waiting import eventually
from carnet_sandbox.bank import FOREIGN, Entry, statement
from carnet_suite.inbox import Mail, newest, read_inbox
from carnet_suite.supervisor import Suite
from payments.sepa.domain.banking import banking_day_from
from tests.builders import AT_ONCE, Contract, School, school_on
from tests.waits import BOUND

PRICE = 30_000
REMITTANCES = "/payments/v1/remittances"
SETTINGS = {"name": "Pas de Deux", "creditor": "FR72ZZZ123456", "iban": "FR1420041010050500013M02606"}


@pytest.fixture
async def school(running: Suite) -> AsyncIterator[School]:
    async with school_on(running) as opened:
        yield opened


async def debited(school: School) -> Contract:
    """A contract that is due at once, of a family that has signed."""
    contract = await school.contract(await school.family(), sale=AT_ONCE)
    mandate = {"holder": "Inès Petit", "iban": "FR7630006000011234567890189", "paper": {"signed_on": "2026-06-01"}}
    await school.desk.send(f"/payments/v1/accounts/{contract.schedule['account']}/mandates", mandate)
    return contract


async def built(school: School) -> Json:
    made: Json = (await school.desk.send(REMITTANCES, {})).body["remittance"]
    return made


async def moved(school: School, remittance: str, what: str, version: int) -> Json:
    done: Json = (await school.desk.send(f"{REMITTANCES}/{remittance}/{what}", None, version=version)).body
    return done


async def reaches(school: School, day: str) -> None:
    """Move the clock of the school to noon of that day, and wait until payments follows it."""
    profile = await school.desk.read("/catalog/v1/organisation")
    await school.desk.move_clock(f"{day}T12:00:00Z", profile.version or 0)

    async def there() -> bool:
        today: str = (await school.desk.read("/payments/v1/today")).body["today"]
        return today >= day

    await eventually(there, "payments has received the clock")


async def test_pay_18_a_family_signs_by_the_link_in_the_mail_that_staff_sends(school: School, running: Suite) -> None:
    await school.desk.send("/payments/v1/sepa-settings", SETTINGS, method="PUT", version=0)
    before, account = newest(running.inbox), await school.family("Invitee")
    await school.desk.send(f"/payments/v1/accounts/{account.id}/mandate-invitations", {})
    found: list[Mail] = []

    async def delivered() -> bool:
        found[:] = [mail for mail in read_inbox(running.inbox, after=before) if "mandat" in mail.subject]
        return bool(found)

    await eventually(delivered, "the invitation is mailed")
    (link,) = set(re.findall(rf"{running.front}/payments/v1/mandate-links/[\w.-]+", found[0].text or ""))
    async with httpx.AsyncClient(headers={"Accept": "text/html"}) as browser:
        form = {"holder": "Alix Invitée", "iban": "FR7630006000011234567890189"}
        assert "IBAN" in (await browser.get(link)).text
        shown = await browser.post(link, data=form)
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown.text)
        done = await browser.post(link, data={**{name: html.unescape(value) for name, value in hidden}, "signer": "I"})
    assert done.status_code == 200, done.text
    (mandate,) = (await school.desk.read(f"/payments/v1/accounts/{account.id}/mandates")).body["mandates"]
    assert (mandate["how"], mandate["iban_ending"], mandate["proof"]["address"]) == ("online", "0189", "127.0.0.1")


async def test_pay_18_a_mandate_lapses_36_months_after_its_last_debit(school: School, running: Suite) -> None:
    """By the school's clock: a new file refuses it before, its last day passes, and the family is asked for another."""
    await school.desk.send("/payments/v1/sepa-settings", SETTINGS, method="PUT", version=0)
    family = await school.family("Ancienne")
    await school.contract(family, sale=AT_ONCE)
    path = f"/payments/v1/accounts/{family.id}/mandates"
    signed = {"holder": "Alix", "iban": "FR7630006000011234567890189", "paper": {"signed_on": "2026-06-01"}}
    await school.desk.send(path, signed)
    made = await built(school)
    await moved(school, made["id"], "sent", 1)
    used = date.fromisoformat(made["collect_on"])
    await reaches(school, used.isoformat())
    await moved(school, made["id"], "collected", 2)
    (mandate,) = (await school.desk.read(path)).body["mandates"]
    last = date.fromisoformat(mandate["usable_until"])
    assert (mandate["last_used_on"], last) == (used.isoformat(), used.replace(year=used.year + 3))
    await reaches(school, (last - timedelta(days=1)).isoformat())
    await school.contract(family, sale=AT_ONCE)
    with pytest.raises(RefusedError) as refused:
        await school.desk.send(f"{REMITTANCES}/preview", {})
    assert (refused.value.slug, refused.value.problem["params"]["lapsed"]) == ("mandates-lapsed", 1)
    before = newest(running.inbox)
    await school.desk.collect_from(6)
    await reaches(school, (last + timedelta(days=1)).isoformat())

    async def asked() -> bool:
        subjects = [mail.subject for mail in read_inbox(running.inbox, after=before)]
        return any("moyen de paiement" in subject for subject in subjects)

    await eventually(asked, "the family is asked for another payment method")
    (mandate,) = (await school.desk.read(path)).body["mandates"]
    assert (mandate["ended_why"], mandate["ended_on"]) == ("lapsed", (last + timedelta(days=1)).isoformat())


async def test_pay_18_what_the_bank_credits_is_paid_and_everything_agrees(school: School, running: Suite) -> None:
    await school.desk.send("/payments/v1/sepa-settings", SETTINGS, method="PUT", version=0)
    contracts = [await debited(school) for _ in range(3)]
    withdrawn = await built(school)
    assert (withdrawn["debits"], withdrawn["amount"]["amount"]) == (3, 3 * PRICE)
    await moved(school, withdrawn["id"], "taking-back", 1)
    made = await built(school)
    await moved(school, made["id"], "sent", 1)
    debits = (await school.desk.read(f"{REMITTANCES}/{made['id']}/debits")).body["items"]
    refused = next(each["attempt"] for each in debits if each["contract"] == contracts[0].id)
    await school.desk.send(f"{REMITTANCES}/{made['id']}/debits/{refused}/refusal", {"reason": "account_closed"})
    await reaches(school, banking_day_from(date.fromisoformat(made["collect_on"])).isoformat())
    credited = [
        Entry("300.00", True, each["attempt"].replace("-", "")) for each in debits if each["attempt"] != refused
    ]
    content = b64encode(statement(SETTINGS["iban"], date.fromisoformat(made["collect_on"]), [*credited, *FOREIGN]))
    read = await school.desk.send("/payments/v1/bank-files", {"name": "statement.xml", "content": content.decode()})

    async def applied() -> bool:
        report = (await school.desk.read(f"/payments/v1/bank-files/{read.body['id']}")).body
        return bool(report["status"] == "done" and report["outcomes"] == {"paid": 2, "foreign": 3})

    await eventually(applied, "the worker has applied the statement")
    assert (await school.desk.read(f"{REMITTANCES}/{made['id']}")).body["status"] == "collected"
    paid = [(await school.desk.schedule(each.id)).body["balance"]["paid"]["amount"] for each in contracts]
    assert paid == [0, PRICE, PRICE]
    servers = running.servers
    report = await verify(servers.mongo_url, servers.kafka_bootstrap, running.namespace, wait=BOUND)
    assert report.findings == []
    assert (report.proven["remittances"], report.proven["mandates"]) >= (2, 3)
    assert (report.proven["bank files"], report.proven["bank lines"]) >= (1, 2)
