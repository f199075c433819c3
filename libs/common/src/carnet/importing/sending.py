"""What was read is sent to contracts, some families at a time, and what it finds is put beside the rows (IMP-1)."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from carnet.importing.families import MOST_PROBLEMS, Given, Reading
from carnet.importing.problems import CellProblem

Send = Callable[[str, Any], Awaitable[tuple[int, Any]]]
"""Sends a command to a path of contracts; answers the status and the body."""

MOST_AT_ONCE = 50
MOST_BYTES = 200_000
"""How much is sent at a time: a request takes 256 KB."""

MOST_FAMILIES = 1_000
"""How many families are kept to be shown; the sums are of all."""

_FIELD = re.compile(r"families\[(\d+)\]\.?(.*)")
_UNREADABLE = {"email": "no-email", "phone": "no-phone"}
"""What is wrong where the API cannot read a field."""

SUMS = ("total", "paid", "planned", "unscheduled", "credit")


class RefusedError(Exception):
    """Contracts refuses the whole import; the body of the problem says why."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(body.get("detail") if isinstance(body, dict) else str(status))
        self.status = status
        self.body = body


@dataclass(slots=True)
class Looked:
    """What was found of one family: ``new``, ``unchanged``, ``changed`` or ``wrong``, and its sums in minor units."""

    key: str
    owner: str
    standing: str
    sums: dict[str, int] = field(default_factory=dict)
    sessions: int = 0


@dataclass(slots=True)
class Found:
    """What a dry run found of everything that was read: all sums, the first families and problems.

    ``note`` is called with each family as soon as it was looked at.
    """

    import_: str
    note: Callable[[Looked], None] = lambda _: None
    families: list[Looked] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    problems_left_out: int = 0
    waiting: int = 0
    looked_at: int = 0
    _counts: Counter[str] = field(default_factory=Counter)
    _sums: Counter[str] = field(default_factory=Counter)

    def count(self, standing: str) -> int:
        """How many families there are of a standing."""
        return self._counts[standing]

    def sum(self, name: str) -> int:
        """What new families come to together."""
        return self._sums[name]

    def add(self, looked: Looked) -> None:
        """A family was looked at."""
        self.looked_at += 1
        self._counts[looked.standing] += 1
        if looked.standing == "new":
            self._sums.update(looked.sums)
        if len(self.families) < MOST_FAMILIES:
            self.families.append(looked)
        self.note(looked)

    def add_problems(self, problems: Sequence[CellProblem]) -> None:
        """Something is wrong."""
        kept = problems[: max(MOST_PROBLEMS - len(self.problems), 0)]
        self.problems += kept
        self.problems_left_out += len(problems) - len(kept)


async def look_through(
    reading: Reading,
    send: Send,
    each_time: Callable[[Found], None] = lambda _: None,
    note: Callable[[Looked], None] = lambda _: None,
    *,
    import_: str | None = None,
) -> Found:
    """Send all that was read to an import, and say what is found of each family; nothing is imported yet.

    ``import_`` is the id of one that was begun and has no family yet; otherwise one is begun.

    Raises:
        RefusedError: the caller may not import, or contracts does not answer as it should.
    """
    found = Found(import_ or await _begun(send), note)
    found.add_problems(reading.problems)
    for some in _portions(_without_problems(reading, found)):
        await _look_at(some, found, send)
        each_time(found)
    found.problems.sort(key=lambda each: (each.sheet, each.row))
    return found


async def _begun(send: Send) -> str:
    status, begun = await send("/v1/imports", {})
    if status != 201:
        raise RefusedError(status, begun)
    return str(begun["id"])


def _without_problems(reading: Reading, found: Found) -> Iterator[Given]:
    for given in reading.families.values():
        if given.problems:
            found.add_problems(given.problems)
            found.add(Looked(given.key, _owner(given), "wrong"))
        else:
            yield given


def _portions(ready: Iterable[Given]) -> Iterator[list[Given]]:
    portion, size = list[Given](), 0
    for given in ready:
        bytes_ = len(orjson.dumps(given.body))
        if portion and (len(portion) == MOST_AT_ONCE or size + bytes_ > MOST_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(given)
        size += bytes_
    if portion:
        yield portion


async def _look_at(some: Sequence[Given], found: Found, send: Send) -> None:
    """Send some families; those that the API cannot read are taken out, and the others sent again."""
    left = list(some)
    while left:
        status, body = await send(f"/v1/imports/{found.import_}/families", {"families": [each.body for each in left]})
        if status == 200:
            for given, look in zip(left, body["families"], strict=True):
                _note(given, look, found)
            found.waiting = body["waiting"]
            return
        unreadable = _unreadable(left, body) if status == 422 else {}
        if not unreadable:
            raise RefusedError(status, body)
        for at, problems in unreadable.items():
            found.add_problems(problems)
            found.add(Looked(left[at].key, _owner(left[at]), "wrong"))
        left = [given for at, given in enumerate(left) if at not in unreadable]


def _unreadable(some: Sequence[Given], body: Any) -> dict[int, list[CellProblem]]:
    """The problems of a refused body, by the families that they are in."""
    errors = body.get("errors") or []
    if body.get("params") and "field" in body["params"]:
        errors = [{"field": body["params"]["field"], "problem": body.get("detail", "")}]
    problems: dict[int, list[CellProblem]] = {}
    named = [error["field"] for error in errors]
    for error in errors:
        if any(other.startswith((f"{error['field']}.", f"{error['field']}[")) for other in named):
            continue  # a list whose only item is wrong is said to be empty, too
        match = _FIELD.fullmatch(error["field"])
        if match and int(match[1]) < len(some):
            what = _UNREADABLE.get(match[2].rpartition(".")[2], "not-readable")
            problem = some[int(match[1])].locate(match[2], what, _sentence(error["problem"]))
            problems.setdefault(int(match[1]), []).append(problem)
    return problems


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _note(given: Given, look: Any, found: Found) -> None:
    standing = "wrong" if look["problems"] and look["standing"] == "new" else look["standing"]
    sums = {name: look["totals"][name]["amount"] for name in SUMS}
    found.add(Looked(given.key, _owner(given), standing, sums, look["sessions"]))
    if standing == "wrong":
        found.add_problems([given.locate(each["place"], each["problem"], each["detail"]) for each in look["problems"]])
    if standing == "changed":
        detail = "It is not as it was imported before. Nothing is changed: make the change in Carnet."
        found.add_problems([given.locate(place, "changed", detail) for place in look["changed"]])


def _owner(given: Given) -> str:
    people = given.body["people"]
    owner = next((each for each in people if each["key"] == given.body.get("owner")), people[0])
    return f"{owner.get('last_name') or ''} {owner.get('first_name') or ''}".strip()
