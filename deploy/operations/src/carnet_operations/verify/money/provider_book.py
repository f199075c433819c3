"""The sandbox's own book agrees with the orders of payments.

PAY-6: every charge in the book was ordered, once, and ended as the order says; nothing was charged without an order.
PAY-4: the same for refunds. PAY-13: every time the bank took money back is kept. The book is read over HTTP and
compared order by order; outcomes that the sandbox has not delivered yet are counted apart.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import httpx

from carnet.mongo import Document
from carnet_operations.verify.report import Report

PROVIDER = "sandbox"

_PAGE = 1_000
_PATIENCE = 10.0
"""Seconds that one page may take."""

_NEVER_TAKEN = "invalid_request"
"""The code of an order that the sandbox could not take at all: it is not in the book."""

Entry = Mapping[str, Any]


@dataclass
class Book:
    """What the sandbox did, and what it has reported."""

    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    """Charges and refunds, by their kind and key."""
    reversals: dict[str, list[Entry]] = field(default_factory=dict)
    """What was taken back, by the key of the charge."""
    reported: dict[tuple[str, str], bool] = field(default_factory=dict)
    """The webhooks, by the key that they are about and a status or a reversal: whether one was delivered."""
    doubled: list[tuple[str, str]] = field(default_factory=list)
    """Keys that the book has twice."""

    def enter(self, entry: Entry) -> None:
        """Take in a line of the book."""
        if entry["kind"] == "reversal":
            self.reversals.setdefault(entry["key"], []).append(entry)
            return
        key = entry["kind"], entry["key"]
        if key in self.entries:
            self.doubled.append(key)
        self.entries[key] = entry

    def report(self, webhook: Entry) -> None:
        """Take in a webhook."""
        body = webhook["body"]
        about = body["key"], body.get("reversal") or body["status"]
        self.reported[about] = self.reported.get(about, False) or webhook["delivered"]


async def read_book(url: str, transport: httpx.AsyncBaseTransport | None = None) -> Book:
    """The whole book of the sandbox at ``url``. Raises ``httpx.HTTPError`` if it does not answer.

    The webhooks are read first: payments has received those that were delivered by then.
    """
    book = Book()
    async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE, transport=transport) as client:
        async for webhook in _pages(client, "/webhooks"):
            book.report(webhook)
        async for entry in _pages(client, "/book"):
            book.enter(entry)
    return book


async def _pages(client: httpx.AsyncClient, path: str) -> AsyncIterator[Entry]:
    after = 0
    while True:
        answer = await client.get(path, params={"after": after, "limit": _PAGE})
        page: list[Entry] = answer.raise_for_status().json()
        for line in page:
            yield line
        if not page:
            return
        after = page[-1]["seq"]


@dataclass
class Comparison:
    """Compares orders with the book, one by one; ``end`` finds entries of the book without an order."""

    book: Book
    organisations: AbstractSet[str]
    """Those that Carnet knows: what the sandbox did for others is not checked."""
    report: Report
    _known: set[tuple[str, str]] = field(default_factory=set)

    def check(self, order: Document, reversals: Sequence[Document]) -> None:
        """One order, and the reversals that payments keeps of what it brought."""
        self.report.count("orders compared with the sandbox's book")
        key = order["kind"], order["_id"]
        self._known.add(key)
        entry = self.book.entries.get(key)
        where = f"payments.orders {order['_id']}"
        if entry is None:
            if order["status"] != "asked" and order["code"] != _NEVER_TAKEN:
                expected = f"a {order['kind']} that is {order['status']}"
                self.report.find("PAY-6", where, "the sandbox's book", expected=expected, found=None)
            return
        names = ("amount", "currency") if order["kind"] == "charge" else ("amount", "currency", "charge")
        ours = {name: order[name] for name in names} | {"merchant": order["organisation"]}
        self.report.same("PAY-6", where, "what was ordered, in the sandbox's book", expected=ours,
                         found={name: entry[name] for name in ours})  # fmt: skip
        self._check_outcome(order, entry, where)
        if order["kind"] == "charge":
            # What the bank took back of a charge that is not known to have succeeded waits in its order.
            kept = reversals if order["status"] == "succeeded" else order["taken_back"]
            self._check_reversals(order["_id"], kept)

    def _check_outcome(self, order: Document, entry: Entry, where: str) -> None:
        if order["status"] == "asked":
            return  # the next look at the order gets it, and the verification waits for that
        self.report.same("PAY-6", where, "the reference, in the sandbox's book", expected=entry["reference"],
                         found=order["reference"])  # fmt: skip
        ours, theirs = order["status"], entry["status"]
        # The sandbox may know more: a debit that has ended, money that came after all. It may report the first
        # days later, or only when asked; it begins to report the second at once.
        ended, came = ours == "pending" and theirs != "pending", (ours, theirs) == ("failed", "succeeded")
        if ours != theirs and not ((ended or came) and self._is_to_come((order["_id"], theirs), at_once=came)):
            self.report.find("PAY-6", where, "the status, in the sandbox's book", expected=theirs, found=ours)

    def _check_reversals(self, charge: str, reversals: Sequence[Document]) -> None:
        """Each time the bank took money back is kept; staff may have recorded others by hand (PAY-13)."""
        kept = Counter(_by_report(reversals).values())
        for entry in self.book.reversals.get(charge, ()):
            self.report.count("reversals compared with the sandbox's book")
            if kept[entry["amount"]]:
                kept[entry["amount"]] -= 1
            elif not self._is_to_come((charge, entry["reference"]), at_once=True):
                where = f"payments.reversals of payment {charge}"
                self.report.find("PAY-13", where, f"the reversal {entry['reference']} of the sandbox's book",
                                 expected=entry["amount"], found=None)  # fmt: skip

    def _is_to_come(self, about: tuple[str, str], *, at_once: bool) -> bool:
        """Whether payments can't have received it yet: no webhook about it was delivered.

        ``at_once`` says that there must be one by now.
        """
        delivered = self.book.reported.get(about)
        if delivered is None and not at_once:
            self.report.unreported += 1
        elif delivered is False:
            self.report.on_their_way += 1
        else:
            return False
        return True

    def end(self) -> None:
        """Entries of the book for Carnet's organisations that have no order."""
        for kind, key in self.book.doubled:
            self.report.find("PAY-6", f"the sandbox's book {key}", f"the {kind}", expected="once", found="twice")
        foreign = 0
        for order, entry in self.book.entries.items():
            if entry["merchant"] not in self.organisations:
                foreign += 1
            elif order not in self._known:
                found = f"{entry['amount']} {entry['currency']}, {entry['status']}"
                self.report.find("PAY-6", f"the sandbox's book {entry['key']}", f"a {entry['kind']} that was ordered "
                                 "by nobody", expected=None, found=found)  # fmt: skip
        if foreign:
            self.report.notes.append(f"The sandbox did {foreign} things for organisations that Carnet does not know.")


def _by_report(reversals: Sequence[Document]) -> Mapping[str, int]:
    """The amount of each report of the provider, by its id: what it confirmed of staff's reversals, and what was new.

    A reversal that staff recorded and that no report has confirmed counts with its own amount: older releases kept
    no confirmations.
    """
    amounts: Counter[str] = Counter()
    for reversal in reversals:
        confirmed = reversal.get("confirmed", ())
        if not confirmed:
            amounts[reversal.get("_id") or reversal["id"]] += reversal["amount"]
        for part in confirmed:
            amounts[part["id"]] += part["amount"]
    return amounts
