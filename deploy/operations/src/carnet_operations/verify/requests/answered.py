"""No request waits once everything that was published is handled.

EVT: a request is answered by an event, whatever it asks for. A suite is checked once it is quiet, so one that still
waits then will do so for ever, unless its answer is parked or the service asked does not run.
"""

from collections.abc import Iterable

from carnet.requests.alarm import Waiting
from carnet_operations.verify.report import Report


def check_answered(waiting: Iterable[tuple[str, Waiting]], report: Report) -> None:
    """Find the requests that wait, each with the service that asked."""
    for service, each in waiting:
        what = f"the answer of {each.asked_of} to {each.request} ({each.cause})"
        found = f"none since {each.asked_at.isoformat()}"
        report.find("EVT", f"{service} {each.about}", what, expected="granted or refused", found=found)
