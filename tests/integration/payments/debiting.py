"""A school that collects by SEPA direct debit, and the families that have signed."""

from typing import Any

from carnet.events.contracts import Instalments
from tests.integration.payments.conftest import Desk
from tests.integration.payments.received_records import Family, Story

IBAN = "FR7630006000011234567890189"
CREDITOR = {"name": "École de danse du Nord", "creditor": "FR72ZZZ123456", "iban": "FR1420041010050500013M02606"}
PAPER = {"signed_on": "2026-11-02", "place": "Lille", "reference": None}


async def with_settings(desk: Desk, **changes: Any) -> dict[str, Any]:
    answer = await desk.put("/v1/sepa-settings", {**CREDITOR, **changes}, version=0)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def signed(desk: Desk, account: str, **changes: Any) -> dict[str, Any]:
    body = {"holder": "Inès Martin", "iban": IBAN, "paper": PAPER, **changes}
    answer = await desk.post(f"/v1/accounts/{account}/mandates", body)
    assert answer.status_code == 201, answer.text
    mandate: dict[str, Any] = answer.json()
    return mandate


async def sold(desk: Desk, family: Family, amount: int = 900, **sale: Any) -> str:
    """A contract in three monthly instalments, the first due today, and its mandate."""
    await desk.payments.handles(family.changed())
    story = Story(family)
    await desk.payments.handles(story.opened(amount, Instalments(count=3, **sale)))
    await signed(desk, family.account)
    return story.contract


async def built(desk: Desk, collect_on: str | None = None) -> dict[str, Any]:
    answer = await desk.post("/v1/remittances", {"collect_on": collect_on})
    assert answer.status_code == 201, answer.text
    remittance: dict[str, Any] = answer.json()["remittance"]
    return remittance


async def moved(desk: Desk, remittance: str, what: str, *, version: int) -> Any:
    return await desk.post(f"/v1/remittances/{remittance}/{what}", None, version=version)
