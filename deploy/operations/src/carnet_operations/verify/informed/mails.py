"""Clients and support were informed: one mail per event that makes one due, and no other.

NOT-1: each kind of event has its mail, with the amounts of the event; moves by staff are gathered (PAY-5). NOT-2:
an organisation's own words are kept unless it restored the defaults. NOT-3: each mail exists once, and its status is
the one published last. EVT-1: a mail about a change shows the schedule that answered the change.

The folder of each mail says which events make it due (``notifications.mails``). From that and the journals of
contracts, payments and credits, the mails that are due are derived here, and compared with those that notifications
keeps.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from carnet.events.base import Event
from carnet.mongo import Document
from carnet_operations.verify.contracts.rebuilt import ReplayedContract
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.reading import Side
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules.replayed import ReplayedSchedule
from notifications.mails import DUE, MAILS
from notifications.mails.facts import Fact, Facts

_SCHEDULE = ("balance", "instalments")

ABOUT_CREDITS = frozenset(mail.about for mail in MAILS.values() for event in mail.due if event.topic.owner == "credits")
"""The sorts of aggregates of credits that mails are about, by the facts that are their ids."""
ABOUT_OTHERS = frozenset(mail.about for mail in MAILS.values()) - ABOUT_CREDITS
"""Likewise those of contracts and payments."""

MOVED = "payments_moved"
"""The mail about moves by staff: it gathers several events, so ``check_moves`` checks it."""

_BY_NAME: Mapping[str, type[Event]] = {event.type_name(): event for event in DUE}
"""The events that make a mail due by themselves, by their types in the journals."""

_ENDS = {"EmailSent": "sent", "EmailFailed": "failed", "EmailDropped": "dropped"}


@dataclass(frozen=True, slots=True)
class Due:
    """A mail that is due: its kind, the event or change that it is about, the account, and the values it must show."""

    kind: str
    cause: str
    account: str
    says: dict[str, Any] = field(default_factory=dict)


def dues(
    contract: ReplayedContract, schedule: ReplayedSchedule, rows: Sequence[Document], payments_rows: Sequence[Document]
) -> Iterator[Due]:
    """The mails that the events of one contract make due (NOT-1).

    ``rows`` is its journal, ``payments_rows`` that of its schedule.
    """
    opened = contract.opened or {}
    account = opened.get("account", "")
    for change in contract.changes:
        answer = schedule.answering.get(change.id)
        if change.opening and opened.get("imported"):
            continue
        if answer is not None and (change.opening or change.touches_products or change.own_mail):
            kind = change.own_mail or ("contract_opened" if change.opening else "contract_changed")
            says = {name: answer[name] for name in ("balance", "instalments")}
            yield Due(kind, change.id, account, {"total": change.total, **says})
    yield from dues_by([*rows, *payments_rows], account)


def dues_by(rows: Sequence[Document], account: str | None = None) -> Iterator[Due]:
    """The mails that the events of one aggregate make due by themselves; by default of the account that each names.

    A mail shows what its event says, wherever both have a fact of one name (NOT-1).
    """
    for row in rows:
        type_ = _BY_NAME.get(row["type"])
        if type_ is None:
            continue
        data, event = row["data"], type_.model_validate(row["data"])
        for kind in DUE[type_]:
            if MAILS[kind].when(event):
                yield Due(kind, row["_id"], account or data.get("account", ""), _shown_by(MAILS[kind].facts, data))


def _shown_by(facts: type[Facts], data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an event that its mail shows; of the parts in its lists, those that the mail has."""
    shown = {}
    for name, field_ in facts.model_fields.items():
        if name == "kind" or name not in data:
            continue
        shown[name] = data[name]
        for part in get_args(field_.annotation):
            if isinstance(part, type) and issubclass(part, Fact):
                shown[name] = [{key: each[key] for key in part.model_fields if key in each} for each in data[name]]
    return shown


def kinds_about(fact: str) -> Document:
    """A query for the mails about one sort of aggregate, which the fact that is its id names.

    Mails of an unknown kind count as mails about a contract.
    """
    if fact == "contract":
        return {"$nin": [kind for kind, mail in MAILS.items() if mail.about != fact]}
    return {"$in": [kind for kind, mail in MAILS.items() if mail.about == fact]}


def mail_stream(fact: str) -> str:
    """The name of the stream of those mails."""
    return f"mails about a {fact}"


def mails_beside(side: Side, facts: Iterable[str]) -> list[Document]:
    """The mails about one aggregate, whatever sort it is of."""
    return [mail for fact in sorted(facts) for mail in side[mail_stream(fact)]]


