"""Who may do what with direct debits, and the keys that it takes (ORG-2, PAY-18)."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from carnet.refusals import conflict
from payments.access import not_configured
from payments.sepa.domain.mandates import SEPA
from payments.sepa.vault import KeyMissingError, Vault


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


def opened(vault: Vault, of: str, sealed: str) -> str:
    """The IBAN that was sealed for ``of``; refuses (``sepa-key-missing``) one that none of the keys reads."""
    try:
        return vault.read(of, sealed)
    except KeyMissingError as error:
        raise conflict(
            "sepa-key-missing",
            "A bank account that this needs was encrypted by a key that payments does not have any more. Ask those "
            "who operate Carnet to add that key to CARNET_SEPA_KEYS again, after the present one, and to start "
            "payments anew; then try again.",
            rule="PAY-18",
            setting="CARNET_SEPA_KEYS",
        ) from error
