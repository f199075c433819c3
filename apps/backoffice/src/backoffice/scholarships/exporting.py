"""The donor's report as a spreadsheet: what a fund pays for whom, all of a period, with the names of people."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date

from backoffice.apis import Json, ServiceAwayError
from backoffice.contracts.purchases import KINDS
from backoffice.languages import N_
from backoffice.scholarships.calls import MOST_SHOWN, Report, family_of, person_of_family, report
from backoffice.web import Visit
from backoffice.web.periods import Period
from carnet.money import Money
from carnet.spreadsheets import FORMS, Cell, as_csv


def header(visit: Visit) -> list[str]:
    """The headings of the columns."""
    words = (N_("Day"), N_("Family"), N_("Number"), N_("For"), N_("Purchase"), N_("Kind"), N_("Amount"), N_("Currency"))
    return [visit.gettext(word) for word in words]


@asynccontextmanager
async def exported(visit: Visit, fund: str, period: Period) -> AsyncIterator[AsyncIterator[bytes]]:
    """The report as CSV, in the form of the person's language, read page by page."""
    # The first page is read before the answer begins, so that what is refused or away has its page.
    first = _whole(await report(visit, fund, period, None, MOST_SHOWN))
    lines = as_csv(header(visit), _lines(visit, fund, period, first), FORMS[visit.language.code])
    yield (piece.encode() async for piece in lines)


async def _lines(visit: Visit, fund: str, period: Period, first: Report) -> AsyncIterator[Sequence[Cell]]:
    page: Report | None = first
    while page is not None:
        for use in page.items:
            yield _line(visit, use, page)
        cursor = page.uses["next"] if isinstance(page.uses, dict) else None
        page = _whole(await report(visit, fund, period, cursor, MOST_SHOWN)) if cursor else None


def _whole(page: Report) -> Report:
    """The page; raises ``ServiceAwayError`` where credits did not answer: a report is never a part of one."""
    if not isinstance(page.uses, dict):
        raise ServiceAwayError("credits")
    return page


def _line(visit: Visit, use: Json, page: Report) -> Sequence[Cell]:
    family = page.families.get(use["account"])
    money, kind = Money(**use["amount"]), use["kind"]
    return (
        date.fromisoformat(use["used_on"]),
        family_of(page.families, use["account"]),
        family["number"] if family else None,
        person_of_family(page.families, use["account"], use["member"]),
        use["name"],
        visit.gettext(KINDS[kind]) if kind in KINDS else kind,
        money,
        money.currency,
    )
