"""What left a schedule again: settlements of its refund line, and reversals, as its journal tells (PAY-4, PAY-13)."""

from collections import Counter
from collections.abc import Sequence

from carnet.mongo import Document
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules.ledger import Ledger, RetoldSettlement


def check_settlements(ledger: Ledger, settlements: Sequence[Document], report: Report) -> None:
    """Each settlement is as ``RefundLineSettled`` told it, with what of it failed (PAY-4)."""
    report.count("settlements", len(settlements))
    kept = {each["_id"]: each for each in settlements}
    for id_ in sorted(kept.keys() | ledger.settlements.keys()):
        where, told, found = f"payments.settlements {id_}", ledger.settlements.get(id_), kept.get(id_)
        report.same("PAY-4", where, "amount, how it was settled, and its credit",
                    expected=(told.amount, told.how, told.credit) if told else None,
                    found=(found["amount"], found["how"], found["credit"]) if found else None)  # fmt: skip
        if told and found:
            report.same("PAY-19", where, "whether it was voided", expected=told.voided,
                        found=bool(found.get("voided")))  # fmt: skip
            _check_parts(told, found, where, report)


def _check_parts(told: RetoldSettlement, settlement: Document, where: str, report: Report) -> None:
    parts = {part["payment"]: part["amount"] for part in settlement["parts"]}
    report.same("PAY-4", where, "what goes back of each payment", expected=told.payments, found=parts)
    failed = {part["payment"]: part["amount"] for part in settlement["parts"] if part["failed"]}
    report.same("PAY-4", where, "what the provider could not refund", expected=told.failed, found=failed)


def check_reversals(contract: str, ledger: Ledger, reversals: Sequence[Document], report: Report) -> None:
    """Each reversal was told once, and no other (PAY-13)."""
    report.count("reversals", len(reversals))
    kept = Counter((each["payment"], each["amount"], each["beyond"], each["reason"]) for each in reversals)
    told = Counter(ledger.reversals)
    for reversal in sorted(kept.keys() | told.keys()):
        where = f"payments.reversals of contract {contract}"
        what = f"a reversal of {reversal[0]}: amount, beyond it, why: {reversal[1:]}"
        report.same("PAY-13", where, what, expected=told[reversal], found=kept[reversal])
    confirmed = {each["_id"]: sum(said["amount"] for said in each.get("confirmed", ())) for each in reversals}
    confirmed = {id_: amount for id_, amount in confirmed.items() if amount}
    report.same("PAY-13", f"payments.reversals of contract {contract}", "what the provider confirmed of each",
                expected=ledger.confirmed, found=confirmed)  # fmt: skip
