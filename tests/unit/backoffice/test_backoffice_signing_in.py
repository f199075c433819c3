"""Signing in at the provider of the local suite, over its real addresses and without a network."""

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import jwt
import pytest

from backoffice.web.people import claims_of
from backoffice.web.sessions import Session
from carnet_operations.keys import ALGORITHM, AUDIENCE, KeyFiles, key_files
from carnet_suite.signing_in.people import PEOPLE
from carnet_suite.signing_in.provider import LocalProvider
from tests.backoffice.people import ADDRESS, PROVIDER, Office, session
from tests.backoffice.registry import answer_all

LASTS = timedelta(minutes=15)


class Line(httpx.AsyncBaseTransport):
    """The line to the provider, which can be cut."""

    def __init__(self, keys: KeyFiles) -> None:
        self.cut = False
        self.asked: list[str] = []
        self._app = httpx.ASGITransport(LocalProvider(PROVIDER, ADDRESS, keys, LASTS).app())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.cut:
            raise httpx.ConnectError("cut", request=request)
        return await self._app.handle_async_request(request)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyFiles:
    return key_files(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def line(keys: KeyFiles) -> Line:
    return Line(keys)


@pytest.fixture
def office(line: Line) -> Office:
    office = Office(provider=line)
    answer_all(office.front)
    return office


async def choose(line: Line, address: str, person: str) -> str:
    """Choose somebody on the provider's page; the address to which it sends the browser back."""
    async with httpx.AsyncClient(transport=line) as client:
        page = await client.get(address)
        assert page.status_code == 200
        hidden = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text.replace("&amp;", "&")))
        hidden.pop("person", None)
        answer = await client.post(address.partition("?")[0], data={**hidden, "person": person})
    return answer.headers["location"]


async def signed_in(office: Office, line: Line, role: str, path: str = "/follow-up") -> httpx.AsyncClient:
    """A browser in which somebody has signed in; it is at ``path``."""
    browser = office.browser(language="fr")
    sent = await browser.get(path)
    assert sent.status_code == 303
    begun = await browser.get(sent.headers["location"])
    back = await choose(line, begun.headers["location"], role)
    returned = await browser.get(back)
    assert returned.status_code == 303, returned.text
    assert returned.headers["location"] == path
    return browser


def session_of(office: Office, browser: httpx.AsyncClient) -> Session:
    found = Session.read(office.shared.session.read(dict(browser.cookies)))
    assert found is not None
    return found


@pytest.mark.parametrize("role", ["director", "secretary", "cashier", "support", "elsewhere"])
async def test_people_sign_in_with_tokens_that_the_services_take(
    office: Office, line: Line, keys: KeyFiles, role: str
) -> None:
    browser = await signed_in(office, line, role, "/follow-up?search=a")
    page = await browser.get("/follow-up")
    assert page.status_code == 200
    assert PEOPLE[role].name in page.text
    token = office.front.requests[-1].headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, keys.public.read_bytes(), algorithms=[ALGORITHM], audience=AUDIENCE)
    assert claims["org"] == PEOPLE[role].organisation
    assert set(claims["scope"].split()) == set(PEOPLE[role].scopes)


async def test_the_sign_in_goes_by_code_with_pkce_state_and_nonce(office: Office) -> None:
    async with office.browser() as browser:
        begun = await browser.get("/sign-in?next=/follow-up")
    asked = httpx.URL(begun.headers["location"]).params
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["state"]
    assert asked["nonce"]
    assert asked["ui_locales"] == "fr"


async def test_cookies_are_not_for_scripts_nor_for_other_sites(office: Office, line: Line) -> None:
    browser = office.browser()
    begun = await browser.get("/sign-in")
    returned = await browser.get(await choose(line, begun.headers["location"], "secretary"))
    for cookie in [*begun.headers.get_list("set-cookie"), *returned.headers.get_list("set-cookie")]:
        assert "; HttpOnly; SameSite=Lax" in cookie


