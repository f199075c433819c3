"""What the pages of scholarships ask of the APIs, and the words for what they answer."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backoffice.accounts.calls import name_of, of_account, owner_of, path_of, person_of
from backoffice.apis import Api, Away, Json, Problem, part, quoted
from backoffice.catalogue.calls import names as product_names
from backoffice.contracts.calls import account_of
from backoffice.contracts.purchases import KINDS
from backoffice.web import Visit
from backoffice.web.periods import Period

FUNDS, SCHOLARSHIPS, ACCOUNTS = "/credits/v1/scholarship-funds", "/credits/v1/scholarships", "/credits/v1/accounts"
PER_PAGE = 50
MOST_SHOWN = 200
AT_ONCE = 8
"""Families that are read at the same time."""

AIDED = ("course", "workshop", "licence", "membership", "session_pack", "online_plan", "item")
"""The kinds of product that a fund can be for (CRE-11)."""


def kinds(visit: Visit) -> dict[str, str]:
    """The kinds that a fund can be for, in words."""
    return {kind: visit.gettext(KINDS[kind]) for kind in AIDED}


@dataclass(frozen=True, slots=True)
class FundFound:
    """A fund with its version, the names of its products, and its scholarships with the families that have them."""

    fund: Json
    version: int | None
    products: Mapping[str, str]
    scholarships: Json | Away
    families: Mapping[str, Json]


async def fund_found(visit: Visit, fund: str, cursor: str | None) -> FundFound:
    """A fund and its scholarships, in one round, then the names."""
    path = f"{FUNDS}/{quoted(fund)}"
    found, awarded = await asyncio.gather(
        visit.api.read(path), part(visit.api.get(f"{path}/scholarships", limit=PER_PAGE, cursor=cursor))
    )
    items = awarded["items"] if isinstance(awarded, dict) else []
    named, families = await asyncio.gather(
        _products(visit, found.body["products"]), families_of(visit, (each["account"] for each in items))
    )
    return FundFound(found.body, found.version, named, awarded, families)


async def _products(visit: Visit, ids: Iterable[str]) -> Mapping[str, str]:
    return await product_names(visit.api, ids) if visit.may("catalog:read") else {}


async def families_of(visit: Visit, ids: Iterable[str]) -> dict[str, Json]:
    """The families of these ids, each read once; none if the person may not see families, or they can't be read."""
    if not visit.may("accounts:read"):
        return {}
    slots = asyncio.Semaphore(AT_ONCE)

    async def read(account: str) -> Json | None:
        async with slots:
            try:
                found = await part(visit.api.get(path_of(account)))
            except Problem as problem:
                if problem.status != 404:
                    raise
                return None  # all its people are erased
            return found if isinstance(found, dict) else None

    wanted = list(dict.fromkeys(ids))
    families = await asyncio.gather(*(read(account) for account in wanted))
    return {account: family for account, family in zip(wanted, families, strict=True) if family is not None}


def family_of(families: Mapping[str, Json], account: str) -> str:
    """The name of a family's owner; empty if nobody can say."""
    family = families.get(account)
    return (name_of(owner_of(family)) or "") if family is not None else ""


def person_of_family(families: Mapping[str, Json], account: str, member: str | None) -> str:
    """The name of somebody of a family; empty if it is nobody in particular, or nobody can say."""
    family = families.get(account)
    if family is None or member is None:
        return ""
    return name_of(person_of(family, member)) or ""


@dataclass(frozen=True, slots=True)
class Held:
    """A scholarship with its version, its family, and what it covers."""

    scholarship: Json
    version: int | None
    family: Json | Away | None
    uses: Json | Away
    products: Mapping[str, str]

    @property
    def holder(self) -> str:
        """For whom it is; empty if it is for the whole family, or if nobody can say."""
        return self.named(self.scholarship["member"])

    def named(self, member: str | None) -> str:
        """The name of somebody of the family; empty if nobody can say."""
        if member is None or not isinstance(self.family, dict):
            return ""
        return name_of(person_of(self.family, member)) or ""


async def held(visit: Visit, scholarship: str) -> Held:
    """A scholarship and what it covers, in one round, then its family."""
    path = f"{SCHOLARSHIPS}/{quoted(scholarship)}"
    found, uses = await asyncio.gather(visit.api.read(path), part(visit.api.get(f"{path}/uses", limit=MOST_SHOWN)))
    family, named = await asyncio.gather(
        account_of(visit, found.body["account"]), _products(visit, found.body["products"])
    )
    return Held(found.body, found.version, family, uses, named)


async def of_family(api: Api, account: str) -> Json | Away:
    """The scholarships of a family; none yet if it was created a moment ago."""
    return await of_account(api.get(f"{ACCOUNTS}/{quoted(account)}/scholarships", limit=MOST_SHOWN))


@dataclass(frozen=True, slots=True)
class Report:
    """What a fund pays for whom in a period: a page of it, with the families concerned."""

    fund: Json
    uses: Json | Away
    families: Mapping[str, Json]

    @property
    def items(self) -> list[Json]:
        """The uses of the page; none if credits does not answer."""
        found: list[Json] = self.uses["items"] if isinstance(self.uses, dict) else []
        return found

    @property
    def total(self) -> Json:
        """What it pays by the uses of the page."""
        return {**self.fund["budget"], "amount": sum(each["amount"]["amount"] for each in self.items)}


async def report(visit: Visit, fund: str, period: Period, cursor: str | None, limit: int = PER_PAGE) -> Report:
    """What a fund pays for whom: the page of that cursor."""
    path = f"{FUNDS}/{quoted(fund)}"
    found, uses = await asyncio.gather(
        visit.api.get(path), part(visit.api.get(f"{path}/uses", **period.query, limit=limit, cursor=cursor))
    )
    items = uses["items"] if isinstance(uses, dict) else []
    return Report(found, uses, await families_of(visit, (each["account"] for each in items)))
