"""The catalogue in pages: written, put on sale, archived; what was typed stays, and a conflict is explained."""

import re
from html import unescape
from typing import Any

import httpx
import pytest

from backoffice.catalogue import formats, writing
from backoffice.catalogue.kinds import PARTS, Known
from backoffice.catalogue.kinds.occurrences import every_week, read_line
from backoffice.languages import Language
from backoffice.web import Form
from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import catalogue as given
from tests.backoffice.subjects import contracts
from tests.unit.backoffice.test_backoffice_pages import ENGLISH, Visible
from tests.unit.backoffice.test_contract_changes import fields

FR = Language.of("fr")
EDIT = f"/catalog/{given.COURSE}/edit"
API = f"{given.ADDRESS}/{given.COURSE}"


def typed(page: str) -> dict[str, str | list[str]]:
    """What a browser would send of a form as it is: its inputs, texts, and what is ticked."""
    found: dict[str, str | list[str]] = dict(fields(page))
    for tag in re.findall(r"<input (?!type=.hidden)[^>]*>", page):
        name = re.search(r' name="([^"]+)"', tag)
        value = re.search(r' value="([^"]*)"', tag)
        chosen = not re.search(r'type="(checkbox|radio)"', tag) or " checked" in tag
        if name and value and chosen and name[1] != "q":
            before = found.get(name[1])
            text = unescape(value[1])
            found[name[1]] = text if before is None else [*([before] if isinstance(before, str) else before), text]
    for name, text in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', page):
        found[name] = unescape(text)
    for name, choices in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        if selected := re.search(r'value="([^"]*)" selected', choices):
            found[name] = unescape(selected[1])
    return found


def seen(office: Office, method: str = "PUT") -> str | None:
    """The version (If-Match) that the last request of a method named."""
    sent = [request for request in office.front.requests if request.method == method]
    version: str | None = sent[-1].headers.get("if-match")
    return version


def put(office: Office, path: str = API) -> list[dict[str, Any]]:
    """The bodies that were saved."""
    return office.front.sent(path, "PUT")


@pytest.mark.parametrize("kind", PARTS)
async def test_a_product_of_every_kind_is_saved_as_it_is_shown_in_its_form(office: Office, kind: str) -> None:
    id_ = given.COURSE if kind == "course" else given.KINDS[kind]
    before = given.product(id_, kind, description="Barre et milieu." if kind == "course" else "")
    async with office.browser("director", "fr") as browser:
        page = await browser.get(f"/catalog/{id_}/edit")
        answer = await browser.post(f"/catalog/{id_}/edit", data=typed(page.text) | {"do": "save"})
    assert answer.headers["location"] == f"/catalog/{id_}", answer.text
    (saved,) = put(office, f"{given.ADDRESS}/{id_}")
    assert saved == {name: value for name, value in before.items() if name not in {"id", "status", "version"}}
    sent = next(request for request in office.front.requests if request.method == "PUT")
    assert sent.headers["if-match"] == '"3"'
    assert sent.headers["idempotency-key"]


@pytest.mark.parametrize("kind", PARTS)
async def test_every_kind_has_its_pages_in_french(office: Office, kind: str) -> None:
    id_ = given.COURSE if kind == "course" else given.KINDS[kind]
    async with office.browser("director", "fr") as browser:
        for address in (f"/catalog/{id_}", f"/catalog/{id_}/edit", f"/catalog/new?kind={kind}"):
            page = await browser.get(address)
            assert page.status_code == 200
            assert not ENGLISH & set(Visible(page.text).texts)


