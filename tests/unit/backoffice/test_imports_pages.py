"""The pages of families from other software (IMP-1, IMP-2)."""

import asyncio
import io
import json

import httpx
import pytest
from openpyxl import load_workbook

from backoffice.imports import looking
from backoffice.imports.looking import lookings_of
from carnet.importing.templates import workbook
from carnet_operations.tokens import TEST_ORGANISATION
from carnet_suite.signing_in.people import OTHER_ORGANISATION
from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import imports as given
from tests.unit.backoffice.test_contract_changes import fields
from tests.waits import BOUND

Files = list[tuple[str, tuple[str, bytes]]]


def files(content: bytes, name: str = "ecole.xlsx") -> Files:
    return [("files", (name, content))]


async def test_imp_1_a_file_is_looked_through_and_imported_once_that_was_seen(office: Office) -> None:
    async with office.browser("director", "fr") as browser:
        form = await browser.get("/imports")
        shown = await browser.post("/imports", data=fields(form.text), files=files(workbook("fr")))
        assert shown.status_code == 200, shown.text
        assert "Reprendre 1 famille" in shown.text
        assert "Petit Marie" in shown.text
        assert "300,00" in shown.text
        started = await browser.post(f"/imports/{given.WAITING}/run", data=fields(shown.text))
        assert started.headers["location"] == f"/imports/{given.WAITING}"
    (sent,) = office.front.sent(f"{given.API}/{given.WAITING}/families")
    (family,) = sent["families"]
    assert (family["key"], family["owner"], len(family["contracts"])) == ("F-001", "P-001", 1)
    assert office.front.sent(f"{given.API}/{given.WAITING}/run") == [{}]


async def test_imp_1_each_problem_is_shown_at_its_row_and_column_in_the_words_of_the_school(office: Office) -> None:
    late = {"place": "contracts[0].planned[0].due", "problem": "date-out-of-range", "detail": "English."}
    above = {"place": "contracts[0]", "problem": "paid-above-total", "detail": "English."}
    answer = {"families": [given.looked(problems=(late, above))], "waiting": 0}
    office.front.answers[f"POST {given.API}/{given.WAITING}/families"] = answer
    book = load_workbook(io.BytesIO(workbook("fr")))
    book["Échéances"].append(["C-001", "prévu", "01/09/1826", "10", None])
    book["Crédits"].append(["F-009", "A-9", "=A1"])
    written = io.BytesIO()
    book.save(written)
    async with office.browser("director", "fr") as browser:
        form = await browser.get("/imports")
        shown = await browser.post("/imports", data=fields(form.text), files=files(written.getvalue()))
    assert shown.status_code == 200, shown.text
    for said in ("La date est trop tôt", "mettez la différence dans les crédits", "Aucune famille n’a ce numéro"):
        assert said in shown.text
    assert "C’est une formule" in shown.text
    assert "English." not in shown.text
    assert "Aucune famille n’est à reprendre" in shown.text


async def test_imp_1_a_file_that_cannot_be_read_is_refused_with_what_to_do(office: Office) -> None:
    wrong = {b"": "est vide", b"PK\x03\x04x": "est abîmé"}
    async with office.browser("director", "fr") as browser:
        form = fields((await browser.get("/imports")).text)
        for content, said in wrong.items():
            refused = await browser.post("/imports", data=form, files=files(content))
            assert refused.status_code == 422
            assert said in refused.text
            assert "ecole.xlsx" in refused.text
        many = await browser.post("/imports", data=form, files=files(b"a;b") * 21)
        assert "plus de 20 fichiers" in many.text
        large = await browser.post("/imports", data=form, files=files(bytes(33 * 1024 * 1024)))
        assert large.status_code == 413
    assert office.front.sent(given.API) == []


