"""Wiring: the API process of the payments service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from carnet.http import create_api
from carnet.http.exports import export_routes
from carnet.http.jobs import job_routes
from carnet.http.papers import paper_routes
from carnet.links import Links
from carnet.settings import load
from payments.banking.api import bank_deposits, takings
from payments.books.api import books, exports
from payments.collection.api import by_hand, calendars, webhooks
from payments.collections import COLLECTIONS, EXPORTED
from payments.config import PaymentsSettings
from payments.credit_uses import api as credit_uses
from payments.follow_up.api import figures, follow_up
from payments.invoices.api import issuing, reading
from payments.invoices.api import settings as invoice_settings
from payments.matching import api as matching
from payments.papers import READERS
from payments.payment_methods import api as methods
from payments.provider.configured import providers
from payments.receipts.api import cheques, payments, receipts
from payments.refunds.api import losses, refunds, reversals
from payments.reminders.api import calendar as reminder_calendar
from payments.reminders.api import late as late_links
from payments.reminders.api import links as reminder_links
from payments.reminders.api import reminders
from payments.schedules.api import explanations, previews, schedules, upcoming
from payments.sepa.api import bank_files, mandate_links, mandates, refund_files, remittances
from payments.sepa.api import settings as sepa_settings
from payments.sepa.vault import Vault
from payments.statements.api import statements


def settings() -> PaymentsSettings:
    """The settings from the environment."""
    return load(PaymentsSettings)


def build_api(settings: PaymentsSettings) -> FastAPI:
    """The API: schedules, what is paid, collected, to come and goes back, payment methods, lists."""

    @asynccontextmanager
    async def with_providers(app: FastAPI) -> AsyncIterator[None]:
        app.state.providers = providers(settings)
        app.state.links = Links(settings.link_keys)
        app.state.public_url = (settings.public_url or "").rstrip("/")
        app.state.vault = Vault(settings.sepa_keys.get_secret_value()) if settings.sepa_keys else None
        try:
            yield
        finally:
            for provider in app.state.providers.values():
                await provider.close()

    api = create_api(
        settings=settings,
        title="Carnet payments",
        description="The payment schedules of contracts, the payments that staff records or that are collected by "
        "payment methods, what is to come and how it changes, what goes back to families, the cheques that are held, "
        "bank deposits, the payment follow-up, reminders, account statements, invoices, and the accounting export.",
        routers=(
            schedules.routes,
            explanations.routes,
            statements.routes,
            payments.routes,
            upcoming.routes,
            methods.routes,
            by_hand.routes,
            calendars.routes,
            credit_uses.routes,
            refunds.routes,
            reversals.routes,
            losses.routes,
            webhooks.routes,
            previews.routes,
            cheques.routes,
            receipts.routes,
            takings.routes,
            bank_deposits.routes,
            follow_up.routes,
            figures.routes,
            invoice_settings.routes,
            issuing.routes,
            reading.routes,
            paper_routes(READERS),
            matching.routes,
            reminder_calendar.routes,
            reminders.routes,
            reminder_links.routes,
            late_links.routes,
            sepa_settings.routes,
            mandates.routes,
            remittances.routes,
            mandate_links.routes,
            refund_files.routes,
            bank_files.routes,
            books.routes,
            exports.routes,
            job_routes("payments:read", "payments:collect"),
            export_routes(EXPORTED),
        ),
        collections=COLLECTIONS,
        lifespan=with_providers,
    )
    api.state.books_settle = settings.books_settle
    return api
