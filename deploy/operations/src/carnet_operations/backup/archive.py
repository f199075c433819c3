"""The file of a backup: a zip archive with the documents of each collection as BSON, and a manifest.

The documents of a collection are written one after the other, as `mongodump` writes them, so `bsondump` can show them.
"""

import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import bson
from bson import json_util
from bson.raw_bson import DEFAULT_RAW_BSON_OPTIONS, RawBSONDocument

from carnet_operations.errors import CommandError
from carnet_operations.services import SERVICES

FORMAT = 1
"""The format that this release writes, and the newest that it reads."""

KIND = "carnet-backup"

MANIFEST = "manifest.json"

_READ = 1024 * 1024
_PERSONAL_FILE = 0o600


@dataclass(frozen=True, slots=True)
class Part:
    """One collection: its name, its indexes as MongoDB lists them, and what the archive must have of it."""

    service: str
    collection: str
    documents: int
    bytes: int
    sha256: str
    indexes: list[dict[str, Any]]

    @property
    def member(self) -> str:
        """Its file in the archive."""
        return f"{self.service}/{self.collection}.bson"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup has: of which suite, of which instant (UTC), of which generation, and the collections."""

    taken_at: str
    generation: int
    identities: dict[str, str]
    parts: list[Part]

    @property
    def documents(self) -> int:
        """How many documents it has in all."""
        return sum(part.documents for part in self.parts)

    def of(self, service: str) -> list[Part]:
        """The collections of a service."""
        return [part for part in self.parts if part.service == service]


class Writing:
    """A backup that is being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.parts: list[Part] = []

    def add(self, service: str, collection: str, indexes: list[dict[str, Any]], batches: Iterator[bytes]) -> None:
        """Write a collection; each batch is whole BSON documents, one after the other."""
        documents = size = 0
        digest = sha256()
        with self._archive.open(f"{service}/{collection}.bson", "w", force_zip64=True) as member:
            for batch in batches:
                member.write(batch)
                digest.update(batch)
                size += len(batch)
                documents += _count(batch)
        self.parts.append(Part(service, collection, documents, size, digest.hexdigest(), indexes))

    def end(self, taken_at: str, generation: int, identities: dict[str, str]) -> Manifest:
        """Write the manifest, which makes the backup complete."""
        manifest = Manifest(taken_at, generation, identities, self.parts)
        self._archive.writestr(MANIFEST, json_util.dumps({"kind": KIND, "format": FORMAT, **asdict(manifest)}))
        return manifest


@contextmanager
def written(file: Path) -> Iterator[Writing]:
    """Write a backup beside ``file`` and give it that name when it is complete; nobody else may read it.

    Raises:
        CommandError: the file exists already, or cannot be written.
    """
    if file.exists():
        raise CommandError(f"{file} exists already. Give another name, or remove it first.")
    partial = file.with_name(file.name + ".part")
    try:
        with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, _PERSONAL_FILE), "w+b") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                yield Writing(archive)
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(file)
    except OSError as error:
        raise CommandError(f"The backup could not be written to {file}: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)


class Archive:
    """A backup that is read."""

    def __init__(self, file: Path, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self.file = file
        self.manifest = manifest
        self._archive = archive

    @classmethod
    @contextmanager
    def opened(cls, file: Path) -> Iterator[Self]:
        """Open a backup.

        Raises:
            CommandError: there is no such file, it is no backup, or one of a newer release.
        """
        try:
            archive = zipfile.ZipFile(file)
        except FileNotFoundError:
            raise CommandError(f"There is no file {file}.") from None
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror or error}.") from error
        except zipfile.BadZipFile:
            raise CommandError(f"{file} is no backup of Carnet, or it is cut off: it is no zip archive.") from None
        with archive:
            yield cls(file, archive, _manifest(file, archive))

    def check(self) -> None:
        """Read all of it. Raises ``CommandError`` if anything is missing or not as it was written."""
        for part in self.manifest.parts:
            digest, size = sha256(), 0
            try:
                with self._archive.open(part.member) as member:
                    while piece := member.read(_READ):
                        digest.update(piece)
                        size += len(piece)
            except (KeyError, zipfile.BadZipFile, EOFError, OSError) as error:
                raise CommandError(f"{self.file} is damaged: {part.member}: {error}. Nothing was changed.") from error
            if (size, digest.hexdigest()) != (part.bytes, part.sha256):
                raise CommandError(
                    f"{self.file} is damaged: {part.member} has another checksum than the manifest says. Nothing was "
                    "changed. Take another backup file."
                )

    def documents(self, part: Part) -> Iterator[RawBSONDocument]:
        """The documents of a collection."""
        with self._archive.open(part.member) as member:
            yield from bson.decode_file_iter(member, DEFAULT_RAW_BSON_OPTIONS)


def _manifest(file: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        read = json_util.loads(archive.read(MANIFEST))
        kind, number = read.pop("kind"), read.pop("format")
    except (KeyError, zipfile.BadZipFile, ValueError, json.JSONDecodeError, AttributeError):
        raise CommandError(f"{file} is no backup of Carnet: it has no readable {MANIFEST}.") from None
    if kind != KIND:
        raise CommandError(f"{file} is no backup of Carnet: its {MANIFEST} is of another kind.")
    if number != FORMAT:
        raise CommandError(
            f"{file} is of format {number} and this release reads format {FORMAT}: restore it with the release that "
            "took it, or a later one."
        )
    try:
        parts = [Part(**part) for part in read.pop("parts")]
        manifest = Manifest(**read, parts=parts)
    except (KeyError, TypeError) as error:
        raise CommandError(f"{file} is damaged: its {MANIFEST} lacks a field ({error}).") from None
    if missing := [service for service in SERVICES if not manifest.of(service)]:
        raise CommandError(f"{file} is not whole: it has nothing of {', '.join(missing)}.")
    return manifest


def _count(batch: bytes) -> int:
    """How many documents there are; each begins with its length."""
    count = place = 0
    while place < len(batch):
        place += int.from_bytes(batch[place : place + 4], "little")
        count += 1
    return count
