"""`carnet verify` and what a late contract gives: withheld as the organisation wishes, and nothing else (CON-20)."""

from datetime import timedelta
from typing import Any

import pytest

from carnet.dates import today_in, utc_now
from carnet_operations.verify import Report
from carnet_operations.verify.contracts.access import Accesses
from carnet_operations.verify.contracts.rebuilt import ReplayedLine
from carnet_operations.verify.contracts.replayed import ContractReplay

SCHOOL = {"_id": "school", "time_zone": "Europe/Paris", "clock_ahead": 0, "access_late_days": 10}


def found(due_days_ago: int | None, *, contract: bool, schedule: bool, line: bool, days: int | None = 10) -> list[str]:
    report = Report()
    accesses = Accesses(report, [{**SCHOOL, "access_late_days": days}])
    today = today_in("Europe/Paris", utc_now(), 0)
    due = None if due_days_ago is None else (today - timedelta(days=due_days_ago)).isoformat()
    accesses.withholds(
        {"_id": "contract", "organisation": "school", "withheld": contract},
        {"_id": "contract", "due_since": due, "withheld": schedule},
    )
    terms: dict[str, Any] = {"line": "line", "contract": "contract", "bought_on": "2026-01-01", "last_day": None}
    access = {
        "_id": "access", "organisation": "school", "member": "kim", "course": "harmony", "open": False, "given": None,
        "erased": False, "lines": [{**terms, "settings": {}, "withheld": line}],
    }  # fmt: skip
    accesses.check(access, [])
    accesses.end()
    return [finding.what for finding in report.findings if "withheld" in finding.what]


@pytest.mark.parametrize(("ago", "withheld"), [(30, True), (5, False), (None, False)])
def test_con_20_what_is_late_is_withheld_and_what_is_not_is_not(ago: int | None, *, withheld: bool) -> None:
    assert found(ago, contract=withheld, schedule=withheld, line=withheld) == []
    assert found(ago, contract=not withheld, schedule=not withheld, line=not withheld) == [
        "whether it is withheld today"
    ]


def test_con_20_nothing_is_withheld_where_the_organisation_does_not_wish_it() -> None:
    assert found(30, contract=False, schedule=False, line=False, days=None) == []
    assert found(30, contract=True, schedule=True, line=True, days=None) == ["whether it is withheld today"]


def test_con_20_contract_schedule_and_lines_say_the_same() -> None:
    assert found(30, contract=True, schedule=False, line=True) == ["withheld, as its schedule"]
    assert found(30, contract=True, schedule=True, line=False) == ["withheld lines"]


@pytest.mark.parametrize("name", ["PlansWithheld", "PlansGivenBack"])
def test_con_20_what_is_withheld_or_given_back_is_what_live_plans_open(name: str) -> None:
    report, line = Report(), "a-plan"
    data = {"plans": [{"line": line}], "effective_on": "2027-01-05"}
    row = {"_id": "x", "type": f"carnet.contracts.{name}.v1", "sequence": 3, "change": "c", "data": data}
    replay = ContractReplay("contract", [row], report)
    replay.replayed.lines[line] = ReplayedLine({"line": line, "kind": "online_plan", "price": 100}, [], 2)
    replay.apply(row)
    assert report.findings == []
    replay.replayed.lines[line].cancelled = 3
    replay.apply(row)
    assert [finding.rule for finding in report.findings] == ["CON-20"]
