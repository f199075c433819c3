"""What each token plays, over HTTP; and that the page which lists them is right."""

import re
from typing import Any

import pytest

from carnet.ids import new_id
from carnet_sandbox.plays import CASES, known
from tests.pages import ROOT
from tests.unit.sandbox.conftest import MERCHANT, Played

REFUSALS = {
    "insufficient_funds": "insufficient_funds",
    "refused": "card_declined",
    "expired": "expired_card",
    "authentication": "authentication_required",
    "account_closed": "account_closed",
    "mandate_revoked": "mandate_revoked",
}


async def test_a_charge_succeeds_and_is_in_the_book(played: Played) -> None:
    key = new_id()
    answer = await played.charged("tok_success", key)
    assert (answer["status"], answer["code"]) == ("succeeded", None)
    assert await played.book() == [
        {
            "seq": 1,
            "kind": "charge",
            "key": key,
            "merchant": MERCHANT,
            "amount": 5000,
            "currency": "EUR",
            "status": "succeeded",
            "code": None,
            "reference": answer["reference"],
            "charge": None,
            "token": "tok_success",
        }
    ]


async def test_the_same_key_and_body_get_the_same_answer_and_another_body_none(played: Played) -> None:
    key = new_id()
    first = await played.charged("tok_success", key)
    assert await played.charged("tok_success", key) == first
    assert await played.found(key) == first
    other = await played.charge("tok_success", key, amount=5001)
    assert other.status_code == 409
    assert len(await played.book()) == 1


@pytest.mark.parametrize("case", ["error_500", "rate_limited"])
async def test_a_key_is_bound_to_its_body_before_anything_is_done(played: Played, case: str) -> None:
    key = new_id()
    assert (await played.charge(f"tok_{case}", key)).status_code >= 429
    assert (await played.charge("tok_success", key)).status_code == 409
    assert await played.found(key) is None


@pytest.mark.parametrize(("case", "code"), REFUSALS.items())
async def test_a_refusal_has_its_code_and_stays_one(played: Played, case: str, code: str) -> None:
    for _ in range(2):
        answer = await played.charged(f"tok_{case}")
        assert (answer["status"], answer["code"]) == ("failed", code)


async def test_a_number_bounds_the_refusals_of_a_token_and_a_label_distinguishes_tokens(played: Played) -> None:
    statuses = [(await played.charged("tok_refused:2/ada"))["status"] for _ in range(3)]
    assert statuses == ["failed", "failed", "succeeded"]
    assert (await played.charged("tok_refused:2/bob"))["status"] == "failed"


async def test_what_is_no_token_is_refused_and_kept_nowhere(played: Played) -> None:
    for token in ("4242424242424242", "tok_of_tomorrow", "tok_success:3", "tok_slow:401", "tok_slow:", "TOK_SUCCESS"):
        answer = await played.charged(token)
        assert (answer["status"], answer["code"]) == ("failed", "unknown_token")
    assert {entry["token"] for entry in await played.book()} == {"unknown"}


@pytest.mark.parametrize(
    ("case", "status", "done"),
    [
        ("timeout_charged", 504, True),
        ("timeout_not_charged", 504, False),
        ("error_500", 500, False),
        ("error_500_charged", 500, True),
        ("rate_limited", 429, False),
    ],
)
async def test_a_wrong_answer_decides_nothing_and_asking_again_ends_well(
    played: Played, case: str, status: int, done: bool
) -> None:
    key, token = new_id(), f"tok_{case}:3"
    for _ in range(3):
        assert (await played.charge(token, key)).status_code == status
        assert (await played.found(key) is not None) is done
    assert (await played.charged(token, key))["status"] == "succeeded"
    assert [entry["status"] for entry in await played.book()] == ["succeeded"]


async def test_a_slow_answer_is_right(played: Played) -> None:
    assert (await played.charged("tok_slow:0"))["status"] == "succeeded"
    known_slow = known("tok_slow")
    assert known_slow is not None
    assert known_slow.charge.seconds == 2


