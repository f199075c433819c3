"""The statement of an account says of each contract what its schedule shows (PAY-16)."""

from collections.abc import Sequence

from carnet.mongo import Document
from carnet_operations.verify.report import Report
from payments.statements.domain import movements
from payments.statements.store import entries_of_statement


def check_stated(rows: Sequence[Document], document: Document, report: Report) -> None:
    """The entries of a contract, as the statement has them, add up to the kept schedule: what is charged, what is owed.

    Each is an amount that an event says of itself; what no event says is a finding.
    """
    where = f"payments.schedules {document['_id']}"
    stated = list(movements(document["_id"], entries_of_statement(rows)))
    report.count("entries of statements", len(stated))
    charged = sum(each.amount for each in stated if each.kind == "charge")
    report.same("PAY-16", where, "what the statement charges", expected=document["total"], found=charged)
    owed = document["total"] - document["paid"]
    report.same(
        "PAY-16", where, "the balance of the statement", expected=owed, found=sum(each.amount for each in stated)
    )
    unknown = [(each.entry.sequence, each.amount) for each in stated if each.kind == "other"]
    report.same("PAY-16", where, "what the statement cannot name", expected=[], found=unknown)
