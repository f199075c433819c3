"""The folder in which a checkout, or a container of the tools, keeps what belongs to the suite on this machine."""

import os
from pathlib import Path

SECRETS = "secrets"
"""The folder in it that has the keys and secrets; see `carnet_operations.secrets`."""


def carnet_home() -> Path:
    """`$CARNET_HOME`, or `.carnet` in the folder of the repository."""
    if given := os.environ.get("CARNET_HOME"):
        return Path(given).expanduser().resolve()
    return Path(__file__).resolve().parents[4] / ".carnet"
