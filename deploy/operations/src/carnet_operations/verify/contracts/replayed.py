"""A contract agrees with its journal: its events, applied one by one, give the document that is kept.

CON-1: the total is the sum of the live lines, discounts taken off. CON-4: a change is one unit, which ends with the
event that has its totals and version. CON-6: a cancelled line takes exactly its price off and bears no discount in
force. CON-7: the shares of a discount add up to it and never exceed a line's price. CON-11: a price is edited from the
price that the line had. CON-22, CON-27: the day of cancellation and the number are those published. CON-19: a plan that
is changed goes on the day on which the other one comes, for the same member. CRE-4, CRE-5: a change that waits for
credits changes nothing until it is made. The journal is added up here by the rules, not by the service's own code.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.contracts import aided
from carnet_operations.verify.contracts.rebuilt import OWN_MAILS, ReplayedContract, ReplayedLine, WholeChange, sum_of
from carnet_operations.verify.credits.removals import AskedRedemption, AskedRemoval
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report

_ASIDE = {
    "CreditRemovalRequested",
    "VoucherRedemptionRequested",
    "VoucherRedemptionWithdrawn",
    *aided.REQUESTS,
    "ChangeRefused",
    "ConfirmationRefused",
}
"""Events about a change that waits for another service or was refused by one: they change nothing (CRE-4, CRE-5)."""

_MARKS = {"LinesMarked", "MarkRefused", "LinesUnmarked"}
"""Events about the invoices that lines are on: they are no part of a change (INV-4)."""


_RENEWAL = "SubscriptionRenewalAnnounced"
"""The client is informed of a renewal: it changes nothing else (CON-21)."""

_MOVES = {"SubscriptionPaused", "SubscriptionPauseLifted"}
"""Events that move the periods of a subscription from one of them on, its renewal among them (CON-18)."""

_REQUESTS = {"CancellationRequested", "CancellationWithdrawn", "CancellationDeclined"}
"""Events about a client's request for a cancellation, and the answer: they change nothing else (CON-17)."""

_WITHHELD = {"PlansWithheld", "PlansGivenBack"}
"""What plans open is withheld as a payment is late, or given back: nothing else changes (CON-20)."""


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
        if name == _RENEWAL:
            self._renewal(row["data"], sequence)
            return
        if name in _WITHHELD:
            self._withhold(row["data"], sequence)
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
            case "ScholarshipApplied" | "ScholarshipReduced":
                aided.apply(self.replayed, name, data, self._report)
                self._touched = True
            case _:
                self._take_whole(name, data, change, sequence)

    def _take_whole(self, name: str, data: dict[str, Any], change: str, sequence: int) -> None:
        match name:
            case _ if name in OWN_MAILS:
                self._own_mail = OWN_MAILS[name]
                if name in _MOVES and data["period"] <= self.replayed.announced:
                    self.replayed.announced -= 1  # it is announced again for its new day
                self.replayed.wished_on = None if name == "SubscriptionCancelled" else self.replayed.wished_on
            case "ContractChanged":
                self._changed(data, change, sequence)
            case "ContractCancelled":
                self.replayed.cancelled_on = data["effective_on"]

    def _wait(self, name: str, data: Mapping[str, Any], sequence: int) -> None:
        """A change waits for credits, or they refused it: the contract stays as it is."""
        request, waiting = data["request"], self._waiting
        if name in aided.REQUESTS:
            aided.ask(self.replayed, name, data, sequence, self._report)
            return
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
            aided.end(self.replayed, "refused", request)
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
                if data.get("deposit"):
                    line.deposits.append(data["request"])
                else:
                    line.marked = data["request"]
        elif name == "LinesUnmarked":
            for line_id in data["lines"]:
                line = self.replayed.lines[line_id]
                if data["request"] in line.deposits:
                    line.deposits.remove(data["request"])
                else:
                    self._same("INV-4", f"the mark of {line_id}", data["request"], line.marked)
                    line.marked = None

    def _request(self, name: str, data: Mapping[str, Any], sequence: int) -> None:
        """The client asks for the cancellation of the subscription, or is answered: one request at a time."""
        expected = None if name == "CancellationRequested" else data["wished_on"]
        self._same("CON-17", f"the request before {sequence}", expected, self.replayed.wished_on)
        self.replayed.wished_on = data["wished_on"] if name == "CancellationRequested" else None

    def _renewal(self, data: Mapping[str, Any], sequence: int) -> None:
        """The client is informed of a renewal: of each one once, in their order."""
        later = data["period"] > self.replayed.announced
        self._same("CON-21", f"whether the renewal at {sequence} is a later one than that before", True, later)
        self.replayed.announced = data["period"]

    def _withhold(self, data: Mapping[str, Any], sequence: int) -> None:
        """What live plans open is withheld or given back, also of a plan that was sold while its contract was late."""
        plans = {line.purchase["line"] for line in self.replayed.live if line.purchase["kind"] == "online_plan"}
        strange = [each["line"] for each in data["plans"] if each["line"] not in plans]
        self._same("CON-20", f"the lines named at {sequence} that are no live plans", [], strange)

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
        self._same("CON-7", f"the shares of the discount {data['line']}", data["amount"], sum_of(shares))
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
        aided.make(self.replayed, change, data["effective_on"], self._report)
        self._whole(data, change, opening=True)

    def _changed(self, data: Mapping[str, Any], change: str, sequence: int) -> None:
        self._same("CON-4", f"the total before {sequence}", self._total_before, data["total_before"])
        self._same("CON-1", f"the total after {sequence}", self.replayed.total, data["total_after"])
        if self._waiting is not None and self._waiting.request == change:
            self._made(self._waiting, data["effective_on"])
        self._redeemed(change, data["effective_on"])
        aided.make(self.replayed, change, data["effective_on"], self._report)
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


def _for_cards(live: Sequence[ReplayedLine]) -> int:
    """The part of the live lines that sells gift cards, less the discounts on it (CRE-8)."""
    sold = {line.purchase["line"]: line.amount for line in live if line.purchase["kind"] == "gift_card"}
    return sum(sold.values()) - sum_of([share for line in live for share in line.shares if share["line"] in sold])
