"""The settings of the catalog: the kit's."""

from carnet.settings import Settings


class CatalogSettings(Settings):
    """Environment variables begin with ``CARNET_``."""

    service: str = "catalog"
