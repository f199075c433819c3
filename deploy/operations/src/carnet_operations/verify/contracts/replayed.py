"""A contract agrees with its journal: its events, applied one by one, give the document that is kept.

CON-1: the total is the sum of the live lines, discounts taken off. CON-4: a change is one unit, which ends with the
event that has its totals and version. CON-6: a cancelled line takes exactly its price off and bears no discount in
force. CON-7: the shares of a discount add up to it and never exceed a line's price. CON-11: a price is edited from
the price that stood. CON-22, CON-27: the day of cancellation and the number are those published. CON-19: a plan
that is changed goes on the day on which the other one comes, for the same member. CRE-4, CRE-5: a
change that waits for credits changes nothing until it is made. The journal is added up here by the rules, not by the
service's own code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.credits.removals import AskedRedemption, AskedRemoval, check_waiting
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report

_ASIDE = {
    "CreditRemovalRequested",
    "VoucherRedemptionRequested",
    "VoucherRedemptionWithdrawn",
    "ChangeRefused",
    "ConfirmationRefused",
}
"""Events about a change that waits for another service or was refused by one: they change nothing (CRE-4, CRE-5)."""

_MARKS = {"LinesMarked", "MarkRefused", "LinesUnmarked"}
"""Events about the invoices that lines are on: they are no part of a change (INV-4)."""


_REQUESTS = {"CancellationRequested", "CancellationWithdrawn", "CancellationDeclined"}
"""Events about a client's request for a cancellation, and the answer: they change nothing else (CON-17)."""


@dataclass(slots=True)
class ReplayedLine:
    """A line, rebuilt from its contract's journal; ``added`` and ``cancelled`` are sequences."""

    purchase: dict[str, Any]
    shares: list[dict[str, Any]]
    added: int
    cancelled: int | None = None
    cancelled_on: str | None = None
    marked: str | None = None
    """The request by which it was marked for the live invoice that bears it (INV-4)."""
    deleted_on: str | None = None
    payable_from: int = 0
    """The sequence at which its price was lowered before it sold a credit: only later payments of the contract grant
    one (CON-11)."""

    @property
    def amount(self) -> int:
        """The line's part of the total while it is live, in minor units; negative for a discount (CON-1).

        What a gift voucher covers brings nothing (CRE-9).
        """
        price: int = 0 if self.purchase.get("voucher") else self.purchase["price"]
        return -price if self.purchase["kind"] == "discount" else price


OWN_MAILS = {
    "SubscriptionCancelled": "subscription_cancelled",
    "SubscriptionPaused": "subscription_paused",
    "SubscriptionPauseLifted": "pause_lifted",
    "SubscriptionPriceChanged": "subscription_price",
}
"""The mails about what happens to a subscription: each takes the place of that about the change (CON-17, CON-18)."""


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
    """Whether it adds, cancels or places anything, or edits a price: changes that a mail is due for (NOT-1)."""
    own_mail: str | None = None
    """The kind of the mail about it, if that is one of its own: a subscription is cancelled or paused (CON-17)."""
    cards: int = 0
    """What of the total sells gift cards (CRE-8)."""


@dataclass
class ReplayedContract:
    """A contract, rebuilt from its journal."""

    id: str
    opened: dict[str, Any] | None = None
    lines: dict[str, ReplayedLine] = field(default_factory=dict)
    changes: list[WholeChange] = field(default_factory=list)
    cancelled_on: str | None = None
    removals: dict[str, AskedRemoval] = field(default_factory=dict)
    """The changes that asked credits to remove what lines had sold, by request, in order (CRE-4)."""
    redemptions: dict[str, AskedRedemption] = field(default_factory=dict)
    """The openings and changes that asked for vouchers to cover lines, by request, in order (CRE-9)."""
    wished_on: str | None = None
    """The date from which the client asks for the cancellation of its subscription (CON-17)."""
    not_made: dict[str, Any] | None = None
    """The body of the last ``ConfirmationRefused``, unless a whole change or a request came after it."""

    @property
    def live(self) -> list[ReplayedLine]:
        """The lines not cancelled."""
        return [line for line in self.lines.values() if line.cancelled is None]

    @property
    def total(self) -> int:
        """The sum of the live lines, in minor units."""
        return sum(line.amount for line in self.live)


