"""What is wrong with a family that comes from another system: every problem with its place and what to do (IMP-1)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from carnet.money import LARGEST
from contracts.imports.family import ContractToImport, Family, PackToImport

FURTHEST = timedelta(days=3_653)
"""How far ahead an instalment may be due."""

OLDEST = date(1990, 1, 1)
"""Earlier dates are typing errors."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at a place of the family: ``contracts[0].planned[1].due``."""

    place: str
    problem: str
    detail: str


def problems_of(family: Family, today: date) -> Iterator[Problem]:
    """All that keeps the family from being imported on the organisation's ``today``."""
    yield from _people(family, today)
    yield from _twice("contracts", (each.key for each in family.contracts))
    yield from _twice("credits", (each.key for each in family.credits))
    yield from _twice("packs", (each.key for each in family.packs))
    attending = {each.key for each in family.people if each.fields.kind != "contact"}
    for at, contract in enumerate(family.contracts):
        yield from _contract(f"contracts[{at}]", contract, attending, today)
    for at, pack in enumerate(family.packs):
        yield from _pack(f"packs[{at}]", pack, attending, today)


def _people(family: Family, today: date) -> Iterator[Problem]:
    yield from _twice("people", (each.key for each in family.people))
    keys = [each.key for each in family.people]
    if family.owner not in keys:
        yield Problem("owner", "unknown-person", "The owner is none of the people of the family: name one of them.")
    for at, each in enumerate(family.people):
        if each.key == family.owner and each.fields.kind != "adult":
            detail = f"The owner of an account is an adult, not a {each.fields.kind}: name an adult as owner."
            yield Problem(f"people[{at}].kind", "owner-is-no-adult", detail)
        born = each.fields.birth_date
        if born is not None and born > today:
            yield Problem(f"people[{at}].birth_date", "born-after-today", "A birth date is not after today.")


def _twice(place: str, keys: Iterable[str]) -> Iterator[Problem]:
    named = list(keys)
    counts = Counter(named)
    for at, key in enumerate(named):
        if counts[key] > 1:
            detail = "Another one of the family has the same key: give each its own."
            yield Problem(f"{place}[{at}].key", "key-twice", detail)


def _contract(place: str, contract: ContractToImport, attending: set[str], today: date) -> Iterator[Problem]:
    if not OLDEST <= contract.signed_on <= today:
        detail = f"A running contract was signed between {OLDEST} and today: correct the date."
        yield Problem(f"{place}.signed_on", "date-out-of-range", detail)
    if not contract.lines:
        yield Problem(place, "no-lines", "A contract has at least one line: add what was bought.")
    for at, line in enumerate(contract.lines):
        if line.participant is not None and line.participant not in attending:
            detail = "The participant is none of the people of the family who take part: name one, who is no contact."
            yield Problem(f"{place}.lines[{at}].participant", "unknown-person", detail)
        if line.expires_on is not None and line.expires_on < contract.signed_on:
            detail = "It ends before the contract was signed: correct the date."
            yield Problem(f"{place}.lines[{at}].expires_on", "date-out-of-range", detail)
    for at, paid in enumerate(contract.paid):
        if not OLDEST <= paid.received_on <= today:
            detail = f"A payment was received between {OLDEST} and today: correct the date."
            yield Problem(f"{place}.paid[{at}].received_on", "date-out-of-range", detail)
    for at, planned in enumerate(contract.planned):
        if not contract.signed_on <= planned.due <= today + FURTHEST:
            detail = "An instalment is due from the day of the contract to ten years from today: correct the date."
            yield Problem(f"{place}.planned[{at}].due", "date-out-of-range", detail)
    yield from _amounts(place, contract)


def _pack(place: str, pack: PackToImport, attending: set[str], today: date) -> Iterator[Problem]:
    if pack.member is not None and pack.member not in attending:
        detail = "It is for none of the people of the family who take part: name one, who is no contact."
        yield Problem(f"{place}.member", "unknown-person", detail)
    if pack.valid_until is not None and not today <= pack.valid_until <= today + FURTHEST:
        detail = "It ends between today and ten years from today: correct the date, or leave out what has ended."
        yield Problem(f"{place}.valid_until", "date-out-of-range", detail)


def _amounts(place: str, contract: ContractToImport) -> Iterator[Problem]:
    total, paid = contract.total, sum(each.amount for each in contract.paid)
    planned = sum(each.amount for each in contract.planned)
    if total > LARGEST:
        yield Problem(place, "total-too-large", f"A contract comes to {LARGEST} minor units at most: correct a price.")
    if paid > total:
        detail = (
            f"{paid - total} minor units more were paid than the contract comes to: give them as a client credit, and "
            "leave them out of the payments."
        )
        yield Problem(place, "paid-above-total", detail)
    elif paid + planned > total:
        detail = (
            f"Payments and instalments exceed the contract by {paid + planned - total} minor units: plan only what is "
            "left to pay."
        )
        yield Problem(place, "planned-above-rest", detail)
