"""What the OpenAPI documents say may come, held against every answer of every API in the process of a test."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi.routing import APIRoute
from starlette.types import Scope

from carnet.http.edge import Edge

UNDECLARED: set[str] = set()
"""Answers whose status the document of their route does not name, since this was last looked at."""


@contextmanager
def answers_noted() -> Iterator[None]:
    """Note the answers that no document declares."""
    log_answer = Edge._record

    def note(edge: Edge, scope: Scope, status: int | None, seconds: float) -> None:
        route = scope.get("route")
        if isinstance(route, APIRoute) and status is not None and status not in declared(route):
            UNDECLARED.add(f"{scope['method']} {route.path}: {status}")
        log_answer(edge, scope, status, seconds)

    Edge._record = note  # the one place that sees each answer with its route
    try:
        yield
    finally:
        Edge._record = log_answer


def declared(route: APIRoute) -> set[int]:
    """The statuses that the document of a route names; 405 is about methods that it does not have."""
    return {405, route.status_code or 200, *(int(status) for status in route.responses if str(status).isdecimal())}
