"""The pages of direct debits: remittances, their settings, and the mandates of a family (PAY-18)."""

import asyncio
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from backoffice.accounts.calls import name_of, owner_of
from backoffice.apis import Answer, Json, Problem, ServiceAwayError, part, quoted
from backoffice.bank_files.calls import CODES
from backoffice.contracts.calls import account_of
from backoffice.debits import calls
from backoffice.debits.calls import PER_PAGE, REMITTANCES, SETTINGS, mandates_path, path_of
from backoffice.problems import sentence
from backoffice.web import Form, Visit, needs, pages
from backoffice.web.papers import xml_saved

routes = pages()

Reads = Annotated[Visit, needs("payments:read")]
Collects = Annotated[Visit, needs("payments:read", "payments:collect")]
KeepsMethods = Annotated[Visit, needs("payments:read", "payments:methods")]
HIGHEST = 10**9
Day = Annotated[str, Query(max_length=20)]


@routes.get("/debits")
async def show_remittances(visit: Reads, cursor: str | None = None) -> Response:
    """The remittances, the newest first."""
    found = await part(visit.api.get(REMITTANCES, limit=PER_PAGE, cursor=cursor))
    return await visit.page("debits/list.html", found=found, statuses=calls.STATUSES, first=cursor is None)


@routes.get("/debits/new")
async def begin_remittance(visit: Collects, collect_on: Day = "") -> Response:
    """What would be in a remittance of that day; nothing is saved."""
    return await _new_page(visit, Form(visit.language, {"collect_on": collect_on} if collect_on else {}))


@routes.post("/debits/new")
async def build_remittance(visit: Collects) -> Response:
    """Build the remittance that was shown."""
    form = await visit.sent()
    day = form.day("collect_on")
    if not form.wrong:
        try:
            built = await visit.api.send(REMITTANCES, {"collect_on": day}, key=form.key)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
        else:
            text = visit.gettext("The remittance is built. Download its file and hand it to the bank.")
            return visit.to(f"/debits/{quoted(built.body['remittance']['id'])}", text)
    return await _new_page(visit, form, 422)


async def _new_page(visit: Visit, form: Form, status: int = 200) -> Response:
    day = form.day("collect_on", required=False)
    preview: Json | None = None
    refusal = None
    try:
        preview = await visit.api.preview(f"{REMITTANCES}/preview", {"collect_on": day})
    except Problem as fault:
        refusal = sentence(fault, visit.language, await visit.currency())
    return await visit.page("debits/new.html", status, form=form, preview=preview, refusal=refusal, day=day or "")


@routes.get("/debits/settings")
async def begin_settings(visit: Collects) -> Response:
    """Who collects, and to which account."""
    saved = await visit.api.read(SETTINGS)
    typed = {name: saved.body[name] or "" for name in ("name", "creditor", "bic", "lead_days", "notice_days")}
    return await _settings_page(visit, Form(visit.language, typed), saved)


@routes.post("/debits/settings")
async def save_settings(visit: Collects) -> Response:
    """Save them, if they are still as they were seen."""
    form = await visit.sent()
    body = calls.read_settings(form)
    version = form.whole("version", least=0, most=HIGHEST)
    if not form.wrong:
        try:
            await visit.api.send(SETTINGS, body, key=form.key, version=version, method="PUT")
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
        else:
            return visit.to("/debits", visit.gettext("The settings of direct debits are saved."))
    return await _settings_page(visit, form, await visit.api.read(SETTINGS), 422)


async def _settings_page(visit: Visit, form: Form, saved: Answer, status: int = 200) -> Response:
    version = form.value("version") or saved.version
    labels = visit.translated(calls.SETTINGS_LABELS)
    return await visit.page("debits/settings.html", status, form=form, saved=saved.body, version=version, labels=labels)


@routes.get("/debits/{remittance}")
async def show_remittance(visit: Reads, remittance: str, cursor: str | None = None) -> Response:
    """A remittance with its debits, and what can be done with it."""
    path = path_of(remittance)
    found, debits = await asyncio.gather(
        visit.api.read(path), visit.api.get(f"{path}/debits", limit=calls.MOST_SHOWN, cursor=cursor)
    )
    return await visit.page(
        "debits/remittance.html",
        remittance=found.body,
        version=found.version,
        debits=debits,
        statuses=calls.STATUSES,
        states=calls.DEBITS,
        reasons=calls.REASONS,
        codes=CODES,
        first=cursor is None,
    )


@routes.post("/debits/{remittance}")
async def move_remittance(visit: Collects, remittance: str) -> Response:
    """It was sent, or is taken back, or the bank has credited it."""
    form = await visit.sent()
    do = form.choice("do", calls.MOVES)
    version = form.whole("version", least=0, most=HIGHEST)
    if do not in calls.MOVES:
        return visit.to(f"/debits/{quoted(remittance)}")
    move, done = calls.MOVES[do]
    await visit.api.send(f"{path_of(remittance)}/{move}", key=form.key, version=version)
    return visit.to(f"/debits/{quoted(remittance)}", visit.gettext(done))