async def test_imp_1_the_template_is_downloaded_and_the_job_is_followed(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        template = await browser.get("/imports/template.xlsx")
        sheets = load_workbook(io.BytesIO(template.content)).sheetnames
        assert sheets == ["Families", "Contracts", "Purchases", "Instalments", "Credits", "Session packs"]
        running = await browser.get(f"/imports/{given.RUNNING}")
        assert running.headers["refresh"]
        ended = await browser.get(f"/imports/{given.ENDED}")
        assert "This family was taken over before" in ended.text
        assert "refresh" not in ended.headers
        waiting = await browser.get(f"/imports/{given.WAITING}")
        assert "12 families wait to be imported" in waiting.text
        nothing = await browser.post(f"/imports/{given.WAITING}/discarding", data=fields(waiting.text))
        assert nothing.headers["location"] == "/imports"


LIST = """Foyer;Adhérent;Nom;Prénom;Cotisation
F9;P1;Petit;Marie;oui
F9;P2;Petit;Léa;non
"""
MEANT = {
    "column.family": "Foyer",
    "column.people.person": "Adhérent",
    "column.people.last_name": "Nom",
    "column.people.first_name": "Prénom",
    "constant.people.role": "responsable",
}


async def test_imp_4_the_columns_of_a_list_are_chosen_by_hand_once_and_kept(office: Office) -> None:
    content = LIST.encode()
    async with office.browser("director", "fr") as browser:
        form = await browser.get("/imports")
        asked = await browser.post("/imports", data=fields(form.text), files=files(content, "adherents.csv"))
        assert asked.status_code == 200
        for said in ("adherents", "Cotisation", "<td>Léa</td>", "Ce que signifient les colonnes"):
            assert said in asked.text
        headings = ["Foyer", "Adhérent", "Nom", "Prénom", "Cotisation"]
        typed = {**fields(asked.text), **MEANT, "heading": headings, "column.people.last_name": ""}
        lacking = await browser.post("/imports/columns", data=typed, files=files(content, "adherents.csv"))
        assert lacking.status_code == 422
        assert "Choisissez une colonne" in lacking.text
        assert "<td>Léa</td>" in lacking.text
        typed = {**fields(asked.text), **MEANT, "heading": headings}
        found = await browser.post("/imports/columns", data=typed, files=files(content, "adherents.csv"))
        assert found.status_code == 200, found.text
        assert "Reprendre 1 famille" in found.text
    (sent,) = office.front.sent(f"{given.API}/{given.WAITING}/families")
    (family,) = sent["families"]
    assert (family["owner"], [each["kind"] for each in family["people"]]) == ("P1", ["adult", "adult"])
    (kept,) = office.front.sent("/contracts/v1/import-columns", "PUT")
    assert (kept["columns"]["people.last_name"], kept["constants"], len(kept["headings"])) == (
        "Nom",
        {"people.role": "responsable"},
        5,
    )


async def test_imp_4_what_was_chosen_reads_the_next_file_and_is_shown_when_it_is_chosen_anew(office: Office) -> None:
    columns = {"family": "Foyer", "people.person": "Adhérent", "people.last_name": "Nom", "people.first_name": "Prénom"}
    kept = {"headings": ["Foyer", "Adhérent", "Nom", "Prénom", "Cotisation"], "columns": columns}
    kept["constants"] = {"people.role": "adulte"}
    office.front.answers["GET /contracts/v1/import-columns"] = {"items": [kept]}
    async with office.browser("director", "fr") as browser:
        form = fields((await browser.get("/imports")).text)
        found = await browser.post("/imports", data=form, files=files(LIST.encode(), "septembre.csv"))
        assert "La famille n’a pas de responsable" in found.text
        anew = await browser.post(
            "/imports", data={**form, "columns": "yes"}, files=files(LIST.encode(), "septembre.csv")
        )
    assert 'name="constant.people.role" value="adulte"' in anew.text
    assert "<option selected>Foyer</option>" in anew.text


def many(count: int) -> bytes:
    """A CSV of so many families, the last of which has no owner."""
    rows = [f"F{at};P{at};{'responsable' if at < count - 1 else 'adulte'};Zoé;Petit {at}" for at in range(count)]
    return "\r\n".join(["Famille;Personne;Rôle;Prénom;Nom", *rows]).encode()


async def test_imp_1_a_large_file_is_looked_through_beside_the_pages_which_show_how_far_it_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookings_of(office.app).patience = 0
    asked, away = asyncio.Event(), [True]

    def answer(request: httpx.Request) -> httpx.Response:
        asked.set()
        families = json.loads(request.content)["families"]
        found = {"families": [given.looked()] * len(families), "waiting": 1}
        return problem(503, "service-unreachable") if away[0] else httpx.Response(200, json=found)

    monkeypatch.setattr(looking, "TRIES", 10**9)
    monkeypatch.setattr(looking, "PAUSE", 0.01)
    office.front.answers[f"POST {given.API}/{given.WAITING}/families"] = answer
    path = f"/imports/{given.WAITING}"
    async with office.browser("director", "fr") as browser:
        form = await browser.get("/imports")
        sent = await browser.post("/imports", data=fields(form.text), files=files(many(60), "familles.csv"))
        assert (sent.status_code, sent.headers["location"]) == (303, path)
        await asked.wait()
        moving = await browser.get(path)
        assert "Examen des fichiers" in moving.text
        assert '<small>Familles dans les fichiers</small><div class="big">60</div>' in moving.text
        assert moving.headers["refresh"] == "3"
        away[0] = False
        await lookings_of(office.app).of(given.WAITING, TEST_ORGANISATION).waited(BOUND)
        found = await browser.get(path)
        assert "refresh" not in found.headers
        assert "La famille n’a pas de responsable" in found.text
        assert "Petit 0 Zoé" in found.text
        again = await browser.get(path)
        assert "Petit 0 Zoé" in again.text, "what was found stays"
        await browser.post(f"{path}/run", data=fields(again.text))
        assert "Petit 0 Zoé" not in (await browser.get(path)).text, "it is forgotten once it is imported"


async def test_imp_1_rows_that_cannot_be_read_after_all_are_said_on_the_page_that_follows(office: Office) -> None:
    lookings_of(office.app).patience = 0
    content = many(60) + b'\r\nF61;P61;adulte;"open'
    async with office.browser("director", "fr") as browser:
        form = await browser.get("/imports")
        sent = await browser.post("/imports", data=fields(form.text), files=files(content, "familles.csv"))
        assert sent.status_code == 303
        await lookings_of(office.app).of(given.WAITING, TEST_ORGANISATION).waited(BOUND)
        refused = await browser.get(sent.headers["location"])
    assert refused.status_code == 422
    assert "Cherchez-y un guillemet" in refused.text


async def test_org_1_nobody_of_another_school_sees_what_was_found(office: Office) -> None:
    async with office.browser("director", "fr") as browser:
        form = await browser.get("/imports")
        await browser.post("/imports", data=fields(form.text), files=files(many(2), "familles.csv"))
    assert lookings_of(office.app).of(given.WAITING, TEST_ORGANISATION) is not None
    assert lookings_of(office.app).of(given.WAITING, OTHER_ORGANISATION) is None


async def test_imp_1_looking_goes_on_once_somebody_follows_again_and_a_service_is_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookings_of(office.app).patience = 0
    monkeypatch.setattr(looking, "PAUSE", 0)
    answers, tokenless = iter([503, 401]), asyncio.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        status = next(answers, 200)
        if status == 401:
            tokenless.set()
        return httpx.Response(status, json={"families": [given.looked()], "waiting": 1} if status == 200 else {})

    office.front.answers[f"POST {given.API}/{given.WAITING}/families"] = answer
    async with office.browser("director", "fr") as browser:
        form = await browser.get("/imports")
        await browser.post("/imports", data=fields(form.text), files=files(workbook("fr")))
        await tokenless.wait()
        known = lookings_of(office.app).of(given.WAITING, TEST_ORGANISATION)
        assert known is not None
        assert not known.done
        await browser.get(f"/imports/{given.WAITING}")
        await known.waited(BOUND)
        assert known.fault is None
        assert "Reprendre 1 famille" in (await browser.get(f"/imports/{given.WAITING}")).text
    keys = [each.headers["idempotency-key"] for each in office.front.requests if each.url.path.endswith("/families")]
    assert len(keys) == 3
    assert len(set(keys)) == 1, "what is sent again is the same"
