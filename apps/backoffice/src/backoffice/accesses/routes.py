"""The pages of the access to online courses (CON-20)."""

import asyncio
from typing import Annotated

from starlette.responses import Response

from backoffice.accesses import calls, words
from backoffice.accounts.calls import path_of as account_path
from backoffice.apis import part
from backoffice.contracts.calls import account_of, names_of
from backoffice.web import Visit, needs, pages

routes = pages()

Reads = Annotated[Visit, needs("contracts:read", "accounts:read")]
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


def _name(family: object, member: str) -> str | None:
    return names_of(family).get(member) if isinstance(family, dict) else None
