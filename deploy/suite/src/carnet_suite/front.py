"""The front of the suite: Caddy with the configuration of `deploy/front`, on this machine as in containers."""

import shutil
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from carnet_operations.errors import CommandError
from carnet_suite.topology import Places

FRONT = "front"
"""How messages, logs and commands call its process."""

CONFIGURATION = Path(__file__).resolve().parents[3] / "front"
"""The folder of the Caddyfile and of the start page."""


class CaddyMissingError(CommandError):
    """There is no Caddy on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "There is no Caddy, which is the front of the suite. `make setup` installs it; if there is no package "
            "for this machine, install it from https://caddyserver.com/download."
        )


def caddy_binary() -> str:
    """The Caddy that is installed beside this Python, or another one on the path.

    Raises:
        CaddyMissingError: there is none.
    """
    found = shutil.which("caddy", path=sysconfig.get_path("scripts")) or shutil.which("caddy")
    if found is None:
        raise CaddyMissingError
    return found


def front_command(binary: str) -> list[str]:
    """What starts it."""
    return [binary, "run", "--config", str(CONFIGURATION / "Caddyfile"), "--adapter", "caddyfile"]


def front_variables(places: Places, port: int, folder: Path = CONFIGURATION) -> dict[str, str]:
    """The environment that the Caddyfile reads. It listens on `port`, for HTTP."""
    return {
        "CARNET_FRONT_SITE": f"http://:{port}",
        "CARNET_FRONT_BIND": places.host,
        "CARNET_FRONT_FOLDER": str(folder),
        **dict(_services(places)),
    }


def caddy_home(folder: Path) -> dict[str, str]:
    """The folder in which Caddy keeps its files, instead of the user's home."""
    return {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}


def _services(places: Places) -> Iterator[tuple[str, str]]:
    for service, address in places.apis.items():
        yield f"CARNET_FRONT_{service.upper()}", address.removeprefix("http://")
