"""Cookies that only this application can read and make: encrypted and authenticated, of any length."""

import base64
import hashlib
import zlib
from collections.abc import Mapping
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

PIECE = 3_800
"""Characters of a cookie's value: browsers keep 4,096 bytes with its name and attributes."""

MOST_PIECES = 4


class TooLargeError(Exception):
    """What is to be sealed does not fit into the cookies of a browser."""


class Sealer:
    """Seals and opens values by keys of which the first seals and every one opens."""

    def __init__(self, keys: str) -> None:
        self._fernet = MultiFernet([Fernet(_derived(key.strip())) for key in keys.split(",")])

    def seal(self, value: Mapping[str, Any]) -> str:
        """A text that nobody else can read or make."""
        return self._fernet.encrypt(zlib.compress(orjson.dumps(value), 9)).decode()

    def open(self, text: str, lasts: int) -> dict[str, Any] | None:
        """What was sealed at most ``lasts`` seconds ago; None if it was not, or by somebody else."""
        try:
            value = orjson.loads(zlib.decompress(self._fernet.decrypt(text.encode(), ttl=lasts)))
        except (InvalidToken, ValueError, zlib.error):
            return None
        return value if isinstance(value, dict) else None


class SealedCookie:
    """A cookie of sealed values, in as many pieces as it needs. Not for scripts; sent by this site's own pages."""

    def __init__(self, sealer: Sealer, name: str, *, lasts: int, secure: bool, path: str = "/") -> None:
        self._sealer = sealer
        # The prefix makes browsers refuse it from anywhere but this very host by https.
        self._name = f"__Host-{name}" if secure and path == "/" else name
        self._lasts = lasts
        self._attributes = f"; Path={path}; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")

    def read(self, cookies: Mapping[str, str]) -> dict[str, Any] | None:
        """The values; None if there are none, or if they are too old."""
        pieces = [cookies[name] for name in self._names() if cookies.get(name)]
        return self._sealer.open("".join(pieces), self._lasts) if pieces else None

    def write(self, values: Mapping[str, Any], cookies: Mapping[str, str]) -> list[str]:
        """The headers that set it. Pieces of a longer one that the browser has are removed.

        Raises ``TooLargeError``.
        """
        text = self._sealer.seal(values)
        pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
        if len(pieces) > MOST_PIECES:
            raise TooLargeError(self._name)
        names = self._names()
        made = [f"{name}={piece}{self._attributes}" for name, piece in zip(names, pieces, strict=False)]
        return made + [self._removed(name) for name in names[len(pieces) :] if name in cookies]

    def clear(self, cookies: Mapping[str, str]) -> list[str]:
        """The headers that remove it."""
        return [self._removed(name) for name in self._names() if name in cookies]

    def _names(self) -> list[str]:
        return [self._name, *(f"{self._name}-{number}" for number in range(2, MOST_PIECES + 1))]

    def _removed(self, name: str) -> str:
        return f"{name}=; Max-Age=0{self._attributes}"


def _derived(key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())
