"""Mails: one per event due, none twice, none else, each with the amounts that its event told (NOT-1, NOT-3, EVT-1)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.contracts import Retold
from carnet_operations.verify.journals import name_of
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules import RetoldSchedule

BY_PAYMENTS: Mapping[str, tuple[str, Sequence[str]]] = {
    "PaymentCollected": ("payment_received", ("amount", "method", "received_on", "balance")),
    "PaymentFailed": ("payment_failed", ("amount", "due", "reason", "next_try", "balance", "instalments")),
    "PaymentMethodMissing": ("method_missing", ("amount", "due", "balance", "instalments")),
    "PaymentReversed": ("payment_reversed", ("amount", "reason", "effective_on", "balance", "instalments")),
    "ContractPaid": ("contract_paid", ("total",)),
    "RefundLineCreated": ("refund_awaiting", ("amount",)),
    "RefundLineSettled": ("refund_settled", ("amount", "how", "left", "credit")),
    "RefundFailed": ("refund_failed", ("amount", "payment", "reason")),
}
"""Which mail each event of payments makes due, and what of the event it must say (NOT-1)."""

BY_CREDITS: Mapping[str, tuple[str, Sequence[str]]] = {
    "CreditGranted": ("credit_granted", ("amount", "contract")),
    "CreditIssued": ("credit_granted", ("amount", "contract", "origin")),
    "CreditUsed": ("credit_used", ("amount", "left", "contract")),
    "CreditRestored": ("credit_restored", ("amount", "left", "contract")),
}
"""Which mail each event of credits makes due, and what of the event it must say (NOT-1)."""

CREDIT_KINDS = ("credit_granted", "credit_used", "credit_restored")
"""The mails about a credit, which need not be of a contract; the others are about a contract each."""

_ENDS = {"EmailSent": "sent", "EmailFailed": "failed"}


@dataclass(frozen=True, slots=True)
class Due:
    """A mail that is due: its kind, the event or change that it tells of, whose account, and what it must say."""

    kind: str
    cause: str
    account: str
    says: dict[str, Any] = field(default_factory=dict)


def dues(contract: Retold, schedule: RetoldSchedule, payments_rows: Sequence[Document]) -> Iterator[Due]:
    """The mails that the events of one contract make due; those about credits are due by ``credit_dues`` (NOT-1)."""
    account = (contract.opened or {}).get("account", "")
    for change in contract.changes:
        answer = schedule.answering.get(change.id)
        if answer is not None and (change.opening or change.touches_products):
            kind = "contract_opened" if change.opening else "contract_changed"
            says = {name: answer[name] for name in ("balance", "instalments")}
            yield Due(kind, change.id, account, {"total": change.total, **says})
    for row in payments_rows:
        # A refund on site is made on the spot: support is told of those online alone (PAY-3).
        if name_of(row) != "RefundLineCreated" or row["data"]["mode"] == "online":
            yield from _due_by(BY_PAYMENTS, row, account)


def credit_dues(rows: Sequence[Document]) -> Iterator[Due]:
    """The mails that the events of one credit make due (NOT-1)."""
    for row in rows:
        yield from _due_by(BY_CREDITS, row, row["data"].get("account", ""))


def _due_by(told: Mapping[str, tuple[str, Sequence[str]]], row: Document, account: str) -> Iterator[Due]:
    if name_of(row) in told:
        kind, names = told[name_of(row)]
        yield Due(kind, row["_id"], account, {name: row["data"][name] for name in names})


def check_mails(about: str, due: Sequence[Due], mails: Sequence[Document], report: Report) -> None:
    """Exactly one mail for each that is due, and no other. ``about`` names the contract or the credit."""
    report.count("mails due", len(due))
    found = Counter((mail["kind"], mail["cause"]) for mail in mails)
    by_cause = {(mail["kind"], mail["cause"]): mail for mail in mails}
    where = f"notifications.mails of {about}"
    for each in due:
        key = (each.kind, each.cause)
        what = f"the mail {each.kind} about {each.cause}"
        if report.same("NOT-3", where, what, expected=1, found=found.pop(key, 0)):
            _check_mail(each, by_cause[key], report)
    for (kind, cause), count in found.items():
        report.find("NOT-1", where, f"the mail {kind} about {cause}, which is not due", expected=0, found=count)


def _check_mail(due: Due, mail: Document, report: Report) -> None:
    where = f"notifications.mails {mail['_id']}"
    report.same("NOT-1", where, "the account", expected=due.account, found=mail["account"])
    for name, told in due.says.items():
        rule = "EVT-1" if name in ("balance", "instalments") else "NOT-1"
        report.same(rule, where, f"the {name} that it tells", expected=told, found=mail["content"].get(name))


def check_sending(mail: Document, rows: Sequence[Document], report: Report) -> None:
    """Its status is what its journal told last: sent, failed, or still to go."""
    where = f"notifications.mails {mail['_id']}"
    last = name_of(rows[-1]) if rows else None
    expected = _ENDS.get(last or "", "queued or sending")
    found = mail["status"]
    report.count(f"mails {found}")
    report.same("NOT-3", where, "the status", expected=expected,
                found="queued or sending" if found in ("queued", "sending") else found)  # fmt: skip


def check_template(template: Document, rows: Sequence[Document], report: Report) -> None:
    """The organisation's own words are there unless its journal told last that the default is restored (NOT-2)."""
    report.count("templates")
    own = bool(rows) and name_of(rows[-1]) == "TemplateChanged"
    where = f"notifications.templates {template['_id']}"
    report.same("NOT-2", where, "own words", expected=own, found=template["words"] is not None)
