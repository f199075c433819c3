"""The whole restore, in an order in which it can be killed anywhere and run again.

Until everything is loaded nothing is changed. From then on every database says that it is being restored, and no
process starts on it, until a restore has come to its end; running it again begins from the file.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO

from aiokafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from carnet.dates import read_instant, utc_now
from carnet.generation import hold_collecting
from carnet.mongo import Database
from carnet.topics import make_topics
from carnet_operations.backup import lost as losing
from carnet_operations.backup import topics
from carnet_operations.backup.archive import Archive
from carnet_operations.backup.exclusion import Exclusion, own_name
from carnet_operations.backup.loading import load, put_in_place, unload
from carnet_operations.backup.lost import Line, Lost
from carnet_operations.backup.taking import PATIENCE_MS, Documents, Progress, databases_of
from carnet_operations.errors import CommandError
from carnet_operations.places import Backends
from carnet_operations.services import SERVICES
from carnet_operations.verify.published.journals import KEPT

RUN_AGAIN = "Run `carnet restore` again: until it has ended, no process of the suite starts."


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has come to."""

    generation: int
    lost: Lost
    lost_file: Path
    collecting_held: str | None
    """Why collecting is held until an operator has compared with the providers; None if it is not held."""


@dataclass(frozen=True, slots=True)
class _PutBack:
    """What was put back: of which generation and suite, and the entries that the journals had before."""

    generation: int = 0
    identities: dict[str, str] = field(default_factory=dict)
    known: list[Line] = field(default_factory=list)
    old: bool = False
    """Whether topics may have lost records since the backup was taken."""


def restore(
    where: Backends, file: Path, lost_file: Path, *, replace_other: bool = False, progress: Progress = lambda _: None
) -> Restored:
    """Put a backup back, raise the generation, and rebuild the topics.

    Raises:
        CommandError: it cannot be done; unless the message says otherwise, nothing was changed.
    """
    with Archive.opened(file) as archive:
        progress("checking the file")
        archive.check()
        with _connected(where, lost_file) as (client, exclusion, lost):
            exclusion.check_stopped()
            interrupted = any("restoring" in standing for standing in exclusion.standings().values())
            if not (replace_other or interrupted):
                _require_same_suite(client, where.namespace, exclusion, archive)
            load(client, where.namespace, archive, progress)
            _exclude(client, where, exclusion, file.name, interrupted=interrupted)
            with _unfinished():
                known = asyncio.run(_at_hand(where))
                progress("putting the collections in place")
                put_in_place(client, where.namespace, archive)
                manifest = archive.manifest
                old = utc_now() - read_instant(manifest.taken_at) > KEPT - timedelta(days=1)
                put_back = _PutBack(manifest.generation, manifest.identities, known, old=old)
                return asyncio.run(_rebuild(where, exclusion, lost, put_back, progress))


def restored_otherwise(where: Backends, lost_file: Path, *, progress: Progress = lambda _: None) -> Restored:
    """Raise the generation and rebuild the topics after the databases were put back by MongoDB's own means."""
    with _connected(where, lost_file) as (client, exclusion, lost):
        exclusion.check_stopped()
        for database in databases_of(client, where.namespace).values():
            if "journal" not in database.list_collection_names():
                raise CommandError(f"There is no database {database.name}: put back all five, to one instant, first.")
        _exclude(client, where, exclusion, "by MongoDB's own means", interrupted=True)
        with _unfinished():
            return asyncio.run(_rebuild(where, exclusion, lost, _PutBack(), progress))


@contextlib.contextmanager
def _connected(where: Backends, lost_file: Path) -> Iterator[tuple[MongoClient[Documents], Exclusion, Lost]]:
    name = own_name(where.namespace)
    client = MongoClient[Documents](
        where.mongo_url, serverSelectionTimeoutMS=PATIENCE_MS, appname=name, w="majority", tz_aware=True
    )
    with client, _opened(lost_file) as opened:
        try:
            yield client, Exclusion(client, where.namespace, name), Lost(opened)
        except PyMongoError as error:
            raise CommandError(f"MongoDB does not answer, or refuses: {error}. Nothing was changed.") from error


