"""The pages of families from other software (IMP-1, IMP-2)."""

import io

from openpyxl import load_workbook

from carnet.importing.templates import workbook
from tests.backoffice.people import Office
from tests.backoffice.subjects import imports as given
from tests.unit.backoffice.test_contract_changes import fields

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
    problem = {"place": "contracts[0].planned[0].due", "problem": "date-out-of-range", "detail": "English."}
    above = {"place": "contracts[0]", "problem": "paid-above-total", "detail": "English."}
    answer = {"families": [given.looked(problems=(problem, above))], "waiting": 0}
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
    kept["constants"] = {"people.role": "adulte"}  # type: ignore[assignment]
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
