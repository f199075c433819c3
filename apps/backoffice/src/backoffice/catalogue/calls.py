"""What the pages of the catalogue ask."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backoffice.apis import Api, Away, Json, Problem, quoted
from backoffice.languages import N_

PRODUCTS, PER_PAGE = "/catalog/v1/products", 50
FOUND = 12
"""Products that a search within a form shows at once."""

MOST_NAMED = 40
"""Products of a discount whose names are looked up."""

STATES: Mapping[str, tuple[str, str]] = {
    "draft": ("wait", N_("draft")),
    "on_sale": ("ok", N_("on sale")),
    "archived": ("calm", N_("archived")),
}
"""The status of a product: its colour and its words."""


def path_of(product: str) -> str:
    """The address of a product in the API."""
    return f"{PRODUCTS}/{quoted(product)}"


@dataclass(frozen=True, slots=True)
class Seen:
    """A product with its version, and the names of those that it refers to."""

    product: Json
    version: int
    names: Mapping[str, str]


async def products(api: Api, words: str, kind: str, status: str, cursor: str | None) -> Json:
    """A page of products by name."""
    return await api.get(
        PRODUCTS, q=words or None, kind=kind or None, status=status or None, limit=PER_PAGE, cursor=cursor
    )


async def seen(api: Api, product: str) -> Seen:
    """A product, in one round, and the names of those that it refers to, in a second one."""
    answer = await api.read(path_of(product))
    return Seen(answer.body, answer.version or 0, await names(api, answer.body["details"].get("products", ())))


async def names(api: Api, ids: Iterable[str]) -> dict[str, str]:
    """The names of products by their ids; those that cannot be read are left out."""
    found = await asyncio.gather(*(_name(api, each) for each in list(ids)[:MOST_NAMED]))
    return {id_: name for id_, name in found if name}


async def _name(api: Api, product: str) -> tuple[str, str | None]:
    try:
        return product, (await api.get(path_of(product)))["name"]
    except Problem:
        return product, None


async def searched(api: Api, words: str) -> Json | Away | None:
    """What a discount can apply to, by the beginning of a word of its name; None if nothing is searched."""
    if not words:
        return None
    found = await api.get(PRODUCTS, q=words[:100], limit=FOUND)
    return {**found, "items": [each for each in found["items"] if each["details"]["kind"] != "discount"]}
