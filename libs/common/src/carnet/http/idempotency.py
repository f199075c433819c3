"""The same command sent twice is applied once: its answer is kept in the transaction of its change, for 24 hours.

An answer is kept under organisation, principal, route and key, with a fingerprint of the path,
of If-Match and of the body. Refusals are not kept: nothing has changed, and the same request
may be accepted later. Erasing a person takes the body of the answers that may name them (ORG-4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from starlette.requests import Request

from carnet.auth import Principal
from carnet.dates import utc_now
from carnet.http.problems import ProblemError
from carnet.mongo import Database, Unit, transact
from carnet.mongo.kit import ANSWERS

LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered: its status, its body as JSON text, the version and the place of what it changed."""

    status: int
    body: str
    version: int | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """The idempotency key of one request, and what the request was."""

    id: str
    fingerprint: str

    async def find(self, database: Database) -> Answer | None:
        """The answer that is kept; a problem where the key was used for another request (422), or it was erased (410).

        It is read in a transaction of its own, which sees the newest commit, also that of the same request sent at the
        same time, and ends only once that commit is safe.
        """

        async def kept(unit: Unit) -> Mapping[str, Any] | None:
            return await unit.database[ANSWERS].find_one({"_id": self.id}, session=unit.session)

        found = await transact(database, kept)
        if found is None:
            return None
        if found["fingerprint"] != self.fingerprint:
            raise ProblemError(
                422,
                "idempotency-key-reused",
                "This Idempotency-Key was already used for another request. Make a new key for each request, and "
                "send the same key only with the very same request.",
            )
        if found["body"] is None:
            raise ProblemError(
                410,
                "answer-erased",
                "This request was applied, and its answer has been erased since, together with people that it named. "
                "Read what it changed; do not send it again under another key.",
                rule="ORG-4",
            )
        return _answer(found)

    def keep(self, unit: Unit, answer: Answer) -> None:
        """Keep the answer with the change; the unit fails where another one with this key was faster."""
        unit.insert(
            ANSWERS,
            {
                "_id": self.id,
                "fingerprint": self.fingerprint,
                "at": utc_now(),
                "status": answer.status,
                "body": answer.body,
                "version": answer.version,
                "location": answer.location,
                "accounts": list(unit.concerned),
            },
        )


def _answer(found: Mapping[str, Any]) -> Answer:
    return Answer(found["status"], found["body"], found["version"], found["location"])


async def key_of(request: Request, principal: Principal) -> Key | None:
    """The key of a request; a problem (400) where a POST has none or it can't be one."""
    given = request.headers.get("idempotency-key")
    if given is None:
        if request.method != "POST":
            return None
        raise ProblemError(
            400,
            "idempotency-key-missing",
            "Send the header Idempotency-Key with a value of your own for each change, such as a new UUID: if the "
            "request is sent twice, it is applied once.",
        )
    if not 0 < len(given) <= LONGEST_KEY or not given.isascii() or not given.isprintable():
        raise ProblemError(
            400,
            "idempotency-key-invalid",
            f"Write the Idempotency-Key as 1 to {LONGEST_KEY} printable ASCII characters, such as a UUID.",
        )
    route = getattr(request.scope.get("route"), "path", request.url.path)
    sent = "\0".join((request.scope["path"], request.url.query, request.headers.get("if-match", "")))
    fingerprint = blake2b(sent.encode() + b"\0" + await request.body(), digest_size=16).hexdigest()
    return Key("|".join((principal.organisation, str(principal.actor), request.method, route, given)), fingerprint)