class ContractReplay:
    """Rebuilds one contract, event by event."""

    def __init__(self, contract: str, rows: Sequence[Document], report: Report) -> None:
        self.replayed = ReplayedContract(contract)
        self._ends = {row["change"]: row["sequence"] for row in rows}
        self._waiting: AskedRemoval | None = None
        self._redeeming: AskedRedemption | None = None
        self._report = report
        self._where = f"contracts.journal {contract}"
        self._total_before = 0
        self._touched = False
        self._own_mail: str | None = None
        self._last_sequence = 0

    def apply(self, row: Document) -> None:
        """Apply the next event of the journal."""
        name, sequence, change = name_of(row), row["sequence"], row["change"]
        if name in _ASIDE:
            self._wait(name, row["data"], sequence)
            return
        if name in _MARKS:
            self._mark(name, row["data"], sequence)
            return
        if name in _REQUESTS:
            self._request(name, row["data"], sequence)
            return
        self._last_sequence = sequence
        if self._waiting is not None:
            self._same("CRE-4", f"the change published at {sequence}, while one waits", self._waiting.request, change)
        if self._redeeming is not None:
            self._same("CRE-9", f"the change published at {sequence}, while one waits", self._redeeming.request, change)
        self._take(name, row["data"], change, sequence)
        opened = self.replayed.opened
        if opened is not None and sequence == opened["version"]:
            self._opened(opened, change)

    def _take(self, name: str, data: dict[str, Any], change: str, sequence: int) -> None:
        match name:
            case "ContractOpened":
                self.replayed.opened = data
            case "ProductAdded":
                self._add(ReplayedLine(dict(data["purchase"]), [], sequence))
            case "DiscountPlaced":
                self._place(data, sequence)
            case "ProductCancelled":
                self._cancel(data, sequence)
            case "ProductDeleted":
                self._delete(data)
            case "ProductEdited":
                self._edit(data, sequence)
            case "PlanChanged":
                self._change_plan(data, sequence)
            case _:
                self._take_whole(name, data, change, sequence)

    def _take_whole(self, name: str, data: dict[str, Any], change: str, sequence: int) -> None:
        match name:
            case _ if name in OWN_MAILS:
                self._own_mail = OWN_MAILS[name]
                self.replayed.wished_on = None if name == "SubscriptionCancelled" else self.replayed.wished_on
            case "ContractChanged":
                self._changed(data, change, sequence)
            case "ContractCancelled":
                self.replayed.cancelled_on = data["effective_on"]

    def _wait(self, name: str, data: Mapping[str, Any], sequence: int) -> None:
        """A change waits for credits, or they refused it: the contract stays as it is."""
        request, waiting = data["request"], self._waiting
        if name in ("VoucherRedemptionRequested", "VoucherRedemptionWithdrawn"):
            self._redeem(name, data, sequence)
            return
        if name == "ConfirmationRefused":
            if waiting is not None and not any(each["problem"].startswith("credit-") for each in data["refusals"]):
                waiting.outcome, waiting = "refused", None  # a voucher was in the way (CON-8)
                self._waiting = None
            self._same("CRE-5", f"the change that waits after {sequence}", None, waiting and waiting.request)
            if self._redeeming is not None:
                self._redeeming.outcome, self._redeeming = "refused", None
            self.replayed.not_made = dict(data)
            return
        if name == "CreditRemovalRequested":
            self.replayed.not_made = None
            self._same("CRE-4", f"the change that waits before {sequence}", None, waiting and waiting.request)
            lowered = list(data.get("lowered", ()))
            self._waiting = AskedRemoval(request, list(data["lines"]), data["effective_on"], sequence, lowered)
            self.replayed.removals[request] = self._waiting
            return
        self._same("CRE-5", f"the change refused at {sequence}", waiting and waiting.request, request)
        if waiting is not None:
            waiting.outcome, waiting.refused = "refused", dict(data)
        self._waiting = None

    def _mark(self, name: str, data: Mapping[str, Any], sequence: int) -> None:
        """Lines get the mark of an invoice as they then are, or lose it."""
        if name == "LinesMarked":
            for marked in data["lines"]:
                line = self.replayed.lines[marked["purchase"]["line"]]
                where = f"the line {line.purchase['line']} marked at {sequence}"
                self._same("INV-4", f"{where}: its mark before", None, line.marked)
                self._same("INV-4", f"{where}: its price", line.purchase["price"], marked["purchase"]["price"])
                self._same("INV-4", f"{where}: cancelled", None, line.cancelled)
                line.marked = data["request"]
        elif name == "LinesUnmarked":
            for line_id in data["lines"]:
                self._same("INV-4", f"the mark of {line_id}", data["request"], self.replayed.lines[line_id].marked)
                self.replayed.lines[line_id].marked = None

    def _request(self, name: str, data: Mapping[str, Any], sequence: int) -> None:
        """The client asks for the cancellation of the subscription, or is answered: one request at a time."""
        expected = None if name == "CancellationRequested" else data["wished_on"]
        self._same("CON-17", f"the request before {sequence}", expected, self.replayed.wished_on)
        self.replayed.wished_on = data["wished_on"] if name == "CancellationRequested" else None

    def _redeem(self, name: str, data: Mapping[str, Any], sequence: int) -> None:
        """An opening or a change asks for vouchers to cover lines, or gives up what it was granted (CRE-9)."""
        request, redeeming = data["request"], self._redeeming
        if name == "VoucherRedemptionWithdrawn":
            self._same("CRE-9", f"what is withdrawn at {sequence}", redeeming and redeeming.request, request)
            if redeeming is not None:
                redeeming.withdrawn = True
            return
        self.replayed.not_made = None
        self._same("CRE-9", f"the change that waits before {sequence}", None, redeeming and redeeming.request)
        lines = [each["line"] for each in data["redemptions"]]
        self._redeeming = AskedRedemption(request, lines, data["effective_on"], sequence)
        self.replayed.redemptions[request] = self._redeeming

    def _redeemed(self, change: str, on: str) -> None:
        """The opening or the change that waited for vouchers is made: it adds their lines on that day (MON-5)."""
        if self._redeeming is None or self._redeeming.request != change:
            return
        added = {id_ for id_, line in self.replayed.lines.items() if line.purchase.get("voucher")}
        left = [line for line in self._redeeming.lines if line not in added]
        self._same("CRE-9", f"the lines of {change} that no voucher covers", [], left)
        self._same("MON-5", f"the day of the change {change}", self._redeeming.on, on)
        self._redeeming.outcome, self._redeeming = "made", None

    def _made(self, waiting: AskedRemoval, on: str) -> None:
        """The change that waited is made: it cancels the lines of its request, on the day of the request (MON-5)."""
        cancelled = {id_ for id_, line in self.replayed.lines.items() if line.cancelled is not None}
        left = [line for line in waiting.lines if line not in cancelled]
        self._same("CRE-4", f"the lines of {waiting.request} that are not cancelled by it", [], left)
        self._same("MON-5", f"the day of the change {waiting.request}", waiting.on, on)
        for line in waiting.lowered:
            self.replayed.lines[line].payable_from = waiting.sequence
        waiting.outcome = "made"
        self._waiting = None

    def _add(self, line: ReplayedLine) -> None:
        self.replayed.lines[line.purchase["line"]] = line
        # A period that is billed later is no change that anybody made: no mail is due for it (CON-21).
        self._touched |= line.purchase.get("period") is None

    def _place(self, data: Mapping[str, Any], sequence: int) -> None:
        shares = list(data["shares"])
        self._same("CON-7", f"the shares of the discount {data['line']}", data["amount"], _sum(shares))
        purchase = {"line": data["line"], "product": data["product"], "name": data["name"], "price": data["amount"]}
        self._add(ReplayedLine({**purchase, "kind": "discount"}, shares, sequence))

    def _cancel(self, data: Mapping[str, Any], sequence: int) -> None:
        line = self.replayed.lines[data["line"]]
        self._touched = True
        self._same("CON-8", f"the invoice that bears the cancelled line {data['line']}", None, line.marked)
        self._same("CON-6", f"what the total loses by cancelling {data['line']}", line.amount, data["amount"])
        bearing = [
            other.purchase["line"]
            for other in self.replayed.live
            if any(share["line"] == data["line"] for share in other.shares)
        ]
        self._same("CON-6", f"discounts in force on the cancelled line {data['line']}", [], bearing)
        line.cancelled, line.cancelled_on = sequence, data["effective_on"]

    def _delete(self, data: Mapping[str, Any]) -> None:
        line = self.replayed.lines[data["line"]]
        self._same("CON-12", f"whether the deleted line {data['line']} is cancelled", True, line.cancelled is not None)
        line.deleted_on = data["effective_on"]

    def _change_plan(self, data: Mapping[str, Any], sequence: int) -> None:
        """Both plans are the same member's, and no time lies between them: one line went, the other one came."""
        before, after = self.replayed.lines[data["line_before"]], self.replayed.lines[data["line"]]
        what = f"the plans that were changed at {sequence}"
        kinds = [before.purchase["kind"], after.purchase["kind"]]
        self._same("CON-19", what, ["online_plan", "online_plan"], kinds)
        self._same("CON-19", f"the member of {what}", before.purchase["participant"], after.purchase["participant"])
        found, expected = (before.cancelled_on, after.cancelled), (data["effective_on"], None)
        self._same("CON-19", f"when one went, and whether the other is live, of {what}", expected, found)

    def _edit(self, data: Mapping[str, Any], sequence: int) -> None:
        line = self.replayed.lines[data["line"]]
        self._same(
            "CON-11", f"the price of {data['line']} before {sequence}", line.purchase["price"], data["price_before"]
        )
        self._touched |= data["price_before"] != data["price_after"]
        line.purchase |= {"price": data["price_after"], "expires_on": data["expires_on"]}
        line.purchase |= {day: data[day] for day in ("first_day", "last_day") if data.get(day) is not None}

    def _opened(self, data: Mapping[str, Any], change: str) -> None:
        self._same("CON-1", "the total of the opening event", self.replayed.total, data["total"])
        self._redeemed(change, data["effective_on"])
        self._whole(data, change, opening=True)

    def _changed(self, data: Mapping[str, Any], change: str, sequence: int) -> None:
        self._same("CON-4", f"the total before {sequence}", self._total_before, data["total_before"])
        self._same("CON-1", f"the total after {sequence}", self.replayed.total, data["total_after"])
        if self._waiting is not None and self._waiting.request == change:
            self._made(self._waiting, data["effective_on"])
        self._redeemed(change, data["effective_on"])
        self._whole(data, change, opening=False)

    def _whole(self, data: Mapping[str, Any], change: str, *, opening: bool) -> None:
        live, version, cards = self.replayed.live, data["version"], _for_cards(self.replayed.live)
        self._same("CON-4", f"the live lines published at {version}", len(live), data["live_lines"])
        terms = data.get("terms") or {}
        self._same("CRE-8", f"what sells gift cards at {version}", cards, terms.get("cards", 0))
        self._same("CON-4", f"the version at the end of {change}", self._ends[change], version)
        self.replayed.changes.append(
            WholeChange(change, version, opening, self.replayed.total, len(live), self._touched, self._own_mail, cards)
        )
        self._total_before, self._touched, self._own_mail = self.replayed.total, False, None
        self.replayed.not_made = None

    def end(self) -> ReplayedContract:
        """The contract at the end of the journal, which may not end within a change."""
        newest = self.replayed.changes[-1].version if self.replayed.changes else 0
        self._same("CON-4", "the end of the newest change", self._last_sequence, newest)
        return self.replayed

    def _same(self, rule: str, what: str, expected: Any, found: Any) -> None:
        self._report.same(rule, self._where, what, expected=expected, found=found)


