"""``python -m carnet_operations`` is the same as ``carnet``."""

from carnet_operations.cli import app

app()
