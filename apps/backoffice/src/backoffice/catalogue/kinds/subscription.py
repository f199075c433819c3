"""A subscription (CAT-3, CON-21)."""

from backoffice.catalogue.kinds.fields import Field, Part
from backoffice.languages import N_

UNITS = {"week": N_("weeks"), "month": N_("months"), "year": N_("years")}

PART = Part(
    "subscription",
    N_("Something that goes on until it is cancelled, paid period by period: each month, each quarter, each year."),
    (
        Field("unit", N_("A period is counted in"), "select", choices=UNITS, required=True),
        Field(
            "every",
            N_("How many of them in a period"),
            "number",
            hint=N_("1 for each month, 3 for each quarter. The tariffs are the price of one period."),
            most=52,
            required=True,
        ),
        Field(
            "minimum",
            N_("Minimum term, in periods"),
            "number",
            hint=N_("They are on the schedule from the beginning; the next ones follow one by one."),
            most=60,
            required=True,
        ),
        Field("cancellation_fee", N_("Fee when it is cancelled"), "money"),
        Field("pausable", N_("It can be paused"), "tick"),
    ),
    place=8,
)