async def test_a_new_product_is_a_draft_with_prices_as_the_school_writes_them(office: Office) -> None:
    async with office.browser("director", "fr") as browser:
        page = await browser.get("/catalog/new?kind=item")
        wrong = typed(page.text) | {"name": "Tutu", "vat_rate": "20", "formats.0.tariffs.0.price": "cher", "do": "save"}
        refused = await browser.post("/catalog/new?kind=item", data=wrong)
        assert refused.status_code == 422
        assert 'id="error-formats.0.tariffs.0.price"' in refused.text
        assert 'value="cher"' in refused.text
        right = typed(refused.text) | {"formats.0.tariffs.0.price": "240,00", "do": "save"}
        answers = [await browser.post("/catalog/new?kind=item", data=right) for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == [f"/catalog/{given.COURSE}"] * 2
    body, again = office.front.sent(given.ADDRESS)
    assert body == again
    assert body == {
        "name": "Tutu",
        "description": "",
        "vat_rate": 2000,
        "participant": False,
        "formats": [{"name": "Standard", "tariffs": [{"name": "Plein tarif", "price": contracts.euros(24_000)}]}],
        "details": {"kind": "item", "reference": None},
    }
    keys = {r.headers["idempotency-key"] for r in office.front.requests if r.method == "POST"}
    assert len(keys) == 1, "a double click asks twice for the same"


async def test_formats_and_tariffs_are_added_and_taken_out_without_losing_what_was_typed(office: Office) -> None:
    async with office.browser("director", "fr") as browser:
        page = await browser.get(EDIT)
        more = await browser.post(EDIT, data=typed(page.text) | {"name": "Ballet", "do": "add-tariff 0"})
        assert more.status_code == 200
        kept = typed(more.text)
        assert kept["name"] == "Ballet"
        named = kept | {"formats.0.tariffs.2.name": "Résident", "formats.0.tariffs.2.price": "200", "do": "add-format"}
        page = await browser.post(EDIT, data=named)
        page = await browser.post(EDIT, data=typed(page.text) | {"do": "remove-tariff 0 0"})
        page = await browser.post(EDIT, data=typed(page.text) | {"do": "remove-format 1"})
        await browser.post(EDIT, data=typed(page.text) | {"do": "save"})
    (saved,) = put(office)
    (only,) = saved["formats"]
    assert [(tariff.get("id"), tariff["name"], tariff["price"]["amount"]) for tariff in only["tariffs"]] == [
        (given.REDUCED, "Réduit", 24_000),
        (None, "Résident", 20_000),
    ]


@pytest.mark.parametrize(
    "wish", ["", "remove-format 9", "add-tariff 9", "remove-tariff 0 9", "remove-format x", "gone"]
)
def test_a_wish_that_no_button_has_changes_nothing(wish: str) -> None:
    rows = [formats.Format("Une heure")]
    assert formats.changed(rows, wish or "nothing") == rows


async def test_a_conflict_says_what_is_saved_now_and_the_next_saving_replaces_it(office: Office) -> None:
    office.front.answers[f"PUT {API}"] = lambda _: given.stale()
    async with office.browser("director", "fr") as browser:
        page = await browser.get(EDIT)
        mine = typed(page.text) | {"version": "2", "formats.0.tariffs.0.price": "320,00", "do": "save"}
        answer = await browser.post(EDIT, data=mine)
        assert answer.status_code == 422
        row = re.search(r'<tr class="moved">.*?</tr>', answer.text, re.DOTALL)
        assert row is not None
        assert "Une heure par semaine, Plein" in row[0]
        assert "300,00" in row[0]
        assert "320,00" in row[0]
        again = typed(answer.text)
        assert again["version"] == "3"
        assert again["formats.0.tariffs.0.price"] == "320,00"
        office.front.answers[f"PUT {API}"] = {"id": given.COURSE}
        saved = await browser.post(EDIT, data=again | {"do": "save"})
    assert saved.status_code == 303
    first, second = [request for request in office.front.requests if request.method == "PUT"]
    assert (first.headers["if-match"], second.headers["if-match"]) == ('"2"', '"3"')
    assert first.headers["idempotency-key"] != second.headers["idempotency-key"]


async def test_what_the_catalogue_refuses_is_shown_beside_its_field(office: Office) -> None:
    document = {
        "type": "urn:carnet:problem:request-invalid",
        "errors": [{"field": "details.course.capacity"}, {"field": "formats[0].tariffs[1].name"}, {"field": "name"}],
    }
    office.front.answers[f"PUT {API}"] = lambda _: httpx.Response(422, json=document)
    async with office.browser("director", "fr") as browser:
        page = await browser.get(EDIT)
        answer = await browser.post(EDIT, data=typed(page.text) | {"do": "save"})
    assert answer.status_code == 422
    for name in ("details.capacity", "formats.0.tariffs.1.name", "name"):
        assert f'id="error-{name}"' in answer.text


async def test_a_discount_applies_to_products_that_are_searched_and_ticked(office: Office) -> None:
    address = f"/catalog/{given.KINDS['discount']}/edit"
    async with office.browser("director", "fr") as browser:
        page = await browser.get(address)
        found = await browser.post(address, data=typed(page.text) | {"search": "tutu", "do": "find"})
        tutu = f"{given.KINDS['item']} Tutu blanc"
        assert f'value="{tutu}"' in found.text
        kept = typed(found.text)
        ticked = [kept["details.products"]] if isinstance(kept["details.products"], str) else kept["details.products"]
        answer = await browser.post(address, data=kept | {"details.products": [*ticked, tutu], "do": "save"})
    assert answer.status_code == 303, answer.text
    (saved,) = put(office, f"{given.ADDRESS}/{given.KINDS['discount']}")
    assert saved["details"]["products"] == [given.COURSE, given.KINDS["item"]]
    assert saved["details"]["kinds"] == ["course", "workshop"]


async def test_a_draft_is_put_on_sale_and_a_refusal_says_what_is_missing(office: Office) -> None:
    draft = given.KINDS["workshop"]
    async with office.browser("director", "fr") as browser:
        page = await browser.get(f"/catalog/{draft}")
        answer = await browser.post(f"/catalog/{draft}/sale", data=fields(page.text))
        assert answer.headers["location"] == f"/catalog/{draft}"
        path = f"POST {given.ADDRESS}/{draft}/put-on-sale"
        office.front.answers[path] = lambda _: problem(409, "product-has-no-format", product=draft)
        refused = await browser.post(f"/catalog/{draft}/sale", data=fields(page.text))
    assert refused.status_code == 422
    assert "Donnez-lui-en un d’abord" in refused.text


async def test_a_product_is_archived_after_its_consequences_were_shown(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"/catalog/{given.COURSE}/archive")
        assert "Contracts that run keep what they bought" in page.text
        answer = await browser.post(f"/catalog/{given.COURSE}/archive", data=fields(page.text))
    assert answer.headers["location"] == f"/catalog/{given.COURSE}"


async def test_who_may_only_read_sees_what_is_not_possible_and_why_org_2(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(f"/catalog/{given.KINDS['workshop']}")
        assert page.text.count("Your role does not let you change the catalogue and the settings.") >= 3
        assert (await browser.post(f"/catalog/{given.COURSE}/sale", data=fields(page.text))).status_code == 403


async def test_an_archived_product_and_a_kind_of_a_newer_release_are_shown_and_not_edited(office: Office) -> None:
    newer = given.product(given.COURSE, "course") | {"details": {"kind": "robot", "legs": 6}}
    office.front.answers[f"GET {API}"] = newer
    async with office.browser("director", "en") as browser:
        assert "This kind of product is newer than these pages." in (await browser.get(f"/catalog/{given.COURSE}")).text
        for id_ in (given.COURSE, given.ARCHIVED):
            answer = await browser.get(f"/catalog/{id_}/edit")
            assert answer.headers["location"] == f"/catalog/{id_}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("08/09/2027 17:30-18:30", ("2027-09-08", "17:30", "18:30")),
        ("8/9/2027 17h30 à 18h30", ("2027-09-08", "17:30", "18:30")),
        ("2027-09-08, 9:00 – 10h", ("2027-09-08", "09:00", "10:00")),
        ("31/02/2027 17:30-18:30", None),
        ("08/09/2027 25:00-26:00", None),
        ("mercredi", None),
    ],
)
def test_a_session_is_read_as_a_school_writes_it(line: str, expected: tuple[str, str, str] | None) -> None:
    found = read_line(line)
    assert (tuple(found.values()) if found else None) == expected


