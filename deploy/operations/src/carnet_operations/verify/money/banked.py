"""Bank deposits agree with their takings, and takings with what they came from (PAY-7).

Each taking is in one bank deposit at most that was not undone, and each deposit is the sum of its takings, as it was
published. A payment that was recorded as taken has the same amount, method and end in both, and so has what was given
back in cash, which is a taking below zero.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report


def check_bank_deposit(
    deposit: Document | None, inside: Sequence[Document], rows: Sequence[Document], report: Report
) -> None:
    """A bank deposit has the takings that it published, each once, and no other is in it; one that was undone none."""
    if deposit is None:
        for taking in inside:
            where = f"payments.takings {taking['_id']}"
            report.find("PAY-7", where, "its bank deposit", expected="one", found=taking["bank_deposit"])
        return
    report.count("bank deposits")
    where = f"payments.bank_deposits {deposit['_id']}"
    undone = any(name_of(row) == "BankDepositUndone" for row in rows)
    report.same("PAY-7", where, "whether it was undone", expected=undone, found=deposit["undone"] is not None)
    named = sorted(deposit["takings"])
    expected = [] if undone else named
    report.same("PAY-7", where, "what is in it", expected=expected, found=sorted(each["_id"] for each in inside))
    report.same("PAY-7", where, "what is in it, each once", expected=len(set(named)), found=len(named))
    if not undone:
        report.same(
            "PAY-7", where, "the sum of what is in it", expected=deposit["amount"],
            found=sum(_inside(each) for each in inside),
        )  # fmt: skip
        others = sorted({each["method"] for each in inside} - {deposit["method"]})
        report.same("PAY-7", where, "other methods in it", expected=[], found=others)
    published = [_facts(row["data"]) for row in rows if name_of(row) == "BankDepositMade"]
    report.same("PAY-7", where, "what was published of it", expected=published, found=[_facts(deposit)])


def check_takings(
    payments: Sequence[Document], settlements: Sequence[Document], takings: Sequence[Document], report: Report
) -> None:
    """Each taking of a contract is a payment of it, or what was given back in cash, and says the same.

    What was deposited was no wrong entry.
    """
    report.count("takings", len(takings))
    kept = {each["_id"]: _taken(each) for each in payments}
    kept |= {each["_id"]: _given_back(each) for each in settlements if each["how"] == "on_site"}
    for taking in takings:
        where = f"payments.takings {taking['_id']}"
        expected = kept.get(taking["_id"])
        found = {name: taking[name] for name in ("method", "amount", "account", "received_on", "returned", "voided")}
        report.same("PAY-7", where, "the payment that it is", expected=expected, found=found)
        if taking["voided"] and taking["bank_deposit"] is not None:
            report.find("PAY-19", where, "a wrong entry in a bank deposit", expected=None,
                        found=taking["bank_deposit"])  # fmt: skip


def _inside(taking: Document) -> int:
    """How much of it is in its bank deposit; all of it, where an older release has put it there."""
    deposited = taking.get("deposited")
    return int(taking["amount"] if deposited is None else deposited)


def _given_back(settlement: Document) -> dict[str, Any]:
    return {
        "method": settlement.get("method") or "cash",
        "amount": -settlement["amount"],
        "account": settlement["account"],
        "received_on": settlement["settled_on"],
        "returned": 0,
        "voided": bool(settlement.get("voided")),
    }


def _facts(data: Mapping[str, Any]) -> dict[str, Any]:
    names = ("method", "deposited_on", "amount", "currency")
    return {**{name: data[name] for name in names}, "takings": list(data["takings"])}


def _taken(payment: Document) -> dict[str, Any]:
    return {
        **{name: payment[name] for name in ("method", "amount", "account", "received_on")},
        "returned": payment.get("reversed", 0) + payment.get("beyond", 0),
        "voided": bool(payment.get("voided")),
    }
