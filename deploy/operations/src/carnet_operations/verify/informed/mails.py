"""Clients and support were informed: one mail per event that makes one due, and no other.

NOT-1: each kind of event has its mail, with the amounts of the event; moves by staff are gathered (PAY-5). NOT-2:
an organisation's own words are kept unless it restored the defaults. NOT-3: each mail exists once, and its status is
the one published last. EVT-1: a mail about a change shows the schedule that answered the change. The dues are derived
here from the journals of contracts, payments and credits, and compared with the mails of notifications.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.contracts.rebuilt import ReplayedContract
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules.replayed import ReplayedSchedule


@dataclass(frozen=True, slots=True)
class Mailed:
    """A mail that an event makes due: its kind, the fields of the event that it must show, and for which events."""

    kind: str
    says: Sequence[str]
    when: Callable[[Mapping[str, Any]], bool] = lambda _: True


def _online(data: Mapping[str, Any]) -> bool:
    # A refund on site is made on the spot: support is informed of those online only (PAY-3).
    return bool(data["mode"] == "online")


def _online_and_more(data: Mapping[str, Any]) -> bool:
    return _online(data) and bool(data["amount_after"] > data["amount_before"])


def _not_imported(data: Mapping[str, Any]) -> bool:
    # What another system has said already is in no mail (IMP-3).
    return not data.get("imported") and data.get("origin") != "imported"


def _for_ever(data: Mapping[str, Any]) -> bool:
    # Of a subscription that is paid as far as it is billed, the next period follows (CON-21).
    return _not_imported(data) and not data.get("charged")


def _now(data: Mapping[str, Any]) -> bool:
    # A gift whose buyer chose a later day is sent by another event, on that day (CRE-8).
    return data.get("send_on") is None


_SCHEDULE = ("balance", "instalments")

BY_PAYMENTS: Mapping[str, Sequence[Mailed]] = {
    "PaymentCollected": (Mailed("payment_received", ("amount", "method", "received_on", "balance")),),
    "PaymentFailed": (Mailed("payment_failed", ("amount", "due", "reason", "next_try", *_SCHEDULE)),),
    "PaymentMethodMissing": (Mailed("method_missing", ("amount", "due", *_SCHEDULE)),),
    "PaymentReversed": (
        Mailed("payment_reversed", ("amount", "reason", "effective_on", *_SCHEDULE)),
        Mailed("money_lost", ("amount", "beyond", "reason"), lambda data: bool(data.get("beyond"))),
    ),
    "PaymentVoided": (Mailed("payment_voided", ("amount", "method", "received_on", *_SCHEDULE)),),
    "SettlementVoided": (Mailed("settlement_voided", ("amount", "how", "settled_on", *_SCHEDULE)),),
    "ContractPaid": (Mailed("contract_paid", ("total",), _for_ever),),
    "RefundLineCreated": (Mailed("refund_awaiting", ("amount",), _online),),
    "RefundLineChanged": (Mailed("refund_grew", ("amount_before", "amount_after"), _online_and_more),),
    "RefundLineSettled": (Mailed("refund_settled", ("amount", "how", "left", "credit")),),
    "RefundFailed": (
        Mailed("refund_failed", ("amount", "payment", "reason")),
        Mailed("refund_not_made", ("amount", "reason", *_SCHEDULE)),
    ),
}
"""The mails that each event of payments makes due (NOT-1)."""

_ABOUT_A_CANCELLATION = ("name", "participant", "wished_on")

BY_CONTRACTS: Mapping[str, Sequence[Mailed]] = {
    "CancellationRequested": (
        Mailed("cancellation_received", _ABOUT_A_CANCELLATION),
        Mailed("cancellation_requested", _ABOUT_A_CANCELLATION),
    ),
    "CancellationDeclined": (Mailed("cancellation_declined", _ABOUT_A_CANCELLATION),),
    "SubscriptionRenewalAnnounced": (
        Mailed("subscription_renewal", ("name", "participant", "term_ends_on", "renews_on", "last_day", "price")),
    ),
    "PlansWithheld": (Mailed("access_withheld", ("contract", "due_since")),),
    "PlansGivenBack": (Mailed("access_given_back", ("contract",)),),
}
"""The mails that each event of contracts makes due by itself (CON-17, CON-20, CON-21)."""

BY_CREDITS: Mapping[str, Sequence[Mailed]] = {
    "CreditGranted": (Mailed("credit_granted", ("amount", "contract")),),
    "CreditIssued": (Mailed("credit_granted", ("amount", "contract", "origin"), _not_imported),),
    **dict.fromkeys(
        ("GiftCardIssued", "GiftCardSendingRequested"),
        (Mailed("gift_card_given", ("credit", "name", "code", "recipient", "amount", "contract"), _now),),
    ),
    "CreditUsed": (Mailed("credit_used", ("amount", "left", "contract")),),
    "CreditRestored": (Mailed("credit_restored", ("amount", "left", "contract")),),
    "CreditTakenBack": (Mailed("credit_taken_back", ("amount", "left", "due", "contract", "payment")),),
    "DepositReversed": (Mailed("deposit_reversed", ("amount", "taken", "left", "due", "reason")),),
}
"""The mails that each event of credits makes due (NOT-1)."""

BY_VOUCHERS: Mapping[str, Sequence[Mailed]] = {
    name: (Mailed("voucher_given", ("voucher", "name", "code", "recipient", "contract"), _now),)
    for name in ("VoucherIssued", "VoucherSendingRequested")
}
"""The mails that each event of a voucher makes due (CRE-9)."""

BY_PACKS: Mapping[str, Sequence[Mailed]] = {
    "PackReminded": (Mailed("pack_reminder", ("reminder", "pack", "name", "member", "why", "contract")),),
}
"""The mails that each reminder of a session pack makes due (CRE-10)."""

BY_INVOICES: Mapping[str, Sequence[Mailed]] = {
    "StatementSendingRequested": (Mailed("account_statement", ("statement", "since", "until", "closing")),),
    "InvoiceReady": (Mailed("invoice_ready", ("invoice", "number", "credit_note", "total", "issued_on")),),
}
"""The mails that each event of an invoice or of a statement makes due (INV-5, PAY-16)."""

BY_REMINDERS: Mapping[str, Sequence[Mailed]] = {
    "PaymentsReminded": (Mailed("payment_reminder", ("reminder", "by_hand", "debts")),),
    "RemindersEnded": (Mailed("reminders_ended", ("debts",)),),
}
"""The mails that each event of the reminders of an account makes due (PAY-10)."""

BY_MANDATES: Mapping[str, Sequence[Mailed]] = {
    "MandateInvitationRequested": (Mailed("mandate_invitation", ("invitation", "creditor", "notice_days")),),
    "DebitsAnnounced": (
        Mailed("debit_announced", ("mandate", "reference", "creditor", "remittance", "collect_on", "amount", "debits")),
    ),
    "DebitsCalledOff": (Mailed("debit_called_off", ("mandate", "reference", "amount", "debits")),),
}
"""The mails that each event of a mandate, or of an invitation to sign one, makes due (PAY-18)."""

MOVED = "payments_moved"
"""The mail about moves by staff: it gathers several events, so ``check_moves`` checks it."""

CREDIT_KINDS = (
    "credit_granted",
    "gift_card_given",
    "credit_used",
    "credit_restored",
    "credit_taken_back",
    "deposit_reversed",
)
"""The mails about a credit or a gift card, which may have no contract; the others have a kind of their own."""
VOUCHER_KINDS = ("voucher_given",)
PACK_KINDS = ("pack_reminder",)
INVOICE_KINDS = ("invoice_ready",)
STATEMENT_KINDS = ("account_statement",)
REMINDER_KINDS = ("payment_reminder", "reminders_ended")
MANDATE_KINDS = ("debit_announced", "debit_called_off")
INVITATION_KINDS = ("mandate_invitation",)
KINDS_OF_OTHERS = (
    *CREDIT_KINDS,
    *VOUCHER_KINDS,
    *PACK_KINDS,
    *INVOICE_KINDS,
    *STATEMENT_KINDS,
    *REMINDER_KINDS,
    *MANDATE_KINDS,
    *INVITATION_KINDS,
)
"""The mails that are due by events of other aggregates than contracts and schedules."""

_ENDS = {"EmailSent": "sent", "EmailFailed": "failed", "EmailDropped": "dropped"}


@dataclass(frozen=True, slots=True)
class Due:
    """A mail that is due: its kind, the event or change that it is about, the account, and the values it must show."""

    kind: str
    cause: str
    account: str
    says: dict[str, Any] = field(default_factory=dict)


def dues(
    contract: ReplayedContract, schedule: ReplayedSchedule, rows: Sequence[Document], payments_rows: Sequence[Document]
) -> Iterator[Due]:
    """The mails that the events of one contract make due; those about credits are due by ``credit_dues`` (NOT-1).

    ``rows`` is its journal, ``payments_rows`` that of its schedule.
    """
    opened = contract.opened or {}
    account = opened.get("account", "")
    for change in contract.changes:
        answer = schedule.answering.get(change.id)
        if change.opening and opened.get("imported"):
            continue
        if answer is not None and (change.opening or change.touches_products or change.own_mail):
            kind = change.own_mail or ("contract_opened" if change.opening else "contract_changed")
            says = {name: answer[name] for name in ("balance", "instalments")}
            yield Due(kind, change.id, account, {"total": change.total, **says})
    for row in rows:
        yield from _due_by(BY_CONTRACTS, row, account)
    for row in payments_rows:
        yield from _due_by(BY_PAYMENTS, row, account)


def credit_dues(rows: Sequence[Document]) -> Iterator[Due]:
    """The mails that the events of one credit make due (NOT-1)."""
    for row in rows:
        yield from _due_by(BY_CREDITS, row, row["data"].get("account", ""))


def voucher_dues(rows: Sequence[Document]) -> Iterator[Due]:
    """The mails that the events of one voucher make due (CRE-9)."""
    for row in rows:
        yield from _due_by(BY_VOUCHERS, row, row["data"].get("account", ""))


def pack_dues(rows: Sequence[Document]) -> Iterator[Due]:
    """The mails that the events of one reminder of a session pack make due (CRE-10)."""
    for row in rows:
        yield from _due_by(BY_PACKS, row, row["data"].get("account", ""))


def invoice_dues(rows: Sequence[Document]) -> Iterator[Due]:
    """The mails that the events of one invoice, credit note or statement make due (INV-5, PAY-16)."""
    for row in rows:
        yield from _due_by(BY_INVOICES, row, row["data"].get("account", ""))


def reminder_dues(rows: Sequence[Document]) -> Iterator[Due]:
    """The mails that the events of the reminders of an account make due (PAY-10)."""
    for row in rows:
        yield from _due_by(BY_REMINDERS, row, row["data"].get("account", ""))


def mandate_dues(rows: Sequence[Document]) -> Iterator[Due]:
    """The mails that the events of a mandate or an invitation make due (PAY-18)."""
    for row in rows:
        yield from _due_by(BY_MANDATES, row, row["data"].get("account", ""))


def _due_by(by: Mapping[str, Sequence[Mailed]], row: Document, account: str) -> Iterator[Due]:
    data = row["data"]
    for mailed in by.get(name_of(row), ()):
        if mailed.when(data):
            yield Due(mailed.kind, row["_id"], account, {name: data[name] for name in mailed.says})


def check_moves(about: str, payments_rows: Sequence[Document], mails: Sequence[Document], report: Report) -> None:
    """Mails about moves of upcoming payments by staff show the schedule as the last move left it (PAY-5).

    Each mail gathers the moves between two sequences; moves without a mail must have undone each other.
    """
    where = f"notifications.mails of {about}"
    moves = {row["sequence"]: row for row in payments_rows if _is_move(row)}
    mailed = set()
    for mail in mails:
        content = mail["content"]
        gathered = [sequence for sequence in moves if content["first"] <= sequence <= content["last"]]
        mailed |= set(gathered)
        last = moves.get(content["last"])
        if not report.same("NOT-1", where, f"the last move of {mail['_id']}", expected=True, found=bool(last)):
            continue
        for name in _SCHEDULE:
            expected = last["data"][name] if last else None
            report.same("PAY-5", where, f"the {name} of the move", expected=expected, found=content[name])
    unmailed = [moves[sequence] for sequence in sorted(moves) if sequence not in mailed]
    for row in _not_put_back(unmailed):
        report.find("NOT-1", where, f"a mail about the move {row['_id']} of staff", expected=1, found=0)


def _not_put_back(moves: Sequence[Document]) -> Iterator[Document]:
    """The moves that no later one of them undid: no mail is due for what was put back."""
    at = 0
    while at < len(moves):
        before = _shown(moves[at]["data"]["instalments_before"])
        back = next((n for n in range(at, len(moves)) if _shown(moves[n]["data"]["instalments"]) == before), None)
        if back is None:
            yield moves[at]
        at = at + 1 if back is None else back + 1


def _is_move(row: Document) -> bool:
    before = row["data"].get("instalments_before") if name_of(row) == "ScheduleAdjusted" else None
    return before is not None and _shown(before) != _shown(row["data"]["instalments"])


def _shown(instalments: Sequence[Mapping[str, Any]]) -> set[tuple[Any, ...]]:
    return {(each["id"], each["due"], each["amount"], each.get("method")) for each in instalments}


def check_mails(about: str, due: Sequence[Due], mails: Sequence[Document], report: Report) -> None:
    """Exactly one mail for each that is due, and no other (NOT-1, NOT-3). ``about`` names the contract or credit."""
    report.count("mails due", len(due))
    mails = [mail for mail in mails if mail["kind"] != MOVED]
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
    for name, value in due.says.items():
        rule = "EVT-1" if name in ("balance", "instalments") else "NOT-1"
        report.same(rule, where, f"the {name} that it shows", expected=value, found=mail["content"].get(name))


def check_sending(mail: Document, rows: Sequence[Document], report: Report) -> None:
    """Its status is the one that its journal published last: sent, failed, or still to go (NOT-3)."""
    where = f"notifications.mails {mail['_id']}"
    last = name_of(rows[-1]) if rows else None
    expected = _ENDS.get(last or "", "queued or sending")
    found = mail["status"]
    report.count(f"mails {found}")
    report.same("NOT-3", where, "the status", expected=expected,
                found="queued or sending" if found in ("queued", "sending") else found)  # fmt: skip


def check_template(template: Document, rows: Sequence[Document], report: Report) -> None:
    """The organisation's own words are kept unless its journal says last that the default is restored (NOT-2)."""
    report.count("templates")
    own = bool(rows) and name_of(rows[-1]) == "TemplateChanged"
    where = f"notifications.templates {template['_id']}"
    report.same("NOT-2", where, "own words", expected=own, found=template["words"] is not None)
