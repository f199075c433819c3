"""Invoices agree with their contracts, their journal, one another and their series.

INV-2: the numbers of a series and year are 1 to n, and their days never go back. INV-3: what credit notes took of an
invoice are lines of it, each once, and their amounts are its own. INV-4: the lines of live invoices are marked, and
marked lines are on a live invoice or asked for. MON-4: a document adds up, per rate and whole. PAY-14: the schedule
knows what live invoices bear.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report

Data = Mapping[str, Any]


class Numbers:
    """The numbers of all series, as they come."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._given: dict[tuple[str, str, int], dict[int, list[str]]] = {}

    def add(self, invoice: Document) -> None:
        """Take the number and the day of an invoice or a credit note."""
        series = (invoice["organisation"], invoice["prefix"], invoice["year"])
        self._given.setdefault(series, {}).setdefault(invoice["count"], []).append(invoice["issued_on"])

    def end(self, kept: Iterable[Document]) -> None:
        """Compare them with the series that are kept."""
        last = {(each["organisation"], each["prefix"], each["year"]): each for each in kept}
        for series in self._given.keys() | last.keys():
            given, where = self._given.get(series, {}), f"payments.invoice_series {'|'.join(map(str, series))}"
            self._report.count("series of invoices")
            expected = last[series]["last"] if series in last else 0
            self._report.same("INV-2", where, "how many numbers were given", expected=expected, found=len(given))
            missing = sorted(set(range(1, expected + 1)) - given.keys())
            self._report.same("INV-2", where, "numbers that are missing", expected=[], found=missing[:10])
            twice = sorted(count for count, days in given.items() if len(days) > 1)
            self._report.same("INV-2", where, "numbers given twice", expected=[], found=twice[:10])
            days = [days[0] for _, days in sorted(given.items())]
            self._report.same("INV-2", where, "the days, in the order of numbers", expected=sorted(days), found=days)


def check_invoices(
    contract: Document | None, schedule: Document | None, invoices: Sequence[Document], rows: Sequence[Document],
    report: Report,
) -> None:  # fmt: skip
    """The invoices of one contract, with the marks that contracts keeps and the journal of its schedule."""
    by_id = {invoice["_id"]: invoice for invoice in invoices}
    issued = {row["data"]["invoice"] for row in rows if name_of(row) == "InvoiceIssued"}
    credited = {row["data"]["credit_note"] for row in rows if name_of(row) == "InvoiceCancelled"}
    found = {each["_id"] for each in invoices if each["kind"] != "credit_note"}
    where = f"payments.invoices of {(schedule or {}).get('_id') or (contract or {}).get('_id')}"
    report.same("INV-2", where, "the invoices of the journal", expected=sorted(issued), found=sorted(found))
    report.same("INV-3", where, "its credit notes", expected=sorted(credited), found=sorted(by_id.keys() - found))
    live: dict[str, str] = {}
    deposits = list[tuple[str, str, int]]()
    bears = 0
    for invoice in invoices:
        _check_document(invoice, report)
        if invoice["kind"] == "credit_note":
            continue
        lines = {line["id"]: line["gross"] for line in invoice["document"]["lines"]}
        notes = [by_id[note] for note in invoice["credit_notes"] if note in by_id]
        taken = [line["id"] for note in notes for line in note["document"]["lines"]]
        report.same("INV-3", where, f"the lines that credit notes took of {invoice['number']}",
                    expected=sorted(taken), found=sorted(invoice["credited"]))  # fmt: skip
        amount = sum(lines.get(line, 0) for line in taken)
        report.same("INV-3", where, f"what credit notes took of {invoice['number']}",
                    expected=amount, found=sum(note["total"] for note in notes))  # fmt: skip
        _check_deducted(invoice, by_id, report)
        if invoice.get("deducted_by"):
            continue  # the invoice that deducts it bears the whole purchase
        left = {line: gross for line, gross in lines.items() if line not in invoice["credited"]}
        bears += sum(left.values())
        if invoice["kind"] == "invoice":
            live |= dict.fromkeys(left, invoice["number"])
        else:
            deposits += [(line, invoice["number"], gross) for line, gross in left.items()]
    if schedule is not None:
        kept = (schedule.get("invoicing") or {}).get("invoiced", 0)
        report.same("PAY-14", where, "what live invoices bear", expected=bears, found=kept)
    if contract is not None:
        marks = {
            line["purchase"]["line"]: line["invoice"]["number"] for line in contract["lines"] if line.get("invoice")
        }
        report.same("INV-4", where, "the marked lines and their invoices", expected=live, found=marks)
        advances = [
            (line["purchase"]["line"], each["number"], each["amount"])
            for line in contract["lines"]
            if not line.get("invoice")
            for each in line.get("deposits") or ()
        ]
        report.same("INV-4", where, "the lines and their deposit invoices",
                    expected=sorted(deposits), found=sorted(advances))  # fmt: skip


def _check_deducted(invoice: Document, by_id: Mapping[str, Document], report: Report) -> None:
    """An invoice deducts deposit invoices of the same contract, each of which names it and has no credit note."""
    where = f"payments.invoices {invoice['_id']}"
    deposits = [by_id[each] for each in invoice.get("deposits") or () if each in by_id]
    named = [each["number"] for each in invoice["document"]["preceding"]]
    report.same("INV-3", where, "the deposits that it deducts",
                expected=named, found=[each["number"] for each in deposits])  # fmt: skip
    by = [each["deducted_by"] for each in deposits if each["kind"] == "deposit_invoice" and not each["credited"]]
    report.same("INV-3", where, "what deducts them", expected=[invoice["_id"]] * len(named), found=by)
    final = by_id.get(invoice.get("deducted_by") or "")
    known = final is not None and invoice["_id"] in final["deposits"]
    report.same("INV-3", where, "whether it is deducted", expected=bool(invoice.get("deducted_by")), found=known)


def _check_document(invoice: Document, report: Report) -> None:
    document, where = invoice["document"], f"payments.invoices {invoice['_id']}"
    report.count("invoices and credit notes")
    lines = document["lines"]
    gross, net = sum(line["gross"] for line in lines), sum(line["net"] for line in lines)
    report.same("MON-4", where, "the total", expected=gross, found=invoice["total"])
    report.same("MON-4", where, "the total of the document", expected=gross, found=document["gross"])
    report.same("MON-4", where, "the net amount", expected=net, found=document["net"])
    report.same("MON-4", where, "the VAT", expected=gross - net, found=document["tax"])
    by_rate = sum(each["tax"] for each in document["vat"])
    report.same("MON-4", where, "the VAT of all rates", expected=gross - net, found=by_rate)
    number = f"{invoice['prefix']}-{invoice['year']}-{invoice['count']:06}"
    report.same("INV-2", where, "the number", expected=number, found=invoice["number"])
    report.same("INV-1", where, "the number of the document", expected=number, found=document["numbered"]["number"])


def check_paper(invoice: Document, rows: Sequence[Document], paper: Document | None, report: Report) -> None:
    """An invoice whose PDF is said to be made has one, and one that is kept was said to be (INV-5)."""
    where = f"payments.invoices {invoice['_id']}"
    announced = any(name_of(row) == "InvoiceReady" for row in rows)
    report.same("INV-5", where, "whether its PDF is kept", expected=announced, found=paper is not None)
    report.same("INV-5", where, "whether it is made", expected=announced, found=invoice["printed_at"] is not None)
