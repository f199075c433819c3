"""Mails: one per event due, none twice, none else, each with the amounts that its event told (NOT-1, NOT-3, EVT-1)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from carnet.mongo import Document
from carnet_local.verify.contracts import Retold
from carnet_local.verify.journals import name_of
from carnet_local.verify.report import Report
from carnet_local.verify.schedules import RetoldSchedule

_ENDS = {"EmailSent": "sent", "EmailFailed": "failed"}


@dataclass(frozen=True, slots=True)
class Due:
    """A mail that is due: its kind, the event or change that it tells of, whose account, and what it must say."""

    kind: str
    cause: str
    account: str
    says: dict[str, Any] = field(default_factory=dict)


def dues(
    contract: Retold, schedule: RetoldSchedule, payments_rows: Sequence[Document], grants: Sequence[Document]
) -> Iterator[Due]:
    """The mails that the events of one contract make due (NOT-1). ``grants`` are its ``CreditGranted`` rows."""
    account = (contract.opened or {}).get("account", "")
    for change in contract.changes:
        answer = schedule.answering.get(change.id)
        if answer is not None and (change.opening or change.touches_products):
            kind = "contract_opened" if change.opening else "contract_changed"
            says = {name: answer[name] for name in ("balance", "instalments")}
            yield Due(kind, change.id, account, {"total": change.total, **says})
    for row in payments_rows:
        data = row["data"]
        match name_of(row):
            case "PaymentCollected":
                says = {name: data[name] for name in ("amount", "balance")}
                yield Due("payment_received", row["_id"], account, says)
            case "ContractPaid":
                yield Due("contract_paid", row["_id"], account, {"total": data["total"]})
            case "RefundLineCreated" if data["mode"] == "online":
                yield Due("refund_awaiting", row["_id"], account, {"amount": data["amount"]})
    for row in grants:
        yield Due("credit_granted", row["_id"], row["data"]["account"], {"amount": row["data"]["amount"]})


def check_mails(contract: str, due: Sequence[Due], mails: Sequence[Document], report: Report) -> None:
    """Exactly one mail for each that is due, and no other about this contract."""
    report.count("mails due", len(due))
    found = Counter((mail["kind"], mail["cause"]) for mail in mails)
    by_cause = {(mail["kind"], mail["cause"]): mail for mail in mails}
    for each in due:
        key = (each.kind, each.cause)
        where = f"notifications.mails of contract {contract}"
        what = f"the mail {each.kind} about {each.cause}"
        if report.same("NOT-3", where, what, expected=1, found=found.pop(key, 0)):
            _check_mail(each, by_cause[key], report)
    for (kind, cause), count in found.items():
        where = f"notifications.mails of contract {contract}"
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
