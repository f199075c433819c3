"""The lines of a contract as people read them: by member, then those of the family, cancellations last."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from backoffice.apis import Api, Away, Json, quoted
from backoffice.languages import N_, NP_

KINDS: Mapping[str, str] = {
    "course": N_("course"),
    "workshop": N_("workshop"),
    "licence": N_("licence"),
    "membership": N_("membership"),
    "discount": N_("discount"),
    "client_credit": N_("client credit"),
    "gift_voucher": N_("gift voucher"),
    "gift_card": N_("gift card"),
    "session_pack": N_("session pack"),
    "item": N_("item"),
    "online_plan": N_("online plan"),
    "subscription": N_("subscription"),
}
"""What a product is, in words."""


@dataclass(frozen=True, slots=True)
class Group:
    """The purchases of one member; ``member`` is None for those of the family, and for what is cancelled."""

    member: Json | None
    lines: Sequence[Json]
    cancelled: bool = False


def grouped(contract: Json, members: Mapping[str, Json]) -> Iterator[Group]:
    """The lines by member, in the order of the account, then the family's, then what is cancelled.

    A member whom the account does not have any more is shown among the family's.
    """
    live = [line for line in contract["lines"] if line["state"] == "live"]
    for member in members.values():
        own = [line for line in live if line["participant"] == member["id"]]
        if own:
            yield Group(member, own)
    family = [line for line in live if line["participant"] not in members]
    if family:
        yield Group(None, family)
    gone = [line for line in contract["lines"] if line["state"] != "live"]
    if gone:
        yield Group(None, gone, cancelled=True)


def reductions(contract: Json) -> dict[str, list[tuple[str, Json]]]:
    """By line, the live discounts that take something off it: their name and how much."""
    found: dict[str, list[tuple[str, Json]]] = {}
    for line in contract["lines"]:
        if line["kind"] == "discount" and line["state"] == "live":
            for share in line["shares"]:
                found.setdefault(share["line"], []).append((line["name"], share["amount"]))
    return found


async def of_account(api: Api, account: str) -> Json:
    """The purchases of an account, with what is paid of each (CON-10)."""
    return await api.get(f"/contracts/v1/accounts/{quoted(account)}/purchases", limit=200)


def packs(purchases: Json | Away, contract: str) -> dict[str, Json]:
    """By line, what is left of the session pack that it sold (CRE-10)."""
    return {
        each["line"]: each["pack"]
        for each in (purchases["items"] if not isinstance(purchases, Away) else ())
        if each["contract"] == contract and each.get("pack")
    }


def advance(purchases: Json | Away, contract: str) -> Json | None:
    """The purchase of a contract that is paid in part and of which a deposit invoice can be made; None if none is."""
    items = purchases["items"] if not isinstance(purchases, Away) else ()
    found = (each for each in items if each["contract"] == contract and (each.get("advance") or {}).get("amount"))
    return next(found, None)


PAID: Mapping[str, tuple[str, str]] = {
    "paid": ("ok", N_("paid")),
    "partly_paid": ("wait", N_("partly paid")),
    "unpaid": ("calm", N_("not paid yet")),
}
"""How far a purchase is paid: a colour and words (PAY-14)."""

PERIOD_PAID: Mapping[str, tuple[str, str]] = {
    "paid": ("ok", NP_("period", "paid")),
    "partly_paid": ("wait", NP_("period", "partly paid")),
    "unpaid": ("calm", NP_("period", "not paid yet")),
}
"""How far a period of a subscription is paid, likewise."""


def payment_states(
    purchases: Json | Away, contract: str, words: Mapping[str, tuple[str, str]] = PAID
) -> dict[str, tuple[str, str]]:
    """By line, the colour and the words for how far it is paid (PAY-14)."""
    return {
        each["line"]: words[each["payment"]]
        for each in (purchases["items"] if not isinstance(purchases, Away) else ())
        if each["contract"] == contract and each["payment"] in words
    }
