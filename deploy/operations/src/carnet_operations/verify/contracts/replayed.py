"""A contract told again from its journal, and held against what is kept of it (CON-1, CON-4, CON-6, CON-7, CRE-4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.credits.removals import AskedRemoval, check_waiting
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report

_ASIDE = {"CreditRemovalRequested", "ChangeRefused"}
"""What is told of a change that waits for credits, or that these refused: it changes nothing (CRE-4, CRE-5)."""


@dataclass(slots=True)
class RetoldLine:
    """A line as its contract's journal tells it; ``added`` and ``cancelled`` are sequences."""

    purchase: dict[str, Any]
    shares: list[dict[str, Any]]
    added: int
    cancelled: int | None = None
    cancelled_on: str | None = None
    payable_from: int = 0
    """Where it was let bring less while it sold no credit: only payments of the contract after this sequence grant
    one (CON-11)."""

    @property
    def amount(self) -> int:
        """What the line brings to the total while it is live; a discount takes off (CON-1)."""
        price: int = self.purchase["price"]
        return -price if self.purchase["kind"] == "discount" else price


@dataclass(frozen=True, slots=True)
class WholeChange:
    """One opening or change of the contract, once it is whole."""

    id: str
    version: int
    """The sequence of its last event."""
    opening: bool
    total: int
    live_lines: int
    touches_products: bool
    """Whether it adds, cancels or places anything, or edits a price: what a mail tells of (NOT-1)."""


@dataclass
class Retold:
    """A contract as its journal tells it."""

    id: str
    opened: dict[str, Any] | None = None
    lines: dict[str, RetoldLine] = field(default_factory=dict)
    changes: list[WholeChange] = field(default_factory=list)
    cancelled_on: str | None = None
    removals: dict[str, AskedRemoval] = field(default_factory=dict)
    """The changes that asked credits to remove what lines had sold, by request, in order (CRE-4)."""

    @property
    def live(self) -> list[RetoldLine]:
        """The lines not cancelled."""
        return [line for line in self.lines.values() if line.cancelled is None]

    @property
    def total(self) -> int:
        """The sum of the live lines, in minor units."""
        return sum(line.amount for line in self.live)


class Retelling:
    """Tells one contract again, event by event."""

    def __init__(self, contract: str, rows: Sequence[Document], report: Report) -> None:
        self.retold = Retold(contract)
        self._ends = {row["change"]: row["sequence"] for row in rows}
        self._waiting: AskedRemoval | None = None
        self._report = report
        self._where = f"contracts.journal {contract}"
        self._total_before = 0
        self._touched = False
        self._last_sequence = 0

    def tell(self, row: Document) -> None:
        """Take the next event of the journal."""
        name, sequence, change = name_of(row), row["sequence"], row["change"]
        if name in _ASIDE:
            self._wait(name, row["data"], sequence)
            return
        self._last_sequence = sequence
        if self._waiting is not None:
            self._same("CRE-4", f"the change told at {sequence}, while one waits", self._waiting.request, change)
        self._take(name, row["data"], change, sequence)
        opened = self.retold.opened
        if opened is not None and sequence == opened["version"]:
            self._opened(opened, change)

    def _take(self, name: str, data: dict[str, Any], change: str, sequence: int) -> None:
        match name:
            case "ContractOpened":
                self.retold.opened = data
            case "ProductAdded":
                self._add(RetoldLine(dict(data["purchase"]), [], sequence))
            case "DiscountPlaced":
                self._place(data, sequence)
            case "ProductCancelled":
                self._cancel(data, sequence)
            case "ProductEdited":
                self._edit(data, sequence)
            case "ContractChanged":
                self._changed(data, change, sequence)
            case "ContractCancelled":
                self.retold.cancelled_on = data["effective_on"]

    def _wait(self, name: str, data: Mapping[str, Any], sequence: int) -> None:
        """A change waits for credits, or they refused it: nothing of the contract changes by that."""
        request, waiting = data["request"], self._waiting
        if name == "CreditRemovalRequested":
            self._same("CRE-4", f"the change that waits before {sequence}", None, waiting and waiting.request)
            lowered = list(data.get("lowered", ()))
            self._waiting = AskedRemoval(request, list(data["lines"]), data["effective_on"], sequence, lowered)
            self.retold.removals[request] = self._waiting
            return
        self._same("CRE-5", f"the change refused at {sequence}", waiting and waiting.request, request)
        if waiting is not None:
            waiting.outcome, waiting.refused = "refused", dict(data)
        self._waiting = None

    def _made(self, waiting: AskedRemoval, on: str) -> None:
        """The change that waited is made: it cancels the lines asked about, on the day of the request (MON-5)."""
        cancelled = {id_ for id_, line in self.retold.lines.items() if line.cancelled is not None}
        left = [line for line in waiting.lines if line not in cancelled]
        self._same("CRE-4", f"the lines of {waiting.request} that are not cancelled by it", [], left)
        self._same("MON-5", f"the day of the change {waiting.request}", waiting.on, on)
        for line in waiting.lowered:
            self.retold.lines[line].payable_from = waiting.sequence
        waiting.outcome = "made"
        self._waiting = None

    def _add(self, line: RetoldLine) -> None:
        self.retold.lines[line.purchase["line"]] = line
        self._touched = True

    def _place(self, data: Mapping[str, Any], sequence: int) -> None:
        shares = list(data["shares"])
        self._same("CON-7", f"the shares of the discount {data['line']}", data["amount"], _sum(shares))
        purchase = {"line": data["line"], "product": data["product"], "name": data["name"], "price": data["amount"]}
        self._add(RetoldLine({**purchase, "kind": "discount"}, shares, sequence))

    def _cancel(self, data: Mapping[str, Any], sequence: int) -> None:
        line = self.retold.lines[data["line"]]
        self._touched = True
        self._same("CON-6", f"what the total loses by cancelling {data['line']}", line.amount, data["amount"])
        bearing = [
            other.purchase["line"]
            for other in self.retold.live
            if any(share["line"] == data["line"] for share in other.shares)
        ]
        self._same("CON-6", f"discounts in force on the cancelled line {data['line']}", [], bearing)
        line.cancelled, line.cancelled_on = sequence, data["effective_on"]

    def _edit(self, data: Mapping[str, Any], sequence: int) -> None:
        line = self.retold.lines[data["line"]]
        self._same(
            "CON-11", f"the price of {data['line']} before {sequence}", line.purchase["price"], data["price_before"]
        )
        self._touched |= data["price_before"] != data["price_after"]
        line.purchase |= {"price": data["price_after"], "expires_on": data["expires_on"]}

    def _opened(self, data: Mapping[str, Any], change: str) -> None:
        self._same("CON-1", "the total told by the opening", self.retold.total, data["total"])
        self._whole(data["version"], change, data["live_lines"], opening=True)

    def _changed(self, data: Mapping[str, Any], change: str, sequence: int) -> None:
        self._same("CON-4", f"the total before {sequence}", self._total_before, data["total_before"])
        self._same("CON-1", f"the total after {sequence}", self.retold.total, data["total_after"])
        if self._waiting is not None and self._waiting.request == change:
            self._made(self._waiting, data["effective_on"])
        self._whole(data["version"], change, data["live_lines"], opening=False)

    def _whole(self, version: int, change: str, live_lines: int, *, opening: bool) -> None:
        live = self.retold.live
        self._same("CON-4", f"the live lines told at {version}", len(live), live_lines)
        self._same("CON-4", f"the version that {change} leads to", self._ends[change], version)
        self.retold.changes.append(WholeChange(change, version, opening, self.retold.total, len(live), self._touched))
        self._total_before, self._touched = self.retold.total, False

    def end(self) -> Retold:
        """The contract, once the journal is at its end: nothing may be told of a change that is not whole."""
        newest = self.retold.changes[-1].version if self.retold.changes else 0
        self._same("CON-4", "the end of the newest change", self._last_sequence, newest)
        return self.retold

    def _same(self, rule: str, what: str, expected: Any, found: Any) -> None:
        self._report.same(rule, self._where, what, expected=expected, found=found)


