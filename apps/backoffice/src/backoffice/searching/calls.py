"""What a search asks, and what it found, in the words of a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from backoffice.apis import Json
from backoffice.languages import N_
from backoffice.web import Visit
from backoffice.web.visits import gathered

MOST = 8
"""How many are shown of each kind."""

PROPOSED = 4
"""How many while somebody types."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found: its address, its name, and what distinguishes it from others of the same name.

    The address is None if there is no page of it.
    """

    path: str | None
    name: str
    number: str | None = None
    about: str = ""
    amount: Json | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """What was found of a kind; ``away`` if its service does not answer, ``further`` is where all of them are."""

    label: str
    hits: tuple[Hit, ...]
    away: Any = None
    further: str | None = None


async def found(visit: Visit, words: str, *, most: int = MOST) -> list[Kind]:
    """Everything that the words find, of what the person may see; all kinds are asked at once."""
    kinds = [kind for kind in _KINDS if visit.may(kind[0])]
    answers = await gathered(*(visit.api.get(path, **{name: words}, limit=most) for _, _, path, name in kinds))
    return [_kind(kind, answer, visit) for kind, answer in zip(kinds, answers, strict=True)]


ACCOUNTS, CONTRACTS = "/contracts/v1/accounts", "/payments/v1/follow-up"
PRODUCTS, PAYMENTS = "/catalog/v1/products", "/payments/v1/payments"
_KINDS = (
    ("accounts:read", N_("Families"), ACCOUNTS, "q"),
    ("payments:read", N_("Contracts"), CONTRACTS, "search"),
    ("catalog:read", N_("Products"), PRODUCTS, "q"),
    ("payments:read", N_("Payments by reference"), PAYMENTS, "reference"),
)


def _kind(asked: tuple[str, str, str, str], answer: Any, visit: Visit) -> Kind:
    _, label, path, name = asked
    if not isinstance(answer, dict):
        return Kind(label, (), away=answer)
    hits = tuple(_hit(path, item, visit) for item in answer["items"])
    further = {ACCOUNTS: "/accounts", CONTRACTS: "/follow-up"}.get(path)
    there = further is not None and visit.serves(further) and answer["next"]
    return Kind(label, hits, further=f"{further}?{name}=" if there else None)


def _hit(source: str, item: Json, visit: Visit) -> Hit:
    erased = visit.gettext("erased person")
    if source == ACCOUNTS:
        people = {person["id"]: _name(person) for person in item["members"]}
        others = _listed(name for id_, name in people.items() if id_ != item["owner"])
        # Without a page of the family, its contracts are found by its number.
        shown = f"/accounts/{item['id']}" if visit.serves("/accounts") else f"/follow-up?search={item['number'] or ''}"
        return Hit(shown, people.get(item["owner"]) or erased, item["number"], others)
    if source == CONTRACTS:
        about = _listed(item["members"])
        return Hit(f"/contracts/{item['contract']}", item["owner"] or erased, item["number"], about, item["total"])
    if source == PRODUCTS:
        status = {"draft": N_("draft"), "on_sale": N_("on sale"), "archived": N_("archived")}.get(item["status"], "")
        page = f"/catalog/{item['id']}" if visit.serves("/catalog") else None
        return Hit(page, item["name"], about=visit.gettext(status))
    on = visit.language.day(item["received_on"])
    return Hit(f"/contracts/{item['contract']}/payments", item["reference"], about=on, amount=item["amount"])


def _name(person: Json) -> str:
    return f"{person['first_name'] or ''} {person['last_name'] or ''}".strip()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(name for name in names if name)
