"""Wiring: the processes of the payments service."""

from fastapi import FastAPI

from carnet.http import create_api
from carnet.mongo import Database
from carnet.settings import load
from carnet.worker import Worker
from payments.api import cheques, follow_up, previews, refunds, reversals, schedules, upcoming
from payments.config import PaymentsSettings
from payments.reactions import REACTIONS
from payments.store import COLLECTIONS


def settings() -> PaymentsSettings:
    """The settings from the environment."""
    return load(PaymentsSettings)


def build_api(settings: PaymentsSettings) -> FastAPI:
    """The API: schedules, payments, what is to come and what goes back, previews, the deposit list, the follow-up."""
    return create_api(
        settings=settings,
        title="Carnet payments",
        description="The payment schedules of contracts, the payments that staff records, what is to come and how it "
        "changes, what goes back to families, the cheques that are held, and the payment follow-up.",
        routers=(
            schedules.routes,
            upcoming.routes,
            refunds.routes,
            reversals.routes,
            previews.routes,
            cheques.routes,
            follow_up.routes,
        ),
        collections=COLLECTIONS,
    )


def build_worker(settings: PaymentsSettings) -> Worker:
    """The worker: it hears contracts and the catalog, and publishes the journal."""
    return Worker(
        service=settings.service,
        settings=settings,
        database=Database.open(settings.mongo_url, settings.database),
        collections=COLLECTIONS,
        reactions=REACTIONS,
    )
