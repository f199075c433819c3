"""Jars of Maven: fetched once, checked, kept for every later use without a network."""

import contextlib
import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jgo.config import GlobalSettings
from jgo.maven import MavenContext

from carnet_suite.servers.errors import JarsUnavailableError

_PARALLEL_DOWNLOADS = 8


def fetched(folder: Path, locked: Mapping[str, str], what: str) -> Path:
    """The folder of jars, filled on the first call; ``locked`` has their coordinates with their SHA-256.

    Raises:
        JarsUnavailableError: they cannot be fetched, or differ from the known ones.
    """
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(folder.parent / f"{folder.name}.lock"):
        if not folder.is_dir():
            _fill(folder, locked, what)
    return folder


def context_of(repository: Path) -> MavenContext:
    """The repositories of Maven that jgo knows, with a place for what is downloaded."""
    standard = MavenContext().remote_repos
    return MavenContext(repo_cache=repository, remote_repos={**standard, **GlobalSettings.load().repositories})


def download(artifacts: Iterable[Any]) -> list[Path]:
    """The files of these artifacts."""
    with ThreadPoolExecutor(_PARALLEL_DOWNLOADS) as pool:
        return list(pool.map(lambda artifact: artifact.resolve(), artifacts))


def sha256(jar: Path) -> str:
    """The digest of a file."""
    return hashlib.sha256(jar.read_bytes()).hexdigest()


def check(digests: Mapping[Path, str], what: str) -> None:
    """Refuse files that are not the known ones."""
    if different := [jar.name for jar, digest in digests.items() if sha256(jar) != digest]:
        raise JarsUnavailableError(
            f"These jars of {what} are not the known ones: {', '.join(different)}. "
            "Something between here and the repository changes files; try from another network."
        )


@contextlib.contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _fill(folder: Path, locked: Mapping[str, str], what: str) -> None:
    # Put in place in one step: a folder that exists is complete.
    with tempfile.TemporaryDirectory(prefix=f"{folder.name}-", dir=folder.parent) as work:
        context = context_of(Path(work) / "repository")
        try:
            found = download(context.create_dependency(name).artifact for name in locked)
        except (OSError, RuntimeError) as error:
            raise JarsUnavailableError(
                f"The jars of {what} could not be fetched: {error}. They are needed once. "
                "Check the network (or the proxy, or the [repositories] of jgo's own configuration), then try again."
            ) from error
        check(dict(zip(found, locked.values(), strict=True)), what)
        jars = Path(work) / "jars"
        jars.mkdir()
        for jar in found:
            shutil.move(jar, jars)
        jars.rename(folder)
