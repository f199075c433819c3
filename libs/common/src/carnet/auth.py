"""Who calls: tokens verified, and what they allow (ORG-1 to ORG-3). Nothing is allowed by default."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import jwt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from carnet.decisions import Actor
from carnet.ids import Id
from carnet.keys import KeyNotFoundError, Keys, KeysUnavailableError, keys_of
from carnet.refusals import Kind, Refusal
from carnet.settings import Issuer

LEEWAY = 5
"""Seconds by which the clocks of an issuer and of a service may differ."""

REMEMBERED_FOR = 300
"""Seconds after which a token that was verified is verified again, so that a withdrawn key ends its tokens."""

MOST_REMEMBERED = 10_000
LARGEST_TOKEN = 8_192


class TokenRefusedError(Exception):
    """A token is missing or not accepted. ``slug`` is stable, ``detail`` says what to do; it never quotes the token."""

    def __init__(self, slug: str, detail: str) -> None:
        super().__init__(detail)
        self.slug = slug
        self.detail = detail


class Claims(BaseModel):
    """What Carnet needs to read in a token, beside issuer, audience and expiry."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    sub: Annotated[str, Field(min_length=1, max_length=200)]
    org: Id
    """The one organisation that the token is for."""
    kind: Literal["user", "client", "service", "support"]
    scope: str = ""
    """What it allows, separated by spaces: ``contracts:read contracts:write``."""
    account: Id | None = None
    """For a client: the account that it is bound to (ORG-2)."""
    exp: int | float


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, for which organisation, and what the token allows."""

    organisation: str
    actor: Actor
    scopes: frozenset[str]
    account: str | None = None
    token: str = field(default="", repr=False)
    """The token itself, for reading from another service on the caller's behalf."""

    def require(self, *scopes: str) -> None:
        """Raise a refusal where the token carries none of ``scopes`` (ORG-2)."""
        if self.scopes.isdisjoint(scopes):
            named = " or ".join(scopes)
            raise Refusal(
                Kind.FORBIDDEN,
                "scope-missing",
                f"The token does not carry the scope {named}. Ask for a token that does.",
                rule="ORG-2",
                scope=named,
            )

    def require_staff(self) -> None:
        """Raise a refusal where the caller is a client (ORG-2)."""
        if not self.is_staff:
            raise Refusal(Kind.FORBIDDEN, "staff-only", "Only staff may do this: ask the organisation.", rule="ORG-2")

    def sees(self, account: str | None) -> bool:
        """Whether what belongs to ``account`` may be shown: to staff all, to a client its own account (ORG-2)."""
        return self.is_staff or self.account == account

    @property
    def is_staff(self) -> bool:
        """Whether the caller acts for the organisation, and not as one of its clients (ORG-2)."""
        return self.actor.kind != "client"


class Tokens:
    """Verifies tokens of the issuers that are known, and remembers for a while which ones it has verified."""

    def __init__(self, issuers: Sequence[Issuer]) -> None:
        self._issuers = {issuer.issuer: (issuer, keys_of(issuer)) for issuer in issuers}
        self._remembered: dict[str, tuple[float, Principal]] = {}

    async def verify(self, token: str) -> Principal:
        """The principal of a token.

        Raises ``TokenRefusedError`` where it is not accepted, and a refusal of kind
        unavailable where the issuer's keys can't be had.
        """
        known = self._remembered.get(token)
        if known is not None and known[0] > time.time():
            return known[1]
        self._remembered.pop(token, None)
        claims = await self._claims(token)
        principal = Principal(
            claims.org, Actor(claims.kind, claims.sub), frozenset(claims.scope.split()), claims.account, token
        )
        now = time.time()
        self._remember(token, min(claims.exp, now + REMEMBERED_FOR), principal)
        return principal

    def _remember(self, token: str, until: float, principal: Principal) -> None:
        while len(self._remembered) >= MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[token] = (until, principal)

    async def _claims(self, token: str) -> Claims:
        header, issuer, keys = self._issuer(token)
        if header.get("alg") not in issuer.algorithms:
            raise TokenRefusedError(
                "token-algorithm",
                f"The token is not signed in a way that is accepted ({', '.join(issuer.algorithms)}). "
                "Ask its issuer for one that is.",
            )
        try:
            key = await keys.find(header.get("kid"))
        except KeyNotFoundError:
            raise _badly_signed() from None
        except KeysUnavailableError as error:
            raise Refusal(
                Kind.UNAVAILABLE,
                "keys-unavailable",
                "The keys of the token's issuer can't be had just now. Try again in a few seconds.",
            ) from error
        return _read(_decode(token, issuer, key))

    def _issuer(self, token: str) -> tuple[dict[str, Any], Issuer, Keys]:
        """The header of a token and the issuer that it names; nothing in them is believed yet."""
        try:
            if len(token) > LARGEST_TOKEN:
                raise jwt.DecodeError
            unverified = jwt.decode_complete(token, options={"verify_signature": False})
        except jwt.PyJWTError:
            raise TokenRefusedError(
                "token-malformed", "This is not a token. Send 'Authorization: Bearer <token>' with a signed JWT."
            ) from None
        named = unverified["payload"].get("iss")
        found = self._issuers.get(named) if isinstance(named, str) else None
        if found is None:
            raise TokenRefusedError(
                "token-unknown-issuer", "The token's issuer is not known here. Use a token of an issuer that is."
            )
        return unverified["header"], *found


def _badly_signed() -> TokenRefusedError:
    return TokenRefusedError(
        "token-signature", "The token's signature does not fit the keys of its issuer. Ask the issuer for a new token."
    )


def _decode(token: str, issuer: Issuer, key: Any) -> dict[str, Any]:
    try:
        return jwt.decode(
            token,
            key,
            algorithms=list(issuer.algorithms),
            audience=issuer.audience,
            issuer=issuer.issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except jwt.ExpiredSignatureError:
        raise TokenRefusedError("token-expired", "The token has expired. Ask its issuer for a new one.") from None
    except jwt.ImmatureSignatureError:
        raise TokenRefusedError("token-not-yet-valid", "The token is not valid yet. Use it later.") from None
    except jwt.InvalidAudienceError:
        raise TokenRefusedError(
            "token-audience", f"The token is for another audience. Ask for one for {issuer.audience}."
        ) from None
    except jwt.MissingRequiredClaimError as error:
        raise TokenRefusedError(
            "token-claims", f"The token lacks the claim {error.claim}. Ask its issuer for one that has it."
        ) from None
    except (jwt.PyJWTError, TypeError, ValueError):
        # The last two where the key is of another kind than the algorithm that the token names.
        raise _badly_signed() from None


def _read(payload: dict[str, Any]) -> Claims:
    try:
        claims = Claims.model_validate(payload)
    except ValidationError as error:
        names = ", ".join(sorted({str(problem["loc"][0]) for problem in error.errors()}))
        raise TokenRefusedError(
            "token-claims", f"The token lacks these claims, or they are not as Carnet reads them: {names}."
        ) from None
    if claims.kind == "client" and claims.account is None:
        raise TokenRefusedError(
            "token-claims", "The token is a client's and lacks the claim account. Ask its issuer for one that has it."
        )
    return claims
