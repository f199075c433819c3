"""Importing a family whole, once: its account, its running contracts, what was paid and planned, its credits (IMP-1).

By the keys of the other system it is known what was imported already (IMP-2). They are kept as digests, since schools
use names and email addresses as keys. Amounts are minor units of the organisation's currency.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID, uuid5

from pydantic_core import to_json

from carnet.decisions import Context, Decision, State
from carnet.events import contracts as published
from carnet.events.catalog import SessionPackDetails
from carnet.events.imports import CreditElsewhere, FamilyImported, Imported, PaidElsewhere, PlannedElsewhere
from carnet.refusals import Refusal, conflict, invalid
from contracts.accounts.domain import Account, open_account
from contracts.accounts.domain import OpenAccount as AccountCommand
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.draft import Draft
from contracts.contracts.domain.products import FreeLine, free_purchase
from contracts.imports.checks import Problem, problems_of
from contracts.imports.family import ContractToImport, Family, LineToImport, PackToImport

_FAMILIES = UUID("6d1f0c52-9a44-5b0e-8a3b-51c8e7f20a67")

Standing = Literal["new", "unchanged", "changed"]
"""Whether a family was imported before, as it is now or otherwise (IMP-2)."""


class ImportedFamily(State):
    """A family that was imported. Its id follows from its key; ``parts`` has a digest of each of its rows."""

    account: str
    contracts: tuple[str, ...] = ()
    imported_on: date
    parts: Mapping[str, str] = {}
    """By the kind of the row and a digest of its key. Empty once people of the account were erased (ORG-4)."""


def family_id(organisation: str, key: str) -> str:
    """The id of a family that is imported, always the same for its key."""
    return str(uuid5(_FAMILIES, f"{organisation}|{key}"))


@dataclass(frozen=True, slots=True)
class FamilyImport:
    """What an import leads to: its decisions, each with the context that it is saved in."""

    account: Decision[Account]
    contracts: tuple[tuple[Decision[Contract], Context], ...]
    family: Decision[ImportedFamily]


def standing_of(known: ImportedFamily | None, family: Family) -> tuple[Standing, tuple[str, ...]]:
    """Whether the family was imported, and the places of what is not as it was imported (IMP-2).

    What a later file no longer has changes nothing.
    """
    if known is None:
        return "new", ()
    now = _parts(known.organisation, family)
    changed = tuple(place for place, part, digest in now if known.parts.get(part) != digest)
    return ("changed", changed) if changed else ("unchanged", ())


def import_family(family: Family, currency: str, organisation: str, context: Context) -> FamilyImport:
    """Import a family that was not yet (IMP-1), all of it or nothing.

    Raises:
        Refusal: ``family-not-importable`` with every problem, each with its place.
    """
    problems = list(problems_of(family, context.today))
    if problems:
        raise not_importable(problems)
    account = _account(family, organisation, context)
    members = dict(zip((each.key for each in family.people), _ids_of(account.state, family), strict=True))
    opened = tuple(_opened(each, account.state, members, currency, context) for each in family.contracts)
    if family.packs:
        opened = (*opened, _bearing(family.packs, account.state, members, currency, context))
    contracts = tuple(decision.state.id for decision, _ in opened)
    state = ImportedFamily(
        id=family_id(organisation, family.key),
        organisation=organisation,
        account=account.state.id,
        contracts=contracts,
        imported_on=context.today,
        parts={part: digest for _, part, digest in _parts(organisation, family)},
    )
    event = FamilyImported(
        family=state.id,
        account=state.account,
        contracts=contracts,
        currency=currency,
        credits=tuple(CreditElsewhere(credit=context.new_id(), amount=each.amount) for each in family.credits),
        effective_on=context.today,
    )
    return FamilyImport(account, opened, Decision(state, (event,)))


def not_importable(problems: Sequence[Problem]) -> Refusal:
    """The refusal of a family that has problems: all of them, each with its place in the family."""
    more = f" And {len(problems) - 1} more, listed in 'problems'." if len(problems) > 1 else ""
    return invalid(
        "family-not-importable",
        f"{problems[0].place}: {problems[0].detail}{more}",
        rule="IMP-1",
        problems=[asdict(each) for each in problems],
    )


def changed_since(known: ImportedFamily, places: Sequence[str]) -> Refusal:
    """The refusal of a family that is in Carnet already, and not as it now is in the file (IMP-2)."""
    return conflict(
        "family-changed-since-import",
        "This family was imported before, and is not as it was then. Nothing was changed: make the change in Carnet, "
        "where the family is kept now.",
        rule="IMP-2",
        account=known.account,
        places=list(places),
    )


def _account(family: Family, organisation: str, context: Context) -> Decision[Account]:
    command = AccountCommand(
        language=family.language,
        tags=family.tags,
        notes=family.notes,
        owner=family.owner_fields,
        members=tuple(each.fields for each in family.people if each.key != family.owner),
    )
    return open_account(command, context.new_id(), organisation, context)


def _ids_of(account: Account, family: Family) -> Iterator[str]:
    """The ids of the people in their order, the owner first, as in an account."""
    others = iter(account.members[1:])
    for each in family.people:
        yield account.owner if each.key == family.owner else next(others).id


def _opened(
    given: ContractToImport, account: Account, members: Mapping[str, str], currency: str, context: Context
) -> tuple[Decision[Contract], Context]:
    """The contract, opened on its day in the other system, as a change of its own."""
    then = replace(context, today=given.signed_on, change=context.new_id())
    bought = [_purchase(each, members, then) for each in given.lines]
    imported = Imported(
        on=context.today,
        paid=tuple(
            PaidElsewhere(
                payment=context.new_id(), amount=each.amount, method=each.method, received_on=each.received_on
            )
            for each in given.paid
        ),
        planned=tuple(
            PlannedElsewhere(due=each.due, amount=each.amount, method=each.method)
            for each in sorted(given.planned, key=lambda each: each.due)
        ),
    )
    return _taken_over(_empty(given.mode, account, currency, then), bought, imported, then), then


def _bearing(
    packs: Sequence[PackToImport], account: Account, members: Mapping[str, str], currency: str, context: Context
) -> tuple[Decision[Contract], Context]:
    """The contract that bears what is left of the family's session packs: paid elsewhere, it comes to nothing here."""
    then = replace(context, change=context.new_id())
    bought = [_pack(each, members, then) for each in packs]
    return _taken_over(_empty("on_site", account, currency, then), bought, Imported(on=context.today), then), then


