"""Wiring: the worker process of the catalog service."""

from carnet.mongo import Database
from carnet.settings import load
from carnet.worker import Worker
from catalog.config import CatalogSettings
from catalog.store import COLLECTIONS


def settings() -> CatalogSettings:
    """The settings from the environment."""
    return load(CatalogSettings)


def build_worker(settings: CatalogSettings) -> Worker:
    """The worker: it publishes the journal. The catalog handles no events of other services."""
    return Worker(
        service=settings.service,
        settings=settings,
        database=Database.open(settings.mongo_url, settings.database),
        collections=COLLECTIONS,
        publishing_pace=0.1,
    )