def retell(contract: str, rows: Sequence[Document], report: Report) -> Retold:
    """The contract as ``rows`` tell it."""
    retelling = Retelling(contract, rows, report)
    for row in rows:
        retelling.tell(row)
    return retelling.end()


def check_contract(retold: Retold, document: Document, report: Report) -> None:
    """The contract that is kept is the one that the journal tells, line by line."""
    where = f"contracts.contracts {retold.id}"
    report.count("contracts")
    opened = retold.opened or {}
    for name in ("account", "mode", "sale", "currency"):
        report.same("CON-1", where, name, expected=opened.get(name), found=document[name])
    report.same("CON-27", where, "the number", expected=opened.get("number"), found=document.get("number"))
    report.same("CON-22", where, "cancelled_on", expected=retold.cancelled_on, found=document["cancelled_on"])
    kept = {line["purchase"]["line"]: line for line in document["lines"]}
    report.same("CON-1", where, "the lines, in order", expected=list(retold.lines), found=list(kept))
    for line_id in retold.lines.keys() & kept.keys():
        _check_line(retold.lines[line_id], kept[line_id], f"{where} line {line_id}", report)
    total = sum(
        -line["purchase"]["price"] if line["purchase"]["kind"] == "discount" else line["purchase"]["price"]
        for line in document["lines"]
        if line["state"] == "live"
    )
    report.same("CON-1", where, "the sum of the live lines", expected=retold.total, found=total)
    _check_nets(kept, where, report)
    newest = retold.changes[-1].version if retold.changes else None
    check_waiting(retold.id, retold.removals, newest, document, report)


def _check_line(retold: RetoldLine, kept: Document, where: str, report: Report) -> None:
    report.count("contract lines")
    state = "live" if retold.cancelled is None else "cancelled"
    report.same("CON-6", where, "the state", expected=state, found=kept["state"])
    report.same("CON-6", where, "cancelled_on", expected=retold.cancelled_on, found=kept["cancelled_on"])
    for name, told in retold.purchase.items():
        rule = "CON-1" if name == "price" else "CAT-4"
        report.same(rule, where, f"the {name}", expected=told, found=kept["purchase"].get(name))
    report.same("CON-7", where, "the shares", expected=retold.shares, found=kept["shares"])


def _check_nets(kept: Mapping[str, Document], where: str, report: Report) -> None:
    """No line bears more discount than its price, nor a discount in force once it is cancelled (CON-6, CON-7)."""
    borne: dict[str, int] = {}
    for discount in kept.values():
        if discount["state"] == "live":
            for share in discount["shares"]:
                borne[share["line"]] = borne.get(share["line"], 0) + share["amount"]
                report.same(
                    "CON-6", where, f"the line {share['line']}, which bears a discount in force",
                    expected="live", found=kept[share["line"]]["state"],
                )  # fmt: skip
    for line_id, amount in borne.items():
        price = kept[line_id]["purchase"]["price"]
        if amount > price:
            report.find("CON-7", where, f"discounts on line {line_id}", expected=f"at most {price}", found=amount)


def _sum(shares: Sequence[Mapping[str, Any]]) -> int:
    return sum(share["amount"] for share in shares)