def check_moves(about: str, payments_rows: Sequence[Document], mails: Sequence[Document], report: Report) -> None:
    """Mails about moves of upcoming payments by staff show the schedule as the last move left it (PAY-5).

    Each mail gathers the moves between two sequences; moves without a mail must have undone each other.
    """
    where = f"notifications.mails of {about}"
    moves = {row["sequence"]: row for row in payments_rows if _is_move(row)}
    mailed = set()
    for mail in mails:
        content = mail["content"]
        gathered = [sequence for sequence in moves if content["first"] <= sequence <= content["last"]]
        mailed |= set(gathered)
        last = moves.get(content["last"])
        if not report.same("NOT-1", where, f"the last move of {mail['_id']}", expected=True, found=bool(last)):
            continue
        for name in _SCHEDULE:
            expected = last["data"][name] if last else None
            report.same("PAY-5", where, f"the {name} of the move", expected=expected, found=content[name])
    unmailed = [moves[sequence] for sequence in sorted(moves) if sequence not in mailed]
    for row in _not_put_back(unmailed):
        report.find("NOT-1", where, f"a mail about the move {row['_id']} of staff", expected=1, found=0)


def _not_put_back(moves: Sequence[Document]) -> Iterator[Document]:
    """The moves that no later one of them undid: no mail is due for what was put back."""
    at = 0
    while at < len(moves):
        before = _shown(moves[at]["data"]["instalments_before"])
        back = next((n for n in range(at, len(moves)) if _shown(moves[n]["data"]["instalments"]) == before), None)
        if back is None:
            yield moves[at]
        at = at + 1 if back is None else back + 1


def _is_move(row: Document) -> bool:
    before = row["data"].get("instalments_before") if name_of(row) == "ScheduleAdjusted" else None
    return before is not None and _shown(before) != _shown(row["data"]["instalments"])


def _shown(instalments: Sequence[Mapping[str, Any]]) -> set[tuple[Any, ...]]:
    return {(each["id"], each["due"], each["amount"], each.get("method")) for each in instalments}


def check_mails(about: str, due: Sequence[Due], mails: Sequence[Document], report: Report) -> None:
    """Exactly one mail for each that is due, and no other (NOT-1, NOT-3). ``about`` names the contract or credit."""
    report.count("mails due", len(due))
    mails = [mail for mail in mails if mail["kind"] != MOVED]
    found = Counter((mail["kind"], mail["cause"]) for mail in mails)
    by_cause = {(mail["kind"], mail["cause"]): mail for mail in mails}
    where = f"notifications.mails of {about}"
    for each in due:
        key = (each.kind, each.cause)
        what = f"the mail {each.kind} about {each.cause}"
        if report.same("NOT-3", where, what, expected=1, found=found.pop(key, 0)):
            _check_mail(each, by_cause[key], report)
    for (kind, cause), count in found.items():
        report.find("NOT-1", where, f"the mail {kind} about {cause}, which is not due", expected=0, found=count)


def check_beside(aggregate: str, rows: Sequence[Document], mails: Sequence[Document], report: Report) -> None:
    """The same of any aggregate but a contract: all mails that are about it are due by its own events."""
    due = list(dues_by(rows))
    kinds = [*(each.kind for each in due), *(mail["kind"] for mail in mails)]
    if kinds:
        check_mails(f"{MAILS[kinds[0]].about} {aggregate}", due, mails, report)


def _check_mail(due: Due, mail: Document, report: Report) -> None:
    where = f"notifications.mails {mail['_id']}"
    report.same("NOT-1", where, "the account", expected=due.account, found=mail["account"])
    for name, value in due.says.items():
        rule = "EVT-1" if name in ("balance", "instalments") else "NOT-1"
        if name in mail["content"] or MAILS[due.kind].facts.model_fields[name].is_required():
            # A fact that a later release added is not in the mails that were made before it.
            report.same(rule, where, f"the {name} that it shows", expected=value, found=mail["content"].get(name))


def check_sending(mail: Document, rows: Sequence[Document], report: Report) -> None:
    """Its status is the one that its journal published last: sent, failed, or still to go (NOT-3)."""
    where = f"notifications.mails {mail['_id']}"
    last = name_of(rows[-1]) if rows else None
    expected = _ENDS.get(last or "", "queued or sending")
    found = mail["status"]
    report.count(f"mails {found}")
    report.same("NOT-3", where, "the status", expected=expected,
                found="queued or sending" if found in ("queued", "sending") else found)  # fmt: skip


def check_template(template: Document, rows: Sequence[Document], report: Report) -> None:
    """The organisation's own words are kept unless its journal says last that the default is restored (NOT-2)."""
    report.count("templates")
    own = bool(rows) and name_of(rows[-1]) == "TemplateChanged"
    where = f"notifications.templates {template['_id']}"
    report.same("NOT-2", where, "own words", expected=own, found=template["words"] is not None)
