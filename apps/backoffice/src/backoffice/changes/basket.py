"""What somebody has chosen so far: it travels from page to page in the form, since nothing is saved before the end."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from backoffice.apis import Json

MOST = 40
"""Items that can be added at once."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something chosen: what the API is asked for, and how the page calls it.

    Attributes:
        part: Which list of the request it belongs to: ``add``, ``free`` or ``discounts``.
        body: What is asked for.
        name: What people call it.
        detail: Format, tariff and for whom.
        price: What it costs; None for a discount.
    """

    part: str
    body: Json
    name: str
    detail: str = ""
    price: Json | None = None


@dataclass(frozen=True, slots=True)
class Basket:
    """The items chosen so far, in order."""

    items: Sequence[Item] = field(default_factory=tuple)

    @classmethod
    def read(cls, text: str) -> "Basket":
        """The basket that a form carries; an empty one if somebody has changed it by hand."""
        try:
            found = json.loads(text) if text else []
            return cls(tuple(Item(**each) for each in found[:MOST] if each["part"] in ("add", "free", "discounts")))
        except (ValueError, TypeError, KeyError):
            return cls()

    def write(self) -> str:
        """As a form carries it."""
        return json.dumps(
            [
                {"part": it.part, "body": it.body, "name": it.name, "detail": it.detail, "price": it.price}
                for it in self.items
            ]
        )

    def with_(self, item: Item) -> "Basket":
        """With one item more."""
        return Basket((*self.items, item)[:MOST])

    def without(self, place: int) -> "Basket":
        """Without the item at a place."""
        return Basket(tuple(it for at, it in enumerate(self.items) if at != place))

    @property
    def body(self) -> Json:
        """What the API is asked for."""
        return {
            part: [it.body for it in self.items if it.part == part]
            for part in ("add", "free", "discounts")
            if any(it.part == part for it in self.items)
        }
