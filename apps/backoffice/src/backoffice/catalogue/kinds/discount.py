"""A discount, and what it applies to (CON-7)."""

from dataclasses import dataclass

from backoffice.apis import Json
from backoffice.catalogue.kinds.fields import Field, Known, Part
from backoffice.contracts.purchases import KINDS
from backoffice.languages import N_
from backoffice.web import Form

AIMED = tuple(kind for kind in KINDS if kind != "discount")
"""The kinds to which a discount can apply."""

PRODUCT_ID = 36
"""Characters of an id, after which a box has the name of the product."""


def chosen(form: Form) -> dict[str, str]:
    """The products that are ticked: their names by their ids."""
    boxes = [value for value in form.values("details.products") if value]
    return {box[:PRODUCT_ID]: box[PRODUCT_ID:].strip() for box in boxes}


@dataclass(frozen=True, slots=True)
class Targets(Field):
    """The kinds and the products to which a discount applies; to everything if there are none."""

    def read(self, form: Form, known: Known) -> Json:  # noqa: ARG002 # of all fields
        """What is ticked."""
        return {
            "kinds": [kind for kind in form.values("details.kinds") if kind in AIMED],
            "products": list(chosen(form)),
        }

    def typed(self, details: Json, known: Known) -> str:  # noqa: ARG002 # of all fields
        """Nothing: its template ticks boxes."""
        return ""

    def shown(self, details: Json, known: Known) -> str:
        """The kinds, then the products by name."""
        language = known.language
        kinds = [language.gettext(KINDS.get(kind, kind)) for kind in details["kinds"]]
        names = sorted(known.names.get(product, product) for product in details["products"])
        return ", ".join([*kinds, *names]) or language.gettext("everything that is sold")


PART = Part(
    "discount",
    N_("Something off what is bought: a rate or an amount."),
    (
        Field("rate", N_("Rate"), "percent", hint=N_("A rate or an amount, one of both.")),
        Field("amount", N_("Amount"), "money"),
        Targets("products", N_("Applies to"), template="catalogue/fields/targets.html"),
    ),
    place=6,
    for_one=None,
    formats=False,
)
