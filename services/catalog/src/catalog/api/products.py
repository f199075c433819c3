"""Products over HTTP: drafted, edited, put on sale, archived, found (CAT-1 to 5)."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from carnet.dates import Day, today_in, utc_now
from carnet.decisions import Context, Decision
from carnet.events.catalog import Kind
from carnet.http import Call, Command, JournalEntry, Page, PageAsked, Reply, journal_page, router
from carnet.ids import Id
from carnet.money import BasisPoints
from carnet.mongo import Unit
from carnet.refusals import unknown
from catalog.api.access import Edits, Makes, Reads, StaffReads, profile_of, refuse_unset
from catalog.api.bodies import ProductBody
from catalog.api.views import ActivityView, ProductView
from catalog.domain.products import (
    Product,
    Status,
    archive_product,
    draft_product,
    edit_product,
    put_on_sale,
    targets,
)
from catalog.store import PRODUCTS, find_activities, find_organisation, find_product, find_products, load_products

routes = router(tags=["products"])


@routes.post("/products", status_code=201, response_model=ProductView)
async def make_product(body: ProductBody, command: Makes) -> Response:
    """Draft a product (CAT-5)."""

    async def work(unit: Unit, context: Context) -> Reply:
        currency = (await profile_of(unit, command.organisation)).currency
        written = body.written(currency)
        loaded = await load_products(unit, command.organisation, targets(written))
        decision = draft_product(written, loaded, context.new_id(), command.organisation, context)
        saved = unit.decide(PRODUCTS, decision, context)
        return Reply(ProductView.of(saved, currency), saved.version, f"/v1/products/{saved.id}")

    return await command.run(work, status=201)


@routes.get("/products")
async def list_products(
    call: Reads,
    page: PageAsked,
    *,
    q: Annotated[str, Query(max_length=100, description="Words, or their beginnings.")] = "",
    kind: Kind | None = None,
    status: Status | None = None,
    vat_rate: Annotated[BasisPoints | None, Query(strict=False, description="In basis points.")] = None,
) -> Page[ProductView]:
    """List products by name. A client sees what is on sale."""
    currency = await _currency(call)
    found = await find_products(
        call.database,
        call.organisation,
        search=q,
        kind=kind,
        status=status,
        on_sale_only=not call.principal.is_staff,
        vat_rate=vat_rate,
        after=page.after(str, str),
        limit=page.fetch,
    )
    return page.of(
        found,
        place=lambda product: (product.sort_name, product.id),
        show=lambda product: ProductView.of(product, currency),
    )


@routes.get("/activities")
async def list_activities(
    call: Reads,
    page: PageAsked,
    *,
    on: Annotated[Day | None, Query(description="The day: today, the organisation's, where it is left out.")] = None,
) -> Page[ActivityView]:
    """List the activities on sale that take place on a day, by name, with their occurrences of that day (CAT-6)."""
    profile = refuse_unset(await find_organisation(call.database, call.organisation), call.organisation)
    day = on or today_in(profile.time_zone, utc_now(), profile.clock_ahead)
    found = await find_activities(call.database, call.organisation, day, after=page.after(str, str), limit=page.fetch)
    return page.of(
        found,
        place=lambda product: (product.sort_name, product.id),
        show=lambda product: ActivityView.of(product, day),
    )


@routes.get("/products/{product}", response_model=ProductView)
async def show_product(product: Id, call: Reads) -> Response:
    """Read a product. A client sees what is on sale."""
    found = await _visible(call, product)
    return call.show(ProductView.of(found, await _currency(call)), version=found.version)


@routes.put("/products/{product}", response_model=ProductView)
async def write_product(product: Id, body: ProductBody, command: Edits) -> Response:
    """Edit a product, as a draft or on sale; running contracts keep what they bought (CAT-4)."""

    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(PRODUCTS, product, what="product")
        command.must_match(before.version)
        currency = (await profile_of(unit, command.organisation)).currency
        written = body.written(currency)
        loaded = await load_products(unit, command.organisation, targets(written))
        saved = unit.decide(PRODUCTS, edit_product(before, written, loaded, context), context)
        return Reply(ProductView.of(saved, currency), saved.version)

    return await command.run(work)


@routes.post("/products/{product}/put-on-sale", response_model=ProductView)
async def sell_product(product: Id, command: Edits) -> Response:
    """Put a draft on sale (CAT-5)."""
    return await _move(command, product, put_on_sale)


@routes.post("/products/{product}/archive", response_model=ProductView)
async def end_product(product: Id, command: Edits) -> Response:
    """Archive a product; this cannot be undone (CAT-5)."""
    return await _move(command, product, archive_product)


@routes.get("/products/{product}/journal")
async def product_journal(product: Id, call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Read who changed the product, when and how (ORG-4)."""
    await _visible(call, product)
    return await journal_page(call, product, page)


async def _move(command: Command, product: str, decide: Callable[[Product], Decision[Product]]) -> Response:
    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(PRODUCTS, product, what="product")
        command.must_match(before.version)
        currency = (await profile_of(unit, command.organisation)).currency
        saved = unit.decide(PRODUCTS, decide(before), context)
        return Reply(ProductView.of(saved, currency), saved.version)

    return await command.run(work)


async def _visible(call: Call, product: str) -> Product:
    found = await find_product(call.database, call.organisation, product)
    if found is None or not (call.principal.is_staff or found.status == "on_sale"):
        raise unknown("product", product)
    return found


async def _currency(call: Call) -> str:
    return refuse_unset(await find_organisation(call.database, call.organisation), call.organisation).currency
