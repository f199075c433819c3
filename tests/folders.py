"""Where the tests keep their files, those of their servers among them: in memory, if there is plenty of it.

Servers wait for their disk at nearly everything that they do, to survive a loss of power, which no test plays: what
a killed process has written is there when it starts again, in memory as on a disk.
"""

import os
import tempfile
from pathlib import Path

import psutil

IN_MEMORY = Path("/dev/shm")  # noqa: S108 # a folder is made in it
NEEDED = 8 * 2**30
"""The bytes that must be free: five times what a run of three workers was seen to keep there."""


def keep_in_memory() -> None:
    """Have temporary files in memory, also those of processes that are started, unless ``TMPDIR`` names a place."""
    if "TMPDIR" not in os.environ and has_room(IN_MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)


def has_room(folder: Path) -> bool:
    """Whether there is such a folder, with the space and the memory that are needed, where files may be executed."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    found = os.statvfs(folder)
    free = min(found.f_bavail * found.f_frsize, psutil.virtual_memory().available, _left_to_group())
    return free >= NEEDED and not found.f_flag & os.ST_NOEXEC


def _left_to_group(group: Path = Path("/sys/fs/cgroup")) -> float:
    """The bytes that a container may still take."""
    try:
        return int((group / "memory.max").read_text()) - int((group / "memory.current").read_text())
    except (OSError, ValueError):  # there is no limit, or nothing that tells it
        return float("inf")
