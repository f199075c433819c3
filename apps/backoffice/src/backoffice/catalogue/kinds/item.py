"""An item."""

from backoffice.catalogue.kinds.fields import Field, Part
from backoffice.languages import N_

PART = Part(
    "item",
    N_("Something that is handed over: a costume, a book."),
    (Field("reference", N_("Reference"), hint=N_("Found by the search too.")),),
    place=5,
    for_one=False,
)
