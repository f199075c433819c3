"""Callers of an API in tests: tokens signed with a key of their own, and a client without a network."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI

from carnet.ids import new_id
from carnet.settings import Issuer

ISSUER = "https://login.example.org"
AUDIENCE = "carnet"


@dataclass(frozen=True)
class Signer:
    """An issuer of tokens."""

    key: ec.EllipticCurvePrivateKey
    issuer: Issuer

    @classmethod
    def make(cls, folder: Path) -> "Signer":
        """An issuer with a new key, whose public half is kept in ``folder``."""
        key = ec.generate_private_key(ec.SECP256R1())
        file = folder / f"{new_id()}.pem"
        file.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        return cls(key, Issuer(issuer=ISSUER, audience=AUDIENCE, key_file=file))

    def claims(self, organisation: str, scopes: str = "", **claims: Any) -> dict[str, Any]:
        """Claims of staff of ``organisation``; those given replace them, ``None`` leaves one out."""
        usual = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "exp": int(time.time()) + 600,
            "sub": "staff-1",
            "org": organisation,
            "kind": "user",
            "scope": scopes,
        }
        return {name: value for name, value in (usual | claims).items() if value is not None}

    def token(self, organisation: str, scopes: str = "", **claims: Any) -> str:
        """A token with these claims."""
        return jwt.encode(self.claims(organisation, scopes, **claims), self.key, algorithm="ES256")

    def headers(self, organisation: str, scopes: str, **claims: Any) -> dict[str, str]:
        """The headers of a call."""
        return {"Authorization": f"Bearer {self.token(organisation, scopes, **claims)}"}


def command(headers: Mapping[str, str], *, key: str | None = None, version: int | None = None) -> dict[str, str]:
    """The headers of a command: an Idempotency-Key, new unless given, and If-Match where a version is."""
    matching = {} if version is None else {"If-Match": f'"{version}"'}
    return {**headers, "Idempotency-Key": key or new_id(), **matching}


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API that runs in this process, started and stopped as a server would."""
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://carnet.test") as client,
    ):
        yield client
