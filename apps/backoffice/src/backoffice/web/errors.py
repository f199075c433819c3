"""What is shown instead of a page: what happened and what to do, in words, with the menu around it where possible."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backoffice.apis import Problem, ServiceAwayError
from backoffice.languages import N_, Language
from backoffice.problems import sentence, service_name
from backoffice.web.edge import FormTooLargeError
from backoffice.web.forms import MOST_FIELDS, TOKEN
from backoffice.web.navigation import menu_for
from backoffice.web.people import NoRightsError
from backoffice.web.provider import ProviderAwayError
from backoffice.web.rights import why_not
from backoffice.web.sessions import Session, SessionEndedError
from backoffice.web.visits import ForgedFormError, Visit, language_of, shared_of
from carnet.observe import log


@dataclass(frozen=True, slots=True)
class Fault:
    """A page about something that went wrong. ``retry`` offers to read the same page again."""

    status: int
    title: str
    sentence: str
    retry: bool = False
    back: bool = True


_NOT_FOUND = Fault(
    404,
    N_("There is nothing here"),
    N_("What you look for does not exist in your organisation. It may have been erased, or the address is not right."),
)
_NOT_ALLOWED = N_("Your role does not allow this")
_FORGED = Fault(
    403,
    N_("This form could not be checked"),
    N_(
        "Nothing was saved. The form was opened in another session or came from another site. "
        "Go back, open the page again, and send it once more."
    ),
)
_PROVIDER_AWAY = Fault(
    503,
    N_("Signing in does not answer"),
    N_("The sign-in of your organisation cannot be reached just now, and nothing has changed. Try again in a minute."),
    retry=True,
)
_TOO_LARGE = Fault(413, N_("This is too much at once"), N_("Nothing was saved. Send less at a time."))
_UNREADABLE = Fault(
    422, N_("This address is not right"), N_("Something in the address of this page cannot be read. Begin again.")
)
_UNEXPECTED = Fault(
    500,
    N_("Something went wrong on our side"),
    N_("It has been recorded. Try again; if it stays, give the number below when you ask for help."),
    retry=True,
)


def handle_faults(app: FastAPI) -> None:
    """Have every fault answered by a page."""
    app.add_exception_handler(SessionEndedError, _sign_in)
    app.add_exception_handler(NoRightsError, _no_rights)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(ServiceAwayError, _away)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ForgedFormError, _always(_FORGED))
    app.add_exception_handler(ProviderAwayError, _always(_PROVIDER_AWAY))
    app.add_exception_handler(FormTooLargeError, _always(_TOO_LARGE))
    app.add_exception_handler(RequestValidationError, _always(_UNREADABLE))
    app.add_exception_handler(Exception, _unexpected)


def _shown(request: Request, fault: Fault, language: Language) -> Response:
    shared = shared_of(request)
    return shared.templates.answer(
        "web/fault.html",
        language,
        fault.status,
        title=language.gettext(fault.title),
        sentence=language.gettext(fault.sentence),
        retry=str(request.url.path) if fault.retry and request.method == "GET" else None,
        back=fault.back,
        number=request.scope.get("carnet.request", ""),
        show_number=fault.status >= 500,
        **_around(request),
    )


def _around(request: Request) -> dict[str, Any]:
    """What the menu needs, if somebody is signed in: no API is called for it."""
    session = Session.read(shared_of(request).session.read(request.cookies))
    try:
        visit = None if session is None else Visit(request, session)
    except NoRightsError:
        visit = None
    if visit is None:
        return {}
    return {"visit": visit, "menu": menu_for(visit.person, request.url.path, shared_of(request).served)}


def _always(fault: Fault) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, _: Exception) -> Response:
        return _shown(request, fault, language_of(request))

    return answer


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 # the handler of these
    return _shown(request, _NOT_FOUND, language_of(request))


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 # the handler of these
    if error.status == 401:
        return await _sign_in(request, error)
    language = language_of(request)
    if error.status == 404:
        return _shown(request, _NOT_FOUND, language)
    if error.slug == "scope-missing":
        text = why_not(str(error.params.get("scope", "")), language)
        return _shown(request, Fault(403, _NOT_ALLOWED, text), language)
    title = _NOT_ALLOWED if error.status == 403 else N_("This was not possible")
    if error.status >= 500:
        return _shown(request, _UNEXPECTED, language)
    return _shown(request, Fault(error.status, title, sentence(error, language, "EUR")), language)


async def _away(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceAwayError)  # noqa: S101 # the handler of these
    language = language_of(request)
    title = language.gettext("{service}: no answer just now").format(service=service_name(error.service, language))
    text = N_("This page needs that part of Carnet. Nothing has changed. Try again in a few seconds.")
    return _shown(request, Fault(503, title, text, retry=True), language)


async def _no_rights(request: Request, error: Exception) -> Response:
    assert isinstance(error, NoRightsError)  # noqa: S101 # the handler of these
    language = language_of(request)
    return shared_of(request).templates.answer(
        "signing_in/no_rights.html", language, 403, client=error.reason == "client"
    )


async def _sign_in(request: Request, _: Exception) -> Response:
    """Sign in, then come back; what was typed in a form stays on the page meanwhile."""
    if request.method in {"GET", "HEAD"}:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse("/sign-in" if path == "/" else f"/sign-in?next={quote(path, safe='/')}", 303)
    shared = shared_of(request)
    data = await request.form(max_fields=MOST_FIELDS)
    session = Session.read(shared.session.read(request.cookies))
    token = data.get(TOKEN)
    if session is None or not isinstance(token, str) or not session.made(token):
        return _shown(request, _FORGED, language_of(request))
    return shared.templates.answer(
        "signing_in/kept.html",
        language_of(request),
        401,
        action=str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""),
        fields=[(name, value) for name, value in data.multi_items() if isinstance(value, str)],
        person=session.name,
    )


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    return _shown(request, _UNEXPECTED, language_of(request))
