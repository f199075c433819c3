"""The keys that encrypt IBANs are changed: what is kept is encrypted again, by the first key (PAY-18)."""

from collections.abc import AsyncIterator
from typing import Any

from carnet.mongo import Collection, Database
from payments.sepa.store.mandates import MANDATES, SEPA_SETTINGS
from payments.sepa.store.refund_files import REFUND_FILES
from payments.sepa.store.remittances import REMITTANCES
from payments.sepa.vault import Vault

_SEALED: tuple[tuple[Collection[Any], str], ...] = (
    (MANDATES, "sealed_iban"),
    (SEPA_SETTINGS, "creditor.sealed_iban"),
    (REMITTANCES, "creditor.sealed_iban"),
    (REFUND_FILES, "creditor.sealed_iban"),
)


async def sealed_again(database: Database, vault: Vault) -> int:
    """Encrypt every IBAN again by the first key, while the suite runs; returns how many there are.

    Interrupted, it can be run again. Raises ``SealedError`` on one that no key reads, which stays as it is.
    """
    count = 0
    for collection, field in _SEALED:
        async for id_, sealed in _kept(database, collection, field):
            changed = {"$set": {field: vault.rotated(sealed)}}
            # A document that was changed meanwhile was sealed by a process that has the new key first already.
            await database[collection.name].update_one({"_id": id_, field: sealed}, changed)
            count += 1
    return count


async def _kept(database: Database, collection: Collection[Any], field: str) -> AsyncIterator[tuple[str, str]]:
    async for document in database[collection.name].find({field: {"$type": "string"}}, {field: 1}):
        value: Any = document
        for part in field.split("."):
            value = value[part]
        yield document["_id"], value
