"""The jars of Apache Kafka: fetched once, checked, kept for every later start without a network."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jgo.config import GlobalSettings
from jgo.maven import MavenContext

from carnet_local.servers.errors import JarsUnavailable

VERSION = "4.3.1"
#: kafka-clients is named too, because an older one would be picked otherwise.
COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{VERSION}",
    f"org.apache.kafka:kafka-clients:{VERSION}",
    "org.slf4j:slf4j-simple:1.7.36",
)
_CHECKSUMS = Path(__file__).with_name("kafka_jars.sha256")
_PARALLEL_DOWNLOADS = 8


def jars_folder(home: Path) -> Path:
    """The folder of jars below `home`; filled on the first call.

    :raises JarsUnavailable: they cannot be fetched, or differ from the known ones.
    """
    folder = home / "cache" / f"kafka-{VERSION}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(folder.parent / "kafka.lock"):
        if not folder.is_dir():
            _fetch(folder)
    return folder


@contextlib.contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path) -> None:
    # Put in place in one step: a folder that exists is complete.
    with tempfile.TemporaryDirectory(prefix="kafka-", dir=folder.parent) as work:
        jars = Path(work) / "jars"
        jars.mkdir()
        try:
            found = _download(Path(work) / "repository")
        except (OSError, RuntimeError) as error:
            raise JarsUnavailable(
                f"The jars of Apache Kafka {VERSION} could not be fetched: {error}. "
                "They are needed once. Check the network (or the proxy, or the [repositories] of "
                "jgo's own configuration), then try again."
            ) from error
        for jar in found:
            shutil.move(jar, jars / jar.name)
        _check(jars)
        os.rename(jars, folder)


def _download(repository: Path) -> list[Path]:
    settings = GlobalSettings.load()
    standard = MavenContext().remote_repos
    context = MavenContext(
        repo_cache=repository, remote_repos={**standard, **settings.repositories}
    )
    wanted = [context.create_dependency(f"{name}:compile") for name in COORDINATES]
    named, transitive = context.resolver.resolve(wanted)
    needed = [*named, *(each for each in transitive if each.scope in ("compile", "runtime"))]
    with ThreadPoolExecutor(_PARALLEL_DOWNLOADS) as pool:
        return list(pool.map(lambda dependency: dependency.artifact.resolve(), needed))


def _check(jars: Path) -> None:
    """:raises JarsUnavailable: a jar is missing, unknown, or not byte for byte the known one."""
    lines = _CHECKSUMS.read_text().splitlines()
    known = {name: digest for digest, name in (line.split() for line in lines)}
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in jars.iterdir()}
    if different := sorted({name for name, _ in known.items() ^ found.items()}):
        raise JarsUnavailable(
            f"These jars of Apache Kafka {VERSION} are not the known ones: {', '.join(different)}. "
            "Something between here and the repository changes files; try from another network."
        )