async def test_a_session_is_another_one_after_each_sign_in(office: Office, line: Line) -> None:
    browser = await signed_in(office, line, "secretary")
    before = browser.cookies["carnet_session"]
    begun = await browser.get("/sign-in")
    await browser.get(await choose(line, begun.headers["location"], "secretary"))
    assert browser.cookies["carnet_session"] != before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda back: back.copy_set_param("state", "another"),
        lambda back: back.copy_set_param("code", "another"),
        lambda back: back.copy_remove_param("state"),
    ],
    ids=["state", "code", "no state"],
)
async def test_a_return_that_is_not_ours_signs_nobody_in(
    office: Office, line: Line, spoil: Callable[[httpx.URL], httpx.URL]
) -> None:
    async with office.browser() as browser:
        begun = await browser.get("/sign-in")
        back = httpx.URL(await choose(line, begun.headers["location"], "secretary"))
        answer = await browser.get(spoil(back))
        assert answer.status_code == 403
        assert "Vous n’êtes pas connecté" in answer.text
        assert "carnet_session" not in browser.cookies


async def test_a_return_serves_once(office: Office, line: Line) -> None:
    async with office.browser() as browser:
        begun = await browser.get("/sign-in")
        back = await choose(line, begun.headers["location"], "secretary")
        assert (await browser.get(back)).status_code == 303
        assert (await browser.get(back)).status_code == 403


async def test_who_cancels_is_informed(office: Office, line: Line) -> None:
    async with office.browser() as browser:
        begun = await browser.get("/sign-in")
        answer = await browser.get(await choose(line, begun.headers["location"], ""))
    assert answer.status_code == 403
    assert "La connexion a été annulée." in answer.text


async def test_a_provider_that_is_down_is_shown_with_what_to_do(office: Office, line: Line) -> None:
    line.cut = True
    async with office.browser(language="en") as browser:
        answer = await browser.get("/sign-in")
    assert answer.status_code == 503
    assert "cannot be reached just now" in answer.text


@pytest.mark.parametrize("claims", [{}, {"sub": "x"}, {"sub": "x", "org": "o", "kind": "user", "scope": "openid"}])
async def test_a_person_without_the_claims_of_carnet_is_shown_whom_to_ask(
    office: Office, claims: dict[str, str]
) -> None:
    token = jwt.encode(claims, "k" * 32, "HS256")
    async with office.browser(signed_in=replace(session("secretary"), access=token)) as browser:
        answer = await browser.get("/follow-up")
    assert answer.status_code == 403
    assert "de vous donner un rôle dans Carnet" in answer.text


async def test_a_family_is_informed_that_these_pages_are_the_schools(office: Office) -> None:
    token = jwt.encode({"sub": "x", "org": "o", "kind": "client", "scope": "payments:read"}, "k" * 32, "HS256")
    async with office.browser(signed_in=replace(session("secretary"), access=token)) as browser:
        answer = await browser.get("/follow-up")
    assert answer.status_code == 403
    assert "en tant que famille" in answer.text


async def test_a_token_is_renewed_before_it_ends_and_the_page_is_shown(office: Office, line: Line) -> None:
    browser = await signed_in(office, line, "secretary")
    now = session_of(office, browser)
    ending = replace(now, expires=time.time() + 30)
    async with office.browser(signed_in=ending) as later:
        assert (await later.get("/follow-up")).status_code == 200
        renewed = session_of(office, later)
    assert renewed.access != now.access or renewed.expires > ending.expires + 600
    assert renewed.secret == now.secret


async def test_requests_that_come_together_renew_a_token_once(office: Office, line: Line) -> None:
    browser = await signed_in(office, line, "secretary")
    ending = replace(session_of(office, browser), expires=time.time() + 30)
    line.asked.clear()
    async with office.browser(signed_in=ending) as one, office.browser(signed_in=ending) as two:
        answers = await asyncio.gather(one.get("/follow-up"), two.get("/follow-up"))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert line.asked.count("/token") == 1


async def test_while_the_provider_is_down_a_token_that_is_still_good_serves(office: Office, line: Line) -> None:
    line.cut = True
    async with office.browser(signed_in=session("secretary", lasts=30, refresh="some")) as browser:
        assert (await browser.get("/follow-up")).status_code == 200


async def test_a_session_that_is_over_leads_to_the_sign_in_and_back(office: Office) -> None:
    async with office.browser(signed_in=session("secretary", lasts=-1)) as browser:
        answer = await browser.get("/follow-up?search=é")
    assert answer.status_code == 303
    assert httpx.URL(answer.headers["location"]).params["next"] == "/follow-up?search=%C3%A9"


