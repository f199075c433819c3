"""What processor time and memory processes take, servers included: read from the processes beneath this one."""

import re
from collections.abc import Mapping

import psutil

_SERVICE = re.compile(r"carnet\.run (\w+) (\w+)")


def taken() -> dict[str, float]:
    """The seconds that each process beneath this one has used of a core since it began, by its name."""
    seconds: dict[str, float] = {}
    for process in psutil.Process().children(recursive=True):
        try:
            times, command = process.cpu_times(), " ".join(process.cmdline())
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
        name = _name(command)
        seconds[name] = seconds.get(name, 0.0) + times.user + times.system
    return seconds


def memory() -> dict[str, float]:
    """The resident memory of each process beneath this one in MB (2**20 bytes), by its name; the largest of a name."""
    sizes: dict[str, float] = {}
    for process in psutil.Process().children(recursive=True):
        try:
            size, command = process.memory_info().rss / 2**20, " ".join(process.cmdline())
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
        name = _name(command)
        sizes[name] = max(size, sizes.get(name, 0.0))
    return sizes


def by_process(taken: Mapping[str, float], unit: float, suffix: str) -> str:
    """What each process took, the largest first, counted in ``unit``."""
    largest = sorted(taken.items(), key=lambda each: -each[1])
    return ", ".join(f"{name} {used / unit:.1f}{suffix}" for name, used in largest if used / unit >= 0.05)


def _name(command: str) -> str:
    service = _SERVICE.search(command)
    if service:
        return f"{service[1]} {service[2]}"
    return next((name for part, name in _SERVERS.items() if part in command), "others")


_SERVERS = {"mongod": "MongoDB", "kafka.Kafka": "Kafka"}
