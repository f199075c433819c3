"""What moved between two previews of the same wish: a payment that came in, a line that somebody else added.

A page carries what it showed of the contract and its schedule before the change. If that is no longer true when the
person confirms, the new preview says what moved, line by line.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.apis import Json
from backoffice.changes import previews

SEEN = "seen_before"
"""The field of the form that carries what was shown."""

_SHOWN = ("due", "line", "amount", "fixed", "held")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the contract whose net price moved; None if it is not live."""

    name: str
    before: Json | None
    after: Json | None


@dataclass(frozen=True, slots=True)
class Meantime:
    """What moved: lines of the contract, rows of its schedule."""

    lines: Sequence[Line]
    rows: Sequence[previews.Row]

    def __bool__(self) -> bool:
        return bool(self.lines or self.rows)


def seen(schedule: Json | None, lines: Sequence[Json] = ()) -> str:
    """What a page showed before the change: the schedule and the live lines, as its form carries them."""
    balance = schedule["balance"] if schedule else None
    dates = [{name: each[name] for name in _SHOWN} for each in schedule["instalments"]] if schedule else []
    return json.dumps({"balance": balance, "instalments": dates, "lines": _live(lines)})


def moved(carried: str, schedule: Json | None, lines: Sequence[Json] = ()) -> Meantime | None:
    """What moved since; None if nothing that people see did, or if the form carries nothing that can be read."""
    try:
        before: Any = json.loads(carried)
        known, now = before["lines"], _live(lines)
        names = [*now, *(line for line in known if line not in now)]
        others = [
            Line((now.get(id_) or known[id_])["name"], known.get(id_, {}).get("net"), now.get(id_, {}).get("net"))
            for id_ in names
        ]
        rows = previews.rows({"before": before, "after": schedule}) if schedule and before["balance"] else []
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    found = Meantime([each for each in others if each.before != each.after], [row for row in rows if row.moved])
    return found or None


def _live(lines: Sequence[Json]) -> dict[str, Json]:
    return {line["id"]: {"name": line["name"], "net": line["net"]} for line in lines if line["state"] == "live"}