@routes.get("/debits/{remittance}/file")
async def download(visit: Collects, remittance: str) -> Response:
    """The file for the bank."""
    return await xml_saved(visit, f"{path_of(remittance)}/file", f"sepa-{quoted(remittance)}")


@routes.get("/debits/{remittance}/{attempt}/refused")
async def begin_refusal(visit: Collects, remittance: str, attempt: str) -> Response:
    """The form of a debit that the bank refused."""
    return await _refusal_page(visit, remittance, attempt, visit.form())


@routes.post("/debits/{remittance}/{attempt}/refused")
async def refuse_debit(visit: Collects, remittance: str, attempt: str) -> Response:
    """Record why the bank refused it."""
    form = await visit.sent()
    body = {"reason": form.choice("reason", calls.REASONS)}
    if not form.wrong:
        try:
            await visit.api.send(f"{path_of(remittance)}/debits/{quoted(attempt)}/refusal", body, key=form.key)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
        else:
            text = visit.gettext("The debit is recorded as refused: the instalment is due again.")
            return visit.to(f"/debits/{quoted(remittance)}", text)
    return await _refusal_page(visit, remittance, attempt, form, 422)


async def _refusal_page(visit: Visit, remittance: str, attempt: str, form: Form, status: int = 200) -> Response:
    return await visit.page(
        "debits/refused.html",
        status,
        remittance=remittance,
        attempt=attempt,
        form=form,
        reasons=visit.translated(calls.REASONS),
    )


@routes.get("/accounts/{account}/mandates")
async def show_mandates(visit: Reads, account: str) -> Response:
    """The mandates of a family, those that have ended too."""
    found, mandates = await asyncio.gather(account_of(visit, account), visit.api.get(mandates_path(account)))
    return await visit.page(
        "debits/mandates.html",
        account=account,
        family_name=_name(found),
        mandates=mandates["mandates"],
        ends=calls.ENDS,
    )


@routes.get("/accounts/{account}/mandates/link")
async def show_mandate_links(visit: KeepsMethods, account: str) -> Response:
    """The links by which the family signs a mandate in its browser; nothing is saved."""
    return await _links_page(visit, account, visit.form())


@routes.post("/accounts/{account}/mandates/link")
async def invite_to_sign(visit: KeepsMethods, account: str) -> Response:
    """Send the family a mail with such a link."""
    form = await visit.sent()
    try:
        await visit.api.send(calls.invitations_path(account), key=form.key)
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency())
        return await _links_page(visit, account, form, 422)
    text = visit.gettext("The mail with the link is on its way. What became of it is under Mails.")
    return visit.to(f"/accounts/{quoted(account)}/mandates", text)


async def _links_page(visit: Visit, account: str, form: Form, status: int = 200) -> Response:
    found, answers, refusal = await account_of(visit, account), {}, None
    try:
        for language in ("fr", "en"):
            answers[language] = await visit.api.preview(calls.links_path(account), {"language": language})
    except Problem as fault:
        refusal = sentence(fault, visit.language, await visit.currency())
    owner = owner_of(found) if isinstance(found, dict) else None
    return await visit.page(
        "debits/link.html",
        status,
        form=form,
        account=account,
        family_name=_name(found),
        known=owner is not None,
        email=owner.get("email") if owner else None,
        links={language: answer["address"] for language, answer in answers.items()},
        until=answers["fr"]["until"] if answers else None,
        refusal=refusal,
    )


@routes.get("/accounts/{account}/mandates/new")
async def begin_mandate(visit: KeepsMethods, account: str) -> Response:
    """The form of a mandate that was signed on paper."""
    return await _mandate_page(visit, account, visit.form())


@routes.post("/accounts/{account}/mandates/new")
async def keep_mandate(visit: KeepsMethods, account: str) -> Response:
    """Keep the mandate: what is due is collected by it from now on."""
    form = await visit.sent()
    body = calls.read_mandate(form)
    if not form.wrong:
        try:
            await visit.api.send(mandates_path(account), body, key=form.key)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency(), calls.MANDATE_FIELDS)
        else:
            text = visit.gettext("The mandate is kept. What is due is collected by the next remittance.")
            return visit.to(f"/accounts/{quoted(account)}/mandates", text)
    return await _mandate_page(visit, account, form, 422)


async def _mandate_page(visit: Visit, account: str, form: Form, status: int = 200) -> Response:
    found = await account_of(visit, account)
    labels = visit.translated(calls.MANDATE_LABELS)
    return await visit.page(
        "debits/mandate.html", status, account=account, family_name=_name(found), form=form, labels=labels
    )


def _name(found: object) -> str | None:
    return name_of(owner_of(found)) if isinstance(found, dict) else None
