"""Reading whole databases in the order of their aggregates, a page at a time, side by side."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from carnet.mongo import Database, Document
from carnet_operations.services import SERVICES

PAGE = 500

Group = tuple[str, list[Document]]
"""The documents that belong to one aggregate."""

Side = Mapping[str, list[Document]]
"""The documents that each stream has of one aggregate, by the stream's name; empty if it has none."""


@dataclass(frozen=True)
class Databases:
    """The five services' databases."""

    by_service: Mapping[str, Database]

    @classmethod
    def open(cls, mongo_url: str, namespace: str) -> Self:
        """All of them, at one MongoDB URL, over shared connections."""
        client = Database.open(mongo_url, f"{namespace}carnet_{SERVICES[0]}", appname="carnet verify").client
        return cls({service: Database(client, f"{namespace}carnet_{service}") for service in SERVICES})

    def __getitem__(self, service: str) -> Database:
        return self.by_service[service]

    def close(self) -> None:
        """Close the connections."""
        self.by_service[SERVICES[0]].close()


async def grouped(
    database: Database,
    collection: str,
    key: str,
    *,
    query: Document | None = None,
    then: str | None = None,
    leave_out: Sequence[str] = (),
) -> AsyncIterator[Group]:
    """The documents of a collection, grouped by the value of ``key``, in its order.

    ``then`` orders them within a group, ``leave_out`` names fields that are not needed. The
    server sorts, on disk where it must.
    """
    order = [(key, 1), (then, 1)] if then else [(key, 1)]
    projection = dict.fromkeys(leave_out, 0) or None
    cursor = database[collection].find(query or {}, projection, batch_size=PAGE).sort(order).allow_disk_use(True)
    path = key.split(".")
    name: str | None = None
    group: list[Document] = []
    while page := await cursor.to_list(PAGE):
        for document in page:
            value = _at(document, path)
            if value != name:
                if name is not None:
                    yield name, group
                name, group = value, []
            group.append(document)
    if name is not None:
        yield name, group


def _at(document: Document, path: Sequence[str]) -> str:
    value: Any = document
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


async def side_by_side(streams: Mapping[str, AsyncIterator[Group]]) -> AsyncIterator[tuple[str, Side]]:
    """Walk through streams of the same order, one aggregate at a time, with the documents that each has of it."""
    heads = {name: await anext(stream, None) for name, stream in streams.items()}
    while True:
        keys = [head[0] for head in heads.values() if head is not None]
        if not keys:
            return
        key = min(keys)
        side: dict[str, list[Document]] = {}
        for name, head in heads.items():
            if head is not None and head[0] == key:
                side[name] = head[1]
                heads[name] = await anext(streams[name], None)
            else:
                side[name] = []
        yield key, side
