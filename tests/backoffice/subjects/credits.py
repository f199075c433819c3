"""Client credits: of a family, one with its movements, what staff does with it, paying a contract with it."""

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects import changes, contracts, gift_cards, packs, vouchers

CREDIT, ACCOUNT = NAMES["credit"], NAMES["account"]

PAGES = [
    Page("credits", "/credits"),
    Page("credits-found", "/credits?q=Mar"),
    Page("family-credits", "/accounts/{account}/credits"),
    Page("credit", "/credits/{credit}", dark=True),
    Page("credit-new", "/accounts/{account}/credits/new", role="director"),
    Page("credit-deposit", "/accounts/{account}/credits/new?origin=deposit", role="director"),
    Page("credit-adjustment", "/credits/{credit}/adjustment", role="director"),
    Page("credit-reversal", "/credits/{credit}/reversal", role="director"),
    Page("credit-settlement", "/credits/{credit}/settlement", role="director"),
    Page("use-credit", "/contracts/{contract}/use-credit", role="director"),
]


def credit(number: int, origin: str, left: int, **more: object) -> dict[str, object]:
    return {
        "id": f"01900000-0000-7000-8000-0000000000e{number}",
        "account": ACCOUNT,
        "origin": origin,
        "amount": contracts.euros(3000),
        "left": contracts.euros(left),
        "status": "granted",
        "contract": None,
        "line": None,
        "receipt": None,
        "granted_on": "2027-09-06",
        "removed_on": None,
        "uses": [],
        "suspended_since": None,
        "reversed": contracts.euros(0),
        "due": contracts.euros(0),
        "due_note": None,
        **more,
    }


DEPOSIT = credit(
    1,
    "deposit",
    0,
    receipt={"method": "cheque", "received_on": "2027-09-06"},
    uses=[{"contract": contracts.CONTRACT, "amount": contracts.euros(1800)}],
    reversed=contracts.euros(3000),
    due=contracts.euros(1800),
)
CREDITS = [
    DEPOSIT,
    credit(2, "staff", 1200),
    credit(3, "sold", 3000, contract=contracts.CONTRACT, suspended_since="2027-09-10"),
    credit(4, "sold", 0, status="removed", contract=contracts.CONTRACT, removed_on="2027-09-11"),
]


def entry(reason: str, cents: int, **more: object) -> dict[str, object]:
    return {
        "credit": CREDIT,
        "kind": "granted",
        "reason": reason,
        "amount": contracts.euros(cents),
        "on": "2027-09-06",
        "contract": None,
        "request": None,
        "note": None,
        **more,
    }


ENTRIES = [
    entry("deposit", 3000, note="Cheque of the grandmother"),
    entry("pays_contract", -1800, contract=contracts.CONTRACT),
    entry("deposit_reversed", -1200),
]
PREVIEW = {
    "schedule_version": 4,
    "covers": 7,
    "before": changes.BEFORE,
    "after": changes.moment(47400, [("2027-11-05", 15000), ("2027-12-05", 15000)]),
}


def answers(front: FakeFront) -> None:
    held = [{"kind": "credit", "credit": each, "voucher": None} for each in CREDITS]
    held += [{"kind": "voucher", "credit": None, "voucher": each} for each in vouchers.VOUCHERS]
    held += [{"kind": "gift_card", "credit": None, "voucher": None, "gift_card": each} for each in gift_cards.CARDS]
    held += [{"kind": "pack", "credit": None, "voucher": None, "pack": each} for each in packs.PACKS]
    front.answers[f"GET /credits/v1/accounts/{ACCOUNT}/holdings"] = {"items": held, "next": None}
    front.answers[f"GET /credits/v1/accounts/{ACCOUNT}/credits"] = {"items": CREDITS, "next": None}
    front.answers["GET /credits/v1/credits/due"] = {"items": [DEPOSIT], "next": None}
    front.answers[f"GET /credits/v1/credits/{CREDIT}"] = lambda _: httpx.Response(
        200, json={**DEPOSIT, "entries": ENTRIES}, headers={"ETag": '"3"'}
    )
    front.answers[f"POST /credits/v1/accounts/{ACCOUNT}/credits"] = CREDITS[1]
    for act in ("adjustments", "reversal", "due-settlements"):
        front.answers[f"POST /credits/v1/credits/{CREDIT}/{act}"] = DEPOSIT
    path = f"POST /payments/v1/schedules/{contracts.CONTRACT}/credit-uses"
    front.answers[path] = {"use": {}, "schedule": contracts.SCHEDULE}
    front.answers[f"{path}/preview"] = PREVIEW
