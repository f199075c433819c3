"""Wiring: the application of pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route

from backoffice.apis import Apis
from backoffice.config import BackofficeSettings
from backoffice.web.edge import Edge
from backoffice.web.errors import handle_faults
from backoffice.web.provider import Provider
from backoffice.web.rendering import STATIC, templates
from backoffice.web.routing import subjects
from backoffice.web.static import Assets
from backoffice.web.visits import Shared
from carnet.health import health_routes


def build_app(
    settings: BackofficeSettings,
    *,
    apis: httpx.AsyncBaseTransport | None = None,
    provider: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """The application. The transports replace the network in tests."""

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        yield
        shared: Shared = app.state.shared
        for close in shared.closing:
            close()
        await shared.apis.close()

    app = FastAPI(
        title="Carnet",
        lifespan=living,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    for router in subjects():
        app.router.routes.extend(router.routes)
    app.router.routes.extend(health_routes(_ready))
    app.router.routes.append(Mount("/static", Assets(directory=STATIC)))
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    app.add_middleware(Edge, settings=settings)
    handle_faults(app)
    served = frozenset(
        route.path for route in app.routes if isinstance(route, Route) and "GET" in (route.methods or ())
    )
    app.state.shared = Shared.made(
        settings,
        Apis(settings.front_url, settings.api_timeout, apis),
        Provider(settings, provider),
        templates(),
        served,
    )
    return app


async def _ready() -> bool:
    """Always: without an API a page says what is away, which is better than no page."""
    return True
