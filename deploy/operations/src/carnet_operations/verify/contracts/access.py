"""Accesses to online courses agree with the live lines of plans that open them (CON-19, CON-20).

CON-20: the lines that an access has are the live lines of plans which open that course to that member, with the day on
which each ends. The last one bought that has not ended decides what the access is; without one it is closed. An
access is as its last event published it. A line of a contract that is late by the days of the organisation opens
nothing until that is paid. What staff changed for one member counts instead of what was bought. ORG-4:
that of an erased person is closed.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from carnet.dates import today_in, utc_now
from carnet.mongo import Document
from carnet_operations.verify.contracts.rebuilt import ReplayedContract
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report

_SHOWN = ("settings", "first_day", "last_day", "contract", "line", "product")
"""The fields of an event that say what the access is."""

_REACH = timedelta(days=1)
"""What ended yesterday may still be open for a moment: the worker is about to close it."""

Opened = tuple[str, str, str]
"""A course that a line opens: the member, the course, the line."""


class Accesses:
    """The lines of all contracts and of all accesses, as they come: what only one side has is left at the end."""

    def __init__(self, report: Report, organisations: Sequence[Document]) -> None:
        self._report = report
        now = utc_now()
        self._today = {
            each["_id"]: today_in(each["time_zone"], now, each.get("clock_ahead", 0)) for each in organisations
        }
        self._late_days = {each["_id"]: each.get("access_late_days") for each in organisations}
        self._withheld: set[str] = set()
        self._lines: dict[str, set[bool]] = {}
        self._sold: dict[Opened, tuple[str, str | None]] = {}
        self._had: dict[Opened, tuple[str, str | None]] = {}
        self._erased: set[str] = set()
        self._open: dict[str, list[str]] = {}

    def sells(self, contract: ReplayedContract) -> None:
        """Take the live lines of plans of a contract, as its journal has them."""
        for line in contract.live:
            purchase = line.purchase
            if purchase["kind"] != "online_plan" or not purchase.get("participant"):
                continue
            for course in purchase["details"]["courses"]:
                opened = (purchase["participant"], course, purchase["line"])
                self._compared(self._sold, self._had, opened, (contract.id, purchase["expires_on"]))

    def withholds(self, contract: Document | None, schedule: Document | None) -> None:
        """What a late contract gives is withheld, as its organisation wishes, and nothing else is."""
        if contract is None or schedule is None:
            return
        where, found = f"contracts.contracts {contract['_id']}", bool(contract.get("withheld"))
        self._report.same(
            "CON-20", where, "withheld, as its schedule", expected=bool(schedule.get("withheld")), found=found
        )
        if found:
            self._withheld.add(contract["_id"])
        days, today = self._late_days.get(contract["organisation"]), self._today.get(contract["organisation"])
        due = schedule.get("due_since")
        possible = [_too_late(due, days, day) for day in ((today, today - _REACH) if today else ())]
        if found not in possible:
            self._report.find("CON-20", where, "whether it is withheld today", expected=not found, found=found)

    def erases(self, account: Document) -> None:
        """Take the members of an account who were erased."""
        self._erased |= {member["id"] for member in account["members"] if member["erased"]}

    def check(self, access: Document, rows: Sequence[Document]) -> None:
        """An access is as its last event published it, and as its lines say."""
        report, where = self._report, f"contracts.accesses {access['_id']}"
        report.count("accesses")
        for line in access["lines"]:
            opened = (access["member"], access["course"], line["line"])
            self._compared(self._had, self._sold, opened, (line["contract"], line["last_day"]))
            self._lines.setdefault(line["contract"], set()).add(bool(line.get("withheld")))
        last = rows[-1] if rows else None
        is_open = last is not None and name_of(last) != "AccessRevoked"
        report.same("CON-20", where, "whether it is open", expected=is_open, found=access["open"])
        if last is not None:
            given = access["given"] or {}
            for name in _SHOWN:
                report.same("CON-20", where, f"the {name}", expected=last["data"].get(name), found=given.get(name))
        if access["open"]:
            self._open.setdefault(access["member"], []).append(where)
        if not access["erased"]:
            self._decided(access, where)

    def _decided(self, access: Document, where: str) -> None:
        today = self._today.get(access["organisation"], utc_now().date())
        possible = [_deciding(access, day) for day in (today, today - _REACH)]
        found = _as_given(access["given"]) if access["open"] else None
        if found not in possible:
            what = "what its lines make of it today"
            self._report.find("CON-20", where, what, expected=possible[0], found=found)

    def _compared(
        self,
        mine: dict[Opened, tuple[str, str | None]],
        others: dict[Opened, tuple[str, str | None]],
        opened: Opened,
        line: tuple[str, str | None],
    ) -> None:
        if others.get(opened) == line:
            del others[opened]
        else:
            mine[opened] = line

    def end(self) -> None:
        """Report what only one side has, and open accesses of people who were erased."""
        for opened in sorted(self._sold.keys() | self._had.keys()):
            member, course, line = opened
            contract = (self._sold.get(opened) or self._had.get(opened) or ("",))[0]
            where = f"contracts.accesses of the line {line} of {contract}"
            expected, found = self._sold.get(opened), self._had.get(opened)
            what = f"the line that opens {course} to {member}, and its last day"
            self._report.same("CON-20", where, what, expected=expected, found=found)
        for contract, withheld in sorted(self._lines.items()):
            where, is_late = f"contracts.accesses of {contract}", contract in self._withheld
            self._report.same("CON-20", where, "withheld lines", expected=[is_late], found=sorted(withheld))
        for member in sorted(self._erased & self._open.keys()):
            for where in self._open[member]:
                self._report.find("ORG-4", where, "the access of an erased person", expected="closed", found="open")


def _too_late(due: str | None, days: int | None, today: date) -> bool:
    """Whether what is due since that day is late by so many days."""
    return days is not None and due is not None and due <= (today - timedelta(days=days)).isoformat()


def _deciding(access: Document, today: date) -> Mapping[str, Any] | None:
    """What the lines of an access make of it on a day; None if it is closed."""
    lines = sorted(access["lines"], key=lambda line: (line["bought_on"], line["line"]))
    terms = [{**line, **(line.get("own") or {})} for line in lines]
    going = [
        line
        for line in terms
        if not line.get("withheld") and (line["last_day"] is None or line["last_day"] >= today.isoformat())
    ]
    return _as_given(going[-1]) if going else None


def _as_given(terms: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: terms[name] for name in ("line", "settings", "last_day")}
