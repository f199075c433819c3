"""A session pack that was used is cancelled over all services: with a fee for what was taken, never without (CON-8)."""

from collections.abc import Iterator

import pytest

from tests.agreement.school import PACK, PRICES, SESSIONS, School, money
from tests.memory.asking import Answer
from tests.memory.nature import natural
from tests.memory.suite import Suite


@pytest.fixture
def school() -> Iterator[School]:
    with natural() as nature:
        suite = Suite(nature)
        school = School(suite, suite.organisation)
        school.let_in()
        school.open()
        yield school


def cancelled(school: School, contract: str, line: str, fee: int = 0) -> Answer:
    """The line cancelled on the contract as it is, once every service has received it."""
    suite = school.suite
    suite.settle()
    found = suite.ask("contracts", "GET", f"/v1/contracts/{contract}")
    free = [{"name": "An evening", "price": money(fee), "vat_rate": 2_000}] if fee else []
    body = {"cancel": [line], "free": free, "schedule_version": found.body["schedule"]["version"]}
    path = f"/v1/contracts/{contract}/changes"
    return suite.ask("contracts", "POST", path, body, version=found.body["version"], meanwhile=True)


def test_con_8_a_used_pack_goes_with_a_fee_which_is_all_that_is_left_to_pay(school: School) -> None:
    suite, family = school.suite, school.accounts[0]
    sale = {"account": family.id, "mode": "on_site", "sale": {"start": "on_site"}, "add": [school.bought(PACK, family)]}
    opened = suite.ask("contracts", "POST", "/v1/contracts", sale).body
    contract, pack = opened["id"], opened["lines"][0]["id"]
    suite.settle()
    schedule = f"/v1/schedules/{contract}"
    version = suite.ask("payments", "GET", schedule).body["version"]
    paid = {"amount": money(PRICES[PACK]), "method": "card"}
    assert suite.ask("payments", "POST", f"{schedule}/payments", paid, version=version).ok
    suite.settle()
    taken = suite.ask("credits", "POST", f"/v1/accounts/{family.id}/session-uses", {"member": family.child})
    assert taken.body["pack"]["left"] == SESSIONS - 1

    refused = cancelled(school, contract, pack)
    assert (refused.status, refused.slug) == (409, "pack-used")
    assert suite.ask("credits", "GET", f"/v1/session-packs/{pack}").body["left"] == SESSIONS - 1

    assert cancelled(school, contract, pack, fee=1_000).status == 200
    suite.settle()
    left = suite.ask("credits", "GET", f"/v1/session-packs/{pack}").body
    assert (left["standing"], left["left"], left["uses"]) == ("removed", 0, 1)
    balance = suite.ask("payments", "GET", schedule).body["balance"]
    assert (balance["total"], balance["refund_due"]) == (money(1_000), money(PRICES[PACK] - 1_000))
    back = suite.ask("credits", "POST", f"/v1/session-uses/{taken.body['use']['id']}/cancellation")
    assert (back.status, back.slug) == (409, "pack-removed")