async def test_a_chargeback_takes_back_days_later_what_is_left(played: Played) -> None:
    await played.meet()
    charge = await played.charged("tok_chargeback:4", key := new_id())
    await played.refunded(charge["reference"])
    await played.meet(days=3)
    await played.quiet()
    assert not played.mailbox.taken
    await played.meet(days=1)
    (webhooks,) = await played.webhooks(1)
    assert (webhooks["type"], webhooks["key"], webhooks["amount"]) == ("charge.reversed", key, 3000)
    assert webhooks["reason"] == "chargeback"
    reversal = (await played.book())[-1]
    assert (reversal["kind"], reversal["key"], reversal["amount"]) == ("reversal", key, 3000)
    assert (reversal["reference"], reversal["charge"]) == (webhooks["reversal"], charge["reference"])


async def test_a_charge_that_was_all_refunded_is_not_reversed(played: Played) -> None:
    await played.meet()
    charge = await played.charged("tok_chargeback:1")
    await played.refunded(charge["reference"], amount=5000)
    await played.meet(days=2)
    await played.quiet()
    assert [entry["kind"] for entry in await played.book()] == ["charge", "refund"]
    assert not played.mailbox.taken


# Debits


@pytest.mark.parametrize(("case", "ends"), [("debit_success", "succeeded"), ("debit_bounces", "failed")])
async def test_a_debit_is_under_way_until_its_day_on_the_merchants_clock(played: Played, case: str, ends: str) -> None:
    await played.meet()
    answer = await played.charged(f"tok_{case}:5", key := new_id(), kind="direct_debit")
    assert answer["status"] == "pending"
    await played.meet(days=4)
    await played.quiet()
    assert await played.found(key) == answer
    await played.meet(days=1)
    (webhooks,) = await played.webhooks(1)
    assert (webhooks["type"], webhooks["key"], webhooks["status"]) == ("charge.ended", key, ends)
    assert webhooks["reference"] == answer["reference"]
    assert (await played.found(key) or {})["status"] == ends
    assert (await played.charged(f"tok_{case}:5", key, kind="direct_debit"))["status"] == ends


async def test_days_pass_by_the_real_time_where_no_clock_was_set(played: Played) -> None:
    await played.charged("tok_debit_success:1", key := new_id())
    played.clock.now += 86_401
    await played.quiet()
    assert (await played.found(key) or {})["status"] == "succeeded"


async def test_a_debit_that_is_returned_first_succeeds(played: Played) -> None:
    await played.meet()
    await played.charged("tok_debit_returned:5")
    await played.meet(days=2)
    assert [webhooks["type"] for webhooks in await played.webhooks(1)] == ["charge.ended"]
    await played.meet(days=5)
    returned = (await played.webhooks(2))[-1]
    assert (returned["type"], returned["reason"], returned["amount"]) == ("charge.reversed", "returned_debit", 5000)


async def test_what_was_answered_as_refused_may_turn_out_to_have_succeeded(played: Played) -> None:
    await played.meet()
    assert (await played.charged("tok_late_success", key := new_id()))["status"] == "failed"
    await played.meet(days=1)
    (webhooks,) = await played.webhooks(1)
    assert (webhooks["key"], webhooks["status"], webhooks["code"]) == (key, "succeeded", None)
    assert (await played.book())[0]["status"] == "succeeded"


# Refunds


async def test_no_more_is_refunded_than_was_charged(played: Played) -> None:
    charge = (await played.charged("tok_success"))["reference"]
    key = new_id()
    first = await played.refunded(charge, key, amount=3000)
    assert first["status"] == "succeeded"
    assert await played.refunded(charge, key, amount=3000) == await played.found(key, "refunds") == first
    too_much = await played.refunded(charge, amount=2001)
    assert (too_much["status"], too_much["code"]) == ("failed", "more_than_left")
    assert (await played.refunded(charge, amount=2000))["status"] == "succeeded"
    assert (await played.book())[1]["charge"] == charge


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"merchant": "another"}, "unknown_charge"),
        ({"charge": "ch_none"}, "unknown_charge"),
        ({"currency": "CHF"}, "other_currency"),
    ],
)
async def test_a_refund_of_what_is_not_there_is_refused(played: Played, other: dict[str, Any], code: str) -> None:
    made = (await played.charged("tok_success"))["reference"]
    answer = await played.refunded(**{"charge": made, **other})
    assert (answer["status"], answer["code"]) == ("failed", code)


