"""Importing a family over HTTP: looked at first, then imported whole, once (IMP-1, IMP-2)."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field
from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import Call, Command, Reply, changes, reads
from carnet.http import router as new_router
from carnet.money import Money
from carnet.mongo import Unit
from carnet.organisations import organisation_of
from carnet.tolerance import Tolerant
from contracts.imports.bodies import FamilyIn
from contracts.imports.checks import Problem, problems_of
from contracts.imports.domain import (
    FamilyImport,
    ImportedFamily,
    Standing,
    changed_since,
    family_id,
    import_family,
    standing_of,
)
from contracts.imports.family import Family, Totals, totals_of
from contracts.imports.store import FAMILIES, save_import
from contracts.numbers.store import NewNumber

router = new_router(tags=["imports"])

Looks = Annotated[Call, reads("contracts:import", staff=True)]
Imports = Annotated[Command, changes("contracts:import", staff=True)]


class TotalsView(Tolerant):
    """What a family comes to, to be checked against the other system: total = paid + planned + unscheduled."""

    total: Money
    paid: Money
    planned: Money
    unscheduled: Money
    credit: Money

    @classmethod
    def of(cls, totals: Totals, currency: str) -> Self:
        """The sums in a currency."""
        names = cls.model_fields
        return cls(**{name: Money(amount=max(getattr(totals, name), 0), currency=currency) for name in names})


class ProblemView(Tolerant):
    """What is wrong, and where."""

    place: str = Field(description="The place in the body: `contracts[0].planned[1].due`.")
    problem: str = Field(description="What kind of problem it is: `planned-above-rest`.")
    detail: str = Field(description="What to do, in English.")

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """As it was found."""
        return cls(place=problem.place, problem=problem.problem, detail=problem.detail)


class LookView(Tolerant):
    """What an import of the family would find and do."""

    standing: Standing = Field(
        description="Whether it is new, was imported as it is, or was imported and has changed since (IMP-2)."
    )
    changed: list[str] = Field(description="The places of what is not as it was imported.")
    problems: list[ProblemView] = Field(description="All that keeps it from being imported; empty where it can be.")
    totals: TotalsView
    sessions: int = Field(description="How many sessions are left of its packs; unlimited ones count as none.")


def look_at(family: Family, known: ImportedFamily | None, currency: str, context: Context) -> LookView:
    """What an import of the family, which was imported before as ``known``, would find."""
    standing, places = standing_of(known, family)
    return LookView(
        standing=standing,
        changed=list(places),
        problems=[ProblemView.of(each) for each in problems_of(family, context.today)],
        totals=TotalsView.of(totals_of(family), currency),
        sessions=totals_of(family).sessions,
    )


class ImportedContractView(Tolerant):
    """A contract that was imported."""

    id: str
    number: str | None = Field(description="What people call it by, such as 2027-0042 (CON-27).")


class ImportedView(Tolerant):
    """A family that was imported, without anything personal."""

    outcome: Literal["imported", "unchanged"] = Field(description="Whether it was imported now, or before as it is.")
    account: str
    account_number: str | None
    contracts: list[ImportedContractView] = Field(
        description="Its contracts, in the order of the body; the last one bears its session packs, if it has any."
    )

    @classmethod
    def imported(cls, done: FamilyImport) -> Self:
        """What was imported now."""
        account = done.account.state
        return cls(
            outcome="imported",
            account=account.id,
            account_number=account.number,
            contracts=[ImportedContractView(id=each.state.id, number=each.state.number) for each, _ in done.contracts],
        )

    @classmethod
    def unchanged(cls, known: ImportedFamily) -> Self:
        """What was imported before."""
        return cls(
            outcome="unchanged",
            account=known.account,
            account_number=None,
            contracts=[ImportedContractView(id=each, number=None) for each in known.contracts],
        )


@router.post("/imports/families/preview", response_model=LookView)
async def preview_family_import(body: FamilyIn, call: Looks) -> LookView:
    """Look at a family that comes from another system: every problem, and its totals. It changes nothing."""

    async def work(unit: Unit, context: Context) -> LookView:
        currency = (await organisation_of(unit, call.organisation)).currency
        known = await _known(unit, call.organisation, body.key)
        return look_at(body.command(currency), known, currency, context)

    return await call.preview(work)


UNCHANGED: dict[int | str, dict[str, Any]] = {
    200: {"model": ImportedView, "description": "It was imported before, as it is: nothing changes."}
}


@router.post("/imports/families", status_code=201, response_model=ImportedView, responses=UNCHANGED)
async def import_one_family(body: FamilyIn, command: Imports) -> Response:
    """Import a family from another system: account, contracts, payments, instalments and credits, or nothing (IMP-1).

    No mail is sent. The same family again changes nothing (200); one that has changed since is refused (IMP-2).
    """
    command.must_be_writable({f"people[{at}].email": each.email for at, each in enumerate(body.people)})
    account = NewNumber(command.database, command.organisation, "account")
    contracts = len(body.contracts) + bool(body.packs)
    numbers = [NewNumber(command.database, command.organisation, "contract") for _ in range(contracts)]

    async def work(unit: Unit, context: Context) -> Reply:
        currency = (await organisation_of(unit, command.organisation)).currency
        family = body.command(currency)
        known = await _known(unit, command.organisation, body.key)
        if known is not None:
            standing, places = standing_of(known, family)
            if standing == "changed":
                raise changed_since(known, places)
            return Reply(ImportedView.unchanged(known), location=f"/v1/accounts/{known.account}", status=200)
        decided = import_family(family, currency, command.organisation, context)
        year = context.today.year
        done = save_import(unit, decided, await account.of(year), [await each.of(year) for each in numbers], context)
        return Reply(ImportedView.imported(done), location=f"/v1/accounts/{done.account.state.id}")

    return await command.run(work, status=201)


async def _known(unit: Unit, organisation: str, key: str) -> ImportedFamily | None:
    id_ = family_id(organisation, key)
    await unit.load(FAMILIES, [id_])
    return unit.get(FAMILIES, id_)
