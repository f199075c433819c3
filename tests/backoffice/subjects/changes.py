"""Changes of a contract: chosen and previewed."""

from collections.abc import Sequence
from typing import Any

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import Page
from tests.backoffice.subjects import contracts as given

PATH = "/contracts/{contract}/changes"
CONTRACT = given.CONTRACT

STUDIED, BASIC, STUDENTS = (f"01900000-0000-7000-8000-0000000009b{n}" for n in (1, 2, 3))
"""A contract with an online plan that has a discount."""

PAGES = [
    Page("changes-add", f"{PATH}/add"),
    Page("changes-cancel", f"{PATH}/cancel?line={given.BALLET}"),
    Page("changes-edit", f"{PATH}/edit?line={given.TAP}"),
    Page("changes-asked", "/contracts/{contract}/asked/" + given.OFF),
    Page("changes-refused", "/contracts/{contract}/asked/" + given.TAP),
    Page("changes-delete", f"{PATH}/delete?line={given.BALLET}&along={given.OFF}"),
    Page("changes-plan", f"/contracts/{STUDIED}/changes/plan?line={BASIC}"),
    Page("changes-end", "/contracts/{contract}/cancellation", dark=True),
]

euros = given.euros
FORMAT, FULL, REDUCED = (f"01900000-0000-7000-8000-0000000007a{n}" for n in (1, 2, 3))
WORKSHOP, SIBLINGS, CREDIT = (f"01900000-0000-7000-8000-0000000008a{n}" for n in (1, 2, 3))


def product(id_: str, name: str, kind: str, **facts: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "name": name,
        "description": "",
        "status": "on_sale",
        "vat_rate": 0,
        "participant": kind == "workshop",
        "formats": [
            {
                "id": FORMAT,
                "name": "Week-end",
                "tariffs": [
                    {"id": FULL, "name": "Plein", "price": euros(6000)},
                    {"id": REDUCED, "name": "Réduit", "price": euros(4500)},
                ],
            }
        ]
        if kind != "discount"
        else [],
        "details": {"kind": kind, **facts},
        "version": 1,
    }


PLANS = [
    product("01900000-0000-7000-8000-0000000009b4", "Solfège illimité", "online_plan", courses=["solfege-1"]),
    product("01900000-0000-7000-8000-0000000009b5", "Solfège et rythme", "online_plan", courses=["solfege-1", "r-1"]),
]
PRODUCTS = [
    product(WORKSHOP, "Stage de claquettes", "workshop", starts_on="2027-11-06"),
    product(SIBLINGS, "Fratrie 10 %", "discount", rate=1000, amount=None, kinds=["course"], products=[]),
    product(CREDIT, "Crédit de 60 €", "client_credit"),
]


def moment(total: int, planned: Sequence[tuple[str | None, int]], refund: int = 0) -> dict[str, Any]:
    return {
        "balance": {
            "total": euros(total),
            "paid": euros(16200),
            "processing": euros(0),
            "planned": euros(sum(amount for _, amount in planned)),
            "unscheduled": euros(0),
            "refund_due": euros(refund),
        },
        "instalments": [
            {
                "due": due,
                "amount": euros(amount),
                "fixed": (due or "").startswith("2027-12"),
                "held": False,
                "line": None,
                "paused": due is None,
            }
            for due, amount in planned
        ],
    }


BEFORE = moment(48600, [("2027-10-05", 16200), ("2027-11-05", 8100), ("2027-12-05", 8100)])


def preview(after: dict[str, Any], lines_after: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "lines": {"before": given.CONTRACT_VIEW["lines"], "after": lines_after},
        "total": {"before": euros(48600), "after": after["balance"]["total"]},
        "schedule": {"before": BEFORE, "after": after},
        "advice": [],
        "asks": [],
        "vouchers": [],
        "versions": {"contract": 7, "schedule": 4},
        **more,
    }


ADDED = given.line(
    "01900000-0000-7000-8000-0000000001b1", "workshop", "Stage de claquettes", 6000, 6000, participant=given.LEA
)
ADDITION = preview(
    moment(54600, [("2027-10-05", 16200), ("2027-11-05", 11100), ("2027-12-05", 11100)]),
    [*given.CONTRACT_VIEW["lines"], ADDED],
    advice=[{"name": "open-another-contract", "detail": "English.", "rule": "CON-5"}],
)
END = preview(
    moment(0, [], refund=16200),
    [each | {"state": "cancelled", "cancelled_on": "2027-09-20"} for each in given.CONTRACT_VIEW["lines"]],
    asks=given.WAITING["pending"]["requests"],
)


