"""Wiring: the worker process of the credits service."""

from carnet.mongo import Database
from carnet.settings import load
from carnet.worker import Worker
from credits.collections import COLLECTIONS
from credits.config import CreditsSettings
from credits.reactions import REACTIONS


def settings() -> CreditsSettings:
    """The settings from the environment."""
    return load(CreditsSettings)


def build_worker(settings: CreditsSettings) -> Worker:
    """The worker: it consumes the events of contracts and payments and publishes the journal."""
    return Worker(
        service=settings.service,
        settings=settings,
        database=Database.open(settings.mongo_url, settings.database),
        collections=COLLECTIONS,
        reactions=REACTIONS,
    )
