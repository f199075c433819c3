"""The statement of an account says of each contract what its schedule shows, and of deposits what is due (PAY-16)."""

from collections.abc import Sequence

from carnet.mongo import Document
from carnet_operations.verify.credits.balances import taken_back
from carnet_operations.verify.report import Report
from payments.books.store import CREDIT_MOVES
from payments.statements.domain import DEPOSIT_MOVES, deposit_movements, movements
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
    unknown = [(each.sequence, each.amount) for each in stated if each.kind == "other"]
    report.same("PAY-16", where, "what the statement cannot name", expected=[], found=unknown)


def check_deposits(credit: str, rows: Sequence[Document], kept: Sequence[Document], report: Report) -> None:
    """What a deposit and what became of it move on the statement is what is due of it, by the journal of its credit.

    Of a deposit that an older release of payments did not keep, nothing is on the statement but what came later.
    """
    moves = [CREDIT_MOVES.read(each) for each in kept if each["kind"] in DEPOSIT_MOVES]
    if not any(each.kind == "deposit" for each in moves):
        return
    _, due = taken_back(rows)
    report.count("deposits of statements")
    where = f"payments.credit_moves {credit}"
    stated = sum(each.amount for each in deposit_movements(moves))
    report.same("PAY-16", where, "what the statement has as due of the deposit", expected=due, found=stated)
