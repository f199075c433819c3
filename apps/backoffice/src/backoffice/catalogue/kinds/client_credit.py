"""A client credit that is sold."""

from backoffice.catalogue.kinds.fields import Field, Part
from backoffice.languages import N_

PART = Part(
    "client_credit",
    N_("Money that the family pays now and uses later, for any purchase."),
    (Field("value", N_("What the credit is worth"), "money", required=True),),
    place=7,
    for_one=None,
)
