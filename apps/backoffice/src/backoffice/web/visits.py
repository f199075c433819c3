"""A visit: one request of somebody who is signed in, with all that a page needs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from fastapi import Depends
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backoffice.apis import Api, Apis, Away, Json, Problem, part
from backoffice.config import BackofficeSettings
from backoffice.languages import Language, chosen
from backoffice.languages.choosing import COOKIE
from backoffice.web.cookies import add_cookie
from backoffice.web.forms import MOST_FIELDS, TOKEN, Form
from backoffice.web.navigation import home_of, menu_for
from backoffice.web.people import Person
from backoffice.web.provider import Provider
from backoffice.web.rendering import Templates
from backoffice.web.rights import why_not
from backoffice.web.sealing import SealedCookie, Sealer
from backoffice.web.sessions import LASTS, SESSION, Renewals, Session, SessionEndedError

NOTICE, NOTICE_LASTS = "carnet_notice", 120


class ForgedFormError(Exception):
    """A form does not come from a page of this session."""


_LONGEST_NAME = 100
"""Characters that are kept of what a file is called."""


@dataclass(frozen=True)
class Shared:
    """What all visits share: ``app.state.shared``."""

    settings: BackofficeSettings
    apis: Apis
    provider: Provider
    renewals: Renewals
    templates: Templates
    session: SealedCookie
    notice: SealedCookie
    sealer: Sealer
    served: frozenset[str]
    """The paths that have a page."""
    languages: dict[str, list[str]]
    """The languages of organisations, as they were last read."""
    closing: list[Callable[[], None]]
    """What is called when the process stops."""

    @classmethod
    def made(
        cls, settings: BackofficeSettings, apis: Apis, provider: Provider, templates: Templates, served: frozenset[str]
    ) -> "Shared":
        """All of it."""
        sealer = Sealer(settings.session_keys.get_secret_value())
        return cls(
            settings=settings,
            apis=apis,
            provider=provider,
            renewals=Renewals(provider),
            templates=templates,
            session=SealedCookie(sealer, SESSION, lasts=LASTS, secure=settings.secure),
            notice=SealedCookie(sealer, NOTICE, lasts=NOTICE_LASTS, secure=settings.secure),
            sealer=sealer,
            served=served,
            languages={},
            closing=[],
        )


def shared_of(request: Request) -> Shared:
    """What all visits share."""
    shared: Shared = request.app.state.shared
    return shared


def language_of(request: Request, organisation: str | None = None) -> Language:
    """The language of a request."""
    known = shared_of(request).languages.get(organisation or "", [])
    return chosen(request.cookies.get(COOKIE), request.headers.get("accept-language", ""), known)


class Visit:
    """One request of a signed-in person.

    Attributes:
        person: Who they are.
        api: The APIs, with their token.
        language: Their language.
    """

    def __init__(self, request: Request, session: Session) -> None:
        self.request = request
        self.session = session
        self.person: Person = session.person
        self.language = language_of(request, self.person.organisation)
        self._shared = shared_of(request)
        self.api: Api = self._shared.apis.for_person(
            session.access, self.language.code, request.scope.get("carnet.request", "")
        )
        self._organisation: asyncio.Task[Json | Away | None] | None = None

    # The organisation

    def begin(self) -> None:
        """Begin to read the organisation, beside what the page itself reads."""
        self._organisation = asyncio.create_task(self._read_organisation())

    async def organisation(self) -> Json | Away | None:
        """The profile of the organisation; None if the person may not see it."""
        if self._organisation is None:
            self.begin()
        assert self._organisation is not None  # noqa: S101 # it has just begun
        return await self._organisation

    async def today(self) -> str:
        """The organisation's date (MON-5); raises ``ServiceAwayError`` if nobody can say."""
        organisation = await self.organisation()
        if isinstance(organisation, dict):
            return str(organisation["today"])
        return str((await self.api.get("/payments/v1/today"))["today"])

    async def time_zone(self) -> str:
        """The organisation's time zone; UTC if it can't be read just now."""
        organisation = await self.organisation()
        return str(organisation["time_zone"]) if isinstance(organisation, dict) else "UTC"

    async def currency(self) -> str:
        """The organisation's currency; EUR if it can't be read just now."""
        organisation = await self.organisation()
        return str(organisation["currency"]) if isinstance(organisation, dict) else "EUR"

    async def _read_organisation(self) -> Json | Away | None:
        try:
            found = await part(self.api.get("/catalog/v1/organisation"))
        except Problem as problem:
            if problem.status in {403, 404, 409}:
                return None
            raise
        if isinstance(found, dict):
            self._shared.languages[self.person.organisation] = list(found["languages"])
        return found

    # Texts and rights

    def gettext(self, text: str) -> str:
        """A text in the person's language."""
        return self.language.gettext(text)

    def translated(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Texts in the person's language, by their names."""
        return {name: self.gettext(text) for name, text in texts.items()}

    def ngettext(self, one: str, many: str, count: int) -> str:
        """A text in the person's language for so many."""
        return self.language.ngettext(one, many, count)

    def may(self, scope: str | None) -> bool:
        """Whether the person's role includes a scope."""
        return self.person.may(scope)

    def why_not(self, scope: str) -> str:
        """Why the person cannot do what needs a scope, and whom to ask."""
        return why_not(scope, self.language)

    # Answers

    async def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """A page, with the organisation around it. Its parts are Json or ``Away``."""
        organisation = await self.organisation()
        notice = self._shared.notice.read(self.request.cookies)
        if notice is not None:
            add_cookie(self.request, *self._shared.notice.clear(self.request.cookies))
        return self._shared.templates.answer(
            template,
            self.language,
            status,
            visit=self,
            organisation=organisation if isinstance(organisation, dict) else None,
            notice=(notice or {}).get("text"),
            menu=menu_for(self.person, self.request.url.path, self._shared.served),
            **context,
        )

    def fragment(self, template: str, **context: Any) -> Response:
        """A part of a page, which a script puts into one that is shown; without the organisation around it."""
        return self._shared.templates.answer(template, self.language, visit=self, **context)

    def to(self, path: str, notice: str | None = None) -> Response:
        """Go on to another page, after a form was done (303); ``notice`` is said there."""
        if notice is not None:
            add_cookie(self.request, *self._shared.notice.write({"text": notice[:500]}, self.request.cookies))
        return RedirectResponse(path, 303)

    def home(self) -> str:
        """The page with which a day begins."""
        return home_of(self._shared.served)

    def serves(self, path: str) -> bool:
        """Whether a page is at that path."""
        return path in self._shared.served

    # Forms

    def form(self) -> Form:
        """An empty form."""
        return Form(self.language)

    async def sent(self) -> Form:
        """The form that was sent. Raises ``ForgedFormError`` if it is none of this session's pages."""
        data: FormData = await self.request.form(max_fields=MOST_FIELDS)
        token = data.get(TOKEN)
        if not isinstance(token, str) or not self.session.made(token):
            raise ForgedFormError
        return Form.sent(self.language, data)

    async def upload(self, name: str, *, most: int) -> bytes:
        """The file in a field of the form that was sent, its first bytes where it has more than ``most``; maybe none.

        ``sent`` has looked at the form before.
        """
        file = (await self.request.form(max_fields=MOST_FIELDS)).get(name)
        return await file.read(most + 1) if isinstance(file, UploadFile) else b""

    async def uploaded(self, name: str, *, most: int) -> tuple[str, bytes]:
        """What the file in a field of the form is called, and its first bytes as ``upload`` reads them."""
        file = (await self.request.form(max_fields=MOST_FIELDS)).get(name)
        called = " ".join((file.filename or "").split()) if isinstance(file, UploadFile) else ""
        return called[-_LONGEST_NAME:], await self.upload(name, most=most)

    @cached_property
    def form_token(self) -> str:
        """What every form of the page carries, so that no other site can send it."""
        return self.session.form_token()


async def open_visit(request: Request) -> Visit:
    """The visit of a request.

    Raises ``SessionEndedError`` if nobody is signed in, ``ProviderAwayError`` if that can't be found out, and
    ``NoRightsError``.
    """
    shared = shared_of(request)
    session = Session.read(shared.session.read(request.cookies))
    if session is None:
        raise SessionEndedError
    fresh = await shared.renewals.fresh(session)
    if fresh is not session:
        add_cookie(request, *shared.session.write(fresh.values, request.cookies))
    visit = Visit(request, fresh)
    visit.begin()
    return visit


AnyVisit = Annotated[Visit, Depends(open_visit)]
"""What a page of anybody takes: ``async def show(visit: AnyVisit) -> Response``."""


def needs(*scopes: str) -> Any:
    """A page for those whose role includes every one of these scopes.

    ``Reads = Annotated[Visit, needs("payments:read")]``. Anybody else sees why not (ORG-2).
    """

    async def checked(visit: AnyVisit) -> Visit:
        for scope in scopes:
            if not visit.may(scope):
                raise Problem(403, "scope-missing", {"scope": scope})
        return visit

    return Depends(checked)


async def gathered(*calls: Awaitable[Any]) -> list[Any]:
    """What several calls answer that go out together; a service that is away is ``Away`` in its place."""
    return list(await asyncio.gather(*(part(call) for call in calls)))
