"""Browsers of people who are signed in, without a network: the application itself, over hand-written APIs."""

import time
from dataclasses import dataclass, field

import httpx
import jwt
from fastapi import FastAPI

from backoffice.app import build_app
from backoffice.config import BackofficeSettings
from backoffice.imports.looking import lookings_of
from backoffice.web.sessions import Session
from backoffice.web.visits import Shared
from carnet_suite.signing_in.people import PEOPLE
from tests.backoffice.front import FakeFront
from tests.waits import BOUND

ADDRESS = "http://backoffice.test"
PROVIDER = "http://provider.test"


def settings() -> BackofficeSettings:
    return BackofficeSettings(
        front_url="http://front.test",
        backoffice_url=ADDRESS,
        session_keys="a key of thirty-two characters ..",
        sign_in_url=PROVIDER,
    )


def access_token(role: str, lasts: float = 900, scopes: str | None = None) -> str:
    """A token as the provider makes them; the hand-written APIs do not look at its signature."""
    person = PEOPLE[role]
    claims = {
        "sub": person.key,
        "org": person.organisation,
        "kind": person.kind,
        "scope": scopes or " ".join(person.scopes),
    }
    return jwt.encode({**claims, "exp": time.time() + lasts}, "a secret of at least thirty-two bytes", "HS256")


def session(role: str, lasts: float = 900, refresh: str | None = None, scopes: str | None = None) -> Session:
    """The session of somebody whose access token is good for so many seconds."""
    until = time.time() + lasts
    return Session(access_token(role, lasts, scopes), refresh, None, PEOPLE[role].name, until, "a secret of forms")


@dataclass
class Office:
    """The application over hand-written APIs, and browsers at it."""

    front: FakeFront = field(default_factory=FakeFront)
    provider: httpx.AsyncBaseTransport | None = None

    def __post_init__(self) -> None:
        self.app: FastAPI = build_app(settings(), apis=self.front, provider=self.provider)
        lookings_of(self.app).patience = BOUND

    @property
    def shared(self) -> Shared:
        shared: Shared = self.app.state.shared
        return shared

    def browser(
        self, role: str | None = None, language: str = "fr", signed_in: Session | None = None
    ) -> httpx.AsyncClient:
        """A browser, of somebody who is signed in if ``role`` says who."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url=ADDRESS,
            headers={"Accept-Language": language},
        )
        begun = signed_in or (session(role) if role else None)
        if begun is not None:
            for header in self.shared.session.write(begun.values, {}):
                name, _, value = header.partition(";")[0].partition("=")
                client.cookies.set(name, value, domain="backoffice.test")
        return client
