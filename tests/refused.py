"""Requests that are refused: the problem that answers them, and callers whom no route may take."""

import time
from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import jwt
import uuid_utils

from carnet.dates import utc_now
from carnet.http.problems import NOT_HERE_YET
from carnet.ids import made_within, new_id
from tests.callers import Signer


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """The problem document of a refusal, which is to have this status and type, and to say what to do.

    The ids of tests are made while they run: what is unknown by one is answered as what may not have arrived yet.
    """
    document: dict[str, Any] = answer.json()
    expected = slug
    if is_young(document):
        expected = NOT_HERE_YET
        assert slug == f"unknown-{document['params']['what'].replace(' ', '-')}", answer.text
        assert int(answer.headers["retry-after"]) > 0
    assert (answer.status_code, document["type"]) == (status, f"urn:carnet:problem:{expected}"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["status"] == status
    assert document["detail"].endswith(".")
    assert document["request"] == answer.headers["x-request-id"]
    assert document["help"] == f"/problems#{expected}"
    assert answer.headers["link"] == f'<{document["help"]}>; rel="help"'
    return document


def old_id() -> str:
    """An id that nobody has, and that was made so long ago that nothing of it can still be on its way."""
    return str(uuid_utils.uuid7(nanoseconds=time.time_ns() - 3_600 * 10**9))


def is_young(document: dict[str, Any]) -> bool:
    """Whether a problem is about an id that is less than a minute old."""
    named = str(document.get("params", {}).get("id"))
    return document["status"] == 404 and made_within(named, timedelta(seconds=50), utc_now())


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
