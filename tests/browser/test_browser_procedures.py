"""What people do, in a browser on a real suite: from the sign-in at its provider to what the services answer."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from backoffice.web.sealing import SealedCookie, Sealer
from backoffice.web.sessions import LASTS, SESSION, Session
from carnet_suite.supervisor import Suite
from tests.browser.looking import Look, shown_once, signed_in
from tests.browser.school import SCHOOL

LOOKS = [Look("fr"), Look("en"), Look("fr", phone=True), Look("en", phone=True), Look("fr", scripts=False)]
WORDS = {"fr": ("Suivi des paiements", "Afficher"), "en": ("Payment follow-up", "Show")}


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
        await expect(page.locator("table.rows tbody")).to_contain_text("Zoé")


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


async def put_on_the_list(page: Page, product: str) -> None:
    """Search a product among all that other procedures may have put on sale, and choose it."""
    await page.locator("#field-search").fill(product)
    await page.locator("button[value=find]:not(.unseen)").click()
    await page.locator("button[value^='put ']", has_text=product).first.click()


async def previewed_addition(page: Page, contract: str, words: Mapping[str, str]) -> None:
    """Choose the ballet course for the child of a contract, and look at what that does."""
    await page.goto(f"/contracts/{contract}/changes/add")
    await put_on_the_list(page, "Danse")
    await expect(page.get_by_role("heading", name=words["list"])).to_be_visible()
    await page.get_by_role("button", name=words["see"]).click()
    await expect(page.get_by_text(words["nothing saved"])).to_be_visible()


CHANGING = {
    "fr": {
        "list": "Sur la liste",
        "see": "Voir ce que cela donne",
        "nothing saved": "Rien n’est encore enregistré.",
        "confirm": "Confirmer l’ajout",
        "done": "C’est ajouté.",
        "draft": "brouillon",
        "on sale": "C’est en vente.",
        "moved": "Quelque chose a bougé depuis que vous avez regardé.",
        "record": "Enregistrer le paiement",
        "recorded": "Le paiement est enregistré.",
        "cash": "espèces",
        "open": "Ouvrir le contrat",
        "opened": "Le contrat est ouvert.",
    },
    "en": {
        "list": "On the list",
        "see": "See what it does",
        "nothing saved": "Nothing is saved yet.",
        "confirm": "Confirm the addition",
        "done": "Added.",
        "draft": "draft",
        "on sale": "It is on sale.",
        "moved": "Something has moved since you looked.",
        "record": "Record the payment",
        "recorded": "The payment is recorded.",
        "cash": "cash",
        "open": "Open the contract",
        "opened": "The contract is opened.",
    },
}


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[3], LOOKS[4]], ids=["fr", "en-phone", "no-scripts"])
async def test_a_course_is_added_to_a_contract_and_its_schedule_follows(
    browser: Browser, running: Suite, school: Mapping[str, str], look: Look
) -> None:
    words, contract = CHANGING[look.language], school["Élan"]
    async with signed_in(browser, running, "secretary", look) as page:
        await page.goto(f"/contracts/{contract}/purchases")
        lines = page.locator("main tbody tr")
        before = await lines.count()
        await previewed_addition(page, contract, words)
        await page.get_by_role("button", name=words["confirm"]).click()
        await expect(page.locator(".notice")).to_have_text(words["done"])
        await expect(lines).to_have_count(before + 1)


async def test_a_preview_that_is_no_longer_true_shows_the_new_one_and_a_double_click_adds_once(
    browser: Browser, running: Suite, school: Mapping[str, str]
) -> None:
    words, contract = CHANGING["fr"], school["Martin"]
    async with signed_in(browser, running, "secretary") as page, signed_in(browser, running, "director") as other:
        await page.goto(f"/contracts/{contract}/purchases")
        before = await page.locator("main tbody tr").count()
        await previewed_addition(page, contract, words)
        await previewed_addition(other, contract, words)
        await other.get_by_role("button", name=words["confirm"]).click(click_count=2)
        await expect(other.locator(".notice")).to_have_text(words["done"])
        await page.get_by_role("button", name=words["confirm"]).click()
        await expect(page.get_by_text(words["moved"])).to_be_visible()
        await page.get_by_role("button", name=words["confirm"]).click()
        await expect(page.locator(".notice")).to_have_text(words["done"])
        await expect(page.locator("main tbody tr")).to_have_count(before + 2)


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_a_payment_in_cash_is_recorded_by_the_cashier(
    browser: Browser, running: Suite, school: Mapping[str, str], language: str
) -> None:
    words, contract = CHANGING[language], school["Élan"]
    async with signed_in(browser, running, "cashier", Look(language)) as page:
        await page.goto(f"/contracts/{contract}/schedule")
        await page.locator("a[href$='/moves/payment']").first.click()
        await page.locator("#field-amount").fill("12,50")
        await page.locator("#field-method").select_option("cash")
        await page.get_by_role("button", name=words["see"]).click()
        await expect(page.get_by_text(words["nothing saved"])).to_be_visible()
        await page.get_by_role("button", name=words["record"]).click()
        await expect(page.locator(".notice")).to_have_text(words["recorded"])
        await expect(page.locator("main tbody")).to_contain_text(words["cash"])


async def test_a_contract_is_opened_for_a_family_that_is_searched(
    browser: Browser, running: Suite, school: Mapping[str, str]
) -> None:
    words = CHANGING["fr"]
    async with signed_in(browser, running, "secretary") as page:
        await page.goto("/open-contract?search=mart")
        await page.locator("main tbody a.button").first.click()
        await put_on_the_list(page, "Danse")
        await page.get_by_role("button", name=words["see"]).click()
        await expect(page.get_by_text(words["nothing saved"])).to_be_visible()
        await page.get_by_role("button", name=words["open"]).click()
        await expect(page.locator(".notice")).to_have_text(words["opened"])
        assert school["Martin"] not in page.url


@pytest.mark.parametrize("look", [LOOKS[4], LOOKS[1]], ids=["fr-no-scripts", "en"])
async def test_a_product_is_put_on_sale_and_sold_a_mail_is_reworded_and_the_clock_moves(
    browser: Browser, running: Suite, school: Mapping[str, str], look: Look
) -> None:
    words, name = CHANGING[look.language], f"Tutu {look.language}"
    save, notice = "main form button.main", ".notice"
    async with signed_in(browser, running, "director", look) as page:
        await page.goto("/catalog/new?kind=item")
        await page.locator("#field-name").fill(name)
        await page.locator("#field-vat_rate").fill("20")
        await page.locator("[name='formats.0.tariffs.0.price']").fill("240,00")
        await page.locator(save).click()
        await expect(page.locator(".pill")).to_have_text(words["draft"])
        await page.locator("form[action$='/sale'] button").click()
        await expect(page.locator(notice)).to_have_text(words["on sale"])
        await page.goto(f"/contracts/{school['<script>alert(1)</script>']}/changes/add")
        await put_on_the_list(page, name)
        await expect(page.locator("main")).to_contain_text("240")
        await page.get_by_role("button", name=words["see"]).click()
        await page.get_by_role("button", name=words["confirm"]).click()
        await expect(page.locator(notice)).to_have_text(words["done"])
        await expect(page.locator("main tbody tr", has_text=name)).to_be_visible()

        await page.goto(f"/mail-texts/contract_changed/{look.language}")
        body = page.locator("#field-body")
        before = await body.input_value()
        await body.fill(f"{before}\n\nTotal: {{{{ totl }}}}")
        await page.locator("button[value=try]").click()
        await expect(page.locator("#error-body")).to_contain_text("Total: {{ totl }}")
        await body.fill(f"{before}\n\n{name}, {{{{ organisation.name }}}}")
        await page.locator(save).click()
        await expect(page.frame_locator("iframe.mail").locator("body")).to_contain_text(f"{name}, ")
        await page.locator(".bar-actions a").click()
        await page.locator("main form button.danger").click()
        await expect(page.locator("iframe.mail")).to_be_visible()
        await expect(body).to_have_value(before)

    async with signed_in(browser, running, "elsewhere", look) as page:
        await page.goto("/settings/clock")
        await page.locator("button[value=week]").click()
        await expect(page.locator(".clock")).to_be_visible()
        await page.goto("/today")
        await expect(page.locator(".clock")).to_be_visible()


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize("look", [LOOKS[4], LOOKS[3]], ids=["fr-no-scripts", "en-phone"])
async def test_a_family_is_created_pays_with_a_credit_and_a_cheque_and_is_refunded(
    browser: Browser, running: Suite, look: Look
) -> None:
    decimal = "," if look.language == "fr" else "."
    notice, main = ".notice", "main form button.main"
    async with signed_in(browser, running, "director", look) as page:

        async def sent(button: str = main) -> None:
            await page.locator(button).first.click()
            await expect(page.locator(notice)).to_be_visible()

        async def moved(path: str, **typed: str) -> None:
            """Fill in the form of a move, look at what it does, do it."""
            await page.goto(path)
            for name, value in typed.items():
                await page.locator(f"[name={name}]").first.fill(value)
            await page.locator("button[value=preview]").first.click()
            await page.locator("button[value=confirm]").click()
            await expect(page.locator(notice)).to_be_visible()

        await page.goto("/accounts/new")
        for name, value in {"first_name": "Ada", "last_name": "Zola", "person-0-first_name": "Émile"}.items():
            await page.locator(f"#field-{name}").fill(value)
        await page.locator("#field-person-0-last_name").fill("Zola")
        await sent()
        await expect(page.locator("main")).to_contain_text("Émile Zola")
        family = page.url

        await page.goto(f"{family}/credits/new")
        await page.locator("#field-amount").fill(f"20{decimal}00")
        await page.locator("#field-reason").fill("A lesson was called off")
        await sent()
        credit = page.url

        await page.goto(family.replace("/accounts/", "/open-contract/"))
        await page.locator("#field-mode").select_option("on_site")
        await page.locator("#field-way").select_option("later")
        await put_on_the_list(page, "Danse")
        await page.locator("button[value=preview]").first.click()
        await sent()
        contract = page.url.removesuffix("/purchases")

        await moved(f"{contract}/use-credit")
        await moved(f"{contract}/moves/payment", amount="50")
        await moved(f"{contract}/moves/planning", count="2")
        await page.goto(f"{contract}/moves/cheques")
        await page.locator("#field-bank").fill("Crédit du Nord")
        await page.locator("[name=cheque]").first.check()
        await page.locator("button[value=preview]").first.click()
        await page.locator("button[value=confirm]").click()
        await expect(page.locator("main tbody")).to_contain_text("Crédit du Nord")
        await shown_once(page, "/cheques", "Ada Zola")

        await page.goto(f"{contract}/cancellation")
        await sent("main form button.main")
        await shown_once(page, f"{contract}/schedule/why?of=refund_line", f"50{decimal}00")
        await shown_once(page, credit, f"20{decimal}00")
        await shown_once(page, "/cheques", "Ada Zola", gone=True)

        await page.goto(f"/refunds/{contract.rpartition('/')[2]}?amount=30")
        await sent("form:has([name=how][value=on_site]) button")
        await page.locator("#field-reason").fill("Kept for the costume")
        await sent("form:has([name=how][value=waived]) button")
        await page.goto(f"{contract}/schedule")
        await expect(page.locator("main .minus")).to_have_count(0)


def test_the_keys_of_the_cookies_are_the_suites_own(running: Suite) -> None:
    path: Path = running.folder / "secrets" / "backoffice" / "CARNET_SESSION_KEYS"
    assert path.stat().st_mode & 0o077 == 0
