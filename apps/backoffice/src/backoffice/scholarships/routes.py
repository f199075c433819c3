"""The pages of scholarships: funds, awards, what they cover, and the donor's report."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

from starlette.responses import Response

from backoffice.accounts.calls import name_of, owner_of, path_of
from backoffice.apis import Away, Json, Problem, ServiceAwayError, part, quoted
from backoffice.catalogue.calls import FOUND, PRODUCTS
from backoffice.catalogue.calls import names as product_names
from backoffice.contracts.purchases import KINDS
from backoffice.languages import N_
from backoffice.scholarships.calls import (
    AIDED,
    FUNDS,
    PER_PAGE,
    SCHOLARSHIPS,
    family_of,
    fund_found,
    held,
    kinds,
    person_of_family,
    report,
)
from backoffice.scholarships.exporting import exported
from backoffice.web import Form, Visit, needs, pages
from backoffice.web.periods import WantedPeriod
from backoffice.web.spreadsheets import as_csv, as_xlsx

routes = pages()

Reads = Annotated[Visit, needs("scholarships:read")]
Writes = Annotated[Visit, needs("scholarships:read", "scholarships:award")]
AwardsTo = Annotated[Visit, needs("scholarships:read", "scholarships:award", "accounts:read")]
SeesOne = Annotated[Visit, needs("credits:read")]
Adjusts = Annotated[Visit, needs("credits:read", "scholarships:award")]
FIELDS = {"budget.amount": "budget", "amount.amount": "amount"}
"""The names in the forms of the fields of the requests."""

LONGEST = 200
STEPS = {"more": N_("award more"), "less": N_("take back what is left")}


@routes.get("/scholarships")
async def show_funds(visit: Reads, cursor: str | None = None) -> Response:
    """The funds, with what was awarded and used of each."""
    found = await part(visit.api.get(FUNDS, limit=PER_PAGE, cursor=cursor))
    return await visit.page("scholarships/list.html", found=found, first=cursor is None, today=await visit.today())


@routes.get("/scholarships/new")
async def begin_fund(visit: Writes) -> Response:
    """The form of a new fund."""
    return await _fund_page(visit, None, visit.form())


@routes.post("/scholarships/new")
async def open_fund(visit: Writes) -> Response:
    """Open a fund, or search the products that it is for."""
    form = await visit.sent()
    if form.value("do") != "find":
        body = _fund_of(form, await visit.currency())
        if not form.wrong:
            try:
                done = await visit.api.send(FUNDS, body, key=form.key)
            except (Problem, ServiceAwayError) as fault:
                form.refuse(fault, await visit.currency(), FIELDS)
            else:
                return visit.to(f"/scholarships/{done.body['id']}", visit.gettext("The fund is opened."))
    return await _fund_page(visit, None, form)


@routes.get("/scholarships/{fund}")
async def show_fund(visit: Reads, fund: str, cursor: str | None = None) -> Response:
    """A fund: what is left of it, what it is for, and its scholarships."""
    found = await fund_found(visit, fund, cursor)
    return await visit.page(
        "scholarships/fund.html",
        found=found,
        fund=found.fund,
        first=cursor is None,
        today=await visit.today(),
        kinds=KINDS,
        family_of=family_of,
        person_of=person_of_family,
    )


@routes.get("/scholarships/{fund}/edit")
async def begin_edit(visit: Writes, fund: str) -> Response:
    """The form of a fund, as it is."""
    return await _fund_page(visit, fund, visit.form())


@routes.post("/scholarships/{fund}/edit")
async def edit_fund(visit: Writes, fund: str) -> Response:
    """Write a fund anew, or search the products that it is for."""
    form = await visit.sent()
    if form.value("do") != "find":
        body = _fund_of(form, await visit.currency())
        version = form.whole("version", least=0, most=10**9)
        if not form.wrong:
            try:
                await visit.api.send(f"{FUNDS}/{quoted(fund)}", body, key=form.key, version=version, method="PUT")
            except (Problem, ServiceAwayError) as fault:
                form.refuse(fault, await visit.currency(), FIELDS)
            else:
                return visit.to(f"/scholarships/{quoted(fund)}", visit.gettext("The fund is changed."))
    return await _fund_page(visit, fund, form)


def _fund_of(form: Form, currency: str) -> Json:
    """The fund that a form describes; with what is wrong beside its fields."""
    first, last = form.day("first_day"), form.day("last_day", required=False)
    if first and last and last < first:
        form.error("last_day", form.text_of(N_("The last day comes before the first one.")))
    return {
        "name": form.text("name", most=LONGEST),
        "budget": form.money("budget", currency),
        "kinds": [kind for kind in AIDED if kind in form.values("kinds")],
        "products": list(_ticked(form)),
        "first_day": first,
        "last_day": last,
    }


def _ticked(form: Form) -> dict[str, str]:
    """The products that are ticked: an id and a name each."""
    parts = (value.partition(" ") for value in form.values("products"))
    return {id_: name for id_, _, name in parts if id_}


async def _fund_page(visit: Visit, fund: str | None, form: Form) -> Response:
    words = form.value("search").strip()[:100]
    searching = form.value("do") == "find" and words and visit.may("catalog:read")
    read, matches = await asyncio.gather(
        visit.api.read(f"{FUNDS}/{quoted(fund)}") if fund else asyncio.sleep(0),
        part(visit.api.get(PRODUCTS, q=words, limit=FOUND)) if searching else asyncio.sleep(0),
    )
    known: Json = read.body if read else {}
    ticked: Mapping[str, str] = _ticked(form)
    if known and not form.is_sent:
        named = await product_names(visit.api, known["products"]) if visit.may("catalog:read") else {}
        ticked = {id_: named.get(id_, id_) for id_ in known["products"]}
    return await visit.page(
        "scholarships/write.html",
        422 if form.wrong else 200,
        fund=known,
        version=read.version if read else None,
        form=form,
        ticked=ticked,
        matches=matches,
        kinds=kinds(visit),
        all_kinds=KINDS,
        chosen=form.values("kinds") if form.is_sent else known.get("kinds", ()),
        today=await visit.today(),
    )


@routes.get("/accounts/{account}/scholarships/new")
async def begin_award(visit: AwardsTo, account: str, fund: str = "") -> Response:
    """The form of a scholarship for a family."""
    return await _award_page(visit, account, Form(visit.language, {"fund": fund} if fund else {}))


@routes.post("/accounts/{account}/scholarships/new")
async def award(visit: AwardsTo, account: str) -> Response:
    """Award a scholarship, within the budget of its fund."""
    form = await visit.sent()
    currency = await visit.currency()
    fund, member = form.text("fund", most=36), form.text("member", required=False, most=36)
    body: Json = {
        "account": account,
        "member": member or None,
        "amount": form.money("amount", currency),
        "note": form.text("note", required=False, most=LONGEST) or None,
    }
    if not form.wrong:
        try:
            done = await visit.api.send(f"{FUNDS}/{quoted(fund)}/scholarships", body, key=form.key)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, currency, FIELDS)
        else:
            return visit.to(f"/scholarships/awarded/{done.body['id']}", visit.gettext("The scholarship is awarded."))
    return await _award_page(visit, account, form)


async def _award_page(visit: Visit, account: str, form: Form) -> Response:
    family, funds = await asyncio.gather(visit.api.get(path_of(account)), part(visit.api.get(FUNDS, limit=PER_PAGE)))
    today = await visit.today()
    return await visit.page(
        "scholarships/award.html",
        422 if form.wrong else 200,
        account=account,
        family=family,
        funds=funds,
        offered=_labels(visit, funds, today),
        people={each["id"]: name for each in family["members"] if (name := name_of(each)) is not None},
        form=form,
        name_of=name_of,
        owner_of=owner_of,
    )


def _labels(visit: Visit, funds: Json | Away, today: str) -> dict[str, str]:
    """The funds that have not ended, with what can still be awarded from each."""
    return {
        each["id"]: f"{each['name']}: {visit.language.money(_left(each))}"
        for each in (funds["items"] if isinstance(funds, dict) else ())
        if each["last_day"] is None or each["last_day"] >= today
    }


def _left(fund: Json) -> Json:
    return {**fund["budget"], "amount": fund["budget"]["amount"] - fund["awarded"]["amount"]}


@routes.get("/scholarships/awarded/{scholarship}")
async def show_scholarship(visit: SeesOne, scholarship: str) -> Response:
    """A scholarship: what is left of it, and what it covers."""
    return await _scholarship(visit, scholarship, visit.form())


@routes.post("/scholarships/awarded/{scholarship}")
async def adjust_scholarship(visit: Adjusts, scholarship: str) -> Response:
    """Award more, or take back what is left."""
    form = await visit.sent()
    currency = await visit.currency()
    version = form.whole("version", least=0, most=10**9)
    step, amount = form.choice("step", STEPS), form.money("amount", currency)
    if not form.wrong and amount is not None:
        signed = {**amount, "amount": amount["amount"] * (1 if step == "more" else -1)}
        path = f"{SCHOLARSHIPS}/{quoted(scholarship)}/adjustments"
        try:
            await visit.api.send(path, {"amount": signed}, key=form.key, version=version)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, currency, {**FIELDS, "amount": "amount"})
        else:
            done = visit.gettext("The scholarship is adjusted.")
            return visit.to(f"/scholarships/awarded/{quoted(scholarship)}", done)
    return await _scholarship(visit, scholarship, form)


async def _scholarship(visit: Visit, scholarship: str, form: Form) -> Response:
    found = await held(visit, scholarship)
    return await visit.page(
        "scholarships/scholarship.html",
        422 if form.wrong else 200,
        found=found,
        scholarship=found.scholarship,
        form=form,
        steps=visit.translated(STEPS),
        kinds=KINDS,
        today=await visit.today(),
        name_of=name_of,
        owner_of=owner_of,
    )


@routes.get("/scholarships/{fund}/report")
async def show_report(visit: Reads, fund: str, wanted: WantedPeriod, cursor: str | None = None) -> Response:
    """What a fund pays for whom, by day."""
    period, form = wanted
    found = await report(visit, fund, period, cursor)
    return await visit.page(
        "scholarships/report.html",
        found=found,
        fund=found.fund,
        period=period,
        form=form,
        first=cursor is None,
        kinds=KINDS,
        family_of=family_of,
        person_of=person_of_family,
    )


@routes.get("/scholarships/{fund}/report.xlsx")
async def export_report(visit: Reads, fund: str, wanted: WantedPeriod) -> Response:
    """The same report, all of it, as XLSX."""
    name, title = _titles(visit)
    return await as_xlsx(visit, exported(visit, fund, wanted[0]), name, title, totals=True)


@routes.get("/scholarships/{fund}/report.csv")
async def export_csv(visit: Reads, fund: str, wanted: WantedPeriod) -> Response:
    """The same report, all of it, as CSV."""
    return await as_csv(visit, exported(visit, fund, wanted[0]), _titles(visit)[0])


def _titles(visit: Visit) -> tuple[str, str]:
    """The name of the file and the title of its sheet."""
    return visit.gettext("scholarships-paid"), visit.gettext("Scholarships paid")