@contextlib.contextmanager
def _opened(lost_file: Path) -> Iterator[IO[bytes]]:
    try:
        opened = lost_file.open("xb")
    except OSError as error:
        raise CommandError(
            f"What is lost could not be written down in {lost_file}: {error.strerror}. Name another file with --lost."
        ) from error
    with opened:
        yield opened
    if not lost_file.stat().st_size:
        lost_file.unlink()


@contextlib.contextmanager
def _unfinished() -> Iterator[None]:
    """Say of any fault that the restore must be run again."""
    try:
        yield
    except CommandError:
        raise
    except (KafkaError, PyMongoError, OSError) as error:
        raise CommandError(f"The restore was interrupted: {type(error).__name__}: {error}. {RUN_AGAIN}") from error


def _exclude(
    client: MongoClient[Documents], where: Backends, exclusion: Exclusion, what: str, *, interrupted: bool
) -> None:
    try:
        exclusion.begin(what)
        exclusion.check_stopped()  # again: a process may have started while the backup was loaded
    except BaseException:
        if not interrupted:
            exclusion.withdraw()
            unload(client, where.namespace)
        raise


def _require_same_suite(client: MongoClient[Documents], namespace: str, exclusion: Exclusion, archive: Archive) -> None:
    databases = databases_of(client, namespace)
    for service, standing in exclusion.standings().items():
        identity = standing.get("identity")
        if identity in (None, archive.manifest.identities.get(service)):
            continue
        if databases[service]["journal"].find_one({}, {"_id": 1}) is not None:
            raise CommandError(
                f"{archive.file} is of another suite than the one whose database {databases[service].name} is here. "
                "Nothing was changed. To lose this suite's data for that backup, add --replace-other-suite."
            )


async def _at_hand(where: Backends) -> list[Line]:
    async with _databases(where) as databases:
        return await losing.at_hand(databases)


async def _rebuild(
    where: Backends, exclusion: Exclusion, lost: Lost, put_back: _PutBack, progress: Progress
) -> Restored:
    async with _databases(where) as databases:
        progress("reading what is lost from the topics")
        await losing.read(databases, where.kafka_bootstrap, where.namespace, lost)
        await lost.add(databases, put_back.known)
        lost.file.flush()
        os.fsync(lost.file.fileno())
        why = _why_held(lost, old=put_back.old)
        if why is not None:
            await hold_collecting(databases["payments"])
        standings = exclusion.standings().values()
        generation = next_generation(
            max(put_back.generation, lost.generation, *(each.get("generation", 0) for each in standings))
        )
        exclusion.set_generation(generation, put_back.identities)
        progress("emptying the topics")
        await make_topics(where.kafka_bootstrap, where.namespace)
        await topics.empty(where.kafka_bootstrap, where.namespace)
        for service, database in databases.items():
            database.generation = generation
            progress(f"publishing the journal of {service}")
            await topics.fill(
                database,
                where.kafka_bootstrap,
                where.namespace,
                lambda left, service=service: progress(f"publishing the journal of {service}: {left} entries left"),  # type: ignore[misc] # a default of a lambda
            )
        exclusion.end()
        return Restored(generation, lost, Path(lost.file.name), why)


def next_generation(newest: int) -> int:
    """The generation after ``newest``, the latest that is known here.

    It is the present time in minutes since 1970, or one more than the latest: so it is later than any that subscribers
    have seen, also if MongoDB and Kafka were both lost and nothing here knows of it.
    """
    return max(newest + 1, int(utc_now().timestamp()) // 60)


def _why_held(lost: Lost, *, old: bool) -> str | None:
    if lost.orders:
        return f"{lost.orders} orders to payment providers are lost"
    if "payments.schedules" in lost.missing:
        return "the topic of payments was lost too, so it is not known which orders to payment providers are lost"
    if old:
        return "the backup is older than what topics keep: which orders to payment providers are lost is not known"
    return None


@contextlib.asynccontextmanager
async def _databases(where: Backends) -> AsyncIterator[dict[str, Database]]:
    opened = {
        service: Database.open(where.mongo_url, f"{where.namespace}carnet_{service}", appname="carnet restore")
        for service in SERVICES
    }
    try:
        yield opened
    finally:
        for database in opened.values():
            database.close()
