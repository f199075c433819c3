"""The journals of the catalogue and of the settings say who changed what, in words (ORG-4)."""

import re

import pytest

from tests.backoffice.people import Office, session
from tests.backoffice.subjects.catalogue import COURSE


async def lines(office: Office, address: str, language: str = "en", scopes: str | None = None) -> list[str]:
    """The sentences of a journal, and who said them."""
    async with office.browser(language=language, signed_in=session("director", scopes=scopes)) as browser:
        page = (await browser.get(address)).text
    lists = re.findall(r'<ol class="journal">(.*?)</ol>', page, re.DOTALL)
    entries = [each for found in lists for each in re.findall(r"<li>(.*?)</li>", found, re.DOTALL)]
    return [re.sub(r"<[^>]+>", " ", each).strip() for each in entries]


async def test_org_4_a_products_journal_says_each_value_before_and_after(office: Office) -> None:
    made, sold, dearer, same = await lines(office, f"/catalog/{COURSE}/journal")
    assert made.startswith("Set up.")
    assert "State: draft" in made
    assert "alix" in made
    assert sold.startswith("State: draft, then on sale")
    assert "Name: Danse classique, then Danse classique 1" in dearer
    assert "Une heure par semaine, Plein: €300.00, then €320.00" in dearer
    assert "State" not in dearer
    assert same.startswith("Saved without a change.")


async def test_the_second_page_of_a_journal_does_not_say_that_it_is_the_beginning(office: Office) -> None:
    assert (await lines(office, f"/catalog/{COURSE}/journal?cursor=further"))[0].startswith("Changed.")


async def test_org_4_the_journals_of_the_settings_are_on_one_page(office: Office) -> None:
    published = await lines(office, "/settings/journal")
    assert "Address: 3 rue du Parc, 75010 Paris" in published[0]
    assert (
        "Languages of the mails: French only, then French, and English for the families that prefer it" in published[1]
    )
    assert "Test clock: –, then 7 d 1 h ahead" in published[1]
    assert "What is due until 2 Jun 2027 was to be collected at once." in published[3]
    assert "every day from 06:00, then only when somebody asks for it" in published[4]
    assert "What is paid is invoiced automatically: yes" in published[5]
    assert "Instalments: 3 days before, 1 day after, 8 days after" in published[6]
    assert "Days before the last day: 14" in published[7]
    assert "Days before the last day: 14, then off" in published[8]
    assert "Creditor identifier: FR72ZZZ123456" in published[9]


@pytest.mark.parametrize("away", ["payments", None])
async def test_what_somebody_may_not_see_or_is_unavailable_is_explained_in_its_place(
    office: Office, away: str | None
) -> None:
    office.front.away |= {away} if away else set()
    scopes = None if away else "catalog:read"
    async with office.browser(language="en", signed_in=session("director", scopes=scopes)) as browser:
        page = (await browser.get("/settings/journal")).text
    expected = "Payments: no answer just now." if away else "Your role does not let you see payments."
    assert page.count(expected) == 4
    assert "Languages of the mails" in page
