"""The key pair of a suite: it signs the tokens that `carnet token` makes, nothing else."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

ISSUER = "carnet-local"
AUDIENCE = "carnet"
ALGORITHM = "EdDSA"
_PRIVATE, _PUBLIC = "issuer.pem", "issuer.pub.pem"


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """Where the two halves are; the private one is readable by its owner only."""

    private: Path
    public: Path


def key_files(folder: Path) -> KeyFiles:
    """The key pair in `folder`, made on the first call."""
    files = KeyFiles(folder / _PRIVATE, folder / _PUBLIC)
    if not (files.private.exists() and files.public.exists()):
        _make(files)
    return files


def _make(files: KeyFiles) -> None:
    files.private.parent.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # Created with its mode, so that nobody else can open it in between.
    files.private.unlink(missing_ok=True)
    with os.fdopen(os.open(files.private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(private)
    files.public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
