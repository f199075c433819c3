"""Cursors: positions in a list, encrypted and bound to the list and the organisation that they were made for (ORG-1).

A position holds what the list is sorted by, a family's name among it: nobody reads or writes it but the API itself.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from carnet.mongo import Database
from carnet.mongo.kit import SECRETS

_KEY = "cursors"
_BYTES = 32


class Cursors:
    """Writes and reads cursors with one key."""

    def __init__(self, key: bytes | None = None) -> None:
        self._cipher = AESSIV(key or os.urandom(_BYTES))

    @classmethod
    async def shared(cls, database: Database) -> "Cursors":
        """Those of the service: with the key that its database keeps, made at the first start of an API.

        The key protects nothing but data of the same database, so it is kept there, and there is nothing to set up.
        """
        key = database[SECRETS]
        await key.update_one({"_id": _KEY}, {"$setOnInsert": {"key": os.urandom(_BYTES)}}, upsert=True)
        kept = await key.find_one({"_id": _KEY})
        if kept is None:
            raise LookupError("the key of the cursors was removed while it was read")
        return cls(kept["key"])

    def write(self, bound_to: str, values: Sequence[object]) -> str:
        """The cursor of a position, in a list that ``bound_to`` names."""
        sealed = self._cipher.encrypt(orjson.dumps(values), [bound_to.encode()])
        return urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def read(self, bound_to: str, cursor: str) -> list[object]:
        """The position; ``ValueError`` where it is no cursor of that list, or was altered."""
        try:
            sealed = urlsafe_b64decode(cursor.encode("ascii") + b"==")
            values = orjson.loads(self._cipher.decrypt(sealed, [bound_to.encode()]))
        except InvalidTag:
            raise ValueError("not a cursor of this list") from None
        return values if isinstance(values, list) else []
