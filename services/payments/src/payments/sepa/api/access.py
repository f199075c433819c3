"""Who may do what with direct debits, and the keys that it takes (ORG-2, PAY-18)."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from payments.access import not_configured
from payments.sepa.domain.mandates import SEPA
from payments.sepa.vault import Vault


async def _vault(request: Request) -> Vault | None:
    vault: Vault | None = request.app.state.vault
    return vault


Keys = Annotated[Vault | None, Depends(_vault)]
"""The keys that encrypt IBANs, or none."""


def needed(keys: Vault | None) -> Vault:
    """The keys; refuses (``provider-not-configured``) where the settings have none."""
    if keys is None:
        raise not_configured(SEPA)
    return keys
