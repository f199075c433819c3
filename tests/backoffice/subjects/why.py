"""Why this amount?"""

from typing import Any

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects.follow_up import euros

PAGES = [
    Page("why", "/contracts/{contract}/schedule/why"),
    Page("why-refund-line", "/contracts/{contract}/schedule/why?of=refund_line"),
    Page("why-nothing", "/contracts/{paid_contract}/schedule/why"),
]

CHANGE, FIRST = "01900000-0000-7000-8000-0000000000ce", "01900000-0000-7000-8000-000000000021"


def move(cause: str, share: int, after: int, **facts: Any) -> dict[str, Any]:
    named = ("change", "payment", "settlement", "credit", "method", "how", "reason")
    total = facts.pop("total", (30000, 30000))
    moved = facts.pop("moved", None)
    return {
        "sequence": 1,
        "at": "2027-09-01T09:00:00Z",
        "on": "2027-09-01",
        "actor": facts.pop("actor", "user:director"),
        "cause": cause,
        "share": euros(share),
        "after": euros(after),
        "total_before": euros(total[0]),
        "total_after": euros(total[1]),
        "moved": None if moved is None else euros(moved),
        "card": facts.get("card", False),
        **{name: facts.get(name) for name in named},
    }


MOVES = [
    move("opened", 30000, 30000, total=(0, 90000), actor="service:payments"),
    move("paid", -10000, 20000, moved=10000, method="cash"),
    move("contract_changed", 3000, 23000, change=CHANGE, total=(90000, 102000), actor="service:payments"),
    move("collection_started", -23000, 0, moved=23000, method="card", actor="service:payments"),
    move("collection_failed", 23000, 23000, moved=23000, method="card", reason="insufficient_funds"),
]


def amount(place: str, amount: int, moves: list[dict[str, Any]], **facts: Any) -> dict[str, Any]:
    found = {"instalment": None, "due": None, **facts}
    return {"place": place, "amount": euros(amount), "moves": moves, **found}


EXPLANATION = {
    "contract": NAMES["contract"],
    "number": "2027-0042",
    "version": 6,
    "amounts": [
        amount("instalment", 23000, MOVES, instalment=FIRST, due="2027-10-01"),
        amount("unscheduled", 5000, [move("instalment_cancelled", 5000, 5000, actor="support:marc")]),
        amount(
            "refund_line",
            1800,
            [
                move("contract_changed", 3000, 3000, change=CHANGE, total=(90000, 60000)),
                move("settled", -1200, 1800, moved=1200, how="converted"),
            ],
        ),
    ],
}


def entry(type_: str, **data: Any) -> dict[str, Any]:
    return {"id": "e", "sequence": 1, "type": type_, "at": "2027-09-01T09:00:00Z", "actor": "user:director",
            "change": CHANGE, "request": None, "causation": None, "data": data, "personal": None}  # fmt: skip


JOURNAL = [
    entry("ProductAdded", purchase={"name": "Danse jazz"}),
    entry("ProductCancelled", name="Danse classique"),
    entry("ProductEdited", name="Stage"),
    entry("DiscountPlaced", name="Famille"),
    entry("ContractChanged"),
]


def answers(front: FakeFront) -> None:
    contract, paid = NAMES["contract"], NAMES["paid_contract"]
    front.answers[f"GET /payments/v1/schedules/{contract}/explanation"] = EXPLANATION
    front.answers[f"GET /payments/v1/schedules/{paid}/explanation"] = {**EXPLANATION, "contract": paid, "amounts": []}
    for each in (contract, paid):
        front.answers.setdefault(f"GET /contracts/v1/contracts/{each}", {"id": each, "number": "2027-0042"})
        front.answers.setdefault(f"GET /contracts/v1/contracts/{each}/journal", {"items": JOURNAL, "next": None})