def replay_contract(contract: str, rows: Sequence[Document], report: Report) -> ReplayedContract:
    """The contract that the events of ``rows`` add up to."""
    replay = ContractReplay(contract, rows, report)
    for row in rows:
        replay.apply(row)
    return replay.end()


def check_contract(replayed: ReplayedContract, document: Document, report: Report) -> None:
    """The contract that is kept is the one that its journal adds up to, line by line."""
    where = f"contracts.contracts {replayed.id}"
    report.count("contracts")
    if replayed.opened is None:
        _check_opening(replayed, document, where, report)
        return
    opened = replayed.opened
    for name in ("account", "mode", "sale", "currency"):
        report.same("CON-1", where, name, expected=opened.get(name), found=document[name])
    report.same("CON-27", where, "the number", expected=opened.get("number"), found=document.get("number"))
    report.same("CON-22", where, "cancelled_on", expected=replayed.cancelled_on, found=document["cancelled_on"])
    wish = (document.get("subscription") or {}).get("wish") or {}
    report.same("CON-17", where, "the cancellation that the client asks for",
                expected=replayed.wished_on, found=wish.get("wished_on"))  # fmt: skip
    kept = {line["purchase"]["line"]: line for line in document["lines"]}
    report.same("CON-1", where, "the lines, in order", expected=list(replayed.lines), found=list(kept))
    for line_id in replayed.lines.keys() & kept.keys():
        _check_line(replayed.lines[line_id], kept[line_id], f"{where} line {line_id}", report)
    total = sum(
        -line["purchase"]["price"] if line["purchase"]["kind"] == "discount" else line["purchase"]["price"]
        for line in document["lines"]
        if line["state"] == "live" and not line["purchase"].get("voucher")
    )
    report.same("CON-1", where, "the sum of the live lines", expected=replayed.total, found=total)
    _check_nets(kept, where, report)
    newest = replayed.changes[-1].version if replayed.changes else None
    asked: list[AskedRemoval | AskedRedemption] = [*replayed.removals.values(), *replayed.redemptions.values()]
    check_waiting(replayed.id, asked, newest, document, report)
    _check_not_made(replayed, document, where, report)


