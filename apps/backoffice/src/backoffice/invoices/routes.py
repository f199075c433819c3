"""The pages of invoices and credit notes."""

import asyncio
from base64 import b64encode
from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import Response

from backoffice.apis import Json, Problem, ServiceAwayError, part, quoted
from backoffice.changes.confirming import ask_again
from backoffice.changes.seeing import asked_by, previewed
from backoffice.contracts import purchases
from backoffice.contracts.amounts import METHODS
from backoffice.contracts.calls import dossier
from backoffice.invoices import calls, deposits, law, matching, settings
from backoffice.invoices.calls import INVOICES, SETTINGS, jobs_path, path_of
from backoffice.problems import sentence
from backoffice.web import Form, Visit, loads_again, needs, pages, pdf_shown
from backoffice.web.periods import WantedPeriod
from backoffice.web.waiting import JOB_STATES, MOVING, job_page

routes = pages()
routes.routes.extend([*deposits.routes.routes, *law.routes.routes])

Reads = Annotated[Visit, needs("payments:read")]
Collects = Annotated[Visit, needs("payments:read", "payments:collect")]
Issues = Annotated[Visit, needs("contracts:read", "payments:read", "payments:collect")]
Words = Annotated[str, Query(max_length=100)]


async def _wanted(period: WantedPeriod, q: Words = "", kind: str = "", status: str = "") -> tuple[calls.Wanted, Form]:
    days, form = period
    wanted = calls.Wanted(
        words=q.strip(),
        kind=kind if kind in calls.KINDS else "",
        status=status if status in matching.STATES else "",
        days=days,
    )
    return wanted, form


@routes.get("/invoices")
async def show_invoices(
    visit: Reads, asked: Annotated[tuple[calls.Wanted, Form], Depends(_wanted)], cursor: str | None = None
) -> Response:
    """Invoices and credit notes, by number, client, date and status, the newest first (INV-5, INV-6)."""
    wanted, form = asked
    found, last = await asyncio.gather(part(calls.invoices(visit.api, wanted, cursor)), part(calls.last_job(visit.api)))
    return await visit.page(
        "invoices/list.html",
        found=found,
        last=last,
        wanted=wanted,
        states=matching.STATES,
        kinds=calls.KINDS,
        job_states=JOB_STATES,
        states_of=matching.states_of,
        first=cursor is None,
        form=form,
    )


@routes.post("/invoices/issue-all")
async def issue_all(visit: Collects) -> Response:
    """Begin to invoice all that is paid and has no invoice."""
    form = await visit.sent()
    started = await visit.api.send(f"{INVOICES}/issue-all", {}, key=form.key)
    return visit.to(f"/invoices/jobs/{quoted(started.body['id'])}")


@routes.get("/invoices/jobs/{job}")
async def show_invoicing(visit: Reads, job: str) -> Response:
    """How far a bulk job is, its invoices too. The page reloads itself until all contracts have answered."""
    path = jobs_path(job)
    found, outcomes, refused = await asyncio.gather(
        visit.api.get(path), visit.api.get(f"{path}/invoices"), visit.api.get(f"{path}/refused-invoices", limit=100)
    )
    currency = await visit.currency()

    def why(line: Json) -> str:
        return sentence(Problem(409, line["refusal"]["problem"], line["refusal"]["params"]), visit.language, currency)

    moving = found["status"] in MOVING or outcomes["requested"] > 0
    return await job_page(
        visit,
        "invoices/job.html",
        found,
        moving=moving,
        outcomes=outcomes,
        refused=refused,
        why=why,
    )


@routes.post("/invoices/jobs/{job}/cancel")
async def cancel_invoicing(visit: Collects, job: str) -> Response:
    """Stop a bulk job; what is asked for is still issued."""
    form = await visit.sent()
    await visit.api.send(f"{jobs_path(job)}/cancel", {}, key=form.key)
    return visit.to(f"/invoices/jobs/{quoted(job)}")


@routes.get("/invoices/settings")
async def begin_settings(visit: Collects) -> Response:
    """What the next invoices say of the school (INV-1)."""
    saved = await visit.api.read(SETTINGS)
    return await _settings_page(
        visit, saved.body, saved.version, Form(visit.language, settings.values_of(saved.body["given"]))
    )


@routes.post("/invoices/settings")
async def save_settings(visit: Collects) -> Response:
    """Save them, if they are still as they were seen."""
    form = await visit.sent()
    saved = await visit.api.read(SETTINGS)
    body = settings.body_of(form, saved.body["given"])
    version = form.whole("version", least=0, most=10**9)
    if not form.wrong:
        try:
            await visit.api.send(SETTINGS, body, key=form.key, version=version, method="PUT")
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency(), settings.FIELDS)
        else:
            return visit.to("/invoices/settings", visit.gettext("The settings of invoices are saved."))
    return await _settings_page(visit, saved.body, version, form, 422)


