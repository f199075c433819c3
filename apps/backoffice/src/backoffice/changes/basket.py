"""What somebody has chosen so far: it travels from page to page in the form, since nothing is saved before the end."""

from collections.abc import Sequence
from dataclasses import field
from typing import Literal

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from typing_extensions import TypedDict

from backoffice.apis import Json

MOST = 40
"""Items that can be added at once."""


class Price(TypedDict):
    """An amount as the APIs write it."""

    amount: int
    currency: str


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

    part: Literal["add", "free", "discounts"]
    body: Json
    name: str
    detail: str = ""
    price: Price | None = None


_ITEMS = TypeAdapter(list[Item])


@dataclass(frozen=True, slots=True)
class Basket:
    """The items chosen so far, in order."""

    items: Sequence[Item] = field(default_factory=tuple)

    @classmethod
    def read(cls, text: str) -> "Basket":
        """The basket that a form carries; an empty one if somebody has changed it by hand."""
        try:
            return cls(tuple(_ITEMS.validate_json(text or "[]")[:MOST]))
        except ValidationError:
            return cls()

    def write(self) -> str:
        """As a form carries it."""
        return _ITEMS.dump_json(list(self.items)).decode()

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