async def test_what_did_not_succeed_is_not_refunded(played: Played) -> None:
    for token in ("tok_refused", "tok_debit_success"):
        charge = (await played.charged(token))["reference"]
        assert (await played.refunded(charge))["code"] == "charge_not_succeeded"


@pytest.mark.parametrize(("case", "ends"), [("refund_fails", "failed"), ("refund_pending", "succeeded")])
async def test_a_refund_may_be_under_way_for_days(played: Played, case: str, ends: str) -> None:
    await played.meet()
    charge = (await played.charged(f"tok_{case}:3"))["reference"]
    assert (await played.refunded(charge, key := new_id(), amount=5000))["status"] == "pending"
    assert (await played.refunded(charge))["code"] == "more_than_left"
    await played.meet(days=3)
    (webhooks,) = await played.webhooks(1)
    assert (webhooks["type"], webhooks["key"], webhooks["status"]) == ("refund.ended", key, ends)
    again = await played.refunded(charge, amount=5000)
    assert again["code"] == ("more_than_left" if ends == "succeeded" else None)


@pytest.mark.parametrize(
    ("case", "status", "done"),
    [("refund_timeout_made", 504, True), ("refund_timeout_not_made", 504, False), ("refund_error_500", 500, False)],
)
async def test_a_refund_may_be_answered_wrongly(played: Played, case: str, status: int, done: bool) -> None:
    charge = (await played.charged(f"tok_{case}:1"))["reference"]
    key = new_id()
    assert (await played.refund(charge, key)).status_code == status
    assert (await played.found(key, "refunds") is not None) is done
    assert (await played.refunded(charge, key))["status"] == "succeeded"
    assert [entry["kind"] for entry in await played.book()] == ["charge", "refund"]


async def test_a_refund_may_be_refused(played: Played) -> None:
    charge = (await played.charged("tok_refund_refused"))["reference"]
    answer = await played.refunded(charge)
    assert (answer["status"], answer["code"]) == ("failed", "account_closed")


# What is shown


async def test_the_book_is_read_page_by_page(played: Played) -> None:
    for _ in range(5):
        await played.charged("tok_success")
    first = (await played.client.get("/book", params={"limit": 2})).json()
    rest = (await played.client.get("/book", params={"after": first[-1]["seq"], "limit": 1000})).json()
    assert [entry["seq"] for entry in first + rest] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "other",
    [{"amount": 0}, {"amount": 1.5}, {"currency": "eur"}, {"kind": "cheque"}, {"key": "k" * 101}, {"card": "4242"}],
)
async def test_a_body_that_is_wrong_is_refused_and_nothing_is_done(played: Played, other: dict[str, Any]) -> None:
    assert (await played.charge("tok_success", **other)).status_code == 422
    assert await played.book() == []


async def test_it_is_ready_and_lists_its_tokens(played: Played) -> None:
    assert (await played.client.get("/health/ready")).status_code == 200
    assert (await played.client.get("/docs")).status_code == 200
    listed = {each["token"] for each in (await played.client.get("/tokens")).json()}
    assert listed == {f"tok_{name}" for name in CASES}


def test_every_case_has_a_test_here_or_beside() -> None:
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "unit" / "sandbox").glob("test_*.py"))
    assert {name for name in CASES if f'"{name}"' not in tests and f"tok_{name}" not in tests} == set()


def test_the_page_lists_the_tokens_as_they_are() -> None:
    page = (ROOT / "docs" / "integration" / "sandbox.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `tok_(\w+)` \| (.+?) \| (.*?) \|$", page, flags=re.MULTILINE)
    wanted = [
        (name, case.description, f"{case.number[0]} ({case.number[1]})" if case.number else "")
        for name, case in CASES.items()
    ]
    assert rows == wanted
