"""Wiring: the worker process of the notifications service."""

from carnet.job_runs import Jobs
from carnet.mongo import Database
from carnet.settings import load
from carnet.worker import Worker
from notifications.config import NotificationsSettings
from notifications.reactions import REACTIONS
from notifications.sender import Sender
from notifications.sending_again import SENDING_AGAIN
from notifications.store import COLLECTIONS


def settings() -> NotificationsSettings:
    """The settings from the environment."""
    return load(NotificationsSettings)


def build_worker(settings: NotificationsSettings) -> Worker:
    """The worker: it handles the events of the other services and sends the mails that are due."""
    database = Database.open(settings.mongo_url, settings.database)
    sender = Sender(database, settings.sending, settings.papers)
    return Worker(
        service=settings.service,
        settings=settings,
        database=database,
        collections=COLLECTIONS,
        reactions=REACTIONS,
        paces={table.topic: 1.0 for table in REACTIONS},
        publishing_pace=1.0,
        timed=(sender.send_due, Jobs(database, [SENDING_AGAIN]).run),
    )
