"""A licence."""

from backoffice.catalogue.kinds.fields import Field, Part
from backoffice.languages import N_

PART = Part(
    "licence",
    N_("The licence of a federation, for one member."),
    (Field("federation", N_("Federation")), Field("valid_until", N_("Valid until"), "date")),
    place=4,
)
