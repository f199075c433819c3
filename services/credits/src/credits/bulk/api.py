"""A credit of the same amount for each of many families over HTTP: its preview, and the bulk job (CRE-2)."""

from typing import Annotated, Self

from pydantic import BaseModel, Field
from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import Body, PositiveMoneyIn, Reply, router
from carnet.http.jobs import JobView, started
from carnet.ids import Id
from carnet.jobs import Parameters
from carnet.money import Money
from carnet.mongo import Unit
from carnet.organisations import amount_in, organisation_of
from carnet.refusals import invalid
from carnet.texts import Line
from credits.api.access import Grants, Previews
from credits.bulk.domain import MOST_FAMILIES, BulkGrant
from credits.bulk.granting import GRANTING
from credits.bulk.store import BULK_GRANTS, unknown_accounts

routes = router(tags=["credits"])


class BulkGrantBody(Body):
    """A credit for each of many families."""

    accounts: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_FAMILIES)] = Field(
        description="The families: ids of accounts, each once."
    )
    amount: PositiveMoneyIn = Field(description="What each of them gets.")
    reason: Line = Field(description="The reason, as staff says it: it is kept with each movement.")

    async def granted(self, unit: Unit, organisation: str, context: Context) -> BulkGrant:
        """What is asked for. Raises ``same-twice``."""
        if len(set(self.accounts)) < len(self.accounts):
            raise invalid("same-twice", "Each family is named once. Leave out those that repeat.", field="accounts")
        currency = (await organisation_of(unit, organisation)).currency
        return BulkGrant(
            id=context.new_id(),
            organisation=organisation,
            accounts=tuple(sorted(self.accounts)),
            amount=amount_in(self.amount, currency),
            currency=currency,
            reason=self.reason,
        )


class BulkGrantPreview(BaseModel):
    """What a bulk grant would do."""

    families: int = Field(description="How many families get a credit.")
    total: Money = Field(description="What their credits come to.")
    unknown: list[str] = Field(description="The accounts that there are not, which get nothing: ids.")

    @classmethod
    def of(cls, grant: BulkGrant, unknown: list[str]) -> Self:
        """The preview of a grant."""
        families = len(grant.accounts) - len(unknown)
        total = Money(amount=grant.amount * families, currency=grant.currency)
        return cls(families=families, total=total, unknown=unknown)


@routes.post("/bulk-credits/preview")
async def preview_bulk_credits(body: BulkGrantBody, call: Previews) -> BulkGrantPreview:
    """How many families would get a credit, and what that comes to; nothing is saved."""

    async def work(unit: Unit, context: Context) -> BulkGrant:
        return await body.granted(unit, call.organisation, context)

    grant = await call.preview(work)
    return BulkGrantPreview.of(grant, await unknown_accounts(call.database, grant))


@routes.post("/bulk-credits", status_code=202, response_model=JobView)
async def grant_bulk_credits(body: BulkGrantBody, command: Grants) -> Response:
    """Grant each of these families a credit, as a bulk job: follow it at the Location of the answer (CRE-2).

    Each gets it once, whatever is stopped or sent again, and is informed by a mail. An account that there is not is
    named in the job's report.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        grant = await body.granted(unit, command.organisation, context)
        unit.put(BULK_GRANTS, grant)
        parameters: Parameters = {"grant": grant.id, "families": len(grant.accounts), "amount": grant.amount}
        return started(GRANTING, parameters, command, unit, context)

    return await command.run(work)
