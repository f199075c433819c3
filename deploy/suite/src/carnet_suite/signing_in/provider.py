"""The provider's addresses: discovery, keys, the page with the people, tokens, sign-out."""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from carnet.health import health_routes
from carnet_operations.keys import ALGORITHM, KeyFiles
from carnet_operations.tokens import make_token
from carnet_suite.signing_in.people import PEOPLE, Person

CLIENT = "carnet-backoffice"
"""The only client that it knows; a public one, which PKCE protects."""

KEY_ID = "carnet-local"
REFRESHED_FOR = timedelta(hours=12)
CODE_LASTS = 120.0
_PAGES = Path(__file__).parent
_LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class _Code:
    """A sign-in that waits for its client to fetch the tokens."""

    person: Person
    redirect: str
    nonce: str
    challenge: str
    until: float


class LocalProvider:
    """The provider at ``address``, for a client at ``client_address``."""

    def __init__(self, address: str, client_address: str, keys: KeyFiles, lasts: timedelta) -> None:
        self._address = address
        self._client_address = client_address
        self._keys = keys
        self._lasts = lasts
        self._codes: dict[str, _Code] = {}

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/keys", self._show_keys),
                Route("/authorize", self._show_people, methods=["GET"]),
                Route("/authorize", self._choose, methods=["POST"]),
                Route("/token", self._give_tokens, methods=["POST"]),
                Route("/sign-out", self._sign_out),
                Route("/style.css", self._style),
                *health_routes(_ready),
            ]
        )

    async def _describe(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self._address,
                "authorization_endpoint": f"{self._address}/authorize",
                "token_endpoint": f"{self._address}/token",
                "jwks_uri": f"{self._address}/keys",
                "end_session_endpoint": f"{self._address}/sign-out",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [ALGORITHM],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "scopes_supported": ["openid", "profile"],
            }
        )

    async def _show_keys(self, _: Request) -> Response:
        key = load_pem_public_key(self._keys.public.read_bytes())
        assert isinstance(key, Ed25519PublicKey)  # noqa: S101 # the suite makes no other
        raw = _encoded(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
        described = {"kty": "OKP", "crv": "Ed25519", "x": raw, "kid": KEY_ID, "use": "sig", "alg": ALGORITHM}
        return JSONResponse({"keys": [described]})

    async def _show_people(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if (wrong := self._wrong(asked)) is not None:
            return JSONResponse({"error": "invalid_request", "error_description": wrong}, 400)
        wanted = asked.get("ui_locales", "")[:2]
        language = wanted if wanted in _LANGUAGES else _LANGUAGES[0]
        template = Template((_PAGES / f"people.{language}.html").read_text(encoding="utf-8"))
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in asked.items()
        )
        page = template.substitute(
            asked=hidden, **{role: escape(person.name) for role, person in PEOPLE.items()}, client=self._client_address
        )
        return HTMLResponse(page, headers={"content-security-policy": self._policy(), "cache-control": "no-store"})

    async def _choose(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        if (wrong := self._wrong(form)) is not None:
            return JSONResponse({"error": "invalid_request", "error_description": wrong}, 400)
        person = PEOPLE.get(form.get("person", ""))
        if person is None:
            return self._back(form, error="access_denied")
        code = secrets.token_urlsafe(24)
        until = time.monotonic() + CODE_LASTS
        self._codes = {each: kept for each, kept in self._codes.items() if kept.until > time.monotonic()}
        self._codes[code] = _Code(person, form["redirect_uri"], form.get("nonce", ""), form["code_challenge"], until)
        return self._back(form, code=code)

    async def _give_tokens(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        match form.get("grant_type"):
            case "authorization_code":
                code = self._codes.pop(form.get("code", ""), None)
                if code is None or code.until < time.monotonic() or code.redirect != form.get("redirect_uri"):
                    return _refused("invalid_grant")
                verifier = form.get("code_verifier", "")
                if _encoded(hashlib.sha256(verifier.encode()).digest()) != code.challenge:
                    return _refused("invalid_grant")
                return self._tokens(code.person, code.nonce)
            case "refresh_token":
                person = self._person_of(form.get("refresh_token", ""))
                return _refused("invalid_grant") if person is None else self._tokens(person, "")
            case _:
                return _refused("unsupported_grant_type")

    async def _sign_out(self, request: Request) -> Response:
        back, state = request.query_params.get("post_logout_redirect_uri", ""), request.query_params.get("state")
        if not self._is_of_client(back):
            return _refused("invalid_request")
        return RedirectResponse(back + (f"?{urlencode({'state': state})}" if state else ""), 303)

    async def _style(self, _: Request) -> Response:
        return FileResponse(_PAGES / "style.css")

    # What it checks and makes

    def _wrong(self, asked: dict[str, str]) -> str | None:
        if asked.get("client_id") != CLIENT:
            return "the client is not known"
        if not self._is_of_client(asked.get("redirect_uri", "")):
            return "the address to go back to is not the client's"
        if asked.get("response_type") != "code":
            return "only codes are given"
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            return "PKCE with S256 is needed"
        return None

    def _is_of_client(self, address: str) -> bool:
        ours, theirs = urlsplit(self._client_address), urlsplit(address)
        return (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc)

    def _back(self, form: dict[str, str], **answer: str) -> Response:
        answer |= {"state": form["state"]} if "state" in form else {}
        return RedirectResponse(f"{form['redirect_uri']}?{urlencode(answer)}", 303)

    def _tokens(self, person: Person, nonce: str) -> Response:
        now = datetime.now(UTC)
        common = {"iss": self._address, "aud": CLIENT, "sub": person.key, "iat": now}
        identity = {**common, "exp": now + self._lasts, "name": person.name, **({"nonce": nonce} if nonce else {})}
        access = make_token(
            self._keys.private,
            organisation=person.organisation,
            scopes=person.scopes,
            subject=person.key,
            kind=person.kind,
            expires=self._lasts,
        )
        return JSONResponse(
            {
                "access_token": access,
                "token_type": "Bearer",
                "expires_in": int(self._lasts.total_seconds()),
                "id_token": self._signed(identity),
                "refresh_token": self._signed({**common, "aud": "refresh", "exp": now + REFRESHED_FOR}),
            },
            headers={"cache-control": "no-store"},
        )

    def _signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self._keys.private.read_bytes(), ALGORITHM, headers={"kid": KEY_ID})

    def _person_of(self, refresh: str) -> Person | None:
        try:
            claims = jwt.decode(refresh, self._keys.public.read_bytes(), algorithms=[ALGORITHM], audience="refresh")
        except jwt.PyJWTError:
            return None
        return next((person for person in PEOPLE.values() if person.key == claims["sub"]), None)

    def _policy(self) -> str:
        return (
            f"default-src 'none'; style-src 'self'; form-action 'self' {self._client_address}; "
            "frame-ancestors 'none'; base-uri 'none'"
        )


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _refused(error: str) -> Response:
    return JSONResponse({"error": error}, 400)


async def _ready() -> bool:
    return True
