"""Wiring: the API process of the credits service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from carnet.http import create_api
from carnet.http.exports import export_routes
from carnet.http.jobs import job_routes
from carnet.http.papers import paper_routes
from carnet.links import Links
from carnet.settings import load
from credits.api import deposits, gift_cards, granting, reading, vouchers
from credits.bulk import api as bulk
from credits.collections import COLLECTIONS, EXPORTED
from credits.config import CreditsSettings
from credits.packs import api as packs
from credits.packs import reminders_api as pack_reminders
from credits.papers import READERS
from credits.scholarships import api as scholarships


def settings() -> CreditsSettings:
    """The settings from the environment."""
    return load(CreditsSettings)


def build_api(settings: CreditsSettings) -> FastAPI:
    """The API: the credits of a client, their movements, gift vouchers, gift cards, session packs, scholarships."""

    @asynccontextmanager
    async def with_links(app: FastAPI) -> AsyncIterator[None]:
        app.state.links = Links(settings.link_keys)
        yield

    return create_api(
        settings=settings,
        title="Carnet credits",
        description="Client credits: what each is worth, what is left of it, every movement, and what staff grants and "
        "adjusts. Gift vouchers: what each is a right to, and whether it is redeemed. Gift cards: what each is worth, "
        "and what is left for anyone who presents its code. Session packs: what is left of each, and until when. "
        "Scholarships: their funds, what was awarded to whom, and what it covers.",
        routers=(
            deposits.routes,
            reading.routes,
            granting.routes,
            bulk.routes,
            vouchers.routes,
            gift_cards.routes,
            packs.routes,
            pack_reminders.routes,
            scholarships.routes,
            paper_routes(READERS),
            job_routes("credits:read", "credits:adjust"),
            export_routes(EXPORTED),
        ),
        collections=COLLECTIONS,
        lifespan=with_links,
    )
