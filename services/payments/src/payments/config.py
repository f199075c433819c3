"""What the payments service is told from outside: environment variables, all beginning with ``CARNET_``."""

from pydantic import Field

from carnet.settings import Settings


class PaymentsSettings(Settings):
    """The settings of payments: those that every service has."""

    service: str = Field(default="payments", init=False)
