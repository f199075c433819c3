"""The statement of a family: on screen, as a spreadsheet, as a PDF (PAY-16)."""

import asyncio
from typing import Annotated
from urllib.parse import urlencode

from starlette.responses import Response

from backoffice.accounts.calls import name_of, owner_of
from backoffice.apis import Problem, ServiceAwayError, part, quoted
from backoffice.contracts.amounts import METHODS, REASONS
from backoffice.contracts.calls import account_of
from backoffice.statements.calls import PER_PAGE, kind_of, path_of
from backoffice.web import Form, Visit, needs, pages, pdf_shown
from backoffice.web.periods import Period, WantedPeriod
from backoffice.web.spreadsheets import Source, as_csv, as_xlsx

routes = pages()

Reads = Annotated[Visit, needs("payments:read")]
Collects = Annotated[Visit, needs("payments:read", "payments:collect")]


@routes.get("/accounts/{account}/statement")
async def show_statement(visit: Reads, account: str, wanted: WantedPeriod, cursor: str | None = None) -> Response:
    """What moved what the family owes, with the balance before and after."""
    return await _page(visit, account, wanted, cursor)


async def _page(
    visit: Visit, account: str, wanted: tuple[Period, Form], cursor: str | None = None, status: int = 200
) -> Response:
    period, form = wanted
    family, found = await asyncio.gather(
        account_of(visit, account),
        part(visit.api.get(path_of(account), **period.query, limit=PER_PAGE, cursor=cursor)),
    )
    return await visit.page(
        "statements/statement.html",
        status,
        account=account,
        family_name=name_of(owner_of(family)) if isinstance(family, dict) else None,
        found=found,
        period=period,
        form=form,
        first=cursor is None,
        kind_of=kind_of,
        methods=METHODS,
        reasons=REASONS,
    )


@routes.post("/accounts/{account}/statement")
async def send_statement(visit: Collects, account: str) -> Response:
    """Send the owner the statement of the days that are shown, by mail."""
    form = await visit.sent()
    period = Period.of(form)
    body = {"since": period.since or None, "until": period.until or None}
    try:
        await visit.api.send(f"{path_of(account)}/sendings", body, key=form.key)
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency())
        return await _page(visit, account, (period, form), status=422)
    where = f"/accounts/{quoted(account)}/statement?{urlencode({'from': period.since, 'until': period.until})}"
    return visit.to(where, visit.gettext("The statement is on its way to the owner by mail."))


@routes.get("/accounts/{account}/statement.pdf")
async def print_statement(visit: Reads, account: str, wanted: WantedPeriod) -> Response:
    """The PDF, in the language of the family's mails."""
    name = visit.gettext("account-statement")
    return await pdf_shown(visit, f"{path_of(account)}.pdf", name, **wanted[0].query)


@routes.get("/accounts/{account}/statement.xlsx")
async def export_xlsx(visit: Reads, account: str, wanted: WantedPeriod) -> Response:
    """The same entries, all of them, as XLSX."""
    title = visit.gettext("Account statement")
    return await as_xlsx(visit, _exported(visit, account, wanted), visit.gettext("account-statement"), title)


@routes.get("/accounts/{account}/statement.csv")
async def export_csv(visit: Reads, account: str, wanted: WantedPeriod) -> Response:
    """The same entries, all of them, as CSV."""
    return await as_csv(visit, _exported(visit, account, wanted), visit.gettext("account-statement"))


def _exported(visit: Visit, account: str, wanted: tuple[Period, Form]) -> Source:
    return visit.api.stream(f"{path_of(account)}.csv", **wanted[0].query, language=visit.language.code)
