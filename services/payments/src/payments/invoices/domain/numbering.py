"""INV-2: numbers without a gap per organisation, series and year, on days that never go back."""

from datetime import date

from carnet.decisions import State
from payments.invoices.domain.document import Numbered


class Series(State):
    """The numbers of one series and year: ``last`` was given last, on the day ``last_on``.

    It is saved in the transaction that saves what bears the number, so none is lost or given twice, whatever is killed.
    """

    prefix: str
    year: int
    last: int = 0
    last_on: date | None = None


def series_id(organisation: str, prefix: str, year: int) -> str:
    """The id of a series of one year."""
    return f"{organisation}|{prefix}|{year}"


def new_series(organisation: str, prefix: str, year: int) -> Series:
    """A series that has given no number yet."""
    return Series(id=series_id(organisation, prefix, year), organisation=organisation, prefix=prefix, year=year)


def take(series: Series, on: date) -> tuple[Series, Numbered]:
    """The next number, for a document of the day ``on`` of the year of the series.

    What was asked for on an earlier day than the last document's, and is numbered only now, bears that later day.
    """
    day = max(on, series.last_on or on)
    count = series.last + 1
    number = f"{series.prefix}-{series.year}-{count:06}"
    return (
        series.model_copy(update={"last": count, "last_on": day}),
        Numbered(series=series.prefix, number=number, issued_on=day),
    )
