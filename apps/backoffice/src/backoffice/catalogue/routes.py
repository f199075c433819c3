"""The pages of the catalogue (CAT-1 to 5)."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from backoffice.apis import Json, Problem, ServiceAwayError, part, quoted
from backoffice.catalogue import calls, formats, writing
from backoffice.catalogue.kinds import PARTS, Known, Part
from backoffice.catalogue.kinds.discount import AIMED, chosen
from backoffice.catalogue.kinds.occurrences import OCCURRENCES, every_week
from backoffice.contracts.purchases import KINDS
from backoffice.web import Form, Visit, needs, pages
from backoffice.web.meanwhile import Difference, differences, is_stale

routes = pages()

Reads = Annotated[Visit, needs("catalog:read")]
Writes = Annotated[Visit, needs("catalog:read", "catalog:write")]
Words = Annotated[str, Query(max_length=100)]


@routes.get("/catalog")
async def list_products(visit: Reads, q: Words = "", kind: str = "", status: str = "", cursor: str = "") -> Response:
    """Products by name."""
    wanted = {"q": q.strip(), "kind": kind if kind in KINDS else "", "status": status if status in calls.STATES else ""}
    found = await part(calls.products(visit.api, wanted["q"], wanted["kind"], wanted["status"], cursor or None))
    return await visit.page(
        "catalogue/list.html", found=found, wanted=wanted, first=not cursor, kinds=KINDS, states=calls.STATES
    )


@routes.get("/catalog/new")
async def begin_product(visit: Writes, kind: str = "") -> Response:
    """The kinds to choose from, then the form of one."""
    if kind not in PARTS:
        return await visit.page("catalogue/kinds.html", parts=PARTS, kinds=KINDS)
    return await _form(visit, PARTS[kind], visit.form(), rows=formats.first(visit.language))


@routes.post("/catalog/new")
async def create_product(visit: Writes, kind: str = "") -> Response:
    """Make a draft."""
    form = await visit.sent()
    if kind not in PARTS:
        return visit.to("/catalog/new")
    return await _write(visit, form, PARTS[kind], None)


@routes.get("/catalog/{product}")
async def show_product(visit: Reads, product: str) -> Response:
    """A product as it is."""
    return await _product(visit, await calls.seen(visit.api, product), visit.form())


@routes.get("/catalog/{product}/edit")
async def begin_edit(visit: Writes, product: str) -> Response:
    """The form of a product."""
    seen = await calls.seen(visit.api, product)
    kind = seen.product["details"]["kind"]
    if seen.product["status"] == "archived" or kind not in PARTS:
        return visit.to(f"/catalog/{quoted(product)}")
    rows = formats.of(seen.product, visit.language)
    return await _form(visit, PARTS[kind], visit.form(), seen=seen, rows=rows)


@routes.post("/catalog/{product}/edit")
async def edit_product(visit: Writes, product: str) -> Response:
    """Save a product."""
    form = await visit.sent()
    seen = await calls.seen(visit.api, product)
    return await _write(visit, form, PARTS[seen.product["details"]["kind"]], seen)


@routes.post("/catalog/{product}/sale")
async def put_on_sale(visit: Writes, product: str) -> Response:
    """Put a draft on sale."""
    return await _move(visit, product, "put-on-sale", visit.gettext("It is on sale."))


@routes.get("/catalog/{product}/archive")
async def begin_archive(visit: Writes, product: str) -> Response:
    """What archiving does, before it is done."""
    seen = await calls.seen(visit.api, product)
    return await visit.page("catalogue/archive.html", seen=seen, product=seen.product, form=visit.form())


@routes.post("/catalog/{product}/archive")
async def archive(visit: Writes, product: str) -> Response:
    """Archive a product."""
    return await _move(visit, product, "archive", visit.gettext("It is archived."))


async def _move(visit: Visit, product: str, command: str, done: str) -> Response:
    form = await visit.sent()
    version = form.whole("version", least=0, most=10**9)
    try:
        await visit.api.send(f"{calls.path_of(product)}/{command}", key=form.key, version=version)
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency())
        return await _product(visit, await calls.seen(visit.api, product), form, 422)
    return visit.to(f"/catalog/{quoted(product)}", done)


async def _write(visit: Visit, form: Form, kind: Part, seen: calls.Seen | None) -> Response:
    """Change the rows of the form, or save it."""
    wish = form.value("do", "save")
    if wish == "weekly":
        lines = list(every_week(form, visit.language))
        text = "\n".join(filter(None, [form.value(OCCURRENCES.input).strip(), *lines]))
        if lines:
            form = form.replaced("weekly.", {}).replaced(OCCURRENCES.input, {OCCURRENCES.input: text})
        return await _form(visit, kind, form, 422 if form.wrong else 200, seen=seen, rows=formats.sent(form))
    if wish != "save":
        rows = formats.changed(formats.sent(form), wish)
        form = form.replaced(formats.PREFIX, formats.fields(rows))
        return await _form(visit, kind, form, seen=seen, rows=rows)
    return await _save(visit, form, kind, seen)


async def _save(visit: Visit, form: Form, kind: Part, seen: calls.Seen | None) -> Response:
    known = await _known(visit, {**(seen.names if seen else {}), **chosen(form)})
    body = writing.read(form, kind, known, seen.product if seen else None)
    version = form.whole("version", least=0, most=10**9) if seen else None
    moved = None
    if not form.wrong:
        try:
            if seen is None:
                answer = await visit.api.send(calls.PRODUCTS, body, key=form.key)
                done = visit.gettext("The draft is saved. Put it on sale when it is right.")
            else:
                path = calls.path_of(seen.product["id"])
                answer = await visit.api.send(path, body, key=form.key, version=version, method="PUT")
                done = visit.gettext("Saved. Contracts that run stay as they are: they keep what they bought.")
            return visit.to(f"/catalog/{quoted(answer.body['id'])}", done)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, known.currency, writing.inputs(fault, kind.kind))
            if is_stale(fault) and seen is not None:
                moved = differences(writing.facts(seen.product, known), writing.facts(body, known))
    return await _form(visit, kind, form, 422, seen=seen, rows=formats.sent(form), moved=moved, stale=moved is not None)


async def _known(visit: Visit, names: dict[str, str]) -> Known:
    return Known(visit.language, await visit.currency(), names)


async def _form(
    visit: Visit,
    kind: Part,
    form: Form,
    status: int = 200,
    *,
    seen: calls.Seen | None = None,
    rows: Sequence[formats.Format] = (),
    moved: list[Difference] | None = None,
    stale: bool = False,
) -> Response:
    """The form of a product. Once it is found to be stale, its next sending names the version that is saved now."""
    words = form.value("search").strip()
    known, matches = await asyncio.gather(
        _known(visit, dict(seen.names) if seen else {}), part(calls.searched(visit.api, words))
    )
    details = seen.product["details"] if seen else {}
    return await visit.page(
        "catalogue/form.html",
        status,
        form=form,
        part=kind,
        seen=seen,
        product=seen.product if seen else None,
        version=str(seen.version) if seen and (stale or not form.is_sent) else form.value("version"),
        rows=rows,
        typed={each.input: each.typed(details, known) for each in kind.fields},
        choices={each.input: visit.translated(each.choices) for each in kind.fields},
        labels=writing.labels(form, kind, known),
        moved=moved,
        kinds=KINDS,
        aimed=AIMED,
        ticked=_ticked(form, details, known),
        matches=matches,
        unit="€" if known.currency == "EUR" else known.currency,
    )


def _ticked(form: Form, details: Json, known: Known) -> dict[str, dict[str, str]]:
    """What a discount applies to, as it is ticked: kinds, and products with their names."""
    if form.is_sent:
        return {"kinds": dict.fromkeys(form.values("details.kinds"), ""), "products": chosen(form)}
    return {
        "kinds": dict.fromkeys(details.get("kinds", ()), ""),
        "products": {each: known.names.get(each, each) for each in details.get("products", ())},
    }


async def _product(visit: Visit, seen: calls.Seen, form: Form, status: int = 200) -> Response:
    known = await _known(visit, dict(seen.names))
    facts = writing.facts({**seen.product, "formats": []}, known)
    return await visit.page(
        "catalogue/product.html",
        status,
        seen=seen,
        product=seen.product,
        facts={label: text for label, text in list(facts.items())[1:] if text},
        form=form,
        kinds=KINDS,
        states=calls.STATES,
        known_kind=seen.product["details"]["kind"] in PARTS,
    )
