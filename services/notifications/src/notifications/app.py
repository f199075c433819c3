"""Wiring: the processes of the notifications service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from carnet.http import create_api
from carnet.http.jobs import job_routes
from carnet.job_runs import Jobs
from carnet.mongo import Database
from carnet.settings import load
from carnet.worker import Worker
from notifications.api import mails, templates
from notifications.config import NotificationsSettings
from notifications.reactions import REACTIONS
from notifications.rendering import Renderer
from notifications.sender import Sender
from notifications.sending_again import SENDING_AGAIN
from notifications.store import COLLECTIONS


def settings() -> NotificationsSettings:
    """The settings from the environment."""
    return load(NotificationsSettings)


def build_api(settings: NotificationsSettings) -> FastAPI:
    """The API: the mails and the templates."""
    return create_api(
        settings=settings,
        title="Carnet notifications",
        description="The mails that clients and support receive, and the templates of these mails.",
        routers=(mails.routes, templates.routes, job_routes("notifications:read", "notifications:write")),
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


def build_worker(settings: NotificationsSettings) -> Worker:
    """The worker: it handles the events of the other services and sends the mails that are due."""
    database = Database.open(settings.mongo_url, settings.database)
    sender = Sender(database, settings.sending)
    return Worker(
        service=settings.service,
        settings=settings,
        database=database,
        collections=COLLECTIONS,
        reactions=REACTIONS,
        timed=(sender.send_due, Jobs(database, [SENDING_AGAIN]).run),
    )
