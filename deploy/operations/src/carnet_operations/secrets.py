"""The secrets of a suite: made once, at random, each readable by those who need it.

Below a folder, so that containers are given one part and not the others::

    keys/       the key pair that signs tokens: for `carnet token`
    public/     the public key alone: for the APIs
    sandbox/    the setting with which the payment provider to try with signs its webhooks: for it and for payments
    backoffice/ the setting with which the back office seals its cookies: for it alone
    sepa/       the setting with which the bank accounts of direct debits are encrypted: for payments
    links/      the setting with which links in mails are signed: for notifications and for payments
"""

import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from carnet_operations.keys import KeyFiles, key_files

KEYS, PUBLIC, SANDBOX, BACKOFFICE, LINKS, SEPA = "keys", "public", "sandbox", "backoffice", "links", "sepa"
PUBLIC_KEY = "issuer.pub.pem"
SANDBOX_SETTING = "CARNET_SANDBOX_SECRET"
BACKOFFICE_SETTING = "CARNET_SESSION_KEYS"
LINKS_SETTING = "CARNET_LINK_KEYS"
SEPA_SETTING = "CARNET_SEPA_KEYS"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The folders of the secrets. `sandbox`, `backoffice`, `links` and `sepa` are folders for `CARNET_SECRETS`."""

    keys: KeyFiles
    public: Path
    sandbox: Path
    backoffice: Path
    links: Path
    sepa: Path


def make_secrets(folder: Path, owner: int | None = None) -> Secrets:
    """The secrets in `folder`; missing ones are made.

    Args:
        folder: The folder that keeps them.
        owner: The user id that the files are given to; the caller's by default.
    """
    keys = key_files(folder / KEYS)
    public = folder / PUBLIC / PUBLIC_KEY
    public.parent.mkdir(parents=True, exist_ok=True)
    public.write_bytes(keys.public.read_bytes())
    sandbox = _random(folder / SANDBOX / SANDBOX_SETTING)
    backoffice = _random(folder / BACKOFFICE / BACKOFFICE_SETTING)
    links = _random(folder / LINKS / LINKS_SETTING)
    sepa = _made(folder / SEPA / SEPA_SETTING, lambda: urlsafe_b64encode(secrets.token_bytes(32)).decode())
    if owner is not None:
        for path in (keys.private, keys.public, public, sandbox, backoffice, links, sepa):
            os.chown(path, owner, owner)
    return Secrets(keys, public, sandbox.parent, backoffice.parent, links.parent, sepa.parent)


def _random(path: Path) -> Path:
    """The file of a secret, made at random if it is missing."""
    return _made(path, lambda: secrets.token_urlsafe(32))


def _made(path: Path, value: Callable[[], str]) -> Path:
    """The file of a secret, made if it is missing."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(value())
    return path
