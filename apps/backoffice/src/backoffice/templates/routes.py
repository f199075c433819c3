"""The pages of the texts of the mails (NOT-2)."""

import asyncio
from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from backoffice.apis import Answer, Json, Problem, ServiceAwayError, part
from backoffice.mails.words import kind_of
from backoffice.problems import sentence
from backoffice.templates import calls
from backoffice.web import Form, Visit, framed, needs, pages
from backoffice.web.meanwhile import Difference, differences, is_stale
from backoffice.web.visits import shared_of

routes = pages()

Reads = Annotated[Visit, needs("notifications:read")]
Writes = Annotated[Visit, needs("notifications:read", "notifications:write")]
Code = Literal["fr", "en"]
Sealed = Annotated[str, Query(max_length=calls.LONGEST_ADDRESS)]

_PAGE = "/mail-texts/{kind}/{language}"


@routes.get("/mail-texts")
async def list_templates(visit: Reads) -> Response:
    """Every kind of mail with its languages."""
    found = await part(calls.by_kind(visit.api))
    return await visit.page(
        "templates/list.html",
        found=found,
        kind_of=kind_of,
        codes=visit.translated(calls.LANGUAGES),
    )


@routes.get(_PAGE)
async def show_template(visit: Reads, kind: str, language: Code) -> Response:
    """The words in use and the mail that they make."""
    found, mail = await asyncio.gather(calls.template(visit.api, kind, language), _in_use(visit, kind, language))
    return await _page(visit, visit.form(), found, mail)


@routes.post(_PAGE)
async def write_template(visit: Writes, kind: str, language: Code) -> Response:
    """Try words, or save them."""
    form = await visit.sent()
    words = calls.read(form)
    found = await calls.template(visit.api, kind, language)
    if form.wrong:
        return await _page(visit, form, found, None, status=422)
    mail = await calls.tried(visit.api, kind, language, words)
    if isinstance(mail, Problem | ServiceAwayError):
        await _refuse(visit, form, mail, words)
        return await _page(visit, form, found, None, status=422)
    if form.value("do") == "try":
        return await _page(visit, form, found, mail, words)
    moved = None
    try:
        await visit.api.send(calls.path_of(kind, language), words, key=form.key, version=_version(form), method="PUT")
    except (Problem, ServiceAwayError) as fault:
        await _refuse(visit, form, fault, words)
        if is_stale(fault):
            moved = differences(_in_words(visit, found.body), _in_words(visit, words))
        return await _page(visit, form, found, mail, words, moved=moved, status=422)
    return visit.to(f"/mail-texts/{kind}/{language}", visit.gettext("Saved. Mails that are sent from now on say this."))


@routes.get(f"{_PAGE}/sample")
async def show_sample(visit: Writes, kind: str, language: Code, words: Sealed = "") -> Response:
    """The mail with sample data as its reader sees it, for the frame of the page."""
    tried = calls.opened(shared_of(visit.request).sealer, words) if words else None
    mail = await calls.tried(visit.api, kind, language, tried)
    if isinstance(mail, Problem | ServiceAwayError):
        raise mail
    return framed(mail["html"])


@routes.get(f"{_PAGE}/default")
async def begin_default(visit: Writes, kind: str, language: Code) -> Response:
    """What going back to the default words loses, before it is done."""
    found = await calls.template(visit.api, kind, language)
    return await _default_page(visit, visit.form(), found)


@routes.post(f"{_PAGE}/default")
async def restore_default(visit: Writes, kind: str, language: Code) -> Response:
    """Go back to the default words."""
    form = await visit.sent()
    try:
        await visit.api.send(calls.path_of(kind, language), key=form.key, version=_version(form), method="DELETE")
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency())
        return await _default_page(visit, form, await calls.template(visit.api, kind, language), 422)
    return visit.to(f"/mail-texts/{kind}/{language}", visit.gettext("The default words are back."))


async def _in_use(visit: Visit, kind: str, language: str) -> Json | Problem | ServiceAwayError | None:
    """The mail in the words in use, for those who may try words."""
    return await calls.tried(visit.api, kind, language, None) if visit.may("notifications:write") else None


def _version(form: Form) -> int | None:
    return form.whole("version", least=0, most=10**9)


async def _refuse(visit: Visit, form: Form, fault: Problem | ServiceAwayError, words: Json) -> None:
    """Say what is wrong with the words beside their field, with the line as it is written."""
    line = calls.line_of(words, fault) if isinstance(fault, Problem) else None
    if isinstance(fault, Problem) and line is not None:
        text = visit.gettext("Line {number}: {line}").format(number=fault.params["line"], line=line.strip()[:200])
        form.error(str(fault.params["field"]), text)
    form.refuse(fault, await visit.currency(), {"words.subject": "subject", "words.body": "body"})


def _in_words(visit: Visit, words: Json) -> dict[str, str]:
    return {visit.gettext("Subject"): words["subject"], visit.gettext("Text"): words["body"].strip()}


async def _page(
    visit: Visit,
    form: Form,
    found: Answer,
    mail: Json | Problem | ServiceAwayError | None,
    words: Json | None = None,
    *,
    moved: list[Difference] | None = None,
    status: int = 200,
) -> Response:
    """The page of a template; ``words`` are those of the ``mail`` that is shown, None for those in use."""
    template = found.body
    problem = mail if isinstance(mail, Problem) else None
    sealed = calls.sealed(shared_of(visit.request).sealer, words) if words else ""
    return await visit.page(
        "templates/template.html",
        status,
        form=form,
        letter=template,
        version=str(found.version or 0) if moved is not None or not form.is_sent else form.value("version"),
        title=kind_of(template, visit.language),
        codes=visit.translated(calls.LANGUAGES),
        mail=mail if isinstance(mail, dict) else None,
        sealed=sealed,
        unwritable=sentence(problem, visit.language, await visit.currency()) if problem else None,
        moved=moved,
        values=list(calls.values(template["variables"])),
        sorts=calls.SORTS,
    )


async def _default_page(visit: Visit, form: Form, found: Answer, status: int = 200) -> Response:
    return await visit.page(
        "templates/default.html",
        status,
        form=form,
        letter=found.body,
        version=found.version or 0,
        title=kind_of(found.body, visit.language),
        codes=visit.translated(calls.LANGUAGES),
    )
