"""Wiring: the processes of the notifications service."""

from carnet.mongo import Database
from carnet.settings import load
from carnet.worker import Worker
from notifications.config import NotificationsSettings
from notifications.reactions import REACTIONS
from notifications.sender import Sender
from notifications.store import COLLECTIONS


def settings() -> NotificationsSettings:
    """The settings from the environment."""
    return load(NotificationsSettings)


def build_worker(settings: NotificationsSettings) -> Worker:
    """The worker: it hears what the other services tell and sends the mails that are due."""
    database = Database.open(settings.mongo_url, settings.database)
    sender = Sender(database, settings.sending)
    return Worker(
        service=settings.service,
        settings=settings,
        database=database,
        collections=COLLECTIONS,
        reactions=REACTIONS,
        timed=(sender.send_due,),
    )
