"""Wiring: the API process of the contracts service."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI

from carnet.exporting.collections import Exported
from carnet.http import create_api
from carnet.http.exports import export_routes
from carnet.http.jobs import job_routes
from carnet.settings import load
from contracts.access.api import accesses
from contracts.access.store import ACCESSES
from contracts.accounts.api import accounts
from contracts.accounts.store import ACCOUNTS
from contracts.collections import COLLECTIONS
from contracts.config import ContractsSettings
from contracts.contracts.api import contracts, participants, purchases, registrations, subscriptions
from contracts.contracts.domain.causes import CAUSES, ChangeCause
from contracts.contracts.store import CONTRACTS
from contracts.imports import api as imports
from contracts.imports import batches_api as import_batches
from contracts.imports import columns_api as import_columns
from contracts.peers import Peers
from contracts.subscriptions.api import routes as prices


def settings() -> ContractsSettings:
    """The settings from the environment."""
    return load(ContractsSettings)


def build_api(settings: ContractsSettings, causes: Sequence[ChangeCause] = CAUSES) -> FastAPI:
    """The API: client accounts, contracts and purchases; ``causes`` is what changes may ask of other services."""

    @asynccontextmanager
    async def peers(app: FastAPI) -> AsyncIterator[None]:
        urls = (settings.payments_url, settings.catalog_url, settings.credits_url)
        app.state.peers = Peers(*urls, seconds=settings.peers_timeout)
        try:
            yield
        finally:
            await app.state.peers.close()

    api = create_api(
        settings=settings,
        title="Carnet contracts",
        description="Client accounts, contracts, their lines and what an account has bought.",
        routers=(
            accounts.router,
            contracts.router,
            purchases.router,
            registrations.router,
            participants.router,
            accesses.router,
            subscriptions.router,
            imports.router,
            import_columns.router,
            import_batches.router,
            prices,
            job_routes("contracts:read", "contracts:write"),
            export_routes((Exported(ACCOUNTS), Exported(CONTRACTS), Exported(ACCESSES))),
        ),
        collections=COLLECTIONS,
        lifespan=peers,
    )
    api.state.causes = causes
    return api
