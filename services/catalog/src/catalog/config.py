"""The settings of the catalog: those of every service."""

from carnet.settings import Settings


class CatalogSettings(Settings):
    """Environment variables begin with ``CARNET_``."""

    service: str = "catalog"
