"""The settings of contracts: the kit's, and where it reads from others."""

from pydantic import Field

from carnet.settings import Settings


class ContractsSettings(Settings):
    """Environment variables begin with ``CARNET_``."""

    service: str = "contracts"
    payments_url: str = Field(pattern=r"^https?://")
    """The API of payments, asked for the schedule part of previews: ``http://payments:8000``."""
    catalog_url: str = Field(pattern=r"^https?://")
    """The API of the catalog, asked once for a product not known yet."""
    credits_url: str = Field(pattern=r"^https?://")
    """The API of credits, asked whether a gift voucher covers what a preview shows."""
    peers_timeout: float = Field(default=2.0, gt=0, le=300)
    """Seconds in which each of them answers; later, a preview is refused (503) and nothing has changed."""
