"""Documents that are tampered with by hand while a block lasts."""

import copy
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests.findings import Document
from tests.integration.verify.conftest import Played


@asynccontextmanager
async def replaced(
    played: Played, service: str, collection: str, query: Mapping[str, Any], change: Callable[[Document], object]
) -> AsyncIterator[str]:
    """Change the document by hand while the block lasts; returns its id."""
    kept = await played.world.one(service, collection, query)
    changed = copy.deepcopy(kept)
    change(changed)
    documents = played.world.databases[service][collection]
    await documents.replace_one({"_id": kept["_id"]}, changed)
    try:
        yield kept["_id"]
    finally:
        await documents.replace_one({"_id": kept["_id"]}, kept)


@asynccontextmanager
async def removed(played: Played, service: str, collection: str, query: Mapping[str, Any]) -> AsyncIterator[Document]:
    kept = await played.world.one(service, collection, query)
    documents = played.world.databases[service][collection]
    await documents.delete_one({"_id": kept["_id"]})
    try:
        yield kept
    finally:
        await documents.insert_one(kept)


@asynccontextmanager
async def added(played: Played, service: str, collection: str, document: Document) -> AsyncIterator[None]:
    documents = played.world.databases[service][collection]
    await documents.insert_one(document)
    try:
        yield
    finally:
        await documents.delete_one({"_id": document["_id"]})
