"""The provider at which people sign in: OpenID Connect, authorization code with PKCE, by Authlib."""

import time
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.requests import Request

from backoffice.config import BackofficeSettings

PATIENCE = 5.0
"""Seconds that the provider has to answer in."""

_LIFETIME = 300
"""Seconds that an access token is taken to last if the provider does not say."""


class ProviderAwayError(Exception):
    """The provider does not answer, or not as one."""


class SignInRefusedError(Exception):
    """The provider, or the check of what it answered, refused a sign-in; ``cancelled`` if the person wished so."""

    def __init__(self, *, cancelled: bool = False) -> None:
        super().__init__()
        self.cancelled = cancelled


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the provider gave. ``expires`` is the end of the access token, in seconds since 1970."""

    access: str
    refresh: str | None
    identity: str | None
    expires: float
    name: str = ""


class Provider:
    """The provider of the settings. What it says of itself is read when somebody first signs in."""

    def __init__(self, settings: BackofficeSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        base = settings.sign_in_internal_url or settings.sign_in_url
        secret = settings.sign_in_secret
        options: dict[str, Any] = {
            "scope": settings.sign_in_scope,
            "code_challenge_method": "S256",
            "timeout": PATIENCE,
            "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
        }
        if transport is not None:
            options["transport"] = transport
        self._issuer = settings.sign_in_url
        self._client = OAuth().register(
            "provider",
            client_id=settings.sign_in_client,
            client_secret=secret.get_secret_value() if secret else None,
            server_metadata_url=f"{base}/.well-known/openid-configuration",
            client_kwargs=options,
        )

    async def begin(self, request: Request, back: str, language: str) -> str:
        """The address to which the browser goes; state, nonce and verifier are put in ``request.session``.

        Raises ``ProviderAwayError``.
        """
        try:
            answer = await self._client.authorize_redirect(request, back, ui_locales=language)
        except (httpx.HTTPError, ValueError, RuntimeError) as error:
            raise ProviderAwayError from error
        return str(answer.headers["location"])

    async def finish(self, request: Request) -> Tokens:
        """The tokens for the code with which the browser came back, if its state and nonce are ours.

        Raises ``SignInRefusedError``, ``ProviderAwayError``.
        """
        if request.query_params.get("error") == "access_denied":
            raise SignInRefusedError(cancelled=True)
        try:
            given = await self._client.authorize_access_token(request)
        except httpx.HTTPError as error:
            raise ProviderAwayError from error
        except (AuthlibBaseError, JoseError, ValueError, KeyError, RuntimeError) as error:
            raise SignInRefusedError from error
        identity = given.get("userinfo")
        if identity is None:
            raise SignInRefusedError
        name = str(identity.get("name") or identity.get("preferred_username") or "")[:120]
        return _tokens(given, name)

    async def renew(self, refresh: str) -> Tokens | None:
        """New tokens for a refresh token; None if it is not good any more. Raises ``ProviderAwayError``."""
        try:
            given = await self._client.fetch_access_token(grant_type="refresh_token", refresh_token=refresh)
        except AuthlibBaseError:
            return None
        except (httpx.HTTPError, ValueError, RuntimeError) as error:
            raise ProviderAwayError from error
        return _tokens(given, "") if given.get("access_token") else None

    async def sign_out_address(self, identity: str | None, back: str) -> str | None:
        """The address at which the provider ends its own session; None if it has none or does not answer."""
        try:
            made = await self._client.create_logout_url(
                post_logout_redirect_uri=back, id_token_hint=identity, client_id=self._client.client_id
            )
        except (httpx.HTTPError, ValueError, RuntimeError):
            return None
        return str(made["url"])


def _tokens(given: dict[str, Any], name: str) -> Tokens:
    expires = given.get("expires_at") or time.time() + float(given.get("expires_in") or _LIFETIME)
    return Tokens(str(given["access_token"]), given.get("refresh_token"), given.get("id_token"), float(expires), name)
