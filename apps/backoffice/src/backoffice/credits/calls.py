"""What the pages of credits ask of the APIs, and the words for what they answer."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backoffice.accounts.calls import name_of, of_account, person_of
from backoffice.apis import Away, Json, quoted
from backoffice.contracts.calls import account_of
from backoffice.languages import N_
from backoffice.scholarships.calls import of_family
from backoffice.web import Visit

ACCOUNTS, CREDITS = "/credits/v1/accounts", "/credits/v1/credits"
MOST_SHOWN = 200

ORIGINS: Mapping[str, str] = {
    "sold": N_("bought on a contract"),
    "refund": N_("instead of a refund"),
    "deposit": N_("deposit without a contract"),
    "staff": N_("granted by the school"),
    "imported": N_("taken over from the former software"),
}
"""Where a credit comes from (CRE-2)."""

MOVEMENTS: Mapping[str, str] = {
    "contract_paid": N_("granted: the contract that sold it is paid"),
    "refund_converted": N_("granted instead of a refund"),
    "deposit": N_("deposit received"),
    "staff": N_("granted or adjusted by the school"),
    "imported": N_("taken over from the former software"),
    "pays_contract": N_("pays a contract"),
    "given_back": N_("given back: less was left to pay"),
    "line_cancelled": N_("removed: its purchase was cancelled"),
    "deposit_reversed": N_("the bank took the deposit back"),
    "payment_reversed": N_("the bank took back the payment that it came from"),
    "due_recovered": N_("pays what was due of the deposit"),
}
"""Why a credit moved (CRE-7), by the reason that the API gives."""


def path_of(credit: str) -> str:
    """The address of a credit in the API."""
    return f"{CREDITS}/{quoted(credit)}"


@dataclass(frozen=True, slots=True)
class Purse:
    """What a family has. ``account`` is None if the person may not see families."""

    id: str
    account: Json | Away | None
    held: Json | Away
    """Its credits, and the gift vouchers and session packs that it bought, in one list (CRE-8)."""
    scholarships: Json | Away
    """What it was awarded, apart: that is no money of its own (CRE-11)."""

    @property
    def left(self) -> Json | None:
        """What is left of all that can be used now; None if there is none, or nobody can say."""
        usable = [each for each in self.items if usable_now(each)]
        if not usable:
            return None
        return {**usable[0]["left"], "amount": sum(each["left"]["amount"] for each in usable)}

    def named(self, member: str) -> str:
        """The name of somebody of the family; empty if nobody can say."""
        return (name_of(person_of(self.account, member)) or "") if isinstance(self.account, dict) else ""

    @property
    def items(self) -> list[Json]:
        """Its credits, the oldest first."""
        return [each["credit"] for each in self.all_held if each["kind"] == "credit"]

    @property
    def all_held(self) -> list[Json]:
        """All that it has, the oldest first; none if credits does not answer."""
        found: list[Json] = self.held["items"] if isinstance(self.held, dict) else []
        return found


def usable_now(credit: Json) -> bool:
    """Whether something is left of a credit that can be used now (CRE-2)."""
    return credit["status"] == "granted" and credit["left"]["amount"] > 0 and not credit["suspended_since"]


async def purse_of(visit: Visit, account: str) -> Purse:
    """The credits, vouchers and packs of a family, in one round."""
    family, found, awarded = await asyncio.gather(
        account_of(visit, account),
        of_account(visit.api.get(f"{ACCOUNTS}/{quoted(account)}/holdings", limit=MOST_SHOWN)),
        of_family(visit.api, account),
    )
    return Purse(account, family, found, awarded)


@dataclass(frozen=True, slots=True)
class Offer:
    """A credit among which one is chosen, and why it can't be; ``why_not`` is empty if it can."""

    credit: Json
    why_not: str = ""


def offers(contract: str, found: Sequence[Json]) -> list[Offer]:
    """The credits of a family for a contract, those first that can pay it (CRE-2, CRE-3)."""
    offered = [Offer(each, _why_not(contract, each)) for each in found]
    return sorted(offered, key=lambda offer: bool(offer.why_not))


def _why_not(contract: str, credit: Json) -> str:
    if credit["origin"] == "sold" and credit["contract"] == contract:
        return N_("This contract sells it: it pays other contracts.")
    if credit["suspended_since"]:
        return N_("The contract that sold it is not paid.")
    return "" if usable_now(credit) else N_("Nothing is left of it.")


def most_of(offer: Offer, schedule: Json) -> Json:
    """What a credit can pay of a contract: what is left of it, or to pay, whichever is less."""
    balance, left = schedule["balance"], offer.credit["left"]
    return {**left, "amount": min(left["amount"], balance["planned"]["amount"] + balance["unscheduled"]["amount"])}
