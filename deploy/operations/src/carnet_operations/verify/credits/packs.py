"""Each session pack agrees with the line that sold it, and with its own entries.

CRE-10: it is issued at once or once the contract was fully paid with its line. Its entries are the published movements,
and their sum is what is left, never below zero. Its uses are those published, each on a day on which it was valid, and
cancelled once at most. A family is reminded once of each. CON-8: it is removed exactly if its line is cancelled.
CON-11: its last day is that of its purchase.
"""

from collections.abc import Sequence
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.contracts.rebuilt import ReplayedContract, ReplayedLine
from carnet_operations.verify.credits.balances import was_paid
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules.replayed import ReplayedSchedule

_KINDS = {
    "PackIssued": "issued",
    "SessionUsed": "used",
    "SessionRestored": "restored",
    "SessionsAdjusted": "adjusted",
    "PackRemoved": "removed",
}
"""The kind of the entry of each movement, by the event that publishes it."""


def check_sold(
    contract: ReplayedContract, schedule: ReplayedSchedule, kept: Sequence[Document], report: Report
) -> None:
    """A line that sells a pack has issued it, at once or once the contract was fully paid with the line (CRE-10)."""
    packs = {pack["_id"]: pack for pack in kept}
    account = (contract.opened or {}).get("account", "")
    for line_id, line in contract.lines.items():
        if line.purchase["kind"] == "session_pack":
            report.count("lines that sell a session pack")
            _check_line(line, schedule, packs.pop(line_id, None), account, report)
    for pack_id in packs:
        where = f"credits.packs {pack_id}"
        report.find("CRE-10", where, f"the line of contract {contract.id} that sold it", expected="one", found=None)


def check_known(packs: Sequence[Document], known: Sequence[Document], report: Report) -> None:
    """Contracts knows what is left of each pack, as of its newest event (CON-10)."""
    there = {pack["_id"]: pack for pack in packs}
    for each in known:
        pack, where = there.get(each["_id"]), f"contracts.packs {each['_id']}"
        if pack is None:
            report.find("CON-10", where, "the pack in credits", expected="one", found=None)
        elif pack["standing"] != "removed":
            expected, found = (pack["version"], pack["left"]), (each["version"], each["left"])
            report.same("CON-10", where, "version and what is left", expected=expected, found=found)


def _check_line(
    line: ReplayedLine, schedule: ReplayedSchedule, pack: Document | None, account: str, report: Report
) -> None:
    purchase = line.purchase
    where = f"credits.packs {purchase['line']}"
    due = purchase["details"]["usable"] == "at_once" or was_paid(line, schedule)
    if pack is None:
        if due and line.cancelled is None:
            report.find("CRE-10", where, "the pack of a line that is due", expected="issued", found=None)
        return
    if not due and pack["issued_on"] is not None:
        report.find("CRE-10", where, "the pack of an unpaid line", expected=None, found=pack["standing"])
    removed = pack["standing"] == "removed"
    report.same("CON-8", where, "whether it was removed", expected=line.cancelled is not None, found=removed)
    expected = (account, purchase.get("participant"), purchase["details"], purchase.get("expires_on"))
    found = (pack["account"], pack["member"], pack["details"], pack["last_day"])
    report.same("CRE-10", where, "account, member, what was sold and its last day", expected=expected, found=found)


def check_pack(rows: Sequence[Document], pack: Document, entries: Sequence[Document], report: Report) -> None:
    """What is left of a pack is the sum of its entries, and these are what its events say (CRE-10)."""
    report.count("session packs")
    report.count("pack entries", len(entries))
    where = f"credits.packs {pack['_id']}"
    movements, left = _movements(rows, where, report)
    found = [(entry["version"], entry["kind"], entry["sessions"], entry["use"]) for entry in entries]
    report.same("CRE-10", f"credits.pack_entries {pack['_id']}", "the movements published", expected=movements,
                found=found)  # fmt: skip
    unlimited = pack["details"]["sessions"] is None
    report.same("CRE-10", where, "what is left", expected=None if unlimited else left, found=pack["left"])


def _movements(rows: Sequence[Document], where: str, report: Report) -> tuple[list[tuple[Any, ...]], int]:
    """The entry that each event makes due, and how many sessions are then left; unlimited ones count as none."""
    movements: list[tuple[Any, ...]] = []
    left = 0
    for row in rows:
        name, data = name_of(row), row["data"]
        moved = _moved(name, data, left)
        left += moved
        if left < 0:
            report.find("CRE-10", where, f"what is left at {row['sequence']}", expected="at least 0", found=left)
        if name in _KINDS and (movements or name != "PackRemoved"):
            movements.append((row["sequence"], _KINDS[name], moved, data.get("use")))
    return movements, left


def _moved(name: str, data: Document, left: int) -> int:
    """What an event adds to what is left."""
    if name == "PackIssued":
        return int(data["left"] or 0)
    if name == "SessionsAdjusted":
        return int(data["sessions"])
    if data.get("left") is None and name != "PackRemoved":
        return 0
    return {"SessionUsed": -1, "SessionRestored": 1, "PackRemoved": -left}.get(name, 0)


def check_reminder(rows: Sequence[Document], reminder: Document, report: Report) -> None:
    """A family is reminded once of one session left, and once of each last day (CRE-10)."""
    report.count("reminders of session packs")
    names = ("pack", "why", "expires_on", "effective_on")
    published = [tuple(row["data"][name] for name in names) for row in rows]
    kept = (reminder["pack"], reminder["why"], reminder["expires_on"], reminder["on"])
    where = f"credits.pack_reminders {reminder['_id']}"
    report.same("CRE-10", where, "the reminders published", expected=[kept], found=published)


def check_uses(rows: Sequence[Document], pack: Document, kept: Sequence[Document], report: Report) -> None:
    """The uses that are kept are those published; each in force lies in the validity of its pack (CRE-10)."""
    report.count("session uses", len(kept))
    where = f"credits.session_uses of {pack['_id']}"
    published: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        name, data = name_of(row), row["data"]
        if name == "SessionUsed":
            taken = (data["member"], data["on"], data.get("occurrence"), data["effective_on"], None)
            report.same(
                "CRE-10", where, f"the use {data['use']} before", expected=None, found=published.get(data["use"])
            )
            late = data["expires_on"] is not None and data["on"] > data["expires_on"]
            report.same("CRE-10", where, f"whether {data['use']} is after the last day", expected=False, found=late)
            published[data["use"]] = taken
        elif name == "SessionRestored":
            used = published.get(data["use"], (None, None, None, None, "unknown"))
            report.same("CRE-10", where, f"when {data['use']} was cancelled before", expected=None, found=used[4])
            published[data["use"]] = (*used[:4], data["effective_on"])
    names = ("member", "on", "occurrence", "taken_on", "cancelled_on")
    found = {use["_id"]: tuple(use.get(name) for name in names) for use in kept}
    report.same("CRE-10", where, "the uses published", expected=published, found=found)
    in_force = sum(use[4] is None for use in published.values())
    report.same("CRE-10", where, "how many are in force", expected=in_force, found=pack["uses"])
