"""A session pack, or pass (CRE-10)."""

from backoffice.catalogue.kinds.fields import Field, Part
from backoffice.languages import N_

STARTS = {"purchase": N_("on the day of the purchase"), "first_use": N_("on the day of the first session")}
"""When its days or months begin."""

USABLE = {"paid": N_("once the contract is paid"), "at_once": N_("at once")}
"""From when it can be used."""

PART = Part(
    "session_pack",
    N_("So many sessions, or any number of them, used one by one at the door: for one member, or for the family."),
    (
        Field("sessions", N_("Number of sessions"), "number", hint=N_("Empty: unlimited."), most=1_000),
        Field(
            "valid_until", N_("Valid until"), "date", hint=N_("Or a number of days or months; none if it has no end.")
        ),
        Field("days", N_("Valid for so many days"), "number", most=3_660),
        Field("months", N_("Valid for so many months"), "number", most=120),
        Field("starts", N_("The days or months begin"), "select", choices=STARTS, required=True),
        Field("usable", N_("It can be used"), "select", choices=USABLE, required=True),
    ),
    place=11,
)
