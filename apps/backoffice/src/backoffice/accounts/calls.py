"""What the pages of families ask, and how a person is read from a form."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from backoffice.apis import Away, Json, Problem, part, quoted
from backoffice.languages import N_
from backoffice.web import Form, Visit

ADDRESS = "/contracts/v1/accounts"
PER_PAGE = 50
MOST_SHOWN = 100
FIRST_PEOPLE = 4
"""How many people beside the owner can be entered at once when a family is created."""

KINDS = {"adult": N_("Adult"), "child": N_("Child"), "contact": N_("Contact only")}
METHODS = {"card": N_("card"), "direct_debit": N_("direct debit")}
LANGUAGES = {"fr": N_("French"), "en": N_("English")}


@dataclass(frozen=True, slots=True)
class Family:
    """What the page of a family shows. What the person may not see is None.

    Attributes:
        account: The account with its people.
        contracts: Its contracts: ``items``.
        subscriptions: Its subscriptions, with their status: ``items``.
        credits: Its credits: ``items``.
        methods: Its payment methods: ``methods``.
    """

    account: Json
    contracts: Json | Away | None
    subscriptions: Json | Away | None
    credits: Json | Away | None
    methods: Json | Away | None


def path_of(account: str) -> str:
    """The address of an account in the API."""
    return f"{ADDRESS}/{quoted(account)}"


async def family_of(visit: Visit, account: str) -> Family:
    """The family with its contracts, credits and payment methods, in one round."""
    id_ = quoted(account)
    found, *lists = await asyncio.gather(
        visit.api.get(path_of(account)),
        _if_allowed(visit, "contracts:read", f"{path_of(account)}/contracts", limit=MOST_SHOWN),
        _if_allowed(visit, "contracts:read", f"{path_of(account)}/subscriptions", limit=MOST_SHOWN),
        _if_allowed(visit, "credits:read", f"/credits/v1/accounts/{id_}/credits", limit=MOST_SHOWN),
        _if_allowed(visit, "payments:read", f"/payments/v1/accounts/{id_}/payment-methods"),
    )
    return Family(found, *lists)


async def _if_allowed(visit: Visit, scope: str, path: str, **query: Any) -> Json | Away | None:
    return await of_account(visit.api.get(path, **query)) if visit.may(scope) else None


async def of_account(asked: Awaitable[Json]) -> Json | Away:
    """What a service has of an account; nothing yet if the account was created a moment ago and is not known there."""
    try:
        return await part(asked)
    except Problem as problem:
        if problem.status != 404:
            raise
        return {"items": [], "methods": [], "next": None}


def name_of(person: Json | None) -> str | None:
    """First and last name; None if the person is erased or unknown."""
    if person is None or person["erased"]:
        return None
    return f"{person['first_name']} {person['last_name']}"


def owner_of(account: Json) -> Json | None:
    """The owner of an account; None if it has none any more."""
    return person_of(account, account["owner"])


def person_of(account: Json, member: str) -> Json | None:
    """A person of an account; None if there is no such person."""
    return next((each for each in account["members"] if each["id"] == member), None)


def read_tags(form: Form, name: str = "tags") -> list[str]:
    """Tags, written with commas between them."""
    return list(dict.fromkeys(tag for tag in (each.strip() for each in form.value(name).split(",")) if tag))


def read_person(form: Form, prefix: str = "", *, kind: str | None = None) -> Json:
    """A person as the API takes it, from the fields that begin with ``prefix``."""
    return {
        "kind": kind or form.choice(f"{prefix}kind", KINDS),
        "first_name": form.text(f"{prefix}first_name", most=100),
        "last_name": form.text(f"{prefix}last_name", most=100),
        "email": form.text(f"{prefix}email", required=False, most=254) or None,
        "phone": form.text(f"{prefix}phone", required=False, most=40) or None,
        "birth_date": form.day(f"{prefix}birth_date", required=False),
        "tags": read_tags(form, f"{prefix}tags"),
        "notes": form.text(f"{prefix}notes", required=False, most=1000) or None,
    }


def read_people(form: Form, count: int = FIRST_PEOPLE) -> list[Json]:
    """The other people of a new family: of the rows that have a first name."""
    return [
        read_person(form, f"person-{place}-")
        for place in range(count)
        if form.value(f"person-{place}-first_name").strip()
    ]


def adults(account: Json) -> list[Json]:
    """The adults of a family who are not erased."""
    return [each for each in account["members"] if each["kind"] == "adult" and not each["erased"]]
