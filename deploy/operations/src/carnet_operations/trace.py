"""The way of one request through the suite: its journal rows, its mails, and its log lines on this machine."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from carnet.ids import first_id_of, made_at
from carnet.journal import ROWS
from carnet.mongo import Database, Document
from carnet_operations.services import SERVICES

MOST_ROWS = 500
"""How many journal rows of a service, and how many mails, are read at most: a bulk job can write thousands."""

AFTER_CHANGE = timedelta(minutes=10)
"""How long after a change was begun its rows are looked for; the rest is found by the request of the row."""

_CLOCKS = timedelta(minutes=1)
_ROW = {"type": 1, "aggregate": 1, "sequence": 1, "organisation": 1, "change": 1, "actor": 1, "at": 1, "request": 1}
_MAIL = {"kind": 1, "status": 1, "created_at": 1, "sent_at": 1, "reason": 1, "organisation": 1}
_SHOWN_ELSEWHERE = frozenset({"at", "level", "event", "service", "role", "request", "trace", "exception"})


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a request led to: an instant as Carnet writes it, where, and what, without personal values."""

    at: str
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Way:
    """All that was found of a request, in order of time."""

    requests: Sequence[str]
    changes: Sequence[str]
    organisations: Sequence[str]
    steps: Sequence[Step]
    cut: bool
    """True if a service has more than ``MOST_ROWS``, of which only the first were read."""


async def way_of(databases: Mapping[str, Database], id_: str, logs: Sequence[Path] = ()) -> Way:
    """The records of the five services and these logs of a request, or of the request that made a change.

    ``id_`` is either's id. The result has no step if no service knows it.
    """
    rows = {service: await _rows(databases[service], {"request": id_}) for service in SERVICES}
    requests = {id_}
    if not any(rows.values()):
        made = {service: await _of_change(databases[service], id_) for service in SERVICES}
        found = {row["request"] for each in made.values() for row in each} - {None}
        requests = found or requests
        for service, database in databases.items():
            of_requests = [row for request in sorted(found) for row in await _rows(database, {"request": request})]
            rows[service] = list({row["_id"]: row for row in (*made[service], *of_requests)}.values())
    mails = await _mails(databases["notifications"], requests, rows["notifications"])
    steps = [
        *(Step(row["at"], service, _described(row)) for service in SERVICES for row in rows[service]),
        *(Step(mail["sent_at"] or mail["created_at"], "notifications", _mailed(mail)) for mail in mails),
        *(step for path in logs for step in _logged(path, requests)),
    ]
    every = [row for each in rows.values() for row in each]
    return Way(
        requests=sorted(requests),
        changes=sorted({row["change"] for row in every}),
        organisations=sorted({document["organisation"] for document in (*every, *mails)}),
        steps=sorted(steps, key=lambda step: step.at),
        cut=any(len(each) >= MOST_ROWS for each in (*rows.values(), mails)),
    )


async def _rows(database: Database, query: Document) -> list[Document]:
    shown = {**_ROW, "data.mail": 1}
    return await database[ROWS].find(query, shown).sort("_id", 1).limit(MOST_ROWS).to_list(None)


async def _of_change(database: Database, change: str) -> list[Document]:
    """The rows of a change, by the ids that rows were given while it was made: no index names their change."""
    try:
        begun = made_at(change)
        between = {"$gte": first_id_of(begun - _CLOCKS), "$lt": first_id_of(begun + AFTER_CHANGE)}
    except (ValueError, OverflowError):
        return []  # no id that Carnet makes
    return await _rows(database, {"_id": between, "change": change})


def _of_requests(requests: Iterable[str]) -> Iterator[Document]:
    """The queries of the mails that requests made due: the first request of a mail, and those of moves added to it."""
    for request in requests:
        yield from ({"request": request}, {"further_requests": request})


async def _mails(database: Database, requests: Iterable[str], rows: Iterable[Document]) -> list[Document]:
    """The mails that the requests made due, and those that the rows name, such as mails sent again by hand."""
    named = sorted({row["data"]["mail"] for row in rows if "mail" in row.get("data", {})})
    queries: list[Document] = [{"_id": {"$in": named}}, *_of_requests(sorted(requests))]
    found: dict[str, Document] = {}
    for query in queries:
        mails = await database["mails"].find(query, _MAIL).sort("_id", 1).limit(MOST_ROWS).to_list(None)
        found |= {mail["_id"]: mail for mail in mails}
    return list(found.values())


def _described(row: Document) -> str:
    name = row["type"].split(".")[2]
    return f"{name} {row['aggregate']} #{row['sequence']} by {row['actor']}"


def _mailed(mail: Document) -> str:
    why = f" ({mail['reason']})" if mail.get("reason") else ""
    return f"mail {mail['kind']} {mail['_id']}: {mail['status']}{why}"


def _logged(path: Path, requests: Iterable[str]) -> Iterator[Step]:
    """The lines of a log that bear one of the requests."""
    wanted = set(requests)
    with suppress(FileNotFoundError), path.open(errors="replace") as lines:
        for line in lines:
            # Most lines are of other requests: only those that hold the id somewhere are read as JSON.
            if not any(request in line for request in wanted):
                continue
            entry = _entry(line)
            if entry.get("request") in wanted:
                yield Step(str(entry.get("at", "")), path.stem, _line_of(entry))


def _entry(line: str) -> dict[str, Any]:
    with suppress(ValueError):
        entry = json.loads(line)
        if isinstance(entry, dict):
            return entry
    return {}


def _line_of(entry: Mapping[str, Any]) -> str:
    rest = [f"{name}={value}" for name, value in entry.items() if name not in _SHOWN_ELSEWHERE]
    failed = entry.get("exception")
    if isinstance(failed, dict):
        rest.append(f"exception={failed.get('type')}")
    return " ".join((f"log {entry.get('level', '')}: {entry.get('event', '')}", *rest))
