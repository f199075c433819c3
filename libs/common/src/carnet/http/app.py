"""The API of a service, with everything around its routes wired."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from carnet.auth import Tokens
from carnet.health import health_routes
from carnet.http import today
from carnet.http.bodies import problem_of_fields
from carnet.http.calls import ContextOf, Wiring
from carnet.http.cursors import Cursors
from carnet.http.edge import Edge
from carnet.http.explorer import explorer_routes
from carnet.http.openapi import Api
from carnet.http.problems import fault, method_not_allowed, problem_of
from carnet.mongo import Collection, Database
from carnet.organisations import context_for
from carnet.settings import Settings

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Any]]
"""What a service opens beside its database: ``app.state`` takes it, routes find it by ``call.request.app.state``."""


def create_api(
    *,
    settings: Settings,
    title: str,
    description: str,
    routers: Iterable[APIRouter],
    collections: Iterable[Collection[Any]],
    lifespan: Lifespan = lambda _: nullcontext(),
    context: ContextOf = context_for,
) -> FastAPI:
    """The API of ``settings.service``.

    ``collections`` are made, with their indexes, before the first request. ``context`` makes
    the context of decisions; the catalog, which owns the organisations, has its own.
    """
    known = tuple(collections)

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        if not settings.issuers:
            raise RuntimeError("CARNET_ISSUERS names nobody: no token could be accepted")
        tokens = Tokens(settings.issuers)
        database = Database.open(settings.mongo_url, settings.database)
        try:
            await database.prepare(known)
            cursors = await Cursors.shared(database)
            app.state.carnet = Wiring(database, tokens, context, cursors, smtputf8=settings.mail_smtputf8)
            async with lifespan(app):
                yield
        finally:
            database.close()

    api = Api(
        title=title,
        description=description,
        version="1",
        lifespan=living,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        # FastAPI's own telemetry records the messages of exceptions, which may quote personal values.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
        exception_handlers={HTTPException: _answer_http, RequestValidationError: _answer_fields},
    )
    api.add_middleware(Edge, service=settings.service, root_path=settings.root_path)

    async def ready() -> bool:
        wiring: Wiring = api.state.carnet
        return await wiring.database.answers()

    api.router.routes.extend(health_routes(ready))
    api.router.routes.extend(explorer_routes(api))
    for router in (*routers, today.routes):
        api.router.routes.extend(router.routes)
    return api


async def _answer_http(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == 405:
        return method_not_allowed(_methods_of(request)).response()
    return (problem_of(error) or fault()).response()


def _methods_of(request: Request) -> set[str]:
    """The methods that the address takes, by whichever of its routes."""
    return {
        method
        for route in request.app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }


async def _answer_fields(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return problem_of_fields(error).response()
