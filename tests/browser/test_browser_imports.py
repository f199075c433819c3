"""Families of other software, in a browser on a real suite: by the template, and by a list with columns of its own."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from carnet.importing.templates import workbook
from carnet_suite.supervisor import Suite
from tests.browser.looking import Look, choose_files, signed_in
from tests.browser.rules import violates_nothing


@pytest.mark.usefixtures("school")
async def test_families_of_other_software_come_by_a_file_and_are_in_the_follow_up_imp_1(
    browser: Browser, running: Suite, tmp_path: Path
) -> None:
    file = tmp_path / "ecole.xlsx"
    file.write_bytes(workbook("fr"))
    async with signed_in(browser, running, "director") as page:
        await page.get_by_role("link", name="Reprise d’un autre logiciel").click()
        async with page.expect_download() as template:
            await page.get_by_role("link", name="Télécharger le modèle").click()
        await page.locator("#field-files").set_input_files(await (await template.value).path())
        await page.get_by_role("button", name="Examiner").click()
        await expect(page.get_by_role("heading", name="Ce que contiennent les fichiers")).to_be_visible()
        await page.get_by_role("button", name="Reprendre 1 famille").click()
        await expect(page.locator("main").get_by_role("status")).to_contain_text("terminé")
        await page.goto("/follow-up?search=Petit")
        row = page.locator("table.rows tbody tr").filter(has_text="200,00")  # the contract of its session pack is paid
        await expect(row).to_contain_text("Marie Petit")
        await page.goto("/imports")
        await page.locator("#field-files").set_input_files(file)
        await page.get_by_role("button", name="Examiner").click()
        await expect(page.get_by_text("Aucune famille n’est à reprendre.")).to_be_visible()


LOOKS = [Look("fr"), Look("en"), Look("fr", phone=True), Look("en", phone=True), Look("fr", scripts=False)]
WORDS = {
    "fr": {
        "title": "Ce que signifient les colonnes de « membres »",
        "lacks": "Choisissez une colonne, ou indiquez ce qui vaut pour toutes les lignes.",
        "import": "Reprendre 1 famille",
        "total": "1 314,50",
        "ended": "terminé",
        "nothing": "Aucune famille n’est à reprendre.",
    },
    "en": {
        "title": "What the columns of “membres” mean",
        "lacks": "Choose a column, or say what every row says.",
        "import": "Import 1 family",
        "total": "1,314.50",
        "ended": "ended",
        "nothing": "No family is to be imported.",
    },
}
CHOSEN = {
    "family": "Foyer",
    "contract": "Dossier",
    "people.person": "N° adhérent",
    "people.first_name": "Prénom de l’adhérent",
    "people.last_name": "Nom de l’adhérent",
    "contracts.signed_on": "Inscrit le",
    "lines.name": "Activité",
    "lines.price": "Cotisation",
}
SAME_IN_ALL_ROWS = {"people.role": "responsable", "contracts.mode": "sur place", "lines.vat_rate": "0"}


def members(name: str) -> list[tuple[str, bytes]]:
    """A list as another software exports it: a row for each purchase; its headings are of ``name`` alone."""
    rows = (
        f"Foyer;N° adhérent;Prénom de l’adhérent;Nom de l’adhérent;Dossier;Inscrit le;Activité;Cotisation;{name}",
        f"F-{name};A-{name};Renée;Château-{name};D-{name};04/09/2026;Théâtre;1 234,50 €;x",
        f"F-{name};A-{name};Renée;Château-{name};D-{name};04/09/2026;Chorale;80;y",
    )
    return [("membres.csv", "\r\n".join(rows).encode("cp1252"))]


async def choose(page: Page, columns: dict[str, str]) -> None:
    for name, heading in columns.items():
        await page.locator(f"[id='field-column.{name}']").select_option(heading)


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.name}{'' if look.scripts else '-no-scripts'}")
async def test_the_columns_of_a_list_are_chosen_once_and_the_next_one_is_read_by_itself_imp_4(
    browser: Browser, running: Suite, look: Look
) -> None:
    words, name = WORDS[look.language], f"{look.name}{'' if look.scripts else '-plain'}"
    main = "main form[enctype='multipart/form-data'] button.main"
    async with signed_in(browser, running, "director", look) as page:
        await page.goto("/imports")
        await choose_files(page, members(name))
        await page.locator(main).click()
        await expect(page.get_by_role("heading", name=words["title"])).to_be_visible()
        # What was chosen for a list before is proposed for this one, too.
        await choose(page, {**CHOSEN, "lines.price": ""})
        for column, text in SAME_IN_ALL_ROWS.items():
            await page.locator(f"[name='constant.{column}']").fill(text)
        await choose_files(page, members(name))
        await page.locator(main).click()
        lacking = page.locator("[id='field-column.lines.price']")
        await expect(lacking).to_have_attribute("aria-invalid", "true")
        await expect(page.locator("[id='error-column.lines.price']")).to_have_text(words["lacks"])
        await expect(page.locator("[id='field-column.lines.name']")).to_have_value("Activité")
        if look.scripts:
            await violates_nothing(page)
        await choose(page, {"lines.price": "Cotisation"})
        await choose_files(page, members(name))
        await page.locator(main).click()
        await expect(page.get_by_role("button", name=words["import"])).to_be_visible()
        await expect(page.locator("main table.rows")).to_contain_text(f"Château-{name} Renée")
        await expect(page.locator("main table.rows")).to_contain_text(
            "1 314,50" if look.language == "fr" else "1,314.50"
        )
        await page.get_by_role("button", name=words["import"]).click()
        await expect(page.locator("main").get_by_role("status")).to_contain_text(words["ended"])
        await page.goto("/imports")
        await choose_files(page, members(name))
        await page.locator(main).click()
        await expect(page.get_by_text(words["nothing"])).to_be_visible()
