"""Refusals: what a rule answers instead of a decision. HTTP statuses are the business of ``carnet.http``."""

from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """Why something is refused, which is what decides how a caller goes on."""

    INVALID = "invalid"
    """The request can never be right as it stands: change it."""
    CONFLICT = "conflict"
    """The state of things forbids it: do something else first."""
    STALE = "stale"
    """It was decided on a version that is no longer the newest: read again."""
    UNKNOWN = "unknown"
    """There is no such thing in this organisation (ORG-1)."""
    FORBIDDEN = "forbidden"
    """The token does not allow it (ORG-2)."""
    UNAVAILABLE = "unavailable"
    """Something that is needed does not answer; nothing has changed: try again."""


class Refusal(Exception):
    """A request is refused and nothing has changed.

    ``slug`` is the stable name that clients translate by (``line-bears-discount``),
    ``rule`` the code of the rule (``CON-6``) where one decides, ``detail`` a sentence that
    says what to do, ``params`` the values in it and the ids of the objects concerned.
    """

    def __init__(self, kind: Kind, slug: str, detail: str, *, rule: str | None = None, **params: Any) -> None:
        super().__init__(detail)
        self.kind = kind
        self.slug = slug
        self.detail = detail
        self.rule = rule
        self.params = params

    def __repr__(self) -> str:
        return f"Refusal({self.kind.value}, {self.slug!r}, rule={self.rule!r}, params={self.params!r})"


def invalid(slug: str, detail: str, *, rule: str | None = None, **params: Any) -> Refusal:
    """A refusal of a request that can never be right as it stands."""
    return Refusal(Kind.INVALID, slug, detail, rule=rule, **params)


def conflict(slug: str, detail: str, *, rule: str | None = None, **params: Any) -> Refusal:
    """A refusal because of the present state: something else has to come first."""
    return Refusal(Kind.CONFLICT, slug, detail, rule=rule, **params)


def stale(slug: str, detail: str, *, rule: str | None = None, **params: Any) -> Refusal:
    """A refusal because the version that was seen is no longer the newest."""
    return Refusal(Kind.STALE, slug, detail, rule=rule, **params)


def unknown(what: str, object_id: str) -> Refusal:
    """A refusal that answers a foreign id exactly as an unknown one (ORG-1)."""
    return Refusal(
        Kind.UNKNOWN,
        f"unknown-{what.replace(' ', '-')}",
        f"There is no {what} {object_id} in this organisation. Check the id.",
        rule="ORG-1",
        what=what,
        id=object_id,
    )
