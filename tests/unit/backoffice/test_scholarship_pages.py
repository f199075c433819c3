"""The donor's report as files: what a fund pays for whom, all of it, in the person's language (CRE-11)."""

from io import BytesIO

import httpx
import pytest
from openpyxl import load_workbook

from tests.backoffice.people import Office
from tests.backoffice.subjects import scholarships

REPORT = f"/scholarships/{scholarships.FUND}/report"
USES = f"/credits/v1/scholarship-funds/{scholarships.FUND}/uses"
LATER = scholarships.use("01900000-0000-7000-8000-0000000000a7", 4_050) | {"used_on": "2027-10-01"}


def two_pages(request: httpx.Request) -> httpx.Response:
    """The first use on a page of its own, a later one on the next."""
    last = "cursor" in request.url.params
    page = {"items": [LATER], "next": None} if last else {"items": scholarships.USES[:1], "next": "more"}
    return httpx.Response(200, json=page)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "fr",
            [
                "Jour;Famille;Numéro;Pour;Achat;Genre;Montant;Monnaie",
                "2027-09-10;Inès Martin;2027-0007;Léa Martin;Éveil à la danse;cours;150,00;EUR",
                "2027-10-01;Inès Martin;2027-0007;Léa Martin;Éveil à la danse;cours;40,50;EUR",
            ],
        ),
        (
            "en",
            [
                "Day,Family,Number,For,Purchase,Kind,Amount,Currency",
                "2027-09-10,Inès Martin,2027-0007,Léa Martin,Éveil à la danse,course,150.00,EUR",
                "2027-10-01,Inès Martin,2027-0007,Léa Martin,Éveil à la danse,course,40.50,EUR",
            ],
        ),
    ],
)
async def test_cre_11_the_report_for_the_donor_has_every_use_of_the_period_in_both_languages(
    office: Office, language: str, lines: list[str]
) -> None:
    office.front.answers[f"GET {USES}"] = two_pages
    async with office.browser("director", language) as browser:
        answer = await browser.get(f"{REPORT}.csv", params={"from": "2027-09-01"})
    assert answer.text.removeprefix("\ufeff").splitlines() == lines
    asked = [each.url.params for each in office.front.requests if each.url.path == USES]
    assert {each["from"] for each in asked} == {"2027-09-01"}
    assert [each.get("cursor") for each in asked] == [None, "more"]


async def test_cre_11_the_same_report_is_a_workbook_whose_amounts_are_numbers(office: Office) -> None:
    office.front.answers[f"GET {USES}"] = two_pages
    async with office.browser("director", "en") as browser:
        answer = await browser.get(f"{REPORT}.xlsx")
    sheet = load_workbook(BytesIO(answer.content), data_only=True).active
    assert sheet is not None
    assert sheet.title == "Scholarships paid"
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[6] for row in rows[1:]] == [150, 40.5, 190.5]
    assert [str(row[0])[:10] for row in rows[1:]] == ["2027-09-10", "2027-10-01", "Total"]


async def test_cre_11_a_report_is_never_a_part_of_one(office: Office) -> None:
    office.front.answers[f"GET {USES}"] = lambda _: httpx.Response(503)
    async with office.browser("director", "en") as browser:
        answer = await browser.get(f"{REPORT}.csv")
    assert answer.status_code == 503
    assert "content-disposition" not in answer.headers
