"""Invoices and credit notes: found, one with what it says, issued, cancelled, in bulk, and the settings of all."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects import contracts
from tests.backoffice.subjects.mails import job

INVOICE, NOTE, WAITING, DEPOSIT, FINAL = (f"01900000-0000-7000-8000-0000000001a{n}" for n in (1, 2, 3, 4, 5))
PAID = "01900000-0000-7000-8000-0000000000c7"
JAZZ, SHOES, BALLET = (f"01900000-0000-7000-8000-0000000001b{n}" for n in (1, 2, 3))
JOB, ENDED = (f"01900000-0000-7000-8000-0000000001c{n}" for n in (1, 2))
INVOICES, SETTINGS = "/payments/v1/invoices", "/payments/v1/invoice-settings"

PAGES = [
    Page("invoices", "/invoices", role="director", dark=True),
    Page("invoices-none", "/invoices?q=Zzz"),
    Page("invoices-covered", "/invoices?status=covered"),
    Page("invoice", f"/invoices/{INVOICE}", role="director", dark=True),
    Page("invoice-waits", f"/invoices/{WAITING}"),
    Page("credit-note", f"/invoices/{NOTE}"),
    Page("invoice-match", f"/invoices/{INVOICE}/match", role="director"),
    Page("invoice-match-none", f"/invoices/{WAITING}/match", role="director"),
    Page("invoice-cancel", f"/invoices/{INVOICE}/credit", role="director"),
    Page("invoice-issue", f"/contracts/{PAID}/invoice", role="director"),
    Page("invoice-deposit", f"/invoices/{DEPOSIT}", role="director"),
    Page("invoice-final", f"/invoices/{FINAL}", role="director"),
    Page("deposit-issue", f"/contracts/{PAID}/deposit-invoice", role="director"),
    Page("invoices-of-days", "/invoices?from=2027-09-01&until=demain", role="director"),
    Page("invoice-settings", "/invoices/settings", role="director"),
    Page("invoice-law", "/invoices/settings/law", role="director"),
    Page("invoice-exemption", f"/invoices/exemptions/{NAMES['product']}", role="director"),
    Page("invoices-job", f"/invoices/jobs/{JOB}", role="director"),
    Page("invoices-job-ended", f"/invoices/jobs/{ENDED}", role="director"),
]

EXEMPT = "Exonération de TVA, article 261-7-1° du CGI"


def line(id_: str, name: str, gross: int, **facts: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "name": name,
        "detail": "Une heure par semaine",
        "vat_rate": 2000,
        "exemption": None,
        "gross": contracts.euros(gross),
        "net": contracts.euros(gross * 5 // 6),
        "credited": False,
        **facts,
    }


def document(*lines: dict[str, Any], **facts: Any) -> dict[str, Any]:
    gross = sum(each["gross"]["amount"] for each in lines)
    net = sum(each["net"]["amount"] for each in lines)
    return {
        "lines": list(lines),
        "vat": [],
        "net": contracts.euros(net),
        "tax": contracts.euros(gross - net),
        "gross": contracts.euros(gross),
        "supplied_on": "2027-09-06",
        "supplied_until": "2028-06-30",
        "paid_on": "2027-09-12",
        "reason": None,
        "preceding": None,
        "deducted": [],
        "due": contracts.euros(0),
        **facts,
    }


def invoice(id_: str, number: str, said: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {
        "status": "paid",
        "paid": said["gross"],
        "covered": contracts.euros(0),
        "id": id_,
        "kind": "invoice",
        "number": number,
        "issued_on": "2027-09-14",
        "account": contracts.ACCOUNT,
        "contract": PAID,
        "client": "Inès Martin",
        "total": said["gross"],
        "left": said["gross"],
        "credits": None,
        "credit_notes": [],
        "deposits": [],
        "deducted_by": None,
        "printed": True,
        "job": None,
        "document": said,
        "issued_at": "2027-09-14T08:00:00Z",
        "issued_by": "user:alix",
        **facts,
    }


SAID = document(
    line(JAZZ, "Modern jazz", 30000, credited=True),
    line(SHOES, "Chaussons", 3500, vat_rate=0, exemption=EXEMPT, net=contracts.euros(3500), detail=None),
)
ISSUED = invoice(
    INVOICE, "FA-2027-000041", SAID, left=contracts.euros(3500), credit_notes=[NOTE],
    status="covered", paid=contracts.euros(2500), covered=contracts.euros(1000),
)  # fmt: skip
CREDITED = document(line(JAZZ, "Modern jazz", 30000), reason="Le cours est annulé.", preceding="FA-2027-000041")
CREDIT_NOTE = invoice(NOTE, "AV-2027-000003", CREDITED, kind="credit_note", credits=INVOICE, status=None, paid=None,
                      covered=None)  # fmt: skip
JUST_ISSUED = invoice(
    WAITING, "FA-2027-000042", document(line(JAZZ, "Modern jazz", 30000)), printed=False,
    status="partly_paid", paid=contracts.euros(20000),
)  # fmt: skip
TAKEN = invoice(
    DEPOSIT, "FA-2027-000043", document(line(BALLET, "Acompte", 12000, detail="Danse classique")),
    kind="deposit_invoice", status="deducted", left=contracts.euros(0), paid=contracts.euros(0), deducted_by=FINAL,
)  # fmt: skip
DEDUCTING = invoice(
    FINAL, "FA-2027-000044",
    document(line(BALLET, "Danse classique", 30000), deducted=[
        {"number": "FA-2027-000043", "issued_on": "2027-09-14", "amount": contracts.euros(12000)}
    ]),
    deposits=[DEPOSIT],
)  # fmt: skip
CASH, CHEQUE, MATCH = (f"01900000-0000-7000-8000-0000000001d{n}" for n in (1, 2, 3))


def payment(id_: str, method: str, day: str, available: int) -> dict[str, Any]:
    return {
        "id": id_,
        "method": method,
        "received_on": day,
        "amount": contracts.euros(20000),
        "available": contracts.euros(available),
        "unmatched": contracts.euros(0),
    }


def part(invoice: str, amount: int, **what: str) -> dict[str, Any]:
    return {
        "payment": None,
        "credit": None,
        "match": None,
        "invoice": invoice,
        "amount": contracts.euros(amount),
    } | what


MATCHING = {
    "contract": PAID,
    "invoices": [],
    "payments": [payment(CASH, "cash", "2027-09-04", 20000), payment(CHEQUE, "cheque", "2027-09-12", 2000)],
    "matched": [
        part(INVOICE, 2000, payment=CHEQUE, match=MATCH),
        part(INVOICE, 500, credit=NAMES["credit"]),
        part(WAITING, 20000, payment=CASH),
    ],
    "matches": [
        {"id": MATCH, "payment": CHEQUE, "invoice": INVOICE, "amount": contracts.euros(2500)},
        {"id": JOB, "payment": CHEQUE, "invoice": WAITING, "amount": contracts.euros(1)},
        {"id": ENDED, "payment": CASH, "invoice": WAITING, "amount": contracts.euros(1)},
    ],
}
PREVIEW = document(line(SHOES, "Chaussons", 3500), reason="Rendus.", preceding="FA-2027-000041")

CONTRACT = {
    **contracts.CONTRACT_VIEW,
    "id": PAID,
    "number": "2027-0051",
    "lines": [
        contracts.line(JAZZ, "course", "Modern jazz", 30000, 30000),
        contracts.line(SHOES, "item", "Chaussons", 3500, 3500, invoice={"id": INVOICE, "number": "FA-2027-000041"}),
        contracts.line(
            BALLET, "course", "Danse classique", 30000, 30000, deposits=[{"id": DEPOSIT, "number": "FA-2027-000043"}]
        ),
    ],
}
GIVEN = {
    "seller": {
        "name": "Pas de Deux",
        "legal_form": "Association loi 1901",
        "address": {"lines": ["4 rue du Bal"], "postcode": "59000", "city": "Lille", "country": "FR"},
        "siren": "732829320",
    },
    "exemption": {"code": "VATEX-FR-CGI261-7"},
    "exemptions": [{"kind": "hologram", "exemption": {"code": "VATEX-FR-CGI261-4"}}],
    "product_exemptions": [{"product": SHOES, "exemption": {"code": "VATEX-FR-CGI261-4"}}],
    "mentions": [{"text": {"fr": "Agréée."}}],
    "footer": {"fr": "Merci de votre confiance."},
    "colour": "#1d4ed8",
    "automatic": True,
}
REFUSED = {
    "id": JOB,
    "contract": PAID,
    "lines": [],
    "status": "refused",
    "refusal": {"cause": "invoice-mark", "asked_of": "contracts", "problem": "change-pending", "rule": "INV-4",
                "detail": "An English sentence.", "params": {}},
    "invoices": [],
    "asked_at": "2027-09-20T08:00:00Z",
    "asked_by": "user:alix",
    "answered_at": "2027-09-20T08:00:01Z",
}  # fmt: skip


def answers(front: FakeFront) -> None:
    def listed(request: httpx.Request) -> httpx.Response:
        none = request.url.params.get("name") == "Zzz" or request.url.params.get("kind") == "credit_note"
        if request.url.params.get("status") == "covered":
            return httpx.Response(200, json={"items": [], "next": "older"})
        return httpx.Response(200, json={"items": [] if none else [JUST_ISSUED, CREDIT_NOTE, ISSUED], "next": None})

    front.answers[f"GET {INVOICES}"] = listed
    for each in (ISSUED, CREDIT_NOTE, JUST_ISSUED, TAKEN, DEDUCTING):
        front.answers[f"GET {INVOICES}/{each['id']}"] = each
    front.answers[f"GET {INVOICES}/{INVOICE}/pdf"] = lambda _: httpx.Response(
        200, content=b"%PDF-1.7 41", headers={"content-type": "application/pdf"}
    )
    front.answers[f"POST {INVOICES}/{INVOICE}/credit-notes/preview"] = PREVIEW
    front.answers[f"POST {INVOICES}/{INVOICE}/credit-notes"] = lambda _: httpx.Response(201, json=CREDIT_NOTE)
    front.answers[f"GET /contracts/v1/contracts/{PAID}"] = CONTRACT
    front.answers[f"GET /payments/v1/schedules/{PAID}"] = contracts.SCHEDULE
    paid: list[dict[str, Any]] = [{"contract": PAID, "line": each, "payment": "paid"} for each in (JAZZ, SHOES)]
    partly = {"contract": PAID, "line": BALLET, "payment": "partly_paid", "name": "Danse classique", "format": None}
    amounts = {"net": contracts.euros(30000), "advance": contracts.euros(4500)}
    paid.append(partly | amounts | {"deposits": [{"id": DEPOSIT, "number": "FA-2027-000043"}]})
    known = front.answers[f"GET /contracts/v1/accounts/{contracts.ACCOUNT}/purchases"]
    front.answers[f"GET /contracts/v1/accounts/{contracts.ACCOUNT}/purchases"] = known | {
        "items": [*known["items"], *paid]
    }
    front.answers[f"POST /payments/v1/schedules/{PAID}/invoices"] = lambda _: httpx.Response(
        201, json={"id": JOB, "status": "issued", "invoices": [WAITING]}
    )
    front.answers[f"POST /payments/v1/schedules/{PAID}/deposit-invoices"] = lambda _: httpx.Response(
        201, json={"id": JOB, "status": "issued", "invoices": [DEPOSIT]}
    )
    address = f"/payments/v1/schedules/{PAID}"

    def shown(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=MATCHING, headers={"ETag": '"7"'})

    front.answers[f"GET {address}/matching"] = shown
    front.answers[f"POST {address}/matches"] = lambda _: httpx.Response(201, json=MATCHING)
    front.answers[f"DELETE {address}/matches/{MATCH}"] = shown
    saved = {"given": GIVEN, "logo": None, "automatic_since": "2027-09-01"}
    front.answers[f"GET {SETTINGS}"] = lambda _: httpx.Response(200, json=saved, headers={"ETag": '"4"'})
    front.answers[f"PUT {SETTINGS}"] = saved
    front.answers["GET /payments/v1/jobs"] = {"items": [job(ENDED, "done", 11, 1)], "next": None}
    front.answers[f"POST {INVOICES}/issue-all"] = lambda _: httpx.Response(202, json=job(JOB, "waiting", 0))
    for id_, view, waiting, lines in (
        (JOB, job(JOB, "running", 4), 3, []),
        (ENDED, job(ENDED, "done", 12), 0, [REFUSED]),
    ):
        path = f"/payments/v1/jobs/{id_}"
        front.answers[f"GET {path}"] = view
        outcomes = {"requested": waiting, "issued": view["done"] - waiting - len(lines), "refused": len(lines)}
        front.answers[f"GET {path}/invoices"] = outcomes
        front.answers[f"GET {path}/refused-invoices"] = {"items": lines, "next": None}
        front.answers[f"POST {path}/cancel"] = view
