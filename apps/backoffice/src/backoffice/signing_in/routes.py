"""Signing in (OpenID Connect), signing out, and the choice of a language."""

import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backoffice.languages import LANGUAGES
from backoffice.languages.choosing import COOKIE
from backoffice.web import AnyVisit, Form, pages
from backoffice.web.cookies import add_cookie
from backoffice.web.people import NoRightsError
from backoffice.web.provider import SignInRefusedError
from backoffice.web.sealing import SealedCookie
from backoffice.web.sessions import Session
from backoffice.web.visits import Shared, language_of, shared_of

routes = pages()

SIGNING_IN, LASTS = "carnet_signing_in", 900
"""The cookie of a sign-in under way: its state, nonce and verifier, and where to go after it."""

_NEXT = "next"
_YEAR = 31_536_000


@routes.get("/sign-in")
async def sign_in(request: Request, next: str = "/", again: bool = False) -> Response:  # noqa: A002 # as in the address
    """Begin to sign in: go to the provider. With ``again``, a page says first that the session has ended."""
    shared = shared_of(request)
    if again:
        return shared.templates.answer("signing_in/signed_out.html", language_of(request), ended=True)
    return await _begin(request, shared, local(next))


@routes.get("/sign-in/return")
async def return_from_provider(request: Request) -> Response:
    """Come back from the provider with a code: the session begins, under a new cookie."""
    shared = shared_of(request)
    cookie = _cookie(shared)
    under_way = cookie.read(request.cookies) or {}
    add_cookie(request, *cookie.clear(request.cookies))
    request.scope["session"] = under_way
    try:
        tokens = await shared.provider.finish(request)
    except SignInRefusedError as refused:
        return shared.templates.answer(
            "signing_in/refused.html", language_of(request), 403, cancelled=refused.cancelled
        )
    try:
        before = Session.read(shared.session.read(request.cookies))
        session = Session.begun(tokens, before)
    except NoRightsError as error:
        add_cookie(request, *shared.session.clear(request.cookies))
        return shared.templates.answer(
            "signing_in/no_rights.html", language_of(request), 403, client=error.reason == "client"
        )
    add_cookie(request, *shared.session.write(session.values, request.cookies))
    return RedirectResponse(local(str(under_way.get(_NEXT, "/"))), 303)


@routes.get("/signed-in")
async def signed_in(visit: AnyVisit) -> Response:
    """Signed in again, in another tab than the one of the form that waits."""
    return await visit.page("signing_in/signed_in.html")


@routes.post("/sign-out")
async def sign_out(visit: AnyVisit) -> Response:
    """End the session here, and at the provider if it offers that."""
    await visit.sent()
    shared = shared_of(visit.request)
    add_cookie(visit.request, *shared.session.clear(visit.request.cookies))
    back = f"{shared.settings.backoffice_url}/signed-out"
    address = await shared.provider.sign_out_address(visit.session.identity, back)
    return RedirectResponse(address or "/signed-out", 303)


@routes.get("/signed-out")
async def signed_out(request: Request) -> Response:
    """Nobody is signed in any more."""
    return shared_of(request).templates.answer("signing_in/signed_out.html", language_of(request), ended=False)


@routes.post("/language")
async def choose_language(request: Request) -> Response:
    """Choose a language; it is kept in this browser. It changes nothing else, so anybody may send it."""
    form = Form.sent(language_of(request), await request.form(max_fields=5))
    shared = shared_of(request)
    if code := form.choice("language", LANGUAGES):
        secure = "; Secure" if shared.settings.secure else ""
        add_cookie(request, f"{COOKIE}={code}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax{secure}")
    return RedirectResponse(local(form.value("back", "/")), 303)


async def _begin(request: Request, shared: Shared, after: str) -> Response:
    under_way = {_NEXT: after, "mark": secrets.token_urlsafe(8)}
    request.scope["session"] = under_way
    back = f"{shared.settings.backoffice_url}/sign-in/return"
    address = await shared.provider.begin(request, back, language_of(request).code)
    add_cookie(request, *_cookie(shared).write(under_way, request.cookies))
    return RedirectResponse(address, 303)


def _cookie(shared: Shared) -> SealedCookie:
    # For one path: nothing else needs it, and of two tabs that sign in at once only the first has to begin again.
    return SealedCookie(shared.sealer, SIGNING_IN, lasts=LASTS, secure=shared.settings.secure, path="/sign-in")


def local(address: str) -> str:
    r"""An address of this site; the start page if it leads elsewhere.

    >>> local("/follow-up?search=a"), local("//evil.example"), local("https://evil.example"), local("/\\evil")
    ('/follow-up?search=a', '/', '/', '/')
    """
    parts = urlsplit(address)
    fine = address.startswith("/") and not address.startswith("//") and not parts.scheme and not parts.netloc
    return address if fine and "\\" not in address and address.isprintable() else "/"