def _check_opening(replayed: ReplayedContract, document: Document, where: str, report: Report) -> None:
    """A contract whose opening waits for another service, or was refused by one, has no lines (CON-1)."""
    opening = "pending" if replayed.not_made is None else "refused"
    report.same("CON-1", where, "where its opening stands", expected=opening, found=document.get("opening"))
    report.same("CON-1", where, "the lines, in order", expected=[], found=document["lines"])
    _check_not_made(replayed, document, where, report)


def _check_not_made(replayed: ReplayedContract, document: Document, where: str, report: Report) -> None:
    """The contract keeps what the services answered that refused its last change (CRE-5)."""
    if (event := replayed.not_made) is not None:
        kept = document.get("refused_change") or {}
        found = (kept.get("change"), kept.get("refusals"))
        report.same("CRE-5", where, "the change that was not made, and the refusals",
                    expected=(event["request"], event["refusals"]), found=found)  # fmt: skip


def _check_line(replayed: ReplayedLine, kept: Document, where: str, report: Report) -> None:
    report.count("contract lines")
    state = "live" if replayed.cancelled is None else "cancelled"
    report.same("CON-6", where, "the state", expected=state, found=kept["state"])
    report.same("CON-6", where, "cancelled_on", expected=replayed.cancelled_on, found=kept["cancelled_on"])
    marked = (kept.get("invoice") or {}).get("request")
    report.same("INV-4", where, "the request of its mark", expected=replayed.marked, found=marked)
    report.same("CON-12", where, "deleted_on", expected=replayed.deleted_on, found=kept.get("deleted_on"))
    for name, published in replayed.purchase.items():
        rule = "CON-1" if name == "price" else "CAT-4"
        report.same(rule, where, f"the {name}", expected=published, found=kept["purchase"].get(name))
    report.same("CON-7", where, "the shares", expected=replayed.shares, found=kept["shares"])


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
        if kept[line_id]["purchase"].get("voucher"):
            report.find(
                "CRE-9", where, f"discounts on line {line_id}, which a voucher covers", expected=0, found=amount
            )
        if amount > price:
            report.find("CON-7", where, f"discounts on line {line_id}", expected=f"at most {price}", found=amount)


def _for_cards(live: Sequence[ReplayedLine]) -> int:
    """What of the live lines sells gift cards, less the discounts on it (CRE-8)."""
    sold = {line.purchase["line"]: line.amount for line in live if line.purchase["kind"] == "gift_card"}
    return sum(sold.values()) - _sum([share for line in live for share in line.shares if share["line"] in sold])


def _sum(shares: Sequence[Mapping[str, Any]]) -> int:
    return sum(share["amount"] for share in shares)
