"""Requests that are refused: the problem that answers them, and callers whom no route may take."""

from typing import Any, NamedTuple

import httpx
import jwt

from carnet.ids import new_id
from tests.callers import Signer


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """The problem document of a refusal, which is to have this status and type, and to say what to do."""
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document["type"]) == (status, f"urn:carnet:problem:{slug}"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["detail"].endswith(".")
    return document


class Stranger(NamedTuple):
    """A caller who is refused, by which status and problem."""

    name: str
    headers: dict[str, str]
    status: int
    slug: str


def strangers(signer: Signer, organisation: str, scopes: str, *, staff_only: bool) -> list[Stranger]:
    """Those whose token is missing, not theirs to use, or not enough for a route that asks for ``scopes``."""
    unsigned = jwt.encode(signer.claims(organisation, scopes), "", algorithm="none")
    forged = signer.token(organisation, scopes).rpartition(".")[0] + ".AAAA"
    refused = [
        Stranger("nobody", {}, 401, "token-missing"),
        Stranger("expired", signer.headers(organisation, scopes, exp=1), 401, "token-expired"),
        Stranger("unsigned", {"Authorization": f"Bearer {unsigned}"}, 401, "token-algorithm"),
        Stranger("forged", {"Authorization": f"Bearer {forged}"}, 401, "token-signature"),
        Stranger("elsewhere", signer.headers(organisation, scopes, aud="shop"), 401, "token-audience"),
        Stranger("other issuer", signer.headers(organisation, scopes, iss="https://x"), 401, "token-unknown-issuer"),
        Stranger("no scope", signer.headers(organisation, "other:read"), 403, "scope-missing"),
    ]
    if staff_only:
        client = signer.headers(organisation, scopes, kind="client", account=new_id())
        refused.append(Stranger("a client", client, 403, "staff-only"))
    return refused
