"""Wiring: the API process of the notifications service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from carnet.exporting.collections import Exported
from carnet.http import create_api
from carnet.http.exports import export_routes
from carnet.http.jobs import job_routes
from carnet.settings import load
from notifications.api import mails, templates
from notifications.config import NotificationsSettings
from notifications.rendering import Renderer
from notifications.store import COLLECTIONS, MAILS, TEMPLATES


def settings() -> NotificationsSettings:
    """The settings from the environment."""
    return load(NotificationsSettings)


def build_api(settings: NotificationsSettings) -> FastAPI:
    """The API: the mails and the templates."""
    return create_api(
        settings=settings,
        title="Carnet notifications",
        description="The mails that clients and support receive, and the templates of these mails.",
        routers=(
            mails.routes,
            templates.routes,
            job_routes("notifications:read", "notifications:write"),
            export_routes((Exported(MAILS), Exported(TEMPLATES))),
        ),
        collections=COLLECTIONS,
        lifespan=_renders,
    )


@asynccontextmanager
async def _renders(app: FastAPI) -> AsyncIterator[None]:
    app.state.renderer = Renderer()
    try:
        yield
    finally:
        await app.state.renderer.close()