@routes.post("/invoices/settings/logo")
async def save_logo(visit: Collects) -> Response:
    """Give the next papers the logo that was sent, or none."""
    form = await visit.sent()
    image = await visit.upload("image", most=settings.LARGEST_LOGO)
    version = form.whole("version", least=0, most=10**9)
    if not image and not form.ticked("remove"):
        form.error("image", visit.gettext("Choose an image first."))
    body: Json = {"image": b64encode(image).decode() if image else None}
    if not form.wrong:
        try:
            await visit.api.send(f"{SETTINGS}/logo", body, key=form.key, version=version, method="PUT")
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
        else:
            done = visit.gettext("The logo is saved.") if image else visit.gettext("The logo is removed.")
            return visit.to("/invoices/settings", done)
    saved = await visit.api.read(SETTINGS)
    shown = Form(visit.language, settings.values_of(saved.body["given"]))
    shown.refusal, shown.errors = form.refusal, form.errors
    return await _settings_page(visit, saved.body, saved.version, shown, 422)


async def _settings_page(visit: Visit, saved: Json, version: int | None, form: Form, status: int = 200) -> Response:
    exemptions = visit.translated(calls.EXEMPTIONS)
    if other := ((saved["given"] or {}).get("exemption") or {}).get("code"):
        exemptions.setdefault(other, other)
    return await visit.page(
        "invoices/settings.html",
        status,
        saved=saved,
        version=version,
        form=form,
        seller=settings.SELLER,
        address=settings.ADDRESS,
        texts=settings.TEXTS,
        labels=visit.translated(settings.LABELS),
        required=settings.REQUIRED,
        exemptions=exemptions,
    )


@routes.get("/invoices/{invoice}")
async def show_invoice(visit: Reads, invoice: str) -> Response:
    """An invoice or a credit note, with what credit notes have taken of it."""
    found = await visit.api.get(path_of(invoice))
    matched = await part(matching.matching_of(visit.api, found["contract"])) if found["status"] else None
    page = await visit.page(
        "invoices/invoice.html",
        invoice=found,
        states=matching.states_of(found, named=True),
        matched=matched,
        paying=matching.paying,
        methods=METHODS,
        form=visit.form(),
    )
    return page if found["printed"] else loads_again(page)


@routes.get("/invoices/{invoice}/pdf")
async def download(visit: Reads, invoice: str) -> Response:
    """The PDF; the page of the invoice while it is being made."""
    found = await visit.api.get(path_of(invoice))
    if not found["printed"]:
        return visit.to(f"/invoices/{quoted(invoice)}", visit.gettext("The PDF is being made: try again in a moment."))
    return await pdf_shown(visit, f"{path_of(invoice)}/pdf", found["number"])


@routes.get("/invoices/{invoice}/match")
async def begin_match(visit: Collects, invoice: str) -> Response:
    """The form on which a payment is matched to an invoice by hand (INV-6)."""
    return await _match_page(visit, invoice, visit.form())


@routes.post("/invoices/{invoice}/match")
async def match_payment(visit: Collects, invoice: str) -> Response:
    """Match the chosen payment to it."""
    form = await visit.sent()
    found = await visit.api.get(path_of(invoice))
    currency = await visit.currency()
    body: Json = {"invoice": invoice, "payment": form.text("payment", most=64)}
    if amount := form.money("amount", currency, required=False):
        body["amount"] = amount
    version = form.whole("version", least=0, most=10**9)
    if not form.wrong:
        path = f"{matching.path_of(found['contract'])}/matches"
        try:
            await visit.api.send(path, body, key=form.key, version=version)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, currency, {"amount.amount": "amount"})
        else:
            return visit.to(f"/invoices/{quoted(invoice)}", visit.gettext("The payment is matched to this invoice."))
    return await _match_page(visit, invoice, form, 422)


@routes.post("/invoices/{invoice}/matches/{match}/undo")
async def undo_match(visit: Collects, invoice: str, match: str) -> Response:
    """Undo a match by hand."""
    form = await visit.sent()
    found = await visit.api.get(path_of(invoice))
    path = f"{matching.path_of(found['contract'])}/matches/{quoted(match)}"
    version = form.whole("version", least=0, most=10**9)
    await visit.api.send(path, key=form.key, version=version, method="DELETE")
    return visit.to(f"/invoices/{quoted(invoice)}", visit.gettext("The match is undone."))


