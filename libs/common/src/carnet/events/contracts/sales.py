"""How a contract is sold: the mode, and how its schedule starts (PAY-7)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from carnet.events.base import Part
from carnet.money import PositiveAmount


class AtOnce(Part):
    """Paid at once: one instalment on the day of the sale (PAY-7)."""

    start: Literal["at_once"] = "at_once"


class Instalments(Part):
    """Paid by monthly instalments; the first date gives the schedule its day (PAY-7, MON-3)."""

    start: Literal["instalments"] = "instalments"
    count: Annotated[int, Field(ge=1, le=60)]
    first_due: date | None = None
    """The first date; the day of the sale where it is left out."""


class Deposit(Part):
    """A deposit due on the day of the sale, fixed, then monthly instalments on the rest (PAY-7)."""

    start: Literal["deposit"] = "deposit"
    deposit: PositiveAmount
    count: Annotated[int, Field(ge=1, le=60)]
    first_due: date | None = None
    """The first date after the deposit; one month after the sale where it is left out."""


class Later(Part):
    """To be put on dates later: everything is unscheduled (PAY-7)."""

    start: Literal["later"] = "later"


class OnSite(Part):
    """To be paid on site: everything is unscheduled (PAY-7)."""

    start: Literal["on_site"] = "on_site"