def test_sessions_of_every_week_are_made_between_two_days() -> None:
    values = {"weekly.first": "2027-09-08", "weekly.last": "2027-09-29"}
    form = Form(FR, {**values, "weekly.starts": "17:30", "weekly.ends": "18:30"})
    lines = list(every_week(form, FR))
    assert lines[0] == "08/09/2027 17:30-18:30"
    assert len(lines) == 4
    wrong = Form(FR, {**values, "weekly.last": "2027-09-01", "weekly.starts": "17:30", "weekly.ends": "?"})
    assert not list(every_week(wrong, FR))
    assert wrong.errors.keys() == {"weekly.ends"}


async def test_sessions_of_every_week_join_those_that_are_there(office: Office) -> None:
    weekly = {"weekly.first": "2027-09-29", "weekly.last": "2027-10-06"}
    async with office.browser("director", "fr") as browser:
        page = await browser.get(EDIT)
        hours = {"weekly.starts": "17:30", "weekly.ends": "18:30"}
        page = await browser.post(EDIT, data=typed(page.text) | weekly | hours | {"do": "weekly"})
        assert page.status_code == 200
        wrong = await browser.post(EDIT, data=typed(page.text) | {"details.occurrences": "demain", "do": "save"})
        assert 'id="error-details.occurrences"' in wrong.text
        await browser.post(EDIT, data=typed(page.text) | {"do": "save"})
    (saved,) = put(office)
    days = [each["on"] for each in saved["details"]["occurrences"]]
    assert days == ["2027-09-08", "2027-09-15", "2027-09-22", "2027-09-29", "2027-10-06"]


def test_every_kind_shows_each_of_its_fields_in_words() -> None:
    known = Known(FR, "EUR", {given.COURSE: "Danse classique"})
    said = writing.facts(given.product("x", "discount"), known)
    assert said["S’applique à"] == "cours, atelier, Danse classique"
    assert said["Taux"] == "10\u00a0%"
    assert writing.facts(given.product("x", "client_credit"), known)["Valeur du crédit"] == "100,00\u00a0€"
    assert "mercredi 8 septembre 2027" in writing.facts(given.product("x", "course"), known)["Séances"]
