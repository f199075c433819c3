"""The jars of Apache Kafka: fetched once, checked, kept for every later start without a network.

`kafka_jars.lock` names each with its SHA-256. For a new version of Kafka, change it here and call
write_lock().
"""

import contextlib
import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from jgo.config import GlobalSettings
from jgo.maven import MavenContext
from jgo.parse import Coordinate

from carnet_suite.servers.errors import JarsUnavailableError

VERSION = "4.3.1"
#: kafka-clients is named too, because an older one would be picked otherwise.
COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{VERSION}",
    f"org.apache.kafka:kafka-clients:{VERSION}",
    "org.slf4j:slf4j-simple:1.7.36",
)
_LOCK = Path(__file__).with_name("kafka_jars.lock")
_PARALLEL_DOWNLOADS = 8


def jars_folder(home: Path) -> Path:
    """The folder of jars below `home`; filled on the first call.

    Raises:
        JarsUnavailableError: they cannot be fetched, or differ from the known ones.
    """
    folder = home / "cache" / f"kafka-{VERSION}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(folder.parent / "kafka.lock"):
        if not folder.is_dir():
            _fill(folder)
    return folder


@contextlib.contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _fill(folder: Path) -> None:
    locked = dict(line.split() for line in _LOCK.read_text().splitlines())
    # Put in place in one step: a folder that exists is complete.
    with tempfile.TemporaryDirectory(prefix="kafka-", dir=folder.parent) as work:
        context = _context(Path(work) / "repository")
        try:
            found = _download(context.create_dependency(name).artifact for name in locked)
        except (OSError, RuntimeError) as error:
            raise JarsUnavailableError(
                f"The jars of Apache Kafka {VERSION} could not be fetched: {error}. They are needed once. "
                "Check the network (or the proxy, or the [repositories] of jgo's own configuration), then try again."
            ) from error
        _check(dict(zip(found, locked.values(), strict=True)))
        jars = Path(work) / "jars"
        jars.mkdir()
        for jar in found:
            shutil.move(jar, jars)
        jars.rename(folder)


def _context(repository: Path) -> MavenContext:
    standard = MavenContext().remote_repos
    return MavenContext(repo_cache=repository, remote_repos={**standard, **GlobalSettings.load().repositories})


def _download(artifacts: Iterable[Any]) -> list[Path]:
    with ThreadPoolExecutor(_PARALLEL_DOWNLOADS) as pool:
        return list(pool.map(lambda artifact: artifact.resolve(), artifacts))


def _check(digests: dict[Path, str]) -> None:
    if different := [jar.name for jar, digest in digests.items() if _sha256(jar) != digest]:
        raise JarsUnavailableError(
            f"These jars of Apache Kafka {VERSION} are not the known ones: {', '.join(different)}. "
            "Something between here and the repository changes files; try from another network."
        )


def _sha256(jar: Path) -> str:
    return hashlib.sha256(jar.read_bytes()).hexdigest()


def write_lock() -> None:
    """Resolve the coordinates with all that they need, and write down the result."""
    with tempfile.TemporaryDirectory() as repository:
        context = _context(Path(repository))
        wanted = [context.create_dependency(replace(Coordinate.parse(name), scope="compile")) for name in COORDINATES]
        named, transitive = context.resolver.resolve(wanted)
        needed = [*named, *(each for each in transitive if each.scope in ("compile", "runtime"))]
        jars = _download(each.artifact for each in needed)
        lines = (
            f"{each.groupId}:{each.artifactId}:{each.version} {_sha256(jar)}\n"
            for each, jar in zip(needed, jars, strict=True)
        )
        _LOCK.write_text("".join(sorted(lines)))
