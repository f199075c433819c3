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


@pytest.mark.parametrize("how", ["sale first", "covered first", "whole"])
def test_con_8_its_sale_and_what_it_covers_are_cancelled_in_one_change(school: School, how: str) -> None:
    giver, _ = school.accounts
    voucher = sold(school, giver)
    path = f"/v1/contracts/{voucher['contract']}"
    presented = {"add": [{**school.bought(COVERED, giver), "voucher": voucher["code"]}]}
    covering = changed(school, f"{path}/changes", presented)
    (covered,) = [line["id"] for line in covering["lines"] if line["voucher"]]
    alone = school.suite.ask("contracts", "GET", path)
    refused = school.suite.ask(
        "contracts",
        "POST",
        f"{path}/changes",
        {"schedule_version": schedule_of(school, path), "cancel": [voucher["id"]]},
        version=alone.body["version"],
        meanwhile=True,
    )
    assert (refused.status, refused.slug) == (409, "voucher-redeemed")
    lines = [voucher["id"], covered]
    if how == "whole":
        after = changed(school, f"{path}/cancellation", {})
    else:
        after = changed(school, f"{path}/changes", {"cancel": lines if how == "sale first" else lines[::-1]})
    assert [line["state"] for line in after["lines"]] == ["cancelled", "cancelled"]
    assert after["total"] == money(0)
    school.suite.settle()
    shown = school.suite.ask("credits", "GET", f"/v1/vouchers/{voucher['id']}").body
    assert (shown["standing"], shown["code"], shown["covers"]) == ("removed", None, None)
    checked = school.suite.ask("credits", "POST", "/v1/vouchers/check", {"code": voucher["code"]})
    assert checked.body["why"] == "removed"


def schedule_of(school: School, path: str) -> int:
    school.suite.settle()
    found: int = school.suite.ask("payments", "GET", path.replace("contracts", "schedules")).body["version"]
    return found


def changed(school: School, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The contract once it is changed as ``body`` says."""
    contract = path.rpartition("/")[0]
    whole = {**body, "schedule_version": schedule_of(school, contract)}
    version = school.suite.ask("contracts", "GET", contract).body["version"]
    answer = school.suite.ask("contracts", "POST", path, whole, version=version, meanwhile=True)
    assert answer.ok, answer
    school.suite.settle()
    found: dict[str, Any] = school.suite.ask("contracts", "GET", contract).body
    return found
