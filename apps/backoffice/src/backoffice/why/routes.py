"""Why this amount? The page that the amounts of a schedule lead to."""

from functools import partial
from typing import Annotated

from starlette.responses import Response

from backoffice.web import Visit, needs, pages
from backoffice.why.calls import anchor, causes, read, title, who

routes = pages()

Reads = Annotated[Visit, needs("payments:read")]


@routes.get("/contracts/{contract}/schedule/why")
async def show_why(visit: Reads, contract: str, of: str | None = None) -> Response:
    """The amounts of the schedule, each with its moves; ``of`` shows one alone: an instalment's id or a place."""
    found = await read(visit, contract)
    explanation = found.explanation
    amounts = explanation["amounts"] if isinstance(explanation, dict) else []
    chosen = [amount for amount in amounts if anchor(amount) == of]
    return await visit.page(
        "why/why.html",
        contract=contract,
        found=found,
        amounts=chosen or amounts,
        alone=bool(chosen) and len(amounts) > 1,
        causes=partial(causes, changes=found.changes, language=visit.language),
        who=partial(who, changes=found.changes, visit=visit),
        heading=partial(title, language=visit.language),
        anchor=anchor,
    )
