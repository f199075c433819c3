"""A request that is right for each route of invoices (INV-1 to INV-5)."""

from base64 import b64encode

from carnet_play.story.desk import Json, money
from tests.bad_input.cases import Right, case, read
from tests.builders import School

PRODUCT = "01900000-0000-7000-8000-0000000005aa"
SETTINGS: Json = {
    "seller": {
        "name": "Pas de Deux",
        "trade_name": "Pas de Deux, Lille",
        "legal_form": "Association loi 1901",
        "address": {"lines": ["4 rue du Bal"], "postcode": "59000", "city": "Lille", "country": "FR"},
        "siren": "732 829 320",
        "siret": "732 829 320 00074",
        "registration": "RNA W595001988",
        "vat_number": "FR44732829320",
        "email": "bonjour@pasdedeux.example",
        "phone": "+33 3 20 00 00 00",
        "website": "pasdedeux.example",
    },
    "exemption": {"code": "VATEX-FR-CGI261-7", "wording": {"en": "Exempt.", "fr": "Exonération."}},
    "exemptions": [{"kind": "item", "exemption": {"code": "VATEX-FR-CGI261-4"}}],
    "product_exemptions": [{"product": PRODUCT, "exemption": {"code": "VATEX-FR-CGI261-4"}}],
    "mentions": [
        {
            "code": "AAB",
            "text": {"fr": "Pas d'escompte."},
            "since": "2026-01-01",
            "until": "2040-12-31",
            "companies": True,
        }
    ],
    "terms": {"fr": "Payable à réception."},
    "footer": {"fr": "Merci."},
    "colour": "#1d4ed8",
    "automatic": False,
    "vat_on_debits": False,
    "invoice_prefix": "FA",
    "credit_note_prefix": "AV",
}
PNG = b64encode(b"\x89PNG\r\n\x1a\n" + bytes(16)).decode()

read("GET /payments/v1/invoices", clients=True)
read("GET /payments/v1/invoice-settings")
read("GET /payments/v1/invoice-settings/journal")
read("GET /payments/v1/jobs")


async def _version(school: School) -> int:
    return (await school.desk.read("/payments/v1/invoice-settings")).version or 0


@case("PUT /payments/v1/invoice-settings", taken=["product"])
async def _(school: School) -> Right:
    version = await _version(school)
    return Right(body={**SETTINGS, "footer": {"fr": f"Merci {version} fois."}}, version=version)


async def _given(school: School) -> int:
    """The version of settings that were given."""
    version = await _version(school)
    if version == 0:
        given = await school.desk.send("/payments/v1/invoice-settings", SETTINGS, version=0, method="PUT")
        version = given.version or 0
    return version


@case("PUT /payments/v1/invoice-settings/logo")
async def _(school: School) -> Right:
    version = await _given(school)
    return Right(body={"image": PNG if version % 2 else None}, version=version)


async def _paid(school: School) -> tuple[str, str]:
    """A contract that is paid, and its line."""
    await _given(school)
    contract = await school.contract(await school.family("Fabre"))
    await school.desk.pay(contract.id, 30_000)
    return contract.id, next(iter(contract.lines.values()))


@case("POST /payments/v1/schedules/{contract}/invoices")
async def _(school: School) -> Right:
    # All that is paid: contracts alone knows the lines, so a foreign one is asked for, and refused by an event.
    contract, _ = await _paid(school)
    buyer = {
        "kind": "company",
        "name": "Fabre et fils",
        "address": SETTINGS["seller"]["address"],
        "siren": "732829320",
        "vat_number": "FR44732829320",
        "order": "PO 12",
    }
    return Right({"contract": contract}, {"lines": [], "buyer": buyer})


@case("POST /payments/v1/schedules/{contract}/deposit-invoices")
async def _(school: School) -> Right:
    await _given(school)
    contract = await school.contract(await school.family("Fabre"))
    await school.desk.pay(contract.id, 12_000)
    return Right({"contract": contract.id}, {"amount": money(12_000), "buyer": {"kind": "family", "name": "Fabre"}})


async def _asked(school: School) -> tuple[str, Json]:
    contract, line = await _paid(school)
    path = f"/payments/v1/schedules/{contract}/invoices"
    return contract, (await school.desk.send(path, {"lines": [line]})).body


@case("GET /payments/v1/schedules/{contract}/invoice-requests/{request}")
async def _(school: School) -> Right:
    contract, request = await _asked(school)
    return Right({"contract": contract, "request": request["id"]})


async def _invoice(school: School) -> Right:
    _, request = await _asked(school)
    return Right({"invoice": request["invoices"][0]})


case("GET /payments/v1/invoices/{invoice}")(_invoice)
case("GET /payments/v1/invoices/{invoice}/pdf")(_invoice)


async def _matching(school: School) -> Right:
    contract, request = await _asked(school)
    paid = await school.desk.read(f"/payments/v1/schedules/{contract}/payments")
    schedule = await school.desk.read(f"/payments/v1/schedules/{contract}")
    body = {"payment": paid.body["items"][0]["id"], "invoice": request["invoices"][0], "amount": money(1_000)}
    return Right({"contract": contract}, body, schedule.version)


@case("GET /payments/v1/schedules/{contract}/matching")
async def _(school: School) -> Right:
    return Right((await _matching(school)).path)


case("POST /payments/v1/schedules/{contract}/matches")(_matching)


@case("DELETE /payments/v1/schedules/{contract}/matches/{match}")
async def _(school: School) -> Right:
    asked = await _matching(school)
    path = f"/payments/v1/schedules/{asked.path['contract']}/matches"
    done = await school.desk.send(path, asked.body, version=asked.version)
    return Right({**asked.path, "match": done.body["matches"][0]["id"]}, None, done.version)


@case("POST /payments/v1/invoices/{invoice}/credit-notes")
async def _(school: School) -> Right:
    return await _to_credit(school)


@case("POST /payments/v1/invoices/{invoice}/credit-notes/preview")
async def _(school: School) -> Right:
    return await _to_credit(school)


async def _to_credit(school: School) -> Right:
    invoice = await _invoice(school)
    shown = await school.desk.read(f"/payments/v1/invoices/{invoice.path['invoice']}")
    line = shown.body["document"]["lines"][0]["id"]
    return Right(invoice.path, {"lines": [line], "reason": "The course is called off."})


@case("POST /payments/v1/invoices/issue-all")
async def _(school: School) -> Right:
    await _given(school)
    return Right()


async def _job(school: School) -> Right:
    await _given(school)
    started = await school.desk.send("/payments/v1/invoices/issue-all", {})
    return Right({"job": started.body["id"]})


for _path in (
    "GET /payments/v1/jobs/{job}",
    "GET /payments/v1/jobs/{job}/report",
    "POST /payments/v1/jobs/{job}/cancel",
):
    case(_path)(_job)
case("GET /payments/v1/jobs/{job}/invoices")(_job)
case("GET /payments/v1/jobs/{job}/refused-invoices")(_job)
