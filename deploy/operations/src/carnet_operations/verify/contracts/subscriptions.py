"""The periods of a subscription tile, and its schedule charges them as they are (CON-21, PAY-15).

CON-17: none that begins once the subscription is cancelled is live. CON-21: periods have the numbers 1 to n, each once;
each live one begins on the day after the one before it, so no day is billed twice and none is left out. CON-18: the
days of a pause, and no others, are between two periods. PAY-15: each
live period that costs something is a charge of the schedule, of its amount and due on its first day; its instalments
together are not above it, unless staff gave one another amount.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.report import Report


def check_subscription(contract: Document, schedule: Document | None, report: Report) -> None:
    """Check the periods of a contract, if it has any, and what its schedule charges."""
    purchases = [line["purchase"] for line in contract["lines"] if line["purchase"].get("period") is not None]
    where = f"contracts.contracts {contract['_id']}"
    report.same("CON-21", where, "whether it is the contract of a subscription",
                expected=bool(purchases), found=contract.get("subscription") is not None)  # fmt: skip
    if not purchases:
        return
    report.count("periods of subscriptions", len(purchases))
    numbers = sorted(each["period"] for each in purchases)
    report.same("CON-21", where, "the numbers of its periods",
                expected=list(range(1, len(purchases) + 1)), found=numbers)  # fmt: skip
    report.same("CON-21", where, "how many periods were added",
                expected=len(purchases), found=contract["subscription"]["added"])  # fmt: skip
    live = [
        line["purchase"] for line in contract["lines"] if line["state"] == "live" and line["purchase"].get("period")
    ]
    for before, after in pairwise(sorted(live, key=lambda each: int(each["period"]))):
        expected = (date.fromisoformat(before["last_day"]) + timedelta(days=1)).isoformat()
        for pause in contract["subscription"].get("pauses", ()):
            if pause["number"] == after["period"]:
                report.same("CON-18", where, f"the first day that is not billed before period {after['period']}",
                            expected=expected, found=pause["first_day"])  # fmt: skip
                expected = pause["resumes_on"]
        report.same("CON-21", where, f"the first day of period {after['period']}",
                    expected=expected, found=after["first_day"])  # fmt: skip
    cancellation = contract["subscription"].get("cancellation")
    late = [each["period"] for each in live if cancellation and each["first_day"] >= cancellation["on"]]
    report.same("CON-17", where, "live periods that begin once it is cancelled", expected=[], found=late)
    if schedule is not None:
        _check_charges(live, schedule, report)


def _check_charges(live: list[Mapping[str, Any]], schedule: Document, report: Report) -> None:
    where = f"payments.schedules {schedule['_id']}"
    expected = {each["line"]: (each["price"], each["first_day"]) for each in live if each["price"]}
    charges = {each["line"]: (each["amount"], each["due"]) for each in schedule["charges"]}
    report.same("PAY-15", where, "the charges, by line", expected=expected, found=charges)
    planned: Counter[str] = Counter()
    for instalment in schedule["instalments"]:
        if instalment.get("line") is not None and not instalment.get("fixed"):  # staff may give it another amount
            planned[instalment["line"]] += instalment["amount"]
    above = {line: amount for line, amount in planned.items() if amount > expected.get(line, (0, ""))[0]}
    report.same("PAY-15", where, "instalments of a period that are above it", expected={}, found=above)
