"""What the statement of its account says of a contract comes to what its schedule shows (PAY-16)."""

from collections.abc import Iterator, Sequence

from carnet.mongo import Document
from carnet_operations.verify.report import Report
from payments.schedules.domain.explaining import Entry
from payments.schedules.store import entry_of
from payments.statements.domain import movements


def check_stated(rows: Sequence[Document], document: Document, report: Report) -> None:
    """The entries of a contract, as the statement has them, add up to the kept schedule: what is charged, what is owed.

    Each is an amount that an event says of itself; what no event says is a finding.
    """
    where = f"payments.schedules {document['_id']}"
    stated = list(movements(document["_id"], _entries(rows)))
    report.count("entries of statements", len(stated))
    charged = sum(each.amount for each in stated if each.kind == "charge")
    report.same("PAY-16", where, "what the statement charges", expected=document["total"], found=charged)
    owed = document["total"] - document["paid"]
    report.same(
        "PAY-16", where, "the balance of the statement", expected=owed, found=sum(each.amount for each in stated)
    )
    unknown = [(each.entry.sequence, each.amount) for each in stated if each.kind == "other"]
    report.same("PAY-16", where, "what the statement cannot name", expected=[], found=unknown)


def _entries(rows: Sequence[Document]) -> Iterator[Entry]:
    for row in rows:
        data = row["data"]
        if "balance" in data:
            data = {**data, "instalments": (), "instalments_before": None}
        entry = entry_of({**row, "data": data})  # type: ignore[typeddict-item] # a document of the journal is a row
        if entry is not None:
            yield entry
