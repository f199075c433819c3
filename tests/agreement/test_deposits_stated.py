"""The statement of an account through all that becomes of a deposit without a contract, over all services (PAY-16)."""

from collections.abc import Iterator
from typing import Any

import pytest

from credits.store import CREDITS
from tests.agreement.quiet import check_statements, verified
from tests.agreement.school import School, money
from tests.agreement.test_families_imported import family, imported, today_of
from tests.memory.nature import natural
from tests.memory.suite import Suite


@pytest.fixture
def school() -> Iterator[School]:
    with natural() as nature:
        suite = Suite(nature)
        school = School(suite, suite.organisation)
        school.let_in()
        school.open()
        yield school


def test_pay_16_each_movement_of_a_deposit_is_what_the_account_then_owes(school: School) -> None:
    """A deposit of 90.00 pays 80.00 of a contract, is taken back by the bank, then partly paid and partly waived."""
    suite = school.suite
    done = imported(school, family(today_of(school)))
    account, contract = done["account"], done["contracts"][0]["id"]

    def asked(service: str, path: str, body: Any, version: int | None = None) -> Any:
        answer = suite.ask(service, "POST", path, body, version=version)
        assert answer.ok, answer
        suite.settle()
        check_statements(suite)
        report = suite.run(verified(suite))
        assert report.ok, report.findings
        return answer.body

    def owes() -> int:
        shown = suite.ask("payments", "GET", f"/v1/accounts/{account}/statement?until=2100-01-01").body
        amount: int = shown["closing"]["amount"]
        return amount

    def version() -> int:
        return int(suite.services["credits"].database.documents(CREDITS.name)[credit]["version"])

    assert owes() == 20_000
    received = {"origin": "deposit", "amount": money(9_000), "reason": "Before they chose", "method": "cheque"}
    credit = asked("credits", f"/v1/accounts/{account}/credits", received)["id"]
    assert owes() == 20_000
    schedule = suite.ask("payments", "GET", f"/v1/schedules/{contract}").body
    use = {"credit": credit, "amount": money(8_000)}
    asked("payments", f"/v1/schedules/{contract}/credit-uses", use, schedule["version"])
    assert owes() == 12_000
    path = f"/v1/credits/{credit}"
    taken = asked("credits", f"{path}/reversal", {"reason": "bounced_cheque"}, version())
    assert (taken["due"], owes()) == (money(8_000), 20_000)
    paid = {"amount": money(3_000), "how": "paid", "reason": "In cash"}
    asked("credits", f"{path}/due-settlements", paid, version())
    assert owes() == 17_000
    waived = {"amount": money(2_000), "how": "waived", "reason": "A gesture"}
    asked("credits", f"{path}/due-settlements", waived, version())
    assert owes() == 15_000
