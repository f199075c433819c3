"""Wiring: the worker process of the payments service."""

from carnet.job_runs import Jobs
from carnet.mongo import Database
from carnet.requests.alarm import Alarm
from carnet.settings import load
from carnet.worker import Worker
from payments.collection.collector.run import Collector, Limits
from payments.collections import COLLECTIONS
from payments.config import PaymentsSettings
from payments.credit_uses.store import UNANSWERED_USES
from payments.invoices.automatic import INVOICING, Invoicer
from payments.invoices.paper import render
from payments.invoices.printing import Printer
from payments.invoices.store import UNANSWERED_MARKS
from payments.provider.configured import providers
from payments.reactions import REACTIONS
from payments.reminders.run import Reminders
from payments.sepa.applying import APPLYING
from payments.sepa.calling_off import CallingOff


def settings() -> PaymentsSettings:
    """The settings from the environment."""
    return load(PaymentsSettings)


def build_worker(settings: PaymentsSettings) -> Worker:
    """The worker: it reacts to contracts, credits and the catalog, publishes the journal, and collects what is due."""
    database = Database.open(settings.mongo_url, settings.database)
    limits = Limits(calls=settings.provider_calls, seconds=settings.provider_timeout)
    collector = Collector(database, providers(settings), limits)
    return Worker(
        service=settings.service,
        settings=settings,
        database=database,
        collections=COLLECTIONS,
        reactions=REACTIONS,
        publishing_pace=0.2,
        timed=(
            collector.run,
            Alarm(settings.service, database, (UNANSWERED_USES, UNANSWERED_MARKS)).run,
            Invoicer(database).run,
            Reminders(database).run,
            CallingOff(database).run,
            Printer(database, render).run,
            Jobs(database, [INVOICING, APPLYING]).run,
        ),
        closing=(collector.close,),
    )
