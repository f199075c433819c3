"""The cheques that are held as a page and as a spreadsheet, and those that go to the bank."""

from typing import Annotated

from starlette.responses import Response

from backoffice.apis import ServiceAwayError, part
from backoffice.cheques.calls import ADDRESS, PER_PAGE, Ticked, deposit
from backoffice.problems import away_sentence, sentence
from backoffice.web import Form, Visit, needs, pages, pdf_shown
from backoffice.web.periods import Period, WantedPeriod
from backoffice.web.spreadsheets import Source, as_csv, as_xlsx

routes = pages()

Reads = Annotated[Visit, needs("payments:read")]
Collects = Annotated[Visit, needs("payments:read", "payments:collect")]


@routes.get("/cheques")
async def show_cheques(visit: Reads, wanted: WantedPeriod, cursor: str | None = None) -> Response:
    """The cheques that are held, the first to deposit first."""
    return await _list(visit, *wanted, cursor=cursor)


@routes.post("/cheques")
async def deposit_cheques(visit: Collects) -> Response:
    """Record the ticked cheques as received: they go to the bank, with a bank deposit."""
    form = await visit.sent()
    currency = await visit.currency()
    period = Period.of(form)
    read = [Ticked.read(value) for value in form.values("cheque")]
    ticked = [each for each in read if each is not None]
    if not ticked:
        form.refusal = visit.gettext("Tick the cheques that go to the bank.")
        return await _list(visit, period, form, status=422)
    try:
        done = await deposit(visit, ticked, currency, form.key)
    except ServiceAwayError as error:
        form.refusal = away_sentence(error, visit.language)
        return await _list(visit, period, form, status=503)
    text = visit.ngettext(
        "{count} cheque is recorded as received: put it in a bank deposit.",
        "{count} cheques are recorded as received: put them in a bank deposit.",
        done.count,
    )
    if not done.faults:
        return visit.to("/bank-deposits/new?method=cheque", text.format(count=done.count))
    reasons = dict.fromkeys(sentence(fault, visit.language, currency) for fault in done.faults)
    form.refusal = " ".join([text.format(count=done.count), *reasons])
    return await _list(visit, period, form, status=422)


@routes.get("/cheques.xlsx")
async def export_cheques(visit: Reads, wanted: WantedPeriod) -> Response:
    """The same cheques, all of them, as XLSX."""
    return await as_xlsx(visit, _exported(visit, wanted), *_titles(visit), totals=True)


@routes.get("/cheques.csv")
async def export_csv(visit: Reads, wanted: WantedPeriod) -> Response:
    """The same cheques, all of them, as CSV."""
    return await as_csv(visit, _exported(visit, wanted), _titles(visit)[0])


@routes.get("/cheques.pdf")
async def print_slip(visit: Reads, wanted: WantedPeriod) -> Response:
    """The same cheques as a slip for the bank."""
    language = visit.language.code
    return await pdf_shown(visit, f"{ADDRESS}.pdf", _titles(visit)[0], **wanted[0].query, language=language)


def _exported(visit: Visit, wanted: tuple[Period, Form]) -> Source:
    return visit.api.stream(f"{ADDRESS}.csv", **wanted[0].query, language=visit.language.code)


def _titles(visit: Visit) -> tuple[str, str]:
    """The name of the file and the title of its sheet."""
    return visit.gettext("cheques-to-deposit"), visit.gettext("Cheques to deposit")


async def _list(visit: Visit, period: Period, form: Form, status: int = 200, cursor: str | None = None) -> Response:
    found = await part(visit.api.get(ADDRESS, **period.query, limit=PER_PAGE, cursor=cursor))
    today = await visit.today()
    items = found["items"] if isinstance(found, dict) else []
    total = {"amount": sum(each["amount"]["amount"] for each in items), "currency": await visit.currency()}
    return await visit.page(
        "cheques/list.html",
        status,
        found=found,
        period=period,
        form=form,
        today=today,
        total=total,
        first=cursor is None,
    )
