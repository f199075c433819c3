"""Wiring: the worker process of the credits service."""

from carnet.events.contracts import CONTRACTS
from carnet.events.payments import SCHEDULES
from carnet.job_runs import Jobs
from carnet.mongo import Database
from carnet.settings import load
from carnet.worker import Worker
from credits.bulk.granting import GRANTING
from credits.collections import COLLECTIONS
from credits.config import CreditsSettings
from credits.packs.run import PackReminding
from credits.reactions import REACTIONS
from credits.sending import GiftSending


def settings() -> CreditsSettings:
    """The settings from the environment."""
    return load(CreditsSettings)


def build_worker(settings: CreditsSettings) -> Worker:
    """The worker: it reacts, publishes the journal, reminds of packs, sends gifts and grants credits in bulk."""
    database = Database.open(settings.mongo_url, settings.database)
    return Worker(
        service=settings.service,
        settings=settings,
        database=database,
        collections=COLLECTIONS,
        reactions=REACTIONS,
        paces={CONTRACTS: 0.25, SCHEDULES: 1.0},
        publishing_pace=0.1,
        timed=(PackReminding(database).run, GiftSending(database).run, Jobs(database, [GRANTING]).run),
    )
