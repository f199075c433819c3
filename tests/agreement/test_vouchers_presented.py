"""A gift voucher from its sale to its redemption over all services: what previews show is what happens (CRE-9)."""

from collections.abc import Iterator
from typing import Any

import pytest

from carnet.codes import new_code
from tests.agreement.school import COVERED, VOUCHER, Account, School, money
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


def sold(school: School, giver: Account) -> dict[str, Any]:
    """A voucher that somebody bought for their child and paid."""
    addition = {**school.bought(VOUCHER, giver), "recipient": giver.child}
    body = {"account": giver.id, "mode": "on_site", "sale": {"start": "on_site"}, "add": [addition]}
    contract = school.suite.ask("contracts", "POST", "/v1/contracts", body)
    assert contract.ok, contract
    school.suite.settle()
    path = f"/v1/schedules/{contract.body['id']}"
    schedule = school.suite.ask("payments", "GET", path)
    paid = {"amount": money(28_000), "method": "card"}
    assert school.suite.ask("payments", "POST", f"{path}/payments", paid, version=schedule.body["version"]).ok
    school.suite.settle()
    held = school.suite.ask("credits", "GET", f"/v1/accounts/{giver.id}/holdings").body["items"]
    (voucher,) = [each["voucher"] for each in held if each["kind"] == "voucher"]
    found: dict[str, Any] = voucher
    return found


def opening(school: School, account: Account, code: str, product: str = COVERED) -> dict[str, Any]:
    addition = {**school.bought(product, account), "voucher": code}
    return {"account": account.id, "mode": "on_site", "sale": {"start": "on_site"}, "add": [addition]}


def test_cre_9_a_friend_redeems_what_was_given_as_the_preview_showed(school: School) -> None:
    giver, friend = school.accounts
    voucher = sold(school, giver)
    body = opening(school, friend, voucher["code"].lower())
    preview = school.suite.ask("contracts", "POST", "/v1/contracts/preview", body).body
    (shown,) = preview["vouchers"]
    assert (shown["covers"], shown["why"], shown["name"]) == (True, None, COVERED)
    assert (preview["total"]["after"], preview["schedule"]["after"]["balance"]["total"]) == (money(0), money(0))
    assert [each["cause"] for each in preview["asks"]] == ["voucher-redemption"]
    opened = school.suite.ask("contracts", "POST", "/v1/contracts", body, meanwhile=True)
    assert (opened.status, opened.body["total"]) == (201, money(0))
    (line,) = opened.body["lines"]
    assert (line["price"], line["net"], line["voucher"]) == (money(30_000), money(0), voucher["code"][-4:])
    again = school.suite.ask("contracts", "POST", "/v1/contracts/preview", body).body["vouchers"]
    assert [(each["covers"], each["why"]) for each in again] == [(False, "redeemed")]
    refused = school.suite.ask("contracts", "POST", "/v1/contracts", body, meanwhile=True)
    assert (refused.status, refused.slug) == (409, "voucher-redeemed-before")


@pytest.mark.parametrize(("product", "why"), [("workshop", "other-product"), (COVERED, "unknown")])
def test_cre_9_a_preview_says_why_nothing_would_be_covered(school: School, product: str, why: str) -> None:
    giver, friend = school.accounts
    code = sold(school, giver)["code"] if why == "other-product" else new_code()
    preview = school.suite.ask("contracts", "POST", "/v1/contracts/preview", opening(school, friend, code, product))
    assert [(each["covers"], each["why"]) for each in preview.body["vouchers"]] == [(False, why)]
    assert preview.body["vouchers"][0]["detail"]


def test_cre_8_the_mail_goes_to_whom_it_is_given_and_again_while_it_is_not_used(school: School) -> None:
    giver, _ = school.accounts
    voucher = sold(school, giver)
    path = f"/v1/vouchers/{voucher['id']}/sendings"
    assert school.suite.ask("credits", "POST", path, version=voucher["version"]).ok
    school.suite.settle()
    kept = school.suite.services["notifications"].database.documents("mails").values()
    given = [mail["content"] for mail in kept if mail["kind"] == "voucher_given"]
    assert [(each["code"], each["recipient"]) for each in given] == [(voucher["code"], giver.child)] * 2
