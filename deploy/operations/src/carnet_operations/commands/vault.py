"""`carnet vault`."""

import asyncio
from typing import Annotated

import typer
from cryptography.fernet import Fernet
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from carnet.mongo import Database
from carnet.settings import load
from carnet_operations.errors import CommandError
from carnet_operations.places import backends
from carnet_operations.terminal import faults_shown, out

New = Annotated[bool, typer.Option("--new", help="Print a new key, and do nothing else.")]


class SepaKeys(BaseSettings):
    """The keys, from where payments has them: CARNET_SEPA_KEYS, or a file of the folder CARNET_SECRETS."""

    model_config = SettingsConfigDict(env_prefix="CARNET_", frozen=True, extra="ignore")

    sepa_keys: SecretStr = Field(min_length=44)


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(vault)


def vault(*, new: New = False) -> None:
    """Encrypt the IBANs of direct debits again, by the first of CARNET_SEPA_KEYS. The suite may run."""
    if new:
        out.print(Fernet.generate_key().decode())
        return
    with faults_shown():
        keys = load(SepaKeys).sepa_keys.get_secret_value()
        out.print(f"{asyncio.run(_sealed_again(keys))} bank accounts are encrypted by the first key")


async def _sealed_again(keys: str) -> int:
    from payments.sepa.store.rotating import sealed_again  # noqa: PLC0415 # imports the service
    from payments.sepa.vault import SealedError, Vault  # noqa: PLC0415 # as above

    where = backends()
    database = Database.open(where.mongo_url, f"{where.namespace}carnet_payments")
    try:
        return await sealed_again(database, Vault(keys))
    except SealedError as error:
        raise CommandError(f"Nothing more was changed: {error}. Add the key that it was encrypted by.") from error
    finally:
        database.close()