async def _match_page(visit: Visit, invoice: str, form: Form, status: int = 200) -> Response:
    found = await visit.api.get(path_of(invoice))
    matched = await matching.matching_of(visit.api, found["contract"])
    return await visit.page(
        "invoices/match.html",
        status,
        invoice=found,
        payments=matching.matchable(matched, invoice),
        version=matched["version"],
        methods=METHODS,
        form=form,
    )


@routes.get("/invoices/{invoice}/credit")
async def begin_credit_note(visit: Collects, invoice: str) -> Response:
    """The form of a credit note: which lines, and why (INV-3)."""
    return await _credit_page(visit, invoice, visit.form())


@routes.post("/invoices/{invoice}/credit")
async def issue_credit_note(visit: Collects, invoice: str) -> Response:
    """Show what a credit note would say; issue it once it was seen as it is asked for now."""
    form = await visit.sent()
    body = {"lines": form.values("line"), "reason": form.text("reason", most=300)}
    if not body["lines"]:
        form.error("line", visit.gettext("Choose what is cancelled."))
    if form.wrong:
        return await _credit_page(visit, invoice, form, status=422)
    asked, confirmed = asked_by(form, body)
    if not confirmed:
        return await _credit_page(visit, invoice, form, asked)
    try:
        done = await visit.api.send(f"{path_of(invoice)}/credit-notes", body, key=form.key)
    except ServiceAwayError as fault:
        return await ask_again(visit, form, fault)
    except Problem as fault:
        form.refuse(fault, await visit.currency())
        return await _credit_page(visit, invoice, form, status=422)
    text = visit.gettext("The credit note {number} is issued. The purchases can be changed again.")
    return visit.to(f"/invoices/{quoted(done.body['id'])}", text.format(number=done.body["number"]))


async def _credit_page(visit: Visit, invoice: str, form: Form, asked: str | None = None, status: int = 200) -> Response:
    found, seen = await asyncio.gather(
        visit.api.get(path_of(invoice)), previewed(visit, form, f"{path_of(invoice)}/credit-notes/preview", asked)
    )
    chosen = form.values("line") if form.is_sent else [line["id"] for line in found["document"]["lines"]]
    return await visit.page(
        "invoices/credit.html", status, invoice=found, form=form, preview=seen, asked=asked, chosen=chosen
    )


@routes.get("/contracts/{contract}/invoice")
async def begin_invoice(visit: Issues, contract: str) -> Response:
    """The form on which the paid purchases are chosen that an invoice bears (INV-1)."""
    return await _issue_page(visit, contract, visit.form())


@routes.post("/contracts/{contract}/invoice")
async def issue_invoice(visit: Issues, contract: str) -> Response:
    """Issue it; contracts marks the purchases first (INV-4)."""
    form = await visit.sent()
    body: Json = {"lines": form.values("line")}
    if not body["lines"]:
        form.error("line", visit.gettext("Choose what is invoiced."))
    if form.ticked("company"):
        body["buyer"] = calls.company(form)
    if form.wrong:
        return await _issue_page(visit, contract, form, 422)
    try:
        done = await visit.api.send(f"/payments/v1/schedules/{quoted(contract)}/invoices", body, key=form.key)
    except ServiceAwayError as fault:
        return await ask_again(visit, form, fault)
    except Problem as fault:
        form.refuse(fault, await visit.currency(), {"buyer.name": "name", "buyer.siren": "siren"})
        return await _issue_page(visit, contract, form, 422)
    if done.status != 201:
        text = visit.gettext("The invoice is asked for: it is here as soon as the purchases are marked.")
        return visit.to(f"/contracts/{quoted(contract)}/purchases", text)
    return visit.to(f"/invoices/{quoted(done.body['invoices'][0])}", visit.gettext("The invoice is issued."))


async def _issue_page(visit: Visit, contract: str, form: Form, status: int = 200) -> Response:
    found = await dossier(visit, contract, then=lambda account: (purchases.of_account(visit.api, account),))
    states = purchases.payment_states(found.more[0], contract)
    lines = [
        line
        for line in found.contract["lines"]
        if line["state"] == "live" and line["kind"] not in {"discount", "client_credit"} and line["net"]["amount"]
    ]
    paid = {line["id"] for line in lines if states.get(line["id"], ("", ""))[0] == "ok" and not line.get("invoice")}
    chosen = form.values("line") if form.is_sent else sorted(paid)
    return await visit.page(
        "invoices/issue.html", status, found=found, contract=found.contract, lines=lines, states=states,
        can_be=paid, chosen=chosen, advance=purchases.advance(found.more[0], contract), form=form,
    )  # fmt: skip
