"""`carnet verify` and scholarships: funds, awards, uses and what contracts' lines say is covered agree (CRE-11)."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from carnet.decisions import Decision
from carnet.events.contracts import OnSite
from carnet.journal import rows_of
from carnet.requests.causes import SCHOLARSHIP_USE
from carnet_operations.verify import Report
from carnet_operations.verify.contracts.rebuilt import ReplayedContract
from carnet_operations.verify.contracts.replayed import replay_contract
from carnet_operations.verify.credits.scholarships import check_fund, check_scholarship, check_uses
from contracts.contracts.domain.changes import Change, Opening, change_contract, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.draft import Edit
from contracts.contracts.domain.pending import ask, granted
from contracts.contracts.domain.products import Aiding
from credits.scholarships.domain.fund import WriteFund, open_fund
from credits.scholarships.domain.scholarship import Award, Scholarship, Use, award
from credits.scholarships.domain.using import Held, Used, give_back, use_all
from credits.scholarships.store import FUNDS, SCHOLARSHIP_USES, SCHOLARSHIPS
from tests.findings import Document, Found, put
from tests.unit.contracts import contract_builders as sold
from tests.unit.credits import scholarship_builders as given


class Played:
    """A contract whose line a scholarship covers in part, and less once its price falls: what is kept and published."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Document]] = {}
        written = WriteFund("Fonds solidaire", 100_000, (), (), given.DAY, None)
        opened = open_fund(written, given.ORGANISATION, "EUR", given.a_context())
        self.fund, decided = award(
            opened.state, Award(sold.ACCOUNT, None, 20_000, None), given.a_context(lambda: given.SCHOLARSHIP)
        )
        self.fund = self.fund.model_copy(update={"version": self._save(opened).version})
        self.scholarship: Scholarship = self._save(decided)
        self.use: Use | None = None
        self.contract = self._sold()

    def _sold(self) -> Contract:
        add = (sold.buying(sold.JAZZ, scholarship=Aiding(self.scholarship.id, rate=5_000)),)
        opening = Opening(mode="on_site", sale=OnSite(), currency="EUR", add=add)
        asked = ask(None, open_contract(opening, sold.an_offer(), sold.a_context()), sold.a_context())
        contract = self._save(asked)
        (request,) = asked.events
        held = {self.scholarship.id: Held(self.scholarship, self.fund)}
        answer = use_all(request.model_copy(update={"effective_on": given.DAY}), given.ORGANISATION, held, {})
        assert isinstance(answer, Used)
        self.scholarship, (self.use,) = self._save(answer.scholarships[0]), answer.uses
        contract = self._save(granted(contract, SCHOLARSHIP_USE.name, sold.a_context().change, self.use.id))
        change = Change(edit=(Edit(self.use.id, price=9_000),))
        contract = self._save(
            change_contract(contract, change, sold.an_offer(), sold.a_context(new_id=sold.counted(7000))), 998
        )
        self.use, back = give_back(self.scholarship, self.use, 9_000, given.DAY)
        self.scholarship = self._save(back)
        return contract

    def _save(self, decision: Decision[Any], change: int = 999) -> Any:
        state = decision.state
        context = replace(sold.a_context(), change=given.an_id(change))
        made = rows_of(state.id, state.organisation, state.version, decision.events, context)
        self.rows.setdefault(state.id, []).extend(dict(row) for row in made)
        return state.model_copy(update={"version": made[-1]["sequence"]})

    def kept(self) -> dict[str, Any]:
        assert self.use is not None
        return copy.deepcopy(
            {
                "fund rows": self.rows[self.fund.id],
                "fund": FUNDS.write(self.fund),
                "rows": self.rows[self.scholarship.id],
                "scholarship": SCHOLARSHIPS.write(self.scholarship),
                "uses": [SCHOLARSHIP_USES.write(self.use)],
                "contract rows": self.rows[self.contract.id],
            }
        )


PLAYED = Played()


def verified(kept: dict[str, Any]) -> tuple[Report, ReplayedContract]:
    report = Report()
    check_fund(kept["fund rows"], kept["fund"], [kept["scholarship"]], report)
    check_scholarship(kept["rows"], kept["scholarship"], kept["uses"], report)
    contract = replay_contract(PLAYED.contract.id, kept["contract rows"], report)
    check_uses(contract, kept["rows"], report)
    return report, contract


def test_what_was_played_by_the_rules_has_no_finding() -> None:
    report, contract = verified(PLAYED.kept())
    assert report.findings == []
    assert [(line.scholarship, line.aided) for line in contract.lines.values()] == [(PLAYED.scholarship.id, 9_000)]
    assert report.proven["uses of scholarships asked of credits"] == 1
    assert PLAYED.scholarship.left == 11_000


@pytest.mark.parametrize(
    ("which", "change", "found"),
    [
        ("fund", put("awarded", 1), Found("CRE-11", "scholarship_funds", "what was awarded", "20000", "1")),
        ("fund", put("budget", 100), Found("CRE-11", "scholarship_funds", "the fund", "100000", "100")),
        ("scholarship", put("amount", 200_000), Found("CRE-11", "scholarship_funds", "awarded", "100000", "200000")),
        ("scholarship", put("left", 20_000), Found("CRE-11", "scholarships", "what is left", "11000", "20000")),
        ("uses", put("0.amount", 15_000), Found("CRE-11", "scholarships", "what it covers", "9000", "15000")),
        ("uses", put("0.moved", 5), Found("CRE-11", "scholarships", "take over", "{}", "5")),
        ("rows", put("1.data.amount", 14_000), Found("CRE-11", "contracts.journal", "was granted", "15000", "14000")),
        (
            "rows",
            put("2.data.amount", 1),
            Found("CRE-11", "contracts.contracts", "cover of its lines", "9000", "14999"),
        ),
        (
            "contract rows",
            put("3.data.amount", 14_000),
            Found("CRE-11", "contracts.journal", "what covers the lines", "15000", "14000"),
        ),
    ],
)
def test_what_was_changed_behind_the_back_of_the_services_is_found(
    which: str, change: Callable[[Any], None], found: Found
) -> None:
    kept = PLAYED.kept()
    change(kept[which])
    report, _ = verified(kept)
    assert found.among(report), report.findings
