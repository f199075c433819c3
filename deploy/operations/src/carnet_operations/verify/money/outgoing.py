"""The money that left a schedule agrees with its journal.

PAY-4: each settlement of the refund line is kept as it was published, with the parts that a provider could not refund.
PAY-13: each reversal is kept once, with what the provider confirmed of it. PAY-19: so are the voided ones. The
documents of payments are compared with the ledger that the journal adds up to.
"""

from collections import Counter
from collections.abc import Sequence

from carnet.mongo import Document
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules.ledger import Ledger, ReplayedSettlement


def check_settlements(ledger: Ledger, settlements: Sequence[Document], report: Report) -> None:
    """Each settlement is as ``RefundLineSettled`` published it, with the parts that failed (PAY-4)."""
    report.count("settlements", len(settlements))
    kept = {each["_id"]: each for each in settlements}
    for id_ in sorted(kept.keys() | ledger.settlements.keys()):
        where, published, found = f"payments.settlements {id_}", ledger.settlements.get(id_), kept.get(id_)
        report.same("PAY-4", where, "amount, how it was settled, and its credit",
                    expected=(published.amount, published.how, published.credit) if published else None,
                    found=(found["amount"], found["how"], found["credit"]) if found else None)  # fmt: skip
        if published and found:
            report.same("PAY-19", where, "whether it was voided", expected=published.voided,
                        found=bool(found.get("voided")))  # fmt: skip
            _check_parts(published, found, where, report)


def _check_parts(published: ReplayedSettlement, settlement: Document, where: str, report: Report) -> None:
    parts = {part["payment"]: part["amount"] for part in settlement["parts"]}
    report.same("PAY-4", where, "what goes back of each payment", expected=published.payments, found=parts)
    failed = {part["payment"]: part["amount"] for part in settlement["parts"] if part["failed"]}
    report.same("PAY-4", where, "what the provider could not refund", expected=published.failed, found=failed)


def check_reversals(contract: str, ledger: Ledger, reversals: Sequence[Document], report: Report) -> None:
    """Each published reversal is kept once, and no other (PAY-13)."""
    report.count("reversals", len(reversals))
    kept = Counter((each["payment"], each["amount"], each["beyond"], each["reason"]) for each in reversals)
    published = Counter(ledger.reversals)
    for reversal in sorted(kept.keys() | published.keys()):
        where = f"payments.reversals of contract {contract}"
        what = f"a reversal of {reversal[0]}: amount, beyond it, why: {reversal[1:]}"
        report.same("PAY-13", where, what, expected=published[reversal], found=kept[reversal])
    confirmed = {each["_id"]: sum(part["amount"] for part in each.get("confirmed", ())) for each in reversals}
    confirmed = {id_: amount for id_, amount in confirmed.items() if amount}
    report.same("PAY-13", f"payments.reversals of contract {contract}", "what the provider confirmed of each",
                expected=ledger.confirmed, found=confirmed)  # fmt: skip
