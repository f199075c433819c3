"""The pages of session packs."""

from typing import Annotated

from starlette.responses import Response

from backoffice.accounts.calls import name_of, owner_of
from backoffice.packs.calls import MOVEMENTS, pack_found
from backoffice.web import Visit, needs, pages

routes = pages()

Reads = Annotated[Visit, needs("credits:read")]


@routes.get("/packs/{pack}")
async def show_pack(visit: Reads, pack: str) -> Response:
    """A session pack: what is left of it, until when, and its movements (CRE-10)."""
    found = await pack_found(visit, pack)
    return await visit.page(
        "packs/pack.html",
        found=found,
        pack=found.pack,
        today=await visit.today(),
        movements=MOVEMENTS,
        name_of=name_of,
        owner_of=owner_of,
    )
