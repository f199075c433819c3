"""The folder in which a checkout keeps its data, logs and caches."""

import os
from pathlib import Path


def carnet_home() -> Path:
    """`$CARNET_HOME`, or `.carnet` in the folder of the repository."""
    if given := os.environ.get("CARNET_HOME"):
        return Path(given).expanduser().resolve()
    return Path(__file__).resolve().parents[4] / ".carnet"
