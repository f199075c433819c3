"""Scholarships: a fund with two awards, one used in part, and what the fund pays for whom."""

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects import contracts

ACCOUNT = NAMES["account"]
FUND = "01900000-0000-7000-8000-0000000000a1"
SCHOLARSHIP = "01900000-0000-7000-8000-0000000000a2"
WHOLE = "01900000-0000-7000-8000-0000000000a3"
MEMBER = contracts.LEA

PAGES = [
    Page("scholarships", "/scholarships", role="director"),
    Page("scholarship-fund", f"/scholarships/{FUND}", role="director", dark=True),
    Page("scholarship-fund-new", "/scholarships/new", role="director"),
    Page("scholarship-fund-edit", f"/scholarships/{FUND}/edit", role="director"),
    Page("scholarship-report", f"/scholarships/{FUND}/report?from=2027-09-01", role="director"),
    Page("scholarship-award", "/accounts/{account}/scholarships/new", role="director"),
    Page("scholarship", f"/scholarships/awarded/{SCHOLARSHIP}", role="director"),
]

DETAILS = {
    "kinds": ["course", "workshop"],
    "products": [],
    "first_day": "2027-09-01",
    "last_day": "2028-06-30",
}
FUND_FOUND = {
    "id": FUND,
    "name": "Fonds solidaire de la ville",
    "budget": contracts.euros(500000),
    "awarded": contracts.euros(60000),
    "used": contracts.euros(15000),
    **DETAILS,
    "version": 2,
}


def scholarship(id_: str, member: str | None, amount: int, left: int) -> dict[str, object]:
    return {
        "id": id_,
        "fund": FUND,
        "fund_name": FUND_FOUND["name"],
        "account": ACCOUNT,
        "member": member,
        "amount": contracts.euros(amount),
        "left": contracts.euros(left),
        "awarded_on": "2027-09-06",
        **DETAILS,
        "note": "Décision de la commission de mai",
        "version": 3,
    }


SCHOLARSHIPS = [scholarship(SCHOLARSHIP, MEMBER, 40000, 25000), scholarship(WHOLE, None, 20000, 20000)]


def use(line: str, amount: int) -> dict[str, object]:
    return {
        "line": line,
        "contract": contracts.CONTRACT,
        "scholarship": SCHOLARSHIP,
        "fund": FUND,
        "account": ACCOUNT,
        "member": MEMBER,
        "product": line,
        "name": "Éveil à la danse",
        "kind": "course",
        "amount": contracts.euros(amount),
        "used_on": "2027-09-10",
    }


USES = [use("01900000-0000-7000-8000-0000000000a5", 15000), use("01900000-0000-7000-8000-0000000000a6", 0)]


def answers(front: FakeFront) -> None:
    fund = f"/credits/v1/scholarship-funds/{FUND}"
    front.answers["GET /credits/v1/scholarship-funds"] = {"items": [FUND_FOUND], "next": None}
    front.answers["POST /credits/v1/scholarship-funds"] = FUND_FOUND
    front.answers[f"GET {fund}"] = lambda _: httpx.Response(200, json=FUND_FOUND, headers={"ETag": '"2"'})
    front.answers[f"PUT {fund}"] = FUND_FOUND
    front.answers[f"GET {fund}/scholarships"] = {"items": SCHOLARSHIPS, "next": None}
    front.answers[f"POST {fund}/scholarships"] = SCHOLARSHIPS[0]
    front.answers[f"GET {fund}/uses"] = {"items": USES[:1], "next": None}
    front.answers[f"GET /credits/v1/accounts/{ACCOUNT}/scholarships"] = {"items": SCHOLARSHIPS, "next": None}
    path = f"/credits/v1/scholarships/{SCHOLARSHIP}"
    front.answers[f"GET {path}"] = lambda _: httpx.Response(200, json=SCHOLARSHIPS[0], headers={"ETag": '"3"'})
    front.answers[f"GET {path}/uses"] = {"items": USES, "next": None}
    front.answers[f"POST {path}/adjustments"] = SCHOLARSHIPS[0]
