"""Every amount of a schedule is the sum of the moves that made it (PAY-17).

Each event that moves a schedule carries it whole, so its share of an amount is the difference to the event before. All
shares of one move are what it moved the total by, less what it moved ``paid`` and ``processing`` by.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.report import Report

Data = Mapping[str, Any]


def check_explained(rows: Sequence[Document], document: Document, report: Report) -> None:
    """Each amount of the kept schedule is the sum of the shares that its journal gives it."""
    where = f"payments.schedules {document['_id']}"
    sums: dict[str, int] = defaultdict(int)
    last: dict[str, int] = {}
    covered = 0
    for row in rows:
        if "balance" not in row["data"]:
            continue
        now = _amounts(row["data"]["balance"], row["data"]["instalments"])
        shares = {place: now.get(place, 0) - last.get(place, 0) for place in now.keys() | last.keys()}
        for place, share in shares.items():
            sums[place] += share
        balance = row["data"]["balance"]
        to_cover = balance["total"] - balance["paid"] - balance["processing"]
        moved = sum(-share if place == "refund line" else share for place, share in shares.items())
        what = f"the shares of the move at {row['sequence']}"
        report.same("PAY-17", where, what, expected=to_cover - covered, found=moved)
        last, covered = now, to_cover
    kept = _amounts(document, document["instalments"])
    explained = {place: amount for place, amount in sums.items() if amount}
    report.count("amounts explained", len(kept))
    report.same("PAY-17", where, "each amount, as the sum of its moves", expected=explained, found=kept)


def _amounts(amounts: Data, instalments: Sequence[Data]) -> dict[str, int]:
    """What is above zero, by the id of the instalment or the name of what is none."""
    found = {each["id"]: each["amount"] for each in instalments}
    found |= {"unscheduled": amounts["unscheduled"], "refund line": amounts["refund_due"]}
    return {place: amount for place, amount in found.items() if amount}
