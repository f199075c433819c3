"""What the OpenAPI document says beyond bodies: tokens and scopes, headers, problem answers."""

from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant

from carnet.http.calls import Access, ChangeAccess
from carnet.http.examples import show_examples
from carnet.http.naming import name_bodies
from carnet.http.problems import MEDIA_TYPE, FieldProblem, ProblemDocument
from carnet.http.vocabulary import describe_fields

_ANSWERS = {
    400: "The request can't be read, or lacks a header that it needs.",
    401: "The token is missing or not accepted.",
    403: "The token does not carry the scope.",
    404: "There is no such thing in this organisation.",
    409: "The state of things forbids it: do first what `detail` says.",
    410: "It was applied before, and the answer to it was erased together with people that it named.",
    412: "It has changed since it was read: read it again.",
    413: "The body is too large.",
    422: "A field is wrong, or a rule refuses what it says.",
    428: "If-Match is missing.",
    500: "A fault of the service, which has recorded it: quote `request` when asking for help.",
    503: "Something that is needed does not answer; nothing has changed: try again.",
}
_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
TOO_MANY: dict[int | str, dict[str, Any]] = {
    429: {"description": "Too much was tried: try again after `Retry-After`.", "content": _PROBLEM}
}
"""The answer of a route to a caller that tries too often, for the API's description."""

_ALL = (401, 403, 404, 409, 422, 500, 503)
_WITH_BODY = (400, 413)
_CHANGING = (400, 410, 413)
_MATCHING = (412, 428)

_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "A value of your own for each change, such as a UUID. The same request sent again with the same "
    "key within 24 hours is applied once and gets the same answer; another request with it is refused.",
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
    "description": "The ETag that was seen. The change is refused (412) where it is no longer the newest.",
}
_ETAG = {"schema": {"type": "string"}, "description": "The version, to name in If-Match."}
_LOCATION = {"schema": {"type": "string"}, "description": "Where the thing that was made is found."}


def access_of(dependant: Dependant) -> Access | None:
    """What a route asks of its caller; None if anybody may call it."""
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, Access):
            return dependency.call
    return None


def problem_answers(access: Access, *, body: bool) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with; ``body`` says that it takes one."""
    statuses = {*_ALL, *(_WITH_BODY if body else ())}
    if isinstance(access, ChangeAccess):
        statuses |= {*_CHANGING, *(_MATCHING if access.if_match else ())}
    return {status: {"description": _ANSWERS[status], "content": _PROBLEM} for status in sorted(statuses)}


def callers(access: Access) -> str:
    """Who may call a route, as its description says it (ORG-2, ORG-3)."""
    who = "staff, services and platform support"
    if not access.staff:
        who += "; a client for its own account, or for what everybody may see"
    carrying = "any token of the organisation"
    if access.scopes:
        carrying = f"a token that carries {' or '.join(f'`{scope}`' for scope in access.scopes)}"
    note = f" {access.note}" if isinstance(access, ChangeAccess) and access.note else ""
    return f"**Who may call it:** {who}, with {carrying}.{note}"


def described(access: Access, method: str, status: int, *, one: bool) -> dict[str, Any]:
    """The security and headers of a route; ``one`` says that it answers a thing by its id."""
    operation: dict[str, Any] = {
        "security": [{"token": [scope]} for scope in access.scopes] or [{"token": []}],
        "x-clients": not access.staff,
    }
    headers: dict[str, Any] = {}
    if isinstance(access, ChangeAccess):
        operation["parameters"] = [{**_IDEMPOTENCY_KEY, "required": method == "POST"}]
        if access.if_match:
            operation["parameters"].append({**_IF_MATCH, "required": not access.may_be_new})
        headers["ETag"] = _ETAG
        if status == 201:
            headers["Location"] = _LOCATION
    elif one:
        headers["ETag"] = _ETAG
    if headers:
        operation["responses"] = {str(status): {"headers": headers}}
    return operation


class Api(FastAPI):
    """An application whose document says what tokens and problems are."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self.openapi_schema is not None:
            return self.openapi_schema
        document = super().openapi()
        components = document.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        if "ProblemDocument" not in schemas:
            schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas[FieldProblem.__name__] = schema.pop("$defs")[FieldProblem.__name__]
            schemas[ProblemDocument.__name__] = schema
            components["securitySchemes"] = {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of a known issuer, for one organisation, that carries the scope named.",
                }
            }
        name_bodies(document, self.routes)
        describe_fields(document["components"]["schemas"])
        show_examples(document)
        return document
