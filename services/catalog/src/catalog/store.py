"""The catalog's documents, indexes and queries: the only file of the service that knows MongoDB."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pymongo import ASCENDING, IndexModel

from carnet.events.catalog import Kind
from carnet.mongo import Collection, Database, Unit
from carnet.search import beginning_with, placed_after
from catalog.domain.organisations import Organisation
from catalog.domain.products import Product, Status

ORGANISATIONS = Collection("organisations", Organisation)

_BY_NAME = [("sort_name", ASCENDING), ("_id", ASCENDING)]

PRODUCTS = Collection(
    "products",
    Product,
    indexes=[
        IndexModel([("organisation", ASCENDING), *_BY_NAME], name="by_name"),
        IndexModel([("organisation", ASCENDING), ("status", ASCENDING), *_BY_NAME], name="by_status"),
        IndexModel([("organisation", ASCENDING), ("details.kind", ASCENDING), *_BY_NAME], name="by_kind"),
        IndexModel([("organisation", ASCENDING), ("words", ASCENDING)], name="by_word"),
        IndexModel([("organisation", ASCENDING), ("details.occurrences.on", ASCENDING), *_BY_NAME], name="by_day"),
    ],
)

COLLECTIONS = (ORGANISATIONS, PRODUCTS)


async def find_organisation(database: Database, organisation: str) -> Organisation | None:
    """The profile of an organisation; None before it is set up."""
    found = await database[ORGANISATIONS.name].find_one({"_id": organisation})
    return ORGANISATIONS.read(found) if found else None


async def find_product(database: Database, organisation: str, product: str) -> Product | None:
    """The product of that id; None if the organisation has no such product (ORG-1)."""
    return await database.state_of(PRODUCTS, organisation, product)


async def find_products(
    database: Database,
    organisation: str,
    *,
    search: str = "",
    kind: Kind | None = None,
    status: Status | None = None,
    on_sale_only: bool = False,
    vat_rate: int | None = None,
    after: tuple[str, str] | None = None,
    limit: int,
) -> list[Product]:
    """The products of an organisation by name: those after the name and id ``after``, at most ``limit``.

    Each word of ``search`` must be the beginning of a word in the name, the formats or the
    description. ``on_sale_only`` is for clients: other products do not exist for them.
    ``vat_rate`` is in basis points.
    """
    wanted = {"details.kind": kind, "status": status, "vat_rate": vat_rate}
    query: dict[str, Any] = {
        "organisation": organisation,
        **{field: value for field, value in wanted.items() if value is not None},
        **beginning_with("words", search),
    }
    if on_sale_only and status not in (None, "on_sale"):
        return []
    if on_sale_only:
        query["status"] = "on_sale"
    if after is not None:
        query |= placed_after("sort_name", after)
    cursor = database[PRODUCTS.name].find(query).sort(_BY_NAME).limit(limit)
    return [PRODUCTS.read(document) async for document in cursor]


async def find_activities(
    database: Database, organisation: str, on: date, *, after: tuple[str, str] | None = None, limit: int
) -> list[Product]:
    """The activities on sale that have an occurrence on that day, by name: those after ``after``, at most ``limit``."""
    query: dict[str, Any] = {
        "organisation": organisation,
        "details.occurrences.on": on.isoformat(),
        "status": "on_sale",
    }
    if after is not None:
        query |= placed_after("sort_name", after)
    cursor = database[PRODUCTS.name].find(query).sort(_BY_NAME).limit(limit)
    return [PRODUCTS.read(document) async for document in cursor]


async def load_products(unit: Unit, organisation: str, products: Iterable[str]) -> dict[str, Product]:
    """Those of the products that belong to the organisation, by id, read in the unit's transaction."""
    wanted = list(products)
    query = {"_id": {"$in": wanted}, "organisation": organisation}
    cursor = unit.database[PRODUCTS.name].find(query, session=unit.session)
    return {document["_id"]: PRODUCTS.read(document) async for document in cursor}
