"""A family as rows of the templates, so that an import of them gives the same balances (IMP-5)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Json = dict[str, Any]
Row = dict[str, Any]
"""By the names of columns. Amounts are minor units, rates basis points."""


@dataclass
class FamilyKept:
    """What the services keep of one account."""

    account: Json
    today: date
    """The organisation's."""
    contracts: list[Json] = field(default_factory=list)
    schedules: dict[str, Json] = field(default_factory=dict)
    """By contract."""
    payments: dict[str, list[Json]] = field(default_factory=lambda: defaultdict(list))
    """By contract."""
    credits: list[Json] = field(default_factory=list)
    packs: list[Json] = field(default_factory=list)
    vouchers: list[Json] = field(default_factory=list)
    scholarships: list[Json] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What the import knows the family by."""
        return str(self.account["number"] or self.account["id"])

    @property
    def owner(self) -> str:
        """The name of who owns the account; empty once that was erased."""
        found = next((each for each in self.account["members"] if each["id"] == self.account["owner"]), None)
        return f"{found['first_name']} {found['last_name']}".strip() if found else ""

    @property
    def usable(self) -> list[Json]:
        """The client credits of which something is left; not gift cards, nor what is not paid for (CRE-2)."""
        left = (each for each in self.credits if each["left"] and each["status"] == "granted" and each["card"] is None)
        return [each for each in left if not self.is_suspended(each)]

    def is_suspended(self, credit: Json) -> bool:
        """Whether the contract that sold it was reopened and is not paid."""
        return credit["line"] is not None and self.owes(credit["contract"])

    def owes(self, contract: str) -> bool:
        """Whether something of a contract of the family is still to be paid."""
        schedule = self.schedules.get(contract)
        return schedule is not None and schedule["paid"] < schedule["total"]

    @property
    def running_packs(self) -> list[Json]:
        """The session packs of which something is left, today."""
        issued = (each for each in self.packs if each["standing"] == "issued" and each["left"] != 0)
        return [each for each in issued if each["expires_on"] is None or each["expires_on"] >= self.today.isoformat()]


def rows_of(family: FamilyKept) -> Iterator[tuple[str, Row]]:
    """The rows of a family, each with the name of its sheet; none of an account that was erased."""
    account = family.account
    if account["erased"]:
        return
    there = {each["id"]: each for each in account["members"] if not each["erased"]}
    for person in _owner_first(account, there.values()):
        yield "people", _person(family.key, account, person)
    for contract in family.contracts:
        schedule = family.schedules.get(contract["id"])
        yield from _contract(family, contract, schedule, there)
    for credit in family.usable:
        yield "credits", {"family": family.key, "credit": credit["id"], "amount": credit["left"]}
    for pack in family.running_packs:
        yield "packs", _pack(family.key, pack, there)


def _owner_first(account: Json, people: Iterable[Json]) -> list[Json]:
    return sorted(people, key=lambda each: each["id"] != account["owner"])


def _person(family: str, account: Json, person: Json) -> Row:
    names = ("first_name", "last_name", "email", "phone", "birth_date", "notes")
    owns = person["id"] == account["owner"]
    of_family = {"family_tags": ", ".join(account["tags"]), "family_notes": account["notes"]}
    return {
        "family": family,
        "person": person["id"],
        "role": "owner" if owns else person["kind"],
        "language": account["language"],
        **{name: person[name] for name in names},
        "tags": ", ".join(person["tags"]),
        **(of_family if owns else {}),
    }


def _contract(
    family: FamilyKept, contract: Json, schedule: Json | None, there: Mapping[str, Json]
) -> Iterator[tuple[str, Row]]:
    lines = [each for each in contract["lines"] if each["state"] == "live" and each["purchase"]["kind"] != "discount"]
    key = str(contract["number"] or contract["id"])
    if schedule is None:
        return  # it waits to be opened, or was refused
    over = schedule["paid"] - schedule["total"]
    if over > 0:
        yield "credits", {"family": family.key, "credit": f"{key} +", "amount": over}
    if not lines:
        return
    yield "contracts", {
        "family": family.key, "contract": key, "mode": contract["mode"], "signed_on": contract["opened_on"],
    }  # fmt: skip
    taken = _taken(contract["lines"])
    for line in lines:
        yield "lines", _line(key, line, taken[line["purchase"]["line"]], there)
    for each in _paid(contract, schedule, family.payments.get(contract["id"], [])):
        yield "instalments", {"contract": key, "state": "paid", **each}
    for each in schedule["instalments"]:
        # A clock that was moved may reach payments after contracts: what is due before its contract is due with it.
        due = max(each["due"], contract["opened_on"])
        yield "instalments", {
            "contract": key, "state": "planned", "on": due, "amount": each["amount"], "method": each["method"],
        }  # fmt: skip


def _taken(lines: Iterable[Json]) -> Mapping[str, int]:
    """What discounts in force take off each line."""
    taken = defaultdict[str, int](int)
    for line in lines:
        if line["state"] == "live":
            for share in line["shares"]:
                taken[share["line"]] += share["amount"]
    return taken


def _line(contract: str, line: Json, taken: int, there: Mapping[str, Json]) -> Row:
    """A purchase with what it brings to the total: less discounts and scholarship, nothing if a voucher covers it."""
    purchase = line["purchase"]
    covered = purchase["voucher"] is not None
    aided = (line["aid"] or {}).get("amount", 0)
    return {
        "contract": contract,
        "name": purchase["name"],
        "participant": purchase["participant"] if purchase["participant"] in there else None,
        "price": 0 if covered else purchase["price"] - taken - aided,
        "vat_rate": purchase["vat_rate"],
        "expires_on": purchase["expires_on"],
    }


def _paid(contract: Json, schedule: Json, payments: Sequence[Json]) -> list[Row]:
    """What is paid of the contract, by what was received, the newest cut where something was given back or moved.

    What no payment explains, as it came from a client credit, is one more row: an import knows no credits used.
    """
    rest = min(schedule["paid"], schedule["total"])
    rows = list[Row]()
    for each in sorted(payments, key=lambda payment: (payment["received_on"], payment["id"])):
        kept = 0 if each["voided"] else each["amount"] - each["refunded"] - each["reversed"]
        amount = min(kept, rest)
        if amount > 0:
            rows.append({"on": each["received_on"], "amount": amount, "method": each["method"]})
            rest -= amount
    if rest:
        on = rows[-1]["on"] if rows else contract["opened_on"]
        rows.append({"on": on, "amount": rest, "method": "transfer"})
    return rows


def _pack(family: str, pack: Json, there: Mapping[str, Json]) -> Row:
    member = pack["member"] if pack["member"] in there else None
    return {
        "family": family,
        "pack": pack["id"],
        "name": pack["name"],
        "member": member,
        "sessions": pack["left"],
        "valid_until": pack["expires_on"],
    }
