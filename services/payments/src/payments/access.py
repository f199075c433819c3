"""Who may do what with schedules (ORG-1, ORG-2)."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from carnet.decisions import Context
from carnet.http import Call, Command, changes, reads
from carnet.mongo import Unit
from carnet.refusals import Refusal, conflict, unknown
from payments.accounts.store import account_of
from payments.provider.interface import Provider
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import schedule_of

Reads = Annotated[Call, reads("payments:read")]
StaffReads = Annotated[Call, reads("payments:read", staff=True)]
Collects = Annotated[Command, changes("payments:collect", if_match=True, staff=True)]
CORRECTING = "Of a contract paid online it takes `payments:correct`, of one paid on site `payments:collect`."
Corrects = Annotated[
    Command, changes("payments:correct", "payments:collect", if_match=True, staff=True, note=CORRECTING)
]
"""One of the two, as the contract is paid: see ``may_correct`` (ORG-3)."""
Demands = Annotated[Command, changes("payments:collect", staff=True)]
Downloads = Annotated[Call, reads("payments:collect", staff=True)]
"""What shows whole IBANs: the file for the bank (PAY-18)."""
KeepsBooks = Annotated[Command, changes("payments:books", if_match=True, staff=True)]
"""What decides what the accountant gets: the accounts, and what is closed for good (INV-7)."""
KeepsMethods = Annotated[Command, changes("payments:methods")]
InvitesToSign = Annotated[Command, changes("payments:methods", staff=True)]
StaffKeepsMethods = Annotated[Call, reads("payments:methods", staff=True)]


async def _providers(request: Request) -> Mapping[str, Provider]:
    providers: Mapping[str, Provider] = request.app.state.providers
    return providers


Configured = Annotated[Mapping[str, Provider], Depends(_providers)]
"""The payment providers that the settings name, by their names."""


def shown(call: Call, schedule: Schedule | None, contract: str) -> Schedule:
    """The schedule, where there is one that the caller may see; a client sees those of its account."""
    if schedule is None or not call.principal.sees(schedule.account):
        raise unknown("schedule", contract)
    return schedule


def may_correct(command: Command, schedule: Schedule) -> None:
    """Refuse a token without ``payments:correct`` online, without ``payments:collect`` on site (ORG-3)."""
    command.principal.require("payments:correct" if schedule.mode == "online" else "payments:collect")


def may_convert(command: Command, schedule: Schedule) -> None:
    """Refuse a token without ``credits:adjust`` on site: the desk alone could turn money of the till into a credit.

    Online it is the support role that settles (ORG-3).
    """
    if schedule.mode == "on_site":
        command.principal.require("credits:adjust")


async def visible(call: Call, contract: str) -> Schedule:
    """The schedule of a contract as it is now, where the caller may see it."""
    return shown(call, await schedule_of(call.database, call.organisation, contract), contract)


async def known_account(call: Call, account: str) -> None:
    """Refuse (``unknown-account``) an account that is not there, or that the caller may not see (ORG-1, ORG-2)."""
    if not call.principal.sees(account) or await account_of(call.database, call.organisation, account) is None:
        raise unknown("account", account)


async def today_of(call: Call) -> date:
    """Today, the organisation's (MON-5)."""

    async def today(_: Unit, context: Context) -> date:
        return context.today

    return await call.preview(today)


def not_configured(provider: str | None) -> Refusal:
    """The refusal where nothing can be collected, or not by the provider of that name."""
    whom = f"The payment provider {provider}" if provider else "A payment provider"
    return conflict(
        "provider-not-configured",
        f"{whom} is not configured here. Ask those who operate Carnet.",
        rule="PAY-12",
        provider=provider,
    )
