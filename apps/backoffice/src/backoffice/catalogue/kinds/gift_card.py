"""A gift card, whose amount the buyer chooses within bounds (CRE-8)."""

from backoffice.catalogue.kinds.fields import Field, Part
from backoffice.languages import N_

PART = Part(
    "gift_card",
    N_("An amount that the buyer gives to somebody: anyone who has the code can pay with it, for anything."),
    (
        Field("minimum", N_("Worth at least"), "money", required=True),
        Field(
            "maximum",
            N_("Worth at most"),
            "money",
            hint=N_("The buyer chooses an amount between the two; the same twice if there is nothing to choose."),
            required=True,
        ),
    ),
    place=8,
    for_one=None,
)
