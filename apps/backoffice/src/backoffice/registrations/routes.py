"""The page of what the people of a family are registered for (CON-14)."""

import asyncio
from typing import Annotated

from starlette.responses import Response

from backoffice.accounts.calls import name_of, owner_of, path_of
from backoffice.apis import part
from backoffice.subscriptions.periods import status
from backoffice.web import Visit, needs, pages

routes = pages()

Reads = Annotated[Visit, needs("contracts:read", "accounts:read")]


@routes.get("/accounts/{account}/registrations")
async def show_registrations(visit: Reads, account: str) -> Response:
    """Memberships, passes and activities to come, of the family and of each of its people."""
    family, found = await asyncio.gather(
        visit.api.get(path_of(account)), part(visit.api.get(f"{path_of(account)}/registrations"))
    )
    return await visit.page(
        "registrations/list.html",
        account=family,
        family_name=name_of(owner_of(family)),
        found=found,
        stands=lambda membership: status(membership, visit.language),
    )
