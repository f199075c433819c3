"""Who is signed in: what the access token says of them. The APIs verify it; here it only decides what is shown."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import orjson

STAFF = {"user", "support"}


class NoRightsError(Exception):
    """Somebody has signed in at the provider, whose token lets them do nothing in the back office.

    ``reason`` is ``claims`` (it says nothing of Carnet) or ``client`` (it is a family's, not the staff's).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the staff of one organisation (ORG-2), or of the platform's support (ORG-3)."""

    subject: str
    name: str
    organisation: str
    kind: str
    scopes: frozenset[str]

    def may(self, scope: str | None) -> bool:
        """Whether their role includes a scope; ``None`` is what anybody may."""
        return scope is None or scope in self.scopes


def person_of(access_token: str, name: str) -> Person:
    """The person of an access token, which is a JWT with the claims of Carnet.

    Raises ``NoRightsError``.
    """
    claims = claims_of(access_token)
    subject, organisation, kind, scope = (claims.get(claim) for claim in ("sub", "org", "kind", "scope"))
    if not (isinstance(subject, str) and isinstance(organisation, str) and isinstance(kind, str)):
        raise NoRightsError("claims")
    if kind not in STAFF:
        raise NoRightsError("client")
    scopes = frozenset(scope.split()) if isinstance(scope, str) else frozenset()
    if not any(":" in each for each in scopes):
        raise NoRightsError("claims")
    return Person(subject, name or subject, organisation, kind, scopes)


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a JWT, unverified; none if it is no JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error):
        return {}
    return claims if isinstance(claims, dict) else {}
