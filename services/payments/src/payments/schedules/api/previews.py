"""What an opening or a change of a contract would do to its schedule (CON-3): the decision without the save."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from carnet.dates import Day, utc_now
from carnet.decisions import Context
from carnet.events.contracts import ContractTerms, DatedCharge, Mode, Sale
from carnet.http import Body, Call, router, within_patience
from carnet.http.parts import part_of, with_fields_of
from carnet.ids import Id, new_id
from carnet.mongo import Unit
from carnet.organisations import organisation_of
from carnet.refusals import conflict, invalid
from payments.access import Reads
from payments.schedules.api.views import PreviewView
from payments.schedules.domain.decisions import adjust_schedule, open_schedule
from payments.schedules.domain.schedule import Schedule
from payments.schedules.domain.starting import Opening
from payments.schedules.store import schedule_of

routes = router(tags=["previews"])


@with_fields_of(DatedCharge)
class ChargeBody(Body):
    """A line that is due on a date of its own (PAY-15), with what it brings to the total."""


@with_fields_of(
    ContractTerms,
    without={"version"},
    nested={"charges": ChargeBody},
    bounds={"live_lines": Field(ge=0, le=10_000), "charges": Field(max_length=1_000)},
)
class TermsBody(Body):
    """The terms that the contract would have for its schedule."""

    def terms(self, currency: str, version: int) -> ContractTerms:
        """These terms, as those of that version of the contract."""
        terms = part_of(self, ContractTerms, currency, version=version)
        if len({charge.line for charge in terms.charges}) < len(terms.charges):
            raise invalid("line-charged-twice", "A line is charged on one date. Name it once.", rule="PAY-15")
        return terms


class OpeningBody(TermsBody):
    """A contract that would be opened: how it is paid (PAY-7), its terms and its day."""

    mode: Mode
    sale: Sale
    effective_on: Day


class ChangeBody(TermsBody):
    """A change of a contract: the version that it starts from, the terms that it leads to, and its day."""

    contract_version: Annotated[int, Field(ge=1, lt=2**53)]
    effective_on: Day


@routes.post("/schedules/preview")
async def preview_schedule(body: OpeningBody, call: Reads) -> PreviewView:
    """The schedule that a contract would start with."""

    async def work(unit: Unit, context: Context) -> PreviewView:
        currency = (await organisation_of(unit, call.organisation)).currency
        opening = Opening(
            contract=context.new_id(),
            organisation=call.organisation,
            account=call.principal.account or context.new_id(),
            mode=body.mode,
            sale=body.sale,
            currency=currency,
            terms=body.terms(currency, 1),
        )
        decision = open_schedule(opening, replace(context, today=body.effective_on))
        return PreviewView.of(None, decision.state)

    return await call.preview(work)


@routes.post("/schedules/{contract}/preview")
async def preview_schedule_change(contract: Id, body: ChangeBody, call: Reads) -> PreviewView:
    """The schedule before and after a change of its contract.

    While the schedule has not yet applied the version that the change starts from, this waits
    for 1.5 seconds at most, then answers 409 `schedule-behind`.
    """
    schedule = await _caught_up(call, contract, body.contract_version)
    terms = body.terms(schedule.currency, body.contract_version)
    context = Context(
        now=utc_now(), today=body.effective_on, actor=call.principal.actor, change=new_id(), new_id=new_id
    )
    return PreviewView.of(schedule, adjust_schedule(schedule, terms, context).state)


async def _caught_up(call: Call, contract: str, version: int) -> Schedule:
    """The schedule, once it covers that version of its contract."""
    seen: Schedule | None = None

    async def look() -> Schedule | None:
        nonlocal seen
        found = await schedule_of(call.database, call.organisation, contract)
        # A client sees the schedules of its own account; any other is as one that does not exist (ORG-2).
        seen = found if found is not None and call.principal.sees(found.account) else None
        return seen if seen is not None and seen.covers >= version else None

    found = await within_patience(look)
    if found is None:
        raise conflict(
            "schedule-behind",
            f"The schedule of contract {contract} has not yet followed it to version {version}. "
            "Try again in a moment, and check the id if that does not help.",
            rule="CON-3",
            contract=contract,
            contract_version=version,
            covers=seen.covers if seen else 0,
        )
    if found.covers > version:
        raise conflict(
            "contract-moved",
            f"The contract has changed since its version {version}. Read it again and preview anew.",
            rule="CON-3",
            contract=contract,
            contract_version=version,
            covers=found.covers,
        )
    return found
