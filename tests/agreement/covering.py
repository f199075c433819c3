"""PAY-2 and CRE-6, reckoned beside the code from the events before: what a change of the total must lead to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.agreement.oracle import shared

Data = Mapping[str, Any]
Plan = Sequence[Data]
"""Dates with their amounts, as ``due`` and ``amount``."""


@dataclass(frozen=True)
class Before:
    """A schedule before a change of its contract: what its last event said, and its last plan where that is known."""

    event: Data
    last_plan: Plan | None
    beyond_cards: int = 0
    """What gift cards had paid of what sells gift cards after the change: it goes back to them first (CRE-8)."""


def check_covered(data: Data, start: Before, given_back: int) -> Plan | None:
    """A change of the contract moved its schedule as the rules say; the last plan that it must then have, if known."""
    before = start.event
    was, now = dict(before["balance"]), data["balance"]
    was["paid"] -= start.beyond_cards
    given_back -= start.beyond_cards
    assert given_back >= 0, ("CRE-8: a gift card buys a gift card", before, data, start)
    assert now["processing"] == was["processing"], ("PAY-1: processing", before, data)
    assert now["paid"] == was["paid"] - given_back, ("PAY-1, CRE-6: paid", before, data, given_back)
    left = now["total"] - was["paid"] - was["processing"]
    if left <= 0:
        assert now["planned"] == now["unscheduled"] == 0, ("PAY-2: nothing is left to pay", before, data)
        assert now["refund_due"] == -left - given_back, ("PAY-2, CRE-6: the refund line", before, data, given_back)
        dropped = [{"due": each["due"], "amount": each["amount"]} for each in before["instalments"] if not each["held"]]
        return dropped or start.last_plan
    assert given_back == now["refund_due"] == 0, ("CRE-6: given back while something is due", before, data)
    if before["instalments"]:
        _check_planned(data, before, left - was["planned"] - was["unscheduled"])
        return start.last_plan
    on_no_date = data["mode"] == "on_site" or was["unscheduled"]
    assert now["unscheduled"] == (left if on_no_date else 0), ("PAY-2: nothing was planned", before, data)
    if on_no_date:
        return start.last_plan
    if start.last_plan is not None:
        _check_back_on_dates(data, start.last_plan, left)
    return []


def _check_back_on_dates(data: Data, last_plan: Plan, left: int) -> None:
    """The dates that were dropped last are back, those that are not past; or all is due on the day of the change."""
    today = data["effective_on"]
    coming = [each for each in last_plan if each["due"] >= today] or [{"due": today, "amount": left}]
    shares = shared(left, [each["amount"] for each in coming])
    expected = sorted((each["due"], share) for each, share in zip(coming, shares, strict=True) if share)
    found = sorted((each["due"], each["amount"]) for each in data["instalments"])
    assert found == expected, ("PAY-2: the last plan", last_plan, data)


def _check_planned(data: Data, before: Data, gap: int) -> None:
    """Something was planned: ``gap`` is the rise, or the fall where it is below zero."""
    was, now = before["balance"], data["balance"]
    free = [each for each in before["instalments"] if not (each["fixed"] or each["held"])]
    sharing = free if gap <= 0 else [each for each in free if _open(each, data["effective_on"])]
    amounts = {each["id"]: each["amount"] for each in data["instalments"]}
    fall = max(-gap - was["unscheduled"], 0)
    if gap < 0 and fall > sum(each["amount"] for each in free):
        return  # the latest of the firm ones give way: the worked cases have that
    moved = gap if gap > 0 else -fall
    if gap <= 0 or sharing:
        unscheduled = was["unscheduled"] if gap > 0 else max(was["unscheduled"] + gap, 0)
        assert now["unscheduled"] == unscheduled, ("PAY-2: unscheduled", before, data)
        for each, share in zip(sharing, _shares(sharing, moved), strict=True):
            assert amounts.get(each["id"], 0) == share, ("PAY-2, MON-2: the shares", before, data)
    elif data["mode"] == "on_site":
        assert now["unscheduled"] == was["unscheduled"] + gap, ("PAY-2: none is open, on site", before, data)
    else:
        known = {each["id"] for each in before["instalments"]}
        added = [(each["due"], each["amount"]) for each in data["instalments"] if each["id"] not in known]
        (due, amount) = added[0]
        assert len(added) == 1, ("PAY-2: none is open, online", before, data)
        assert amount == gap, ("PAY-2: none is open, online", before, data)
        assert due >= data["effective_on"], ("PAY-2: today at the earliest", before, data)
    for each in before["instalments"]:
        if each not in sharing:
            assert amounts.get(each["id"]) == each["amount"], ("PAY-2, PAY-5, PAY-7: one to spare moved", before, data)


def _open(instalment: Data, today: str) -> bool:
    """Whether what is added may land on it: it is still to be collected, and not late (PAY-2)."""
    outside_the_run = instalment["on_request"] or instalment["gave_up"] or instalment["waits_for_method"]
    return instalment["due"] >= today and not outside_the_run


def _shares(sharing: Sequence[Data], moved: int) -> list[int]:
    weights = [each["amount"] for each in sharing]
    return shared(sum(weights) + moved, weights)
