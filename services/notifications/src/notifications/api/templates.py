"""The templates over HTTP: read, previewed, changed, restored (NOT-2)."""

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from carnet.decisions import Context, Decision
from carnet.events.catalog import Language
from carnet.http import Call, Command, Reply, router
from carnet.mongo import Unit
from carnet.organisations import organisation_of
from carnet.refusals import conflict, invalid
from notifications.api.access import Previews, StaffReads, Writes
from notifications.api.views import (
    PreviewIn,
    PreviewView,
    TemplateSummary,
    TemplateView,
    WordsIn,
    summary_of,
    view_of,
    words_of,
)
from notifications.domain.accounts import Account
from notifications.domain.templates import (
    Template,
    Words,
    change_words,
    restore_default,
    template_id,
    untouched,
)
from notifications.letters import seen_by_templates
from notifications.mails import KINDS, MAILS, AnyFacts, Kind
from notifications.mails.samples import SAMPLE_ACCOUNT, SAMPLE_NUMBER
from notifications.rendering import Renderer
from notifications.store import ACCOUNTS, CONTRACTS, TEMPLATES, templates_of
from notifications.store import MAILS as SENT
from notifications.templates.render import Written
from notifications.templates.task import Task
from notifications.templates.values import LOCALES

routes: APIRouter = router(tags=["templates"])


class TemplateList(BaseModel):
    """All templates, one per kind and language."""

    items: list[TemplateSummary]


@routes.get("/templates")
async def list_templates(call: StaffReads) -> TemplateList:
    """List the templates of every kind and language, and whether each is the organisation's own."""
    changed = {template.id: template for template in await templates_of(call.database, call.organisation)}
    all_of_them = [untouched(call.organisation, kind, language) for kind in KINDS for language in LOCALES]
    return TemplateList(items=[summary_of(changed.get(template.id, template)) for template in all_of_them])


@routes.get("/templates/{kind}/{language}", response_model=TemplateView)
async def read_template(kind: Kind, language: Language, call: StaffReads) -> Response:
    """Read a template: the words in use and the variables that they may use. Version 0 is the default."""
    id_ = template_id(call.organisation, kind, language)
    changed = {template.id: template for template in await templates_of(call.database, call.organisation)}
    template = changed.get(id_, untouched(call.organisation, kind, language))
    return call.show(view_of(template), version=template.version)


@routes.put("/templates/{kind}/{language}", response_model=TemplateView)
async def change_template(kind: Kind, language: Language, body: WordsIn, command: Writes) -> Response:
    """Replace a template by the organisation's own words; words that could not be sent are refused."""
    words = body.words()

    async def task(unit: Unit, _context: Context) -> Task:
        return await _task(unit, command, await _load(unit, command, kind, language), words, None)

    # Tried before the transaction, which is not to wait for a process; the version is compared again within it.
    await _tried(command, await command.preview(task))

    async def work(unit: Unit, context: Context) -> Reply:
        return _saved(unit, change_words(await _load(unit, command, kind, language), words), context)

    return await command.run(work)


@routes.delete("/templates/{kind}/{language}", response_model=TemplateView)
async def restore_template(kind: Kind, language: Language, command: Writes) -> Response:
    """Go back to the default words."""

    async def work(unit: Unit, context: Context) -> Reply:
        return _saved(unit, restore_default(await _load(unit, command, kind, language)), context)

    return await command.run(work)


@routes.post("/templates/{kind}/{language}/preview", response_model=PreviewView)
async def preview_template(kind: Kind, language: Language, body: PreviewIn, call: Previews) -> PreviewView:
    """Show the mail as it would be sent, and change nothing. It refuses the same words as saving does."""

    async def task(unit: Unit, _context: Context) -> Task:
        template = await _find(unit, call, kind, language)
        words = body.words.words() if body.words else words_of(template)
        return await _task(unit, call, template, words, body.mail)

    return PreviewView.of(await _tried(call, await call.preview(task)))


async def _find(unit: Unit, call: Call, kind: Kind, language: Language) -> Template:
    id_ = template_id(call.organisation, kind, language)
    await unit.load(TEMPLATES, [id_])
    return unit.get(TEMPLATES, id_) or untouched(call.organisation, kind, language)


async def _load(unit: Unit, command: Command, kind: Kind, language: Language) -> Template:
    template = await _find(unit, command, kind, language)
    command.must_match(template.version)
    return template


def _saved(unit: Unit, decision: Decision[Template], context: Context) -> Reply:
    template = unit.decide(TEMPLATES, decision, context)
    return Reply(view_of(template), template.version)


async def _tried(call: Call, task: Task) -> Written:
    renderer: Renderer = call.request.app.state.renderer
    return await renderer.try_out(task)


async def _task(unit: Unit, call: Call, template: Template, words: Words, mail_id: str | None) -> Task:
    organisation = await organisation_of(unit, call.organisation)
    number = SAMPLE_NUMBER
    content, account = MAILS[template.kind].sample(organisation.currency), SAMPLE_ACCOUNT
    if mail_id is not None:
        content, account, number = await _facts(unit, template, mail_id)
    return Task(
        words=words,
        kind=template.kind,
        language=template.language,
        content=content,
        account=account,
        organisation=seen_by_templates(organisation),
        number=number,
    )


async def _facts(unit: Unit, template: Template, mail_id: str) -> tuple[AnyFacts, Account, str]:
    mail = await unit.one(SENT, mail_id, what="mail")
    if mail.kind != template.kind:
        raise invalid(
            "mail-of-other-kind",
            f"This mail is a {mail.kind} and the template is for {template.kind}. Name a mail of that kind.",
            rule="NOT-2",
            mail=mail.id,
            mail_kind=mail.kind,
        )
    await unit.load(ACCOUNTS, [mail.account])
    account = unit.get(ACCOUNTS, mail.account)
    if account is None:
        raise conflict(
            "account-not-known",
            "The account that this mail concerns is not known here yet. Try again in a second.",
            account=mail.account,
        )
    contract = mail.content.contract
    await unit.load(CONTRACTS, [contract] if contract else [])
    found = unit.get(CONTRACTS, contract) if contract else None
    return mail.content, account, found.number if found else ""