DELETION = preview(
    moment(21600, [("2027-10-05", 2700), ("2027-11-05", 1350), ("2027-12-05", 1350)]),
    [
        each | {"state": "cancelled", "cancelled_on": "2027-09-20", "deleted_on": "2027-09-20"}
        if each["id"] == given.BALLET
        else each | ({"state": "cancelled", "cancelled_on": "2027-09-20"} if each["id"] == given.OFF else {})
        for each in given.CONTRACT_VIEW["lines"]
    ],
)
REFUSAL = {
    "cause": "credit-removal",
    "asked_of": "credits",
    "problem": "credit-used",
    "rule": "CRE-5",
    "detail": "An English sentence.",
    "params": {"amount": 3000, "left": 1200, "currency": "EUR"},
}


STUDIED_VIEW = {
    **given.CONTRACT_VIEW,
    "id": STUDIED,
    "lines": [
        given.line(BASIC, "online_plan", "Solfège en ligne", 9000, 8100, participant=given.LEA),
        given.line(
            STUDENTS, "discount", "Étudiants 10 %", 900, 900,
            amount=euros(-900), shares=[{"line": BASIC, "amount": euros(900)}],
        ),
    ],
}  # fmt: skip


def _given(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        "product": BASIC,
        "first_day": "2027-09-06",
        "last_day": "2028-09-05",
        "settings": {},
        **fields,
    }


def _moved(course: str, what: str, before: Any = None, after: Any = None) -> dict[str, Any]:
    return {"id": BASIC, "member": given.LEA, "course": course, "what": what, "before": before, "after": after}


MORE = _given("Solfège illimité", last_day=None, settings={"lessons": 9})
ACCESSES = [
    _moved("solfege-1", "changed", _given("Solfège en ligne"), MORE),
    _moved("rythme", "revoked", _given("Solfège en ligne")),
    _moved("chant", "granted", after=_given("Solfège illimité")),
]


def asked(change: str, status: str) -> dict[str, Any]:
    return {
        "change": change,
        "contract": CONTRACT,
        "status": status,
        "effective_on": "2027-09-20",
        "version": None,
        "awaited": [],
        "requests": given.WAITING["pending"]["requests"] if status == "pending" else [],
        "refused": None,
        "refusals": [REFUSAL] if status == "refused" else [],
    }


def answers(front: FakeFront) -> None:
    given.answers(front)
    everything = front.answers.get("GET /catalog/v1/products")

    def products(request: httpx.Request) -> httpx.Response:
        if callable(everything) and request.url.params.get("status") != "on_sale":
            return everything(request)
        found = PLANS if request.url.params.get("kind") == "online_plan" else PRODUCTS
        return httpx.Response(200, json={"items": found, "next": "further"})

    front.answers["GET /catalog/v1/products"] = products
    path = f"POST /contracts/v1/contracts/{CONTRACT}"
    front.answers[f"{path}/changes/preview"] = lambda request: httpx.Response(
        200, json=DELETION if b"delete" in request.content else ADDITION
    )
    front.answers[f"{path}/cancellation/preview"] = END
    front.answers[f"{path}/changes"] = lambda _: httpx.Response(200, json=given.CONTRACT_VIEW)
    front.answers[f"{path}/cancellation"] = lambda _: httpx.Response(202, json=asked(given.OFF, "pending"))
    front.answers[f"GET /contracts/v1/contracts/{CONTRACT}/changes/{given.OFF}"] = asked(given.OFF, "pending")
    front.answers[f"GET /contracts/v1/contracts/{CONTRACT}/changes/{given.TAP}"] = asked(given.TAP, "refused")
    front.answers[f"GET /contracts/v1/contracts/{STUDIED}"] = lambda _: httpx.Response(
        200, json=STUDIED_VIEW, headers={"ETag": '"7"'}
    )
    front.answers[f"GET /payments/v1/schedules/{STUDIED}"] = front.answers[f"GET /payments/v1/schedules/{CONTRACT}"]
    front.answers[f"POST /contracts/v1/contracts/{STUDIED}/changes/preview"] = {**ADDITION, "accesses": ACCESSES}
    for each in PRODUCTS:
        front.answers[f"GET /catalog/v1/products/{each['id']}"] = each
