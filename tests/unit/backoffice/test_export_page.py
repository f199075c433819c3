"""The page of everything of the school: its download has files that an import reads (IMP-5)."""

import io
import json
import zipfile

import httpx

from carnet.importing.families import read_families
from carnet.importing.tables import read_tables
from tests.backoffice.people import Office

ORGANISATION = "01900000-0000-7000-8000-000000000001"
ACCOUNT, OWNER, CONTRACT, LINE = (f"01900000-0000-7000-8000-0000000000a{n}" for n in range(4))
KEPT = {"organisation": ORGANISATION, "version": 1}
PERSON = {
    "id": OWNER,
    "kind": "adult",
    "first_name": "=Marie",
    "last_name": "Petit",
    "email": None,
    "phone": "+33612345678",
    "birth_date": None,
    "tags": ["gala"],
    "notes": None,
    "erased": False,
}
SERVICES = {
    "catalog": [{"collection": "products", **KEPT, "id": LINE, "name": "Jazz"}],
    "contracts": [
        {
            "collection": "accounts",
            **KEPT,
            "id": ACCOUNT,
            "number": "2026-0001",
            "owner": OWNER,
            "language": "fr",
            "members": [PERSON],
            "tags": [],
            "notes": "Le soir",
            "erased": False,
        },
        {
            "collection": "contracts",
            **KEPT,
            "id": CONTRACT,
            "number": "2026-0007",
            "account": ACCOUNT,
            "mode": "on_site",
            "currency": "EUR",
            "opened_on": "2026-09-01",
            "subscription": None,
            "lines": [
                {
                    "state": "live",
                    "shares": [],
                    "aid": None,
                    "purchase": {
                        "line": LINE,
                        "kind": "item",
                        "name": "Jazz",
                        "participant": OWNER,
                        "price": 30_050,
                        "vat_rate": 550,
                        "voucher": None,
                        "expires_on": None,
                    },
                }
            ],
        },
    ],
    "payments": [
        {
            "collection": "schedules",
            **KEPT,
            "id": CONTRACT,
            "account": ACCOUNT,
            "total": 30_050,
            "paid": 10_000,
            "instalments": [
                {"due": "2026-08-31", "amount": 5_000, "method": None, "cheque": None},
                {"due": "2099-01-05", "amount": 15_000, "method": None, "cheque": None},
            ],
        }
    ],
    "credits": [],
    "notifications": [],
}


async def test_imp_5_the_download_has_all_that_services_keep_and_what_an_import_reads(office: Office) -> None:
    for service, documents in SERVICES.items():
        content = "".join(json.dumps(each) + "\n" for each in documents).encode()
        office.front.answers[f"GET /{service}/v1/export.jsonl"] = lambda _, content=content: httpx.Response(
            200, content=content
        )
    async with office.browser("director", "fr") as browser:
        assert "Tout télécharger" in (await browser.get("/export")).text
        answer = await browser.get("/export/archive.zip")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        tables = [
            table
            for name in archive.namelist()
            if name.startswith("import/")
            for table in read_tables(name, archive.read(name))
        ]
        assert json.loads(archive.read("données/catalog/products.jsonl"))["name"] == "Jazz"
        assert "IBAN" in archive.read("LISEZMOI.txt").decode()
    reading = read_families(tables, "EUR")
    (given,) = reading.families.values()
    assert (reading.problems, given.problems) == ([], [])
    assert given.body["people"] == [
        {
            "key": OWNER,
            "kind": "adult",
            "first_name": "=Marie",
            "last_name": "Petit",
            "phone": "+33612345678",
            "tags": ["gala"],
        }
    ]
    (contract,) = given.body["contracts"]
    euros = {"currency": "EUR"}
    assert contract == {
        "key": "2026-0007",
        "mode": "on_site",
        "signed_on": "2026-09-01",
        "lines": [{"name": "Jazz", "price": {"amount": 30_050, **euros}, "vat_rate": 550, "participant": OWNER}],
        "paid": [{"amount": {"amount": 10_000, **euros}, "method": "transfer", "received_on": "2026-09-01"}],
        "planned": [
            {"due": "2026-09-01", "amount": {"amount": 5_000, **euros}},
            {"due": "2099-01-05", "amount": {"amount": 15_000, **euros}},
        ],
    }


async def test_imp_5_an_export_of_which_a_service_is_away_is_an_error_and_no_broken_file(office: Office) -> None:
    async with office.browser("director", "fr") as browser:
        answer = await browser.get("/export/archive.zip")
    assert answer.status_code >= 400
    assert "zip" not in answer.headers["content-type"]


async def test_imp_5_who_may_not_take_everything_along_has_no_such_page(office: Office) -> None:
    async with office.browser("cashier", "fr") as browser:
        assert (await browser.get("/export")).status_code == 403
