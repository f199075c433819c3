"""Refusals and faults as problem documents (RFC 9457): the only place that gives them an HTTP status.

``type`` is ``urn:carnet:problem:<slug>``, by which clients translate; ``help`` is where the front
describes that type; ``detail`` says in English what to do; ``rule`` is the code of the rule that
refused; ``params`` holds the values and the ids of the objects concerned; ``request`` is the id to
quote when asking for help.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from carnet.auth import TokenRefusedError
from carnet.dates import utc_now
from carnet.ids import made_within
from carnet.mongo import ForeignError, is_transient
from carnet.observe import REQUEST_ID
from carnet.refusals import Kind, Refusal

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:carnet:problem:"
"""What every ``type`` begins with; the slug follows."""

PAGE = "/problems"
"""The front's page about all types, with the slugs as anchors. Made by ``carnet docs``."""

RETRY_AFTER = "2"
"""Seconds after which something that does not answer is worth another try."""

NOT_HERE_YET = "not-here-yet"
"""The problem of an id that is unknown and so young that what it names may still be on its way."""

ARRIVES_WITHIN = timedelta(minutes=1)
"""How old an id may be for what it names to be on its way to this service still."""

STATUSES = {
    Kind.INVALID: 422,
    Kind.CONFLICT: 409,
    Kind.STALE: 412,
    Kind.UNKNOWN: 404,
    Kind.FORBIDDEN: 403,
    Kind.UNAVAILABLE: 503,
}


class FieldProblem(BaseModel):
    """One field that is wrong. What it held is not repeated."""

    field: str = Field(description="Where it is: `lines[0].price.amount`.")
    place: str = Field(description="body, query, path or header.")
    problem: str = Field(description="What is wrong and what to write instead.")


class ProblemDocument(BaseModel):
    """A refusal or a fault. Nothing has changed."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    type: str = Field(description="The stable name, by which clients translate: `urn:carnet:problem:<slug>`.")
    title: str
    status: int
    detail: str = Field(description="What to do, in English.")
    help: str | None = Field(
        default=None,
        description='The page about this type at the front address, also in the header `Link` as `rel="help"`.',
    )
    rule: str | None = Field(default=None, description="The code of the rule that refused.")
    params: dict[str, Any] = Field(default_factory=dict, description="The values and ids that it is about.")
    errors: list[FieldProblem] = Field(default_factory=list, description="The fields that are wrong.")
    request: str | None = Field(default=None, description="The id of the request, to quote when asking for help.")


class ProblemError(Exception):
    """A refusal of the HTTP layer itself: something about the request rather than its subject."""

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        *,
        rule: str | None = None,
        params: Mapping[str, Any] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(slug)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.rule = rule
        self.params = params
        self.errors = errors
        self.headers = headers

    @property
    def help(self) -> str:
        """Where the front describes its type, as a reference relative to the front address."""
        return f"{PAGE}#{self.slug}"

    def document(self) -> dict[str, Any]:
        """The problem document, without what it does not have."""
        fields = {
            "type": TYPE + self.slug,
            "title": self.slug.replace("-", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
            "help": self.help,
            "rule": self.rule,
            "params": dict(self.params) if self.params else None,
            "errors": list(self.errors) or None,
            "request": REQUEST_ID.get(),
        }
        return {name: value for name, value in fields.items() if value is not None}

    def response(self) -> Response:
        """The answer."""
        return Response(
            orjson.dumps(self.document(), default=str),
            self.status,
            media_type=MEDIA_TYPE,
            headers={**(self.headers or {}), "Link": f'<{self.help}>; rel="help"'},
        )


def problem_of(error: Exception) -> ProblemError | None:
    """The problem that an exception is to a caller; None if it is a fault of the program."""
    match error:
        case ProblemError():
            return error
        case Refusal():
            return _refused(error)
        case TokenRefusedError():
            return _not_admitted(error)
        case HTTPException():
            return _of_http(error)
        case ForeignError():
            return _FOREIGN
    return _STORAGE_UNAVAILABLE if is_transient(error) else None


_FOREIGN = ProblemError(
    404, "unknown-object", "There is no such object in this organisation. Check the ids.", rule="ORG-1"
)
_STORAGE_UNAVAILABLE = ProblemError(
    503,
    "storage-unavailable",
    "The storage does not answer just now. Send the same request again in a few seconds, "
    "a command with the same Idempotency-Key: it is applied once.",
    headers={"Retry-After": RETRY_AFTER},
)


def fault() -> ProblemError:
    """The problem of a fault of the program: it shows the caller nothing but the id to quote."""
    return ProblemError(
        500,
        "unexpected",
        "Something went wrong here, and it is not your request's fault. It has been recorded under the id in "
        "'request': quote it when asking for help.",
    )


def _not_admitted(refused: TokenRefusedError) -> ProblemError:
    challenge = 'Bearer realm="carnet"'
    if refused.slug != "token-missing":
        challenge += ', error="invalid_token"'
    return ProblemError(401, refused.slug, refused.detail, headers={"WWW-Authenticate": challenge})


def _refused(refusal: Refusal) -> ProblemError:
    if refusal.kind is Kind.UNKNOWN and made_within(str(refusal.params.get("id")), ARRIVES_WITHIN, utc_now()):
        return _not_here_yet(refusal)
    headers = {"Retry-After": RETRY_AFTER} if refusal.kind is Kind.UNAVAILABLE else None
    return ProblemError(
        STATUSES[refusal.kind],
        refusal.slug,
        refusal.detail,
        rule=refusal.rule,
        params=refusal.params,
        headers=headers,
    )


def _not_here_yet(refusal: Refusal) -> ProblemError:
    """An unknown id that was made a moment ago: what one service makes reaches the others by events.

    A foreign one is answered alike (ORG-1): nothing counts but the age of the id.
    """
    what = refusal.params.get("what", "object")
    return ProblemError(
        404,
        NOT_HERE_YET,
        f"There is no {what} {refusal.params['id']} in this organisation yet. Its id is less than a minute old: what "
        "it names may not have arrived here. Send the same request again after the seconds that Retry-After says; "
        "where it is still unknown once the id is a minute old, check the id.",
        rule=refusal.rule,
        params=refusal.params,
        headers={"Retry-After": "1"},
    )


class BodyTooLargeError(HTTPException):
    """A body is above the limit, in bytes. Of the web framework's own kind, which it lets pass while it reads."""

    def __init__(self, limit: int) -> None:
        super().__init__(413)
        self.limit = limit


def method_not_allowed(methods: Iterable[str]) -> ProblemError:
    """An address that takes other methods."""
    allowed = ", ".join(sorted(methods))
    return ProblemError(
        405,
        "method-not-allowed",
        f"This address does not take that method. It takes: {allowed}.",
        headers={"Allow": allowed},
    )


def _of_http(error: HTTPException) -> ProblemError:
    """What routing and reading themselves refuse."""
    if isinstance(error, BodyTooLargeError):
        return ProblemError(
            413,
            "body-too-large",
            f"The body is larger than {error.limit} bytes. Send less at a time.",
            params={"limit": error.limit},
            headers={"Connection": "close"},
        )
    if error.status_code == 404:
        return ProblemError(
            404, "no-such-address", "There is nothing at this address. The API is described at the service's own /docs."
        )
    return ProblemError(400, "bad-request", "The request can't be read. Check how it is sent.")
