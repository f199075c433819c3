"""Tokens to try a suite with, signed with its own key."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import jwt

from carnet_operations.errors import CommandError
from carnet_operations.keys import ALGORITHM, AUDIENCE, ISSUER

Kind = Literal["user", "client", "service", "support"]

SCOPES = (
    "catalog:read",
    "catalog:write",
    "accounts:read",
    "accounts:write",
    "contracts:read",
    "contracts:write",
    "contracts:ask",
    "contracts:import",
    "export:all",
    "access:read",
    "payments:read",
    "payments:collect",
    "payments:correct",
    "payments:methods",
    "payments:books",
    "credits:read",
    "credits:adjust",
    "credits:use",
    "scholarships:read",
    "scholarships:award",
    "notifications:read",
    "notifications:write",
)
"""Every scope that a service asks for (ORG-2)."""

TEST_ORGANISATION = "01900000-0000-7000-8000-000000000001"
"""The organisation of these tokens, if no other is named: a test one, with a clock of its own (ORG-5)."""

TEST_STAFF = "01900000-0000-7000-8000-000000000002"
WORKING_DAY = timedelta(hours=12)


class TokenError(CommandError):
    """Such a token would be refused; the message says why."""


def make_token(
    private_key: Path,
    *,
    organisation: str = TEST_ORGANISATION,
    scopes: Sequence[str] = SCOPES,
    subject: str = TEST_STAFF,
    kind: Kind = "user",
    account: str | None = None,
    expires: timedelta = WORKING_DAY,
) -> str:
    """A signed JWT for one organisation.

    Args:
        private_key: The file of the suite's private key.
        organisation: The organisation whose things it opens, and no other's (ORG-1).
        scopes: What it allows; see `SCOPES`.
        subject: Who acts, as the journal will show.
        kind: A client's token is bound to one account (ORG-2); support's is made for one organisation (ORG-3).
        account: The account of a client's token.
        expires: How long it is good from now.

    Raises:
        TokenError: an unknown scope, or a client without an account.
    """
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise TokenError(f"Unknown scopes: {', '.join(unknown)}. There are: {', '.join(SCOPES)}.")
    if kind == "client" and account is None:
        raise TokenError("A client's token is bound to one account: give it with --account.")
    if kind != "client" and account is not None:
        raise TokenError("Only a client's token is bound to an account: leave --account out, or add --kind client.")
    now = datetime.now(UTC)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + expires,
        "sub": subject,
        "org": organisation,
        "scope": " ".join(scopes),
        "kind": kind,
    }
    if account is not None:
        claims["account"] = account
    return jwt.encode(claims, private_key.read_bytes(), algorithm=ALGORITHM)
