"""What people do, in a browser on a real suite: from the sign-in at its provider to what the services answer."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from backoffice.web.sealing import SealedCookie, Sealer
from backoffice.web.sessions import LASTS, SESSION, Session
from carnet.ids import new_id
from carnet_suite.servers import Servers
from carnet_suite.supervisor import Suite, suite
from tests.browser.looking import Look, context_at, sign_in
from tests.browser.school import SCHOOL, founded

pytestmark = pytest.mark.timeout(300)

LOOKS = [Look("fr"), Look("en"), Look("fr", phone=True), Look("en", phone=True), Look("fr", scripts=False)]
AT_THE_DESK = Look()
WORDS = {"fr": ("Suivi des paiements", "Afficher"), "en": ("Payment follow-up", "Show")}


@pytest.fixture(scope="module")
def running(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """A suite with its pages, started once."""
    folder = tmp_path_factory.mktemp("school")
    with suite(folder, servers=servers, namespace=f"web{new_id()[-6:]}", pages=True) as started:
        yield started


@pytest.fixture(scope="module")
async def school(running: Suite) -> Mapping[str, str]:
    """The contracts of the demo school by the family's name."""
    return await founded(running)


@asynccontextmanager
async def signed_in(browser: Browser, running: Suite, role: str, look: Look = AT_THE_DESK) -> AsyncIterator[Page]:
    """A page on which somebody has signed in at the provider; it shows the follow-up."""
    assert running.backoffice is not None
    async with await context_at(browser, running.backoffice, look) as context:
        page = await context.new_page()
        await sign_in(page, role, "/follow-up")
        yield page


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.name}{'' if look.scripts else '-no-scripts'}")
async def test_a_family_is_found_in_the_follow_up_whatever_its_accents(
    browser: Browser, running: Suite, look: Look
) -> None:
    title, show = WORDS[look.language]
    async with signed_in(browser, running, "secretary", look) as page:
        await expect(page.get_by_role("heading", name=title)).to_be_visible()
        await page.locator("#search").fill("ELAN")
        if not look.scripts:
            await page.get_by_role("button", name=show, exact=True).click()
        await expect(page.locator("table.rows tbody tr")).to_have_count(1)
        await expect(page.locator("table.rows tbody")).to_contain_text("Zoé")
        await expect(page.locator("#search")).to_have_value("ELAN")


@pytest.mark.usefixtures("school")
async def test_what_somebody_typed_is_text_and_nothing_else(browser: Browser, running: Suite) -> None:
    async with signed_in(browser, running, "secretary") as page:
        said: list[str] = []
        page.on("dialog", lambda dialog: said.append(dialog.message))
        await page.goto("/follow-up?search=bobby")
        await expect(page.locator("table.rows tbody")).to_contain_text("<script>alert(1)</script>")
        await expect(page.locator("table.rows tbody")).to_contain_text("<b>Tom</b>")
        assert not said


async def test_somebody_of_another_school_sees_nothing_of_this_one_org_1(
    browser: Browser, running: Suite, school: Mapping[str, str]
) -> None:
    async with signed_in(browser, running, "elsewhere") as page:
        await expect(page.locator(".empty")).to_be_visible()
        answer = await page.goto(f"/contracts/{school['Martin']}/purchases")
        assert answer is not None
        assert answer.status == 404
        assert SCHOOL not in await page.content()
        assert "Martin" not in await page.content()


@pytest.mark.usefixtures("school")
async def test_while_a_service_is_down_that_part_says_so_and_comes_back(browser: Browser, running: Suite) -> None:
    async with signed_in(browser, running, "secretary") as page:
        running.kill("payments", "api", restart=False)
        await page.reload()
        await expect(page.locator(".away")).to_contain_text("Paiements")
        await expect(page.locator(".who-school")).to_have_text(SCHOOL)
        running.start("payments", "api")
        await page.locator(".away a.button").click()
        await expect(page.locator("table.rows tbody tr")).to_have_count(3)


@pytest.mark.usefixtures("school")
async def test_a_session_that_ends_in_a_form_keeps_what_was_entered(browser: Browser, running: Suite) -> None:
    assert running.backoffice is not None
    sealer = Sealer((running.folder / "secrets" / "backoffice" / "CARNET_SESSION_KEYS").read_text())
    cookie = SealedCookie(sealer, SESSION, lasts=LASTS, secure=False)
    async with signed_in(browser, running, "secretary") as page:
        kept = {each["name"]: each["value"] for each in await page.context.cookies()}
        session = Session.read(cookie.read(kept))
        assert session is not None
        over = replace(session, expires=0.0, refresh=None)
        pairs = [header.partition(";")[0].partition("=") for header in cookie.write(over.values, {})]
        await page.context.add_cookies([{"name": n, "value": v, "url": running.backoffice} for n, _, v in pairs])
        await page.locator(".who > summary").click()
        await page.get_by_role("button", name="Se déconnecter").click()
        await expect(page.get_by_role("heading", name="Votre session est terminée")).to_be_visible()
        async with page.context.expect_page() as opened:
            await page.get_by_role("link", name="Se reconnecter").click()
        other = await opened.value
        await other.locator("button[value=secretary]").click()
        await expect(other.get_by_role("heading", name="Vous êtes connecté")).to_be_visible()
        await page.get_by_role("button", name="Envoyer le formulaire").click()
        await expect(page.get_by_role("heading", name="Vous êtes déconnecté")).to_be_visible()
        await page.goto("/follow-up")
        await expect(page.locator("button[value=secretary]")).to_be_visible()


def test_the_keys_of_the_cookies_are_the_suites_own(running: Suite) -> None:
    path: Path = running.folder / "secrets" / "backoffice" / "CARNET_SESSION_KEYS"
    assert path.stat().st_mode & 0o077 == 0
