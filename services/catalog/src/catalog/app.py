"""Wiring: the API process of the catalog service."""

from fastapi import FastAPI

from carnet.exporting.collections import Exported
from carnet.http import create_api
from carnet.http.exports import export_routes
from carnet.settings import load
from catalog.api import organisations, products
from catalog.api.access import context_for
from catalog.config import CatalogSettings
from catalog.store import COLLECTIONS, ORGANISATIONS, PRODUCTS


def settings() -> CatalogSettings:
    """The settings from the environment."""
    return load(CatalogSettings)


def build_api(settings: CatalogSettings) -> FastAPI:
    """The API: the organisation's profile and what it sells."""
    return create_api(
        settings=settings,
        title="Carnet catalog",
        description="The products that an organisation sells, with formats and tariffs, and its profile.",
        routers=(
            organisations.routes,
            products.routes,
            export_routes((Exported(ORGANISATIONS, by="_id"), Exported(PRODUCTS))),
        ),
        collections=COLLECTIONS,
        context=context_for,
    )
