"""A preview as people read it: before and after, with what moves marked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backoffice.apis import Json


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the schedule before and after; None if it is not there. ``due`` is None for what has no date."""

    kind: str
    due: str | None
    before: Json | None
    after: Json | None
    fixed: bool = False
    held: bool = False

    @property
    def waits(self) -> bool:
        """Whether it has no date before an open pause is lifted (CON-18)."""
        return self.kind == "due" and self.due is None

    @property
    def moved(self) -> bool:
        """Whether the change moves it."""
        return self.before != self.after


def rows(schedule: Json) -> list[Row]:
    """The schedule before and after, date by date: what is paid first, then dates, what has none, what is refunded."""
    before, after = schedule["before"], schedule["after"]
    found = [
        *_balance("paid", before, after),
        *_balance("processing", before, after),
        *_dates((before or {}).get("instalments", ()), after["instalments"]),
        *_balance("unscheduled", before, after),
        *_balance("refund_due", before, after),
    ]
    return [row for row in found if _amount(row.before) or _amount(row.after)]


def _balance(name: str, before: Json | None, after: Json) -> Iterator[Row]:
    yield Row(name, None, before["balance"][name] if before else None, after["balance"][name])


def _dates(before: Sequence[Json], after: Sequence[Json]) -> Iterator[Row]:
    """Instalments of both sides, those of the same date and charge beside each other."""
    left = list(before)
    found: list[Row] = []
    for each in after:
        same = next((it for it in left if (it["due"], it["line"]) == (each["due"], each["line"])), None)
        if same is not None:
            left.remove(same)
        was = same["amount"] if same else None
        found.append(Row("due", each["due"], was, each["amount"], each["fixed"], each["held"]))
    found += [Row("due", it["due"], it["amount"], None, it["fixed"], it["held"]) for it in left]
    yield from sorted(found, key=lambda row: (row.waits, row.due or ""))


def _amount(money: Json | None) -> int:
    return int(money["amount"]) if money else 0


def sum_of(moment: Json | None) -> Json | None:
    """The total of a schedule; None before there was one."""
    return moment["balance"]["total"] if moment else None


@dataclass(frozen=True, slots=True)
class Line:
    """A line after the change, and what became of it: ``added``, ``cancelled``, ``deleted``, ``moved`` or nothing."""

    line: Json
    change: str
    net_before: Json | None


def lines(shown: Json) -> list[Line]:
    """The lines that are live before or after, those of the change marked."""
    known = {line["id"]: line for line in shown["before"]}
    found = []
    for line in shown["after"]:
        old = known.get(line["id"])
        change = _change(old, line)
        if old is not None and old["state"] != "live" and change != "deleted":
            continue
        found.append(Line(line, change, old["net"] if old is not None and change == "moved" else None))
    return found


def _change(old: Json | None, new: Json) -> str:
    if old is None:
        return "added"
    if new["deleted_on"] is not None:
        return "deleted"
    if new["state"] != "live":
        return "cancelled"
    looked_at = ("net", "amount", "expires_on", "notes", "first_day")
    return "moved" if any(old.get(name) != new.get(name) for name in looked_at) else ""


def difference(preview: Json) -> Json:
    """How much the total moves."""
    total = preview["total"]
    return {**total["after"], "amount": total["after"]["amount"] - total["before"]["amount"]}
