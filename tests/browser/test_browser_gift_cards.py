"""A gift card from its sale until the bank takes its payment back, in a browser on a real suite (CRE-2, CRE-8)."""

import re
from collections.abc import Mapping
from email import message_from_bytes
from email.policy import default
from io import BytesIO

import httpx
import pytest
from playwright.async_api import Browser, Page, expect
from pypdf import PdfReader

from carnet_operations.tokens import TEST_ORGANISATION
from carnet_operations.verify import verify
from carnet_play.story.desk import Desk, Person, money
from carnet_play.story.waiting import eventually
from carnet_suite.inbox import Mail, newest, read_inbox
from carnet_suite.supervisor import Suite
from tests.browser.looking import Look, shown_once, signed_in
from tests.waits import BOUND

LOOKS = [Look("fr", scripts=False), Look("en")]
NOTICE = ".notice"
CODE = r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}"
WORDS = {
    "fr": {"cannot": "Sa vente n’est plus payée", "card": "n’est plus payé"},
    "en": {"cannot": "Its sale is not paid any more", "card": "is not paid any more"},
}


async def buyers(running: Suite, name: str, language: str) -> tuple[str, str]:
    """A family with a friend as a contact, who has an address; and one that owes a course. Its contract, and the card.

    The card on sale is named after the family, so that a search finds it alone.
    """
    async with httpx.AsyncClient(base_url=running.front, timeout=BOUND) as client:
        desk = Desk(client, running.token(TEST_ORGANISATION))
        bounds = {"kind": "gift_card", "minimum": money(2_000), "maximum": money(20_000)}
        await desk.sell(f"Carte {name}", bounds, 5_000, format_="carte")
        course = await desk.sell(f"Chant {name}", {"kind": "course", "capacity": 40}, 12_000)
        friend = Person("Zoé", "Ami", "contact", friend_of(name))
        await desk.account(Person("Ada", name, "adult"), friend, language=language)
        others = await desk.account(Person("Max", f"Autre{name}", "adult"), language=language)
        opened = await desk.open(others.id, {"start": "on_site"}, [course.bought()], mode="on_site")
        await desk.covered(opened.body["id"], opened.version or 0)
        return str(opened.body["id"]), f"Carte {name}"


def friend_of(name: str) -> str:
    return f"ami-{name.lower()}@families.example"


async def sold(page: Page, family: str, card: str, look: Look) -> str:
    """Sell a card of 80.00 to the friend, pay it by card; the path of its contract."""
    decimal = "," if look.language == "fr" else "."
    await shown_once(page, f"/open-contract?search={family}", f"Ada {family}")
    await page.locator("main tbody a.button").first.click()
    # On site, so that no run collects meanwhile what is looked at.
    await page.locator("#field-mode").select_option("on_site")
    await page.locator("#field-way").select_option("later")
    await page.locator("#field-search").fill(card)
    await page.locator("button[value=find]:not(.unseen)").click()
    await page.locator("[name^=worth-]").fill(f"80{decimal}00")
    await page.locator("[name^=recipient-]").select_option(label="Zoé Ami")
    await page.locator("button[value^='put ']").first.click()
    await page.locator("button[value=preview]").first.click()
    await page.locator("main form button.main").first.click()
    await expect(page.locator(NOTICE)).to_be_visible()
    contract = page.url.removesuffix("/purchases")
    await page.goto(f"{contract}/moves/payment")
    await page.locator("#field-amount").fill("80")
    await page.locator("#field-method").select_option("card")
    await previewed_and_done(page)
    return contract


async def previewed_and_done(page: Page) -> None:
    await page.locator("button[value=preview]").first.click()
    await page.locator("button[value=confirm]").click()
    await expect(page.locator(NOTICE)).to_be_visible()


async def given(running: Suite, name: str, after: str) -> str:
    """The code, from the mail to the friend; the PDF that is attached shows it."""
    found: list[Mail] = []

    async def delivered() -> bool:
        mails = read_inbox(running.inbox, after=after)
        found[:] = [mail for mail in mails if mail.recipient == friend_of(name) and "80" in mail.subject]
        return bool(found)

    await eventually(delivered, "the card is mailed to the friend")
    (mail,) = found
    (code,) = set(re.findall(CODE, mail.text or ""))
    (attached,) = message_from_bytes(mail.path.read_bytes(), policy=default).iter_attachments()
    (paper,) = PdfReader(BytesIO(attached.get_content())).pages
    assert code in re.sub(r"\s", "", paper.extract_text())
    return str(code)


async def looked_up(page: Page, code: str) -> None:
    """Present the code, in lower case and without dashes, as somebody says it on the telephone."""
    await page.goto("/codes")
    await page.locator("#field-code").fill(code.lower().replace("-", " "))
    await page.locator("main form button.main").first.click()


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize("look", LOOKS, ids=["fr-no-scripts", "en"])
async def test_cre_8_a_gift_card_is_sold_mailed_and_pays_for_another_family_until_its_sale_is_taken_back(
    browser: Browser, running: Suite, look: Look
) -> None:
    name, words = f"Roussel{look.language}", WORDS[look.language]
    decimal = "," if look.language == "fr" else "."
    after = newest(running.inbox)
    other, card = await buyers(running, name, look.language)
    async with signed_in(browser, running, "director", look) as page:
        contract = await sold(page, name, card, look)
        code = await given(running, name, after)
        await looked_up(page, code)
        await expect(page.locator(".figures")).to_contain_text(f"80{decimal}00")

        await page.goto(f"/contracts/{other}/use-gift-card")
        await page.locator("#field-code").fill(code)
        await page.locator("button[value=preview]").click()
        await page.locator("#field-amount").fill(f"30{decimal}00")
        await previewed_and_done(page)
        await shown_once(page, f"/contracts/{other}/schedule", f"90{decimal}00")
        await looked_up(page, code)
        await expect(page.locator(".figures")).to_contain_text(f"50{decimal}00")

        await page.goto(f"{contract}/payments")
        await page.goto(await page.locator("a[href*='/moves/reversal']").first.get_attribute("href") or "")
        await page.locator("[name=why]").first.select_option("chargeback")
        await previewed_and_done(page)

        async def suspended() -> bool:
            await looked_up(page, code)
            return words["cannot"] in await page.locator("main").inner_text()

        await eventually(suspended, "credits knows that the bank took the payment back")
        await page.goto(f"/contracts/{other}/use-gift-card")
        await page.locator("#field-code").fill(code)
        await page.locator("button[value=preview]").click()
        await expect(page.locator("#error-code")).to_contain_text(words["cannot"])


@pytest.mark.usefixtures("school")
async def test_all_of_it_is_proven(running: Suite, school: Mapping[str, str]) -> None:
    assert school
    servers = running.servers
    report = await verify(servers.mongo_url, servers.kafka_bootstrap, running.namespace, wait=BOUND)
    assert report.findings == []
