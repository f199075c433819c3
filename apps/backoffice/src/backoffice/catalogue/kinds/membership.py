"""A membership."""

from backoffice.catalogue.kinds.fields import Field, Part
from backoffice.languages import N_

PART = Part(
    "membership",
    N_("The yearly membership of the school or club."),
    (
        Field(
            "valid_until", N_("Valid until"), "date", hint=N_("Or a number of months below; neither if it has no end.")
        ),
        Field("months", N_("Valid for so many months from the purchase"), "number", most=120),
    ),
    place=3,
)
