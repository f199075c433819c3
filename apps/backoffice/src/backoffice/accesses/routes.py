"""The pages of the access to online courses (CON-20)."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from starlette.responses import Response

from backoffice.accesses import calls, words
from backoffice.accounts.calls import path_of as account_path
from backoffice.apis import Answer, Problem, ServiceAwayError, part, quoted
from backoffice.catalogue.kinds import Known
from backoffice.catalogue.kinds.online_plan import SETTINGS, read_settings
from backoffice.contracts.calls import account_of, names_of
from backoffice.languages import N_
from backoffice.web import Form, Visit, needs, pages
from backoffice.web.meanwhile import Difference, differences, is_stale

routes = pages()

LAST_DAY, REASON = N_("Open until"), N_("Why it is changed")
LONGEST_REASON = 120

Reads = Annotated[Visit, needs("contracts:read", "accounts:read")]
Writes = Annotated[Visit, needs("contracts:read", "accounts:read", "contracts:write")]
JOURNAL = 100
"""Entries of the journal that the page shows at most."""


@routes.get("/accounts/{account}/accesses")
async def show_accesses(visit: Reads, account: str) -> Response:
    """The online courses of a family: who may enter which one, until when, and by which plan."""
    family, found = await asyncio.gather(
        visit.api.get(account_path(account)), part(visit.api.get(calls.of_account(account), limit=calls.MOST_SHOWN))
    )
    return await visit.page(
        "accesses/list.html", account=family, names=names_of(family), found=found, state_of=words.state_of
    )


@routes.get("/accesses/{access}")
async def show_access(visit: Reads, access: str) -> Response:
    """The access of a member to a course: what it is, and what happened to it."""
    found, journal = await asyncio.gather(
        visit.api.get(calls.path_of(access)),
        part(visit.api.get(f"{calls.path_of(access)}/journal", limit=JOURNAL)),
    )
    family = await account_of(visit, found["account"])
    return await visit.page(
        "accesses/access.html",
        access=found,
        name=_name(family, found["member"]),
        facts=words.facts(found, visit.language),
        state=words.state_of(found),
        journal=journal,
        entries=words.entries(journal["items"], visit) if isinstance(journal, dict) else (),
    )


@routes.get("/accesses/{access}/edit")
async def begin_change(visit: Writes, access: str) -> Response:
    """The form in which the access of one member is changed."""
    return await _form(visit, await visit.api.read(calls.path_of(access)), visit.form())


@routes.post("/accesses/{access}/edit")
async def change_access(visit: Writes, access: str) -> Response:
    """Change the settings and the end for one member."""
    form = await visit.sent()
    body = {
        "settings": read_settings(form, Known(visit.language, "")),
        "last_day": form.day("last_day", required=False),
        "reason": form.text("reason", required=False, most=LONGEST_REASON) or None,
    }
    seen = form.whole("version", least=0, most=10**9)
    moved = None
    if not form.wrong:
        try:
            await visit.api.send(calls.path_of(access), body, key=form.key, version=seen, method="PUT")
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, "EUR", {name: calls.input_of(name) for name in getattr(fault, "fields", ())})
            found = await visit.api.read(calls.path_of(access))
            if is_stale(fault):
                moved = differences(words.facts(found.body, visit.language), words.facts(body, visit.language))
            return await _form(visit, found, form, 422, moved=moved)
        return visit.to(f"/accesses/{quoted(access)}", visit.gettext("The access is changed."))
    return await _form(visit, await visit.api.read(calls.path_of(access)), form, 422)


async def _form(
    visit: Visit, found: Answer, form: Form, status: int = 200, *, moved: Sequence[Difference] | None = None
) -> Response:
    access, known = found.body, Known(visit.language, "")
    family = await account_of(visit, access["account"])
    labels = {each.input: visit.gettext(each.label) for each in SETTINGS}
    return await visit.page(
        "accesses/edit.html",
        status,
        access=access,
        name=_name(family, access["member"]),
        form=form,
        version=form.value("version") if form.is_sent and moved is None else str(found.version),
        settings=SETTINGS,
        typed={each.input: each.typed(access, known) for each in SETTINGS},
        choices={each.input: visit.translated(each.choices) for each in SETTINGS},
        labels={**labels, "last_day": visit.gettext(LAST_DAY), "reason": visit.gettext(REASON)},
        moved=moved,
    )


def _name(family: object, member: str) -> str | None:
    return names_of(family).get(member) if isinstance(family, dict) else None
