"""Access to online courses in pages: seen, and changed for one member; a conflict is explained."""

from html import unescape
from typing import Any

import pytest

from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.registry import NAMES
from tests.backoffice.subjects import accesses as given
from tests.backoffice.subjects import changes
from tests.unit.backoffice.test_catalogue_pages import seen, typed

EDIT = f"/accesses/{given.ACCESS}/edit"


async def test_an_access_is_saved_whole_for_one_member_with_the_reason(office: Office) -> None:
    async with office.browser("director", "fr") as browser:
        page = await browser.get(EDIT)
        form = typed(page.text)
        answer = await browser.post(EDIT, data=form | {"reason": "Malade en mars", "details.settings.lessons": ""})
    assert answer.headers["location"] == f"/accesses/{given.ACCESS}", answer.text
    (body,) = office.front.sent(given.PATH, "PUT")
    assert body == {
        "settings": {**given.SETTINGS, "lessons": None},
        "last_day": "2028-09-05",
        "reason": "Malade en mars",
    }
    assert seen(office) == '"2"'


@pytest.mark.parametrize(
    ("typed_in", "setting", "value"),
    [
        ({"details.settings.lessons": "12"}, "lessons", 12),
        (
            {"details.settings.release.lessons": "3", "details.settings.release.every_days": "14"},
            "release",
            {"lessons": 3, "every_days": 14},
        ),
        ({"details.settings.release.lessons": "", "details.settings.release.every_days": ""}, "release", None),
        ({"details.settings.deadlines": None}, "deadlines", False),
        ({"details.settings.exercises": "unchecked"}, "exercises", "unchecked"),
        ({"details.settings.checkpoints": "yes"}, "checkpoints", True),
        ({"details.settings.language": "EN"}, "language", "en"),
    ],
)
async def test_con_20_each_setting_is_changed_alone(
    office: Office, typed_in: dict[str, str | None], setting: str, value: Any
) -> None:
    async with office.browser("director", "fr") as browser:
        form = typed((await browser.get(EDIT)).text) | typed_in
        sent = {name: each for name, each in form.items() if each is not None}
        answer = await browser.post(EDIT, data=sent)
    assert answer.status_code == 303, answer.text
    (body,) = office.front.sent(given.PATH, "PUT")
    assert body["settings"] == {**given.SETTINGS, setting: value}


async def test_half_of_a_calendar_of_release_is_asked_for_again(office: Office) -> None:
    async with office.browser("director", "fr") as browser:
        form = typed((await browser.get(EDIT)).text)
        answer = await browser.post(EDIT, data=form | {"details.settings.release.every_days": ""})
    assert answer.status_code == 422
    assert "Donnez les deux nombres" in unescape(answer.text)
    assert office.front.sent(given.PATH, "PUT") == []


async def test_an_access_that_moved_meanwhile_is_shown_beside_what_was_typed(office: Office) -> None:
    office.front.answers[f"PUT {given.PATH}"] = lambda _: problem(412, "version-moved", expected=2, current=3)
    async with office.browser("director", "fr") as browser:
        form = typed((await browser.get(EDIT)).text)
        answer = await browser.post(EDIT, data=form | {"last_day": "2029-01-31"})
    text = unescape(answer.text)
    assert answer.status_code == 422
    assert "5 sept. 2028" in text
    assert "31 janv. 2029" in text


async def test_the_journal_says_who_changed_what_and_why(office: Office) -> None:
    async with office.browser("director", "fr") as browser:
        text = unescape((await browser.get(f"/accesses/{given.ACCESS}")).text)
    assert "Leçons ouvertes\u00a0: 20." in text
    assert "Une année de plus" in text
    assert "Fermé\u00a0: terminé." in text
    assert "modifié pour ce membre" in text


async def test_a_plan_is_changed_with_the_discount_on_it_after_its_preview(office: Office) -> None:
    path = f"/contracts/{changes.STUDIED}/changes/plan"
    plan = changes.PLANS[0]
    to = f"{plan['id']}/{changes.FORMAT}/{changes.REDUCED}"
    async with office.browser("director", "fr") as browser:
        page = await browser.get(f"{path}?line={changes.BASIC}")
        assert "Solfège illimité, Week-end, Réduit" in page.text
        none_chosen = await browser.post(path, data=typed(page.text) | {"do": "preview"})
        shown = await browser.post(path, data=typed(page.text) | {"do": "preview", "to": to})
        other = await browser.get(f"{path}?line={changes.STUDENTS}")
    assert (none_chosen.status_code, shown.status_code) == (422, 200)
    assert "Confirmer le changement de formule" in shown.text
    accesses = unescape(shown.text).partition('id="accesses-title"')[2].partition("</table>")[0]
    for words in ("<del>Solfège en ligne</del> Solfège illimité", "autres réglages", "sans fin", "ouvert", "fermé"):
        assert words in accesses, words
    (body,) = office.front.sent(f"/contracts/v1/contracts/{changes.STUDIED}/changes/preview")
    assert body == {
        "cancel": [changes.STUDENTS],
        "discounts": [{"product": NAMES["product"]}],
        "plans": [{"line": changes.BASIC, "product": plan["id"], "format": changes.FORMAT, "tariff": changes.REDUCED}],
    }
    assert other.headers["location"].endswith("/purchases")


async def test_the_present_plan_is_not_offered_in_its_own_place(office: Office) -> None:
    plan = changes.PLANS[0]
    path = f"/contracts/v1/contracts/{changes.STUDIED}"
    line, discount = changes.STUDIED_VIEW["lines"]
    bought = {"product": plan["id"], "format": {"id": changes.FORMAT}, "tariff": {"id": changes.REDUCED}}
    office.front.answers[f"GET {path}"] = changes.STUDIED_VIEW | {"lines": [line | bought, discount]}
    async with office.browser("director", "fr") as browser:
        page = await browser.get(f"/contracts/{changes.STUDIED}/changes/plan?line={changes.BASIC}")
    assert "Solfège illimité, Week-end, Réduit" not in page.text
    assert "Solfège illimité, Week-end, " in page.text


async def test_an_access_that_is_withheld_says_why_and_cannot_be_changed(office: Office) -> None:
    office.front.answers[f"GET {given.PATH}"] = given.access(open=False, why="late")
    async with office.browser("director", "fr") as browser:
        text = unescape((await browser.get(f"/accesses/{given.ACCESS}")).text)
    assert "paiement en retard" in text
    assert "L’accès sera rendu une fois le paiement fait" in text
    assert f'href="{EDIT}"' not in text
