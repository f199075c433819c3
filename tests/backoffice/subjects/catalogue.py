"""The catalogue: products of every kind, their forms, and what archiving does."""

from typing import Any

import httpx

from backoffice.catalogue.kinds import PARTS
from tests.backoffice.front import FakeFront, problem
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects import contracts

ADDRESS = "/catalog/v1/products"
COURSE, FORMAT, FULL, REDUCED = NAMES["product"], *(f"01900000-0000-7000-8000-0000000007b{n}" for n in (1, 2, 3))
KINDS = {
    kind: f"01900000-0000-7000-8000-0000000008{0xC0 + at:x}" for at, kind in enumerate(PARTS, 1) if kind != "course"
}
ARCHIVED = "01900000-0000-7000-8000-0000000008f1"

DETAILS: dict[str, dict[str, Any]] = {
    "course": {
        "capacity": 20,
        "occurrences": [{"on": f"2027-09-{day:02}", "starts": "17:30", "ends": "18:30"} for day in (8, 15, 22)],
    },
    "workshop": {"capacity": None, "occurrences": [{"on": "2027-11-06", "starts": "10:00", "ends": "16:00"}]},
    "licence": {"federation": "Fédération française de danse", "valid_until": "2028-08-31"},
    "membership": {"valid_until": "2028-08-31", "months": None},
    "discount": {"rate": 1000, "amount": None, "kinds": ["course", "workshop"], "products": [COURSE]},
    "client_credit": {"value": contracts.euros(10_000)},
    "item": {"reference": "TUTU-12"},
    "gift_voucher": {"products": [COURSE]},
    "subscription": {
        "unit": "month",
        "every": 3,
        "minimum": 4,
        "cancellation_fee": contracts.euros(2_500),
        "pausable": True,
    },
    "online_plan": {
        "courses": ["solfege-1", "solfege-2"],
        "settings": {
            "lessons": 20,
            "release": {"lessons": 2, "every_days": 7},
            "deadlines": True,
            "exercises": "teacher",
            "checkpoints": False,
            "language": "fr",
        },
        "valid_until": None,
        "months": 12,
    },
    "gift_card": {"minimum": contracts.euros(1_000), "maximum": contracts.euros(50_000)},
    "session_pack": {
        "sessions": 10,
        "valid_until": None,
        "days": None,
        "months": 3,
        "starts": "first_use",
        "usable": "paid",
    },
}
NAMED = {
    "course": "Danse classique",
    "workshop": "Stage de claquettes",
    "licence": "Licence FFD",
    "membership": "Adhésion 2027-2028",
    "discount": "Fratrie 10 %",
    "client_credit": "Crédit de 100 €",
    "item": "Tutu blanc",
    "gift_voucher": "Une année de danse à offrir",
    "subscription": "Accès libre aux studios",
    "online_plan": "Solfège en ligne",
    "gift_card": "Carte cadeau",
    "session_pack": "Carnet de dix cours",
}

PAGES = [
    Page("catalogue", "/catalog", role="director", dark=True),
    Page("catalogue-none", "/catalog?q=zzz"),
    Page("catalogue-new", "/catalog/new", role="director"),
    Page("catalogue-new-workshop", "/catalog/new?kind=workshop", role="director"),
    Page("product", "/catalog/{product}", role="director", dark=True),
    Page("product-draft-for-a-secretary", f"/catalog/{KINDS['workshop']}"),
    Page("product-journal", "/catalog/{product}/journal"),
    Page("product-edit", "/catalog/{product}/edit", role="director", dark=True),
    Page("product-edit-discount", f"/catalog/{KINDS['discount']}/edit", role="director"),
    Page("product-archive", "/catalog/{product}/archive", role="director"),
]
"""One of each form: that every kind is shown in its language is a test of its own (test_catalogue_pages)."""


def product(id_: str, kind: str, status: str = "on_sale", **changes: Any) -> dict[str, Any]:
    """A product as the API shows it."""
    priced = [
        {
            "id": FORMAT,
            "name": "Une heure par semaine",
            "tariffs": [
                {"id": FULL, "name": "Plein", "price": contracts.euros(30_000)},
                {"id": REDUCED, "name": "Réduit", "price": contracts.euros(24_000)},
            ],
        }
    ]
    return {
        "id": id_,
        "name": NAMED.get(kind, kind),
        "description": "",
        "status": status,
        "vat_rate": 550,
        "participant": PARTS[kind].for_one or False,
        "formats": priced if PARTS[kind].formats else [],
        "details": {"kind": kind, **DETAILS.get(kind, {})},
        "version": 3,
        **changes,
    }


def changed(sequence: int, **facts: Any) -> dict[str, Any]:
    """An entry of the journal of the course: amounts are minor units, as in the event."""
    tariffs = [{"id": FULL, "name": "Plein", "price": 30_000}]
    return {
        "id": f"01900000-0000-7000-8000-0000000006b{sequence}",
        "sequence": sequence,
        "type": "ProductChanged",
        "at": f"2027-06-0{sequence}T09:30:00Z",
        "actor": "user:alix",
        "change": COURSE,
        "request": None,
        "causation": None,
        "data": {
            "product": COURSE,
            "name": "Danse classique",
            "description": "",
            "status": "draft",
            "vat_rate": 550,
            "participant": True,
            "formats": [{"id": FORMAT, "name": "Une heure par semaine", "tariffs": tariffs}],
            "details": {"kind": "course", **DETAILS["course"]},
            **facts,
        },
        "personal": None,
    }


DEARER = [{"id": FORMAT, "name": "Une heure par semaine", "tariffs": [{"id": FULL, "name": "Plein", "price": 32_000}]}]
JOURNAL = [
    changed(1),
    changed(2, status="on_sale"),
    changed(3, status="on_sale", formats=DEARER, name="Danse classique 1"),
    changed(4, status="on_sale", formats=DEARER, name="Danse classique 1"),
]


def answers(front: FakeFront) -> None:
    products = [
        product(COURSE, "course", description="Barre et milieu."),
        *(product(id_, kind, "draft" if kind == "workshop" else "on_sale") for kind, id_ in KINDS.items()),
        product(ARCHIVED, "course", "archived", name="Danse classique 2026"),
    ]

    def listed(request: httpx.Request) -> httpx.Response:
        words, kind = request.url.params.get("q", ""), request.url.params.get("kind")
        found = [each for each in products if words.lower() in each["name"].lower()]
        return httpx.Response(
            200, json={"items": [each for each in found if kind in {None, each["details"]["kind"]}], "next": None}
        )

    front.answers[f"GET {ADDRESS}"] = listed
    front.answers[f"GET {ADDRESS}/{COURSE}/journal"] = {"items": JOURNAL, "next": "further"}
    for each in products:
        path = f"{ADDRESS}/{each['id']}"
        front.answers[f"GET {path}"] = lambda _, each=each: httpx.Response(200, json=each, headers={"ETag": '"3"'})
        for method, address in (("PUT", path), ("POST", f"{path}/put-on-sale"), ("POST", f"{path}/archive")):
            front.answers[f"{method} {address}"] = each
    front.answers[f"POST {ADDRESS}"] = lambda _: httpx.Response(201, json=products[0])


def stale() -> httpx.Response:
    """What a change is answered that somebody else's came before."""
    return problem(412, "version-moved", expected=2, current=3)
