"""A gift voucher, and what it is a right to (CRE-8)."""

from dataclasses import dataclass

from backoffice.apis import Json
from backoffice.catalogue.kinds.discount import chosen
from backoffice.catalogue.kinds.fields import Field, Known, Part
from backoffice.languages import N_
from backoffice.web import Form


@dataclass(frozen=True, slots=True)
class Rights(Field):
    """The products that the voucher is a right to, one of them."""

    def read(self, form: Form, known: Known) -> Json:  # noqa: ARG002 # of all fields
        """What is ticked; there is at least one."""
        products = list(chosen(form))
        if not products:
            form.error("details.products", form.text_of(N_("Choose at least one product.")))
        return {"products": products}

    def typed(self, details: Json, known: Known) -> str:  # noqa: ARG002 # of all fields
        """Nothing: its template ticks boxes."""
        return ""

    def shown(self, details: Json, known: Known) -> str:
        """The products by name."""
        return ", ".join(sorted(known.names.get(product, product) for product in details["products"]))


PART = Part(
    "gift_voucher",
    N_("The right to an activity, whatever its price then is: the buyer gives it to somebody."),
    (Rights("products", N_("Is a right to"), template="catalogue/fields/rights.html"),),
    place=9,
    for_one=None,
)
