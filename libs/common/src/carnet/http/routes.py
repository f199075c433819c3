"""Routes: their bodies left to their models to read, their access and their problems described."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from carnet.http.bodies import RawJson
from carnet.http.openapi import access_of, callers, described, problem_answers


class ExactRequest(Request):
    """A request whose body is left to its model to read."""

    async def json(self) -> Any:
        """The body as it came: pydantic reads JSON faster, and knows what strict means in it."""
        return RawJson(await self.body())


class ExactRoute(APIRoute):
    """A route that reads its body with ``Body`` and describes what it asks of its caller."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        access = access_of(self.dependant)
        if access is None:
            return
        self.responses = {**problem_answers(access, body=self.body_field is not None), **self.responses}
        self.description = f"{self.description}\n\n{callers(access)}".strip()
        method = next(iter(self.methods or ()))
        operation = described(access, method, self.status_code or 200, one=path.endswith("}"))
        self.openapi_extra = {**operation, **(self.openapi_extra or {})}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given an ``ExactRequest``."""
        handle = super().get_route_handler()

        async def handle_exactly(request: Request) -> Response:
            return await handle(ExactRequest(request.scope, request.receive))

        return handle_exactly


def router(*, tags: list[str], prefix: str = "/v1") -> APIRouter:
    """A router of routes whose bodies are ``Body`` models; the id of an operation is the name of its function."""
    return APIRouter(
        prefix=prefix, tags=list(tags), route_class=ExactRoute, generate_unique_id_function=lambda route: route.name
    )
