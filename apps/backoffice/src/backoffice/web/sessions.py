"""Sessions: the tokens of a signed-in person, sealed in a cookie, so that any process serves any request."""

import asyncio
import hashlib
import hmac
import secrets
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from backoffice.web.people import Person, person_of
from backoffice.web.provider import Provider, ProviderAwayError, Tokens

SESSION, LASTS = "carnet_session", 12 * 3600
"""The name of the cookie, and the seconds after which a session that nothing renewed is over."""

EARLY = 60
"""Seconds before the end of an access token at which another one is asked for."""

_KEPT_FOR, _MOST_KEPT = 60.0, 1_000


@dataclass(frozen=True, slots=True)
class Session:
    """What the cookie holds. ``expires`` is the end of the access token, in seconds since 1970."""

    access: str
    refresh: str | None
    identity: str | None
    """The ID token, which the provider wants to see when the person signs out."""
    name: str
    expires: float
    secret: str
    """What the tokens of forms are made with. It stays if the same person signs in again, so that a form that was
    open meanwhile can still be sent."""

    @classmethod
    def begun(cls, tokens: Tokens, before: "Session | None") -> "Session":
        """The session of somebody who has just signed in; ``before`` is the one that the browser had.

        Raises ``NoRightsError``.
        """
        session = cls(
            tokens.access, tokens.refresh, tokens.identity, tokens.name, tokens.expires, secrets.token_urlsafe(18)
        )
        person = session.person
        if before is not None and (before.person.subject, before.person.organisation) == (
            person.subject,
            person.organisation,
        ):
            return replace(session, secret=before.secret)
        return session

    @classmethod
    def read(cls, values: dict[str, Any] | None) -> "Session | None":
        """The session of a cookie; None if it holds none, or one of another release."""
        try:
            return None if values is None else cls(**values)
        except TypeError:
            return None

    @property
    def values(self) -> dict[str, Any]:
        """What the cookie holds."""
        return asdict(self)

    @property
    def person(self) -> Person:
        """Who is signed in. Raises ``NoRightsError``."""
        return person_of(self.access, self.name)

    def form_token(self) -> str:
        """A token for a form, another one each time, so that a compressed page does not give it away."""
        salt = secrets.token_hex(8)
        return f"{salt}.{self._signed(salt)}"

    def made(self, token: str) -> bool:
        """Whether a form's token is of this session."""
        salt, _, signed = token.partition(".")
        return hmac.compare_digest(signed.encode(), self._signed(salt).encode())

    def _signed(self, salt: str) -> str:
        return hmac.new(self.secret.encode(), salt.encode(), hashlib.sha256).hexdigest()[:40]


class SessionEndedError(Exception):
    """Nobody is signed in, or not any more."""


class Renewals:
    """Renews access tokens before they end: once for all requests that come together."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._locks: dict[str, asyncio.Lock] = {}
        self._renewed: dict[str, tuple[float, Session]] = {}

    async def fresh(self, session: Session) -> Session:
        """The session with an access token that is good for a while; the same one if it still is.

        Raises ``SessionEndedError``, ``ProviderAwayError``.
        """
        left = session.expires - time.time()
        if left > EARLY:
            return session
        if session.refresh is None:
            if left > 0:
                return session
            raise SessionEndedError
        try:
            return await self._renew(session, session.refresh)
        except ProviderAwayError:
            if left > 0:
                return session
            raise

    async def _renew(self, session: Session, refresh: str) -> Session:
        key = hashlib.sha256(refresh.encode()).hexdigest()
        async with self._locks.setdefault(key, asyncio.Lock()):
            self._forget()
            if key not in self._renewed:
                tokens = await self._provider.renew(refresh)
                if tokens is None:
                    raise SessionEndedError
                renewed = replace(
                    session,
                    access=tokens.access,
                    refresh=tokens.refresh or refresh,
                    identity=tokens.identity or session.identity,
                    expires=tokens.expires,
                )
                self._renewed[key] = (time.monotonic(), renewed)
            return replace(self._renewed[key][1], secret=session.secret)

    def _forget(self) -> None:
        now = time.monotonic()
        old = [key for key, (at, _) in self._renewed.items() if now - at > _KEPT_FOR]
        for key in [*old, *list(self._renewed)[:-_MOST_KEPT]]:
            self._renewed.pop(key, None)
        for key in [key for key, lock in self._locks.items() if key not in self._renewed and not lock.locked()]:
            del self._locks[key]
