"""Wiring: the worker process of the contracts service."""

from carnet.events.credits import CREDITS
from carnet.events.payments import SCHEDULES
from carnet.job_runs import Jobs
from carnet.mongo import Database
from carnet.requests.alarm import Alarm
from carnet.settings import load
from carnet.worker import Worker
from contracts.access.ending import Ender
from contracts.access.withholding import Withholder
from contracts.collections import COLLECTIONS
from contracts.config import ContractsSettings
from contracts.contracts.store import PENDING_CHANGES
from contracts.imports.job import IMPORTING
from contracts.reactions import REACTIONS
from contracts.subscriptions.billing import Biller
from contracts.subscriptions.repricing import REPRICING


def settings() -> ContractsSettings:
    """The settings from the environment."""
    return load(ContractsSettings)


def build_worker(settings: ContractsSettings) -> Worker:
    """The worker: it reacts to the catalog, payments and credits, publishes the journal, and bills subscriptions."""
    database = Database.open(settings.mongo_url, settings.database)
    return Worker(
        service=settings.service,
        settings=settings,
        database=database,
        collections=COLLECTIONS,
        reactions=REACTIONS,
        # People wait for what credits answers, nobody for what a contract shows of its schedule.
        paces={SCHEDULES: 0.5, CREDITS: 0.05},
        gathers=0.01,
        timed=(
            Alarm(settings.service, database, (PENDING_CHANGES,)).run,
            Ender(database).run,
            Withholder(database).run,
            Biller(database).run,
            Jobs(database, [REPRICING, IMPORTING]).run,
        ),
    )
