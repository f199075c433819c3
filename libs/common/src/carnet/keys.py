"""The public keys of issuers: from a file, or from a JWKS address without ever blocking the others."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Protocol

import httpx
import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from carnet.observe import log
from carnet.settings import Issuer

FRESH_FOR = 600.0
"""Seconds after which the keys at an address are read again, so that withdrawn ones go."""

SHORTEST_INTERVAL = 10.0
"""Seconds that pass at least between two readings, however many unknown keys are named meanwhile."""

PATIENCE = 2.0
"""Seconds that the address has to answer in."""


class KeyNotFoundError(Exception):
    """The issuer has no such key."""


class KeysUnavailableError(Exception):
    """No keys are known yet and the address does not answer."""


class Keys(Protocol):
    """Where the keys of an issuer come from."""

    async def find(self, kid: str | None) -> Any:
        """The key of that id. Raises ``KeyNotFoundError`` or ``KeysUnavailableError``."""


class KeyFile:
    """The one public key of an issuer, in a PEM file; it serves whatever key id a token names."""

    def __init__(self, pem: bytes) -> None:
        self._key = load_pem_public_key(pem)

    async def find(self, kid: str | None) -> Any:  # noqa: ARG002 # there is only one
        """The key."""
        return self._key


class KeyAddress:
    """The keys at a JWKS address: kept, read again when old, and when an unknown one is named."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url
        self._transport = transport
        self._keys: Mapping[str, Any] = {}
        self._read_at = self._tried_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def find(self, kid: str | None) -> Any:
        """The key of that id; a token that names none is served where there is only one."""
        now = time.monotonic()
        found = self._known(kid)
        if found is not None and now - self._read_at < FRESH_FOR:
            return found
        reading = self._start_reading(now)
        if found is not None:
            return found  # old keys serve while new ones are read
        if reading is not None:
            await asyncio.shield(reading)
            found = self._known(kid)
        if found is not None:
            return found
        if not self._keys:
            raise KeysUnavailableError(self._url)
        raise KeyNotFoundError(kid)

    def _known(self, kid: str | None) -> Any:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid) if isinstance(kid, str) else None

    def _start_reading(self, now: float) -> "asyncio.Task[None] | None":
        """The one reading that is under way, or a new one where the last is not too recent."""
        if self._reading is None or self._reading.done():
            if now - self._tried_at < SHORTEST_INTERVAL:
                return None
            self._tried_at = now
            self._reading = asyncio.create_task(self._read())
        return self._reading

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE), httpx.AsyncClient(transport=self._transport) as client:
                answer = await client.get(self._url)
                answer.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        except (httpx.HTTPError, TimeoutError, ValueError, AttributeError, jwt.PyJWTError) as error:
            # Those known go on serving: the address may be away longer than keys are fresh.
            log.warning("keys could not be read", error=type(error).__name__)
            return
        self._keys = {str(key.key_id): key.key for key in keys}
        self._read_at = time.monotonic()


def keys_of(issuer: Issuer) -> Keys:
    """Where the keys of ``issuer`` come from.

    Raises ``ValueError`` where its file holds no public key, ``OSError`` where it can't be read.
    """
    if issuer.jwks_url is not None:
        return KeyAddress(issuer.jwks_url)
    if issuer.key_file is None:
        raise ValueError(f"issuer {issuer.issuer} has neither a key file nor a JWKS address")
    try:
        return KeyFile(issuer.key_file.read_bytes())
    except ValueError as error:
        raise ValueError(f"{issuer.key_file} holds no public key in PEM") from error
