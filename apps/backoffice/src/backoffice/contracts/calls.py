"""What the pages of a contract ask of the APIs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.apis import Api, Away, Json, Problem, part, quoted
from backoffice.web import Visit

PER_PAGE = 50

Then = Callable[[str], Sequence[Awaitable[Any]]]
"""Calls that need the account of the contract."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """What the head of each page of a contract shows.

    Attributes:
        contract: The contract.
        schedule: Its schedule; None if payments has not received the contract yet.
        account: Its account; None if the person may not see families.
        more: What the page itself asked for, in its order.
    """

    contract: Json
    schedule: Json | Away | None
    account: Json | Away | None
    more: tuple[Any, ...] = ()

    @property
    def path(self) -> str:
        """The address of the contract's pages."""
        return f"/contracts/{self.contract['id']}"

    @property
    def known_schedule(self) -> Json | None:
        """The schedule, if it can be shown."""
        return self.schedule if isinstance(self.schedule, dict) else None

    @property
    def members(self) -> dict[str, Json]:
        """The members of the account by their ids; none if the account can't be shown."""
        found = self.account["members"] if isinstance(self.account, dict) else []
        return {each["id"]: each for each in found}

    @property
    def names(self) -> dict[str, str]:
        """The names of the members by their ids."""
        return names_of(self.account) if isinstance(self.account, dict) else {}

    @property
    def owner(self) -> Json | None:
        """The owner of the account; None if unknown."""
        return self.members.get(self.account["owner"]) if isinstance(self.account, dict) else None


def names_of(account: Json) -> dict[str, str]:
    """The names of the members of an account by their ids, without those who were erased."""
    return {
        each["id"]: f"{each['first_name']} {each['last_name']}" for each in account["members"] if not each["erased"]
    }


async def dossier(visit: Visit, contract: str, *more: Awaitable[Any], then: Then | None = None) -> Dossier:
    """The contract with its schedule and account, in two rounds.

    ``more`` are calls of the page that need nothing but the contract's id; ``then`` makes those that need its account.
    """
    found, schedule, *rest = await asyncio.gather(
        visit.api.get(f"/contracts/v1/contracts/{quoted(contract)}"),
        schedule_of(visit, contract),
        *(part(call) for call in more),
    )
    later = then(found["account"]) if then else ()
    account, *others = await asyncio.gather(account_of(visit, found["account"]), *(part(call) for call in later))
    return Dossier(found, schedule, account, (*rest, *others))


async def schedule_of(visit: Visit, contract: str) -> Json | Away | None:
    """The schedule; None if payments does not know the contract yet, or the person may not see payments."""
    if not visit.may("payments:read"):
        return None
    try:
        return await part(visit.api.get(f"/payments/v1/schedules/{quoted(contract)}"))
    except Problem as problem:
        if problem.status != 404:
            raise
        return None


async def account_of(visit: Visit, account: str) -> Json | Away | None:
    """The account; None if the person may not see families."""
    if not visit.may("accounts:read"):
        return None
    return await part(visit.api.get(f"/contracts/v1/accounts/{quoted(account)}"))


async def journal_of(api: Api, service: str, collection: str, contract: str, after: str | None) -> Json:
    """A page of a journal: ``items`` and ``next``."""
    return await api.get(f"/{service}/v1/{collection}/{quoted(contract)}/journal", limit=PER_PAGE, cursor=after)
