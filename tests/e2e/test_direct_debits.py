"""Instalments collected by files that staff hands to the bank, through a running suite (PAY-18)."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from carnet_operations.verify import verify
from carnet_play.story.desk import Json
from carnet_play.story.waiting import eventually
from carnet_suite.supervisor import Suite
from payments.sepa.domain.banking import banking_day_from
from tests.builders import AT_ONCE, Contract, School, school_on

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
    await moved(school, made["id"], "collected", 2)
    paid = [(await school.desk.schedule(each.id)).body["balance"]["paid"]["amount"] for each in contracts]
    assert paid == [0, PRICE, PRICE]
    servers = running.servers
    report = await verify(servers.mongo_url, servers.kafka_bootstrap, running.namespace, wait=30)
    assert report.findings == []
    assert (report.proven["remittances"], report.proven["mandates"]) >= (2, 3)
