"""Payments are matched to invoices, and neither beyond what it is (INV-6).

What was matched by hand is what the journal says, between a payment and an invoice of the contract. Worked out from the
kept documents, a payment pays no more than it brought less what went back, an invoice takes no more than credit notes
have left of it, and all that is paid is matched as long as an invoice is not.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from carnet.mongo import Document
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report
from payments.invoices.store import INVOICES
from payments.matching.domain import match_all
from payments.receipts.store import PAYMENTS
from payments.schedules.store import SCHEDULES


def check_matched(
    schedule: Document, payments: Sequence[Document], invoices: Sequence[Document], rows: Sequence[Document],
    report: Report,
) -> None:  # fmt: skip
    """The invoices of one contract, its payments, and the journal of its schedule."""
    where = f"payments.invoices of {schedule['_id']}"
    kept = _check_by_hand(schedule, rows, report)
    known = {each["_id"] for each in payments}, {each["_id"] for each in invoices if each["kind"] != "credit_note"}
    foreign = [id_ for id_, (payment, invoice, _) in kept.items() if payment not in known[0] or invoice not in known[1]]
    report.same("INV-6", where, "matches of what the contract does not have", expected=[], found=foreign)
    if not invoices:
        return
    read = [PAYMENTS.read(each) for each in payments]
    matching = match_all(SCHEDULES.read(schedule), read, [INVOICES.read(each) for each in invoices])
    report.count("invoices matched", len(matching.states))
    by_payment, by_invoice = defaultdict[str, int](int), defaultdict[str, int](int)
    for each in matching.matched:
        by_invoice[each.invoice] += each.amount
        if each.payment is not None:
            by_payment[each.payment] += each.amount
    brought = {
        each["_id"]: 0 if each.get("voided") else each["amount"] - each["refunded"] - each["reversed"]
        for each in payments
    }
    left = {each["_id"]: _left(each) for each in invoices if each["kind"] != "credit_note"}
    beyond = {id_: amount for id_, amount in by_payment.items() if amount > brought.get(id_, 0)}
    report.same("INV-6", where, "payments matched beyond what they brought", expected={}, found=beyond)
    above = {id_: amount for id_, amount in by_invoice.items() if amount > left.get(id_, 0)}
    report.same("INV-6", where, "invoices matched beyond what they are", expected={}, found=above)
    expected = min(schedule["paid"], sum(left.values()))
    report.same("INV-6", where, "what is matched in all", expected=expected, found=sum(by_invoice.values()))


def _check_by_hand(schedule: Document, rows: Sequence[Document], report: Report) -> Mapping[str, tuple[str, str, int]]:
    """What was matched by hand, by the ids of the matches: the payment, the invoice, the amount."""
    published = dict[str, tuple[str, str, int]]()
    for row in rows:
        data = row["data"]
        if name_of(row) == "PaymentMatched":
            published[data["match"]] = (data["payment"], data["invoice"], data["amount"])
        elif name_of(row) == "PaymentUnmatched":
            published.pop(data["match"], None)
    matches = (schedule.get("invoicing") or {}).get("matches") or ()
    kept = {each["id"]: (each["payment"], each["invoice"], each["amount"]) for each in matches}
    where = f"payments.schedules {schedule['_id']}"
    report.same("INV-6", where, "what was matched by hand", expected=published, found=kept)
    return kept


def _left(invoice: Document) -> int:
    if invoice.get("deducted_by"):
        return 0
    taken = set(invoice["credited"])
    return sum(line["gross"] for line in invoice["document"]["lines"] if line["id"] not in taken)
