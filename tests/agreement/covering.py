"""PAY-2 and CRE-6, reckoned beside the code from what was told before: what a change of the total must lead to."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.agreement.oracle import shared

Data = Mapping[str, Any]


def check_covered(data: Data, before: Data, given_back: int) -> None:
    """A change of the contract moved its schedule as the rules say; ``before`` is what was told before it."""
    was, now = before["balance"], data["balance"]
    assert now["processing"] == was["processing"], ("PAY-1: processing", before, data)
    assert now["paid"] == was["paid"] - given_back, ("PAY-1, CRE-6: paid", before, data, given_back)
    left = now["total"] - was["paid"] - was["processing"]
    if left <= 0:
        assert now["planned"] == now["unscheduled"] == 0, ("PAY-2: nothing is left to pay", before, data)
        assert now["refund_due"] == -left - given_back, ("PAY-2, CRE-6: the refund line", before, data, given_back)
        return
    assert given_back == now["refund_due"] == 0, ("CRE-6: given back while something is due", before, data)
    if not before["instalments"]:
        on_no_date = data["mode"] == "on_site" or was["unscheduled"]
        assert now["unscheduled"] == (left if on_no_date else 0), ("PAY-2: nothing was planned", before, data)
        return
    _check_planned(data, before, left - was["planned"] - was["unscheduled"])


def _check_planned(data: Data, before: Data, gap: int) -> None:
    """Something was planned: ``gap`` is the rise, or the fall where it is below zero."""
    was, now = before["balance"], data["balance"]
    free = [each for each in before["instalments"] if not (each["fixed"] or each["held"])]
    amounts = {each["id"]: each["amount"] for each in data["instalments"]}
    fall = max(-gap - was["unscheduled"], 0)
    if gap < 0 and fall > sum(each["amount"] for each in free):
        return  # the latest of the firm ones give way: the worked cases have that
    moved = gap if gap > 0 else -fall
    if gap <= 0 or free:
        unscheduled = was["unscheduled"] if gap > 0 else max(was["unscheduled"] + gap, 0)
        assert now["unscheduled"] == unscheduled, ("PAY-2: unscheduled", before, data)
        for each, share in zip(free, _shares(free, moved), strict=True):
            assert amounts.get(each["id"], 0) == share, ("PAY-2, MON-2: the shares", before, data)
    elif data["mode"] == "on_site":
        assert now["unscheduled"] == was["unscheduled"] + gap, ("PAY-2: all are firm, on site", before, data)
    for each in before["instalments"]:
        if each["fixed"] or each["held"]:
            assert amounts.get(each["id"]) == each["amount"], ("PAY-5, PAY-7: a firm one moved", before, data)


def _shares(free: Sequence[Data], moved: int) -> list[int]:
    weights = [each["amount"] for each in free]
    return shared(sum(weights) + moved, weights)