def _empty(mode: published.Mode, account: Account, currency: str, then: Context) -> Contract:
    return Contract(
        id=then.new_id(),
        organisation=account.organisation,
        account=account.id,
        mode=mode,
        sale=published.Later() if mode == "online" else published.OnSite(),
        currency=currency,
        opened_on=then.today,
    )


def _taken_over(
    empty: Contract, bought: Sequence[published.Purchase], imported: Imported, then: Context
) -> Decision[Contract]:
    """The contract with what was bought, as it is opened on the day of ``then``."""
    draft = Draft(empty.model_copy(update={"imported_on": imported.on}), then)
    for purchase in bought:
        draft.take_over(purchase)
    contract = draft.contract
    version = 1 + len(draft.events)
    opened = published.ContractOpened(
        contract=contract.id,
        account=contract.account,
        mode=contract.mode,
        sale=contract.sale,
        currency=contract.currency,
        total=contract.total,
        live_lines=contract.live_lines,
        effective_on=then.today,
        version=version,
        terms=contract.terms(version),
        imported=imported,
    )
    return Decision(contract, (opened, *draft.events))


def _purchase(line: LineToImport, members: Mapping[str, str], then: Context) -> published.Purchase:
    bought = free_purchase(FreeLine(line.name, line.price, line.vat_rate), then)
    participant = members[line.participant] if line.participant is not None else None
    return bought.model_copy(update={"participant": participant, "expires_on": line.expires_on})


def _pack(pack: PackToImport, members: Mapping[str, str], then: Context) -> published.Purchase:
    """What is left of a session pack, as a line that sells that for nothing (CRE-10)."""
    own = then.new_id()
    return published.Purchase(
        line=own,
        product=own,
        kind="session_pack",
        name=pack.name,
        participant=members[pack.member] if pack.member is not None else None,
        price=0,
        vat_rate=0,
        bought_on=then.today,
        expires_on=pack.valid_until,
        details=SessionPackDetails(sessions=pack.sessions, valid_until=pack.valid_until, usable="at_once"),
        free=True,
    )


def _parts(organisation: str, family: Family) -> list[tuple[str, str, str]]:
    """Each row of a family: its place, its kind with a digest of its key, and a digest of its content."""
    rows: list[tuple[str, str, str, Any]] = [
        ("family", "family", family.key, (family.language, family.tags, family.notes, family.owner)),
        *((f"people[{at}]", "person", each.key, each.fields) for at, each in enumerate(family.people)),
        *((f"contracts[{at}]", "contract", each.key, each) for at, each in enumerate(family.contracts)),
        *((f"credits[{at}]", "credit", each.key, each) for at, each in enumerate(family.credits)),
        *((f"packs[{at}]", "pack", each.key, each) for at, each in enumerate(family.packs)),
    ]
    return [
        (place, f"{what}:{_digest(f'{organisation}|{what}|{key}'.encode())}", _digest(to_json(content)))
        for place, what, key, content in rows
    ]


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:32]