async def test_a_form_that_is_sent_after_the_session_is_kept_and_can_be_sent_again(office: Office, line: Line) -> None:
    browser = await signed_in(office, line, "secretary")
    now = session_of(office, browser)
    entered = {"_token": now.form_token(), "_key": "k1", "note": 'a "quoted" <b>', "line": ["1", "2"]}
    over = replace(now, expires=0.0, refresh=None)
    async with office.browser(signed_in=over) as expired:
        kept = await expired.post("/sign-out?x=1", data=entered)
        assert kept.status_code == 401
        assert "votre saisie est gardée" in kept.text
        assert 'action="/sign-out?x=1"' in kept.text
        assert 'name="note" value="a &#34;quoted&#34; &lt;b&gt;"' in kept.text
        assert kept.text.count('name="line"') == 2
        begun = await expired.get("/sign-in?next=/signed-in")
        await expired.get(await choose(line, begun.headers["location"], "secretary"))
        assert session_of(office, expired).made(entered["_token"])


async def test_a_form_of_somebody_else_is_not_sent_after_another_person_signs_in(office: Office, line: Line) -> None:
    browser = await signed_in(office, line, "secretary")
    token = session_of(office, browser).form_token()
    begun = await browser.get("/sign-in")
    await browser.get(await choose(line, begun.headers["location"], "cashier"))
    assert not session_of(office, browser).made(token)
    assert (await browser.post("/sign-out", data={"_token": token})).status_code == 403


@pytest.mark.parametrize("token", [None, "", "forged", "00.00"])
async def test_a_form_of_another_site_is_refused_and_does_nothing(office: Office, token: str | None) -> None:
    async with office.browser("secretary") as browser:
        answer = await browser.post("/sign-out", data={} if token is None else {"_token": token})
        assert answer.status_code == 403
        assert "Rien n’a été enregistré" in answer.text
        assert "carnet_session" in browser.cookies


async def test_who_signs_out_is_signed_out_here_and_at_the_provider(office: Office, line: Line) -> None:
    browser = await signed_in(office, line, "secretary")
    token = session_of(office, browser).form_token()
    answer = await browser.post("/sign-out", data={"_token": token})
    address = httpx.URL(answer.headers["location"])
    assert str(address).startswith(f"{PROVIDER}/sign-out")
    assert address.params["id_token_hint"]
    assert not browser.cookies.get("carnet_session")
    async with httpx.AsyncClient(transport=line) as client:
        back = (await client.get(address)).headers["location"]
    assert back.startswith(f"{ADDRESS}/signed-out")
    assert "Vous êtes déconnecté" in (await browser.get(back)).text


async def test_while_the_provider_is_down_somebody_can_sign_out_here(office: Office, line: Line) -> None:
    line.cut = True
    async with office.browser("secretary") as browser:
        answer = await browser.post("/sign-out", data={"_token": session("secretary").form_token()})
        assert answer.headers["location"] == "/signed-out"
        assert not browser.cookies.get("carnet_session")


async def test_a_cookie_that_was_changed_is_no_session(office: Office) -> None:
    async with office.browser() as browser:
        browser.cookies.set("carnet_session", "gAAAAABm" + "x" * 200)
        assert (await browser.get("/follow-up")).status_code == 303


async def test_a_long_session_is_in_several_cookies(office: Office) -> None:
    long = replace(session("secretary"), refresh=secrets.token_urlsafe(6_000))
    async with office.browser(signed_in=long) as browser:
        assert len(browser.cookies) > 1
        assert (await browser.get("/follow-up")).status_code == 200


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_a_sign_in_leads_to_pages_of_this_site_only(office: Office, line: Line, address: str) -> None:
    async with office.browser() as browser:
        begun = await browser.get("/sign-in", params={"next": address})
        returned = await browser.get(await choose(line, begun.headers["location"], "secretary"))
    assert returned.headers["location"] == "/"


async def test_a_language_is_chosen_and_kept(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        assert '<html lang="en">' in (await browser.get("/follow-up")).text
        chosen = await browser.post("/language", data={"language": "fr", "back": "/follow-up?search=a"})
        assert (chosen.status_code, chosen.headers["location"]) == (303, "/follow-up?search=a")
        assert '<html lang="fr">' in (await browser.get("/follow-up")).text


async def test_the_language_is_the_organisations_if_the_browser_has_none_of_ours(office: Office) -> None:
    office.front.answers["GET /catalog/v1/organisation"] |= {"languages": ["en"]}
    async with office.browser("secretary", "de") as browser:
        await browser.get("/follow-up")
        assert '<html lang="en">' in (await browser.get("/follow-up")).text


def test_claims_are_read_from_nothing_that_is_no_token() -> None:
    assert claims_of("") == claims_of("a.b.c") == claims_of("a.!!.c") == {}
