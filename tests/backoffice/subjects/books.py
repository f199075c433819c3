"""The books: the sums of a period, its export, what is closed, the accounts."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import Page
from tests.backoffice.subjects.contracts import euros

BOOKS = "/payments/v1/books"

PAGES = [
    Page("books", "/books", role="director", dark=True),
    Page("books-nothing", "/books?until=2020-01-31", role="director"),
    Page("books-wrong-day", "/books?until=demain"),
    Page("books-accounts", "/books/settings", role="director"),
]

NAMES = {
    "clients": ("411000", "Clients"),
    "cash": ("530000", "Caisse"),
    "cheque": ("511200", "Chèques à encaisser"),
    "transfer": ("512000", "Banque"),
    "card": ("511500", "Cartes bancaires à encaisser"),
    "direct_debit": ("512000", "Banque"),
    "bank": ("512000", "Banque"),
    "credits": ("419100", "Clients, avances et acomptes reçus"),
    "deposits": ("419100", "Clients, avances et acomptes reçus"),
    "sales": ("706000", "Prestations de services"),
    "vat": ("445710", "TVA collectée"),
    "allowances": ("658000", "Charges diverses de gestion courante"),
    "gains": ("758000", "Produits divers de gestion courante"),
    "losses": ("416000", "Clients douteux ou litigieux"),
    "opening": ("890000", "Bilan d'ouverture"),
}


def account(number: str, name: str) -> dict[str, str]:
    return {"number": number, "name": name}


CLOSING = {"until": "2027-08-31", "at": "2027-09-04T08:00:00Z", "on": "2027-09-04", "by": "user:director"}
SAVED: dict[str, Any] = {
    "accounts": {role: account(*named) for role, named in NAMES.items()},
    "sales": [
        {"kind": "item", "account": account("707000", "Ventes de marchandises")},
        {"kind": "hologram", "account": account("706900", "Hologrammes")},
    ],
    "vat": [{"rate": 850, "account": account("445718", "TVA 8,5 %")}],
    "closed_until": "2027-08-31",
    "closings": [CLOSING, {**CLOSING, "until": "2027-07-31", "on": "2027-08-02"}],
}
MOVED = [
    ("clients", 4_812_50, 4_012_50),
    ("credits", 50_00, 120_00),
    ("vat", 0, 802_08),
    ("cheque", 1_310_00, 0),
    ("transfer", 2_702_50, 0),
    ("sales", 0, 3_940_42),
]


def balance(request: httpx.Request) -> httpx.Response:
    nothing = request.url.params.get("until") == "2020-01-31"
    items = [
        {"account": account(*NAMES[role]), "debit": euros(debit), "credit": euros(credit)}
        for role, debit, credit in MOVED
    ]
    total = euros(0 if nothing else 8_875_00)
    body = {
        "since": "2020-01-01" if nothing else "2027-10-01",
        "until": "2020-01-31" if nothing else "2027-10-12",
        "entries": 0 if nothing else 63,
        "debit": total,
        "credit": total,
        "items": [] if nothing else items,
    }
    return httpx.Response(200, json=body)


def answers(front: FakeFront) -> None:
    def saved(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=SAVED, headers={"ETag": '"5"'})

    front.answers[f"GET {BOOKS}"] = saved
    front.answers[f"PUT {BOOKS}"] = saved
    front.answers[f"POST {BOOKS}/closings"] = lambda _: httpx.Response(201, json=SAVED, headers={"ETag": '"6"'})
    front.answers[f"GET {BOOKS}/balance"] = balance
    front.answers[f"GET {BOOKS}/entries.csv"] = lambda _: httpx.Response(200, content="\ufeffdébit\r\n80,00\r\n")
    fec = "JournalCode\tDébit".encode("latin-1")
    front.answers[f"GET {BOOKS}/fec.txt"] = lambda _: httpx.Response(200, content=fec)
