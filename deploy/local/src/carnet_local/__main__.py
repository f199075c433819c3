"""``python -m carnet_local`` is the same as ``carnet``."""

from carnet_local.cli import app

app()
