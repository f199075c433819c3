"""`carnet verify` and session packs: entries add up to what is left, and uses are those published (CRE-10)."""

import copy
from collections.abc import Callable
from datetime import timedelta

import pytest

from carnet.decisions import Decision
from carnet.events.catalog import SessionPackDetails
from carnet.journal import rows_of
from carnet_operations.verify import Report
from carnet_operations.verify.contracts.rebuilt import ReplayedContract, ReplayedLine
from carnet_operations.verify.credits.packs import check_pack, check_sold, check_uses
from carnet_operations.verify.schedules.replayed import ReplayedSchedule
from credits.domain.packs import Pack, edit_expiry, entry, issue, remove_pack
from credits.domain.selling import due_packs, pay
from credits.packs.domain.using import Session, SessionUse, adjust, give_back, take
from credits.packs.store import PACK_ENTRIES, PACKS, SESSION_USES
from tests.findings import Document, Found, put
from tests.unit.credits.credits_builders import ACCOUNT, DAY, LINE, SELLING, a_context, an_id
from tests.unit.credits.packs_builders import LEA, selling, sold

FIRST_USE = SessionPackDetails(sessions=3, days=30, starts="first_use")


class Played:
    """A pack that is issued, used, given back, adjusted and removed: its documents and its journal."""

    def __init__(self, details: SessionPackDetails = FIRST_USE) -> None:
        self.rows: list[Document] = []
        self.entries: list[Document] = []
        self.uses: dict[str, SessionUse] = {}
        self.pack: Pack | None = None
        known, ((on, due),) = due_packs(pay(selling(sold(details=details)), 2, DAY))
        self.save(issue(known, due, on))
        for number in (1, 2):
            self.use(number)
        assert self.pack is not None
        restored, self.uses[an_id(1)] = give_back(self.pack, self.uses[an_id(1)], DAY)
        self.save(restored)
        if details.sessions is not None:
            self.save(adjust(self.pack, -1, DAY))
        self.save(edit_expiry(self.pack, DAY + timedelta(days=90), DAY))
        self.save(remove_pack(self.pack, DAY))

    def use(self, number: int) -> None:
        assert self.pack is not None
        session = Session(LEA, DAY + timedelta(days=number))
        decision, use = take(self.pack, session, an_id(number), DAY, suspended=False)
        self.uses[use.id] = use
        self.save(decision)

    def save(self, decision: Decision[Pack]) -> None:
        before, state = self.pack, decision.state
        made = rows_of(state.id, state.organisation, state.version, decision.events, a_context())
        self.rows += [dict(row) for row in made]
        self.pack = state.model_copy(update={"version": made[-1]["sequence"]})
        movement = entry(before, self.pack, decision.events[0], DAY)
        if movement is not None:
            self.entries.append(PACK_ENTRIES.write(movement))

    @property
    def document(self) -> Document:
        assert self.pack is not None
        return PACKS.write(self.pack)

    @property
    def used(self) -> list[Document]:
        return [SESSION_USES.write(use) for use in self.uses.values()]


PLAYED = Played()


def verified(rows: list[Document], document: Document, entries: list[Document], uses: list[Document]) -> Report:
    report = Report()
    check_pack(rows, document, entries, report)
    check_uses(rows, document, uses, report)
    return report


@pytest.mark.parametrize("details", [FIRST_USE, SessionPackDetails()])
def test_a_pack_that_was_used_by_its_rules_has_no_finding(details: SessionPackDetails) -> None:
    played = Played(details)
    report = verified(played.rows, played.document, played.entries, played.used)
    assert report.findings == []
    assert report.proven["session uses"] == 2


@pytest.mark.parametrize(
    ("which", "change", "found"),
    [
        ("document", put("left", 1), Found("CRE-10", LINE, "what is left", "0", "1")),
        ("document", put("uses", 0), Found("CRE-10", LINE, "how many are in force", "1", "0")),
        ("entries", put("1.sessions", -2), Found("CRE-10", "pack_entries", "the movements published", "-1", "-2")),
        ("uses", put("0.cancelled_on", None), Found("CRE-10", "session_uses", "the uses published", "2027", "None")),
        (
            "uses",
            put("1.on", "2027-03-09"),
            Found("CRE-10", "session_uses", "uses published", "2027-02-02", "03-09"),
        ),
        (
            "rows",
            put("1.data.expires_on", "2027-01-31"),
            Found("CRE-10", "session_uses", "after the last day", "False", "True"),
        ),
        ("rows", put("4.data.sessions", -9), Found("CRE-10", LINE, "what is left at 5", "at least 0", "-")),
    ],
)
def test_what_was_changed_behind_the_back_of_the_service_is_found(
    which: str, change: Callable[[Document], None], found: Found
) -> None:
    published = {
        "rows": copy.deepcopy(PLAYED.rows),
        "document": PLAYED.document,
        "entries": copy.deepcopy(PLAYED.entries),
        "uses": PLAYED.used,
    }
    change(published[which])
    report = verified(published["rows"], published["document"], published["entries"], published["uses"])
    assert found.among(report), report.findings


def sold_by(pack: list[Document], *, cancelled: int | None = None) -> Report:
    report = Report()
    purchase = sold(details=FIRST_USE).purchase.model_dump(mode="json")
    purchase["expires_on"] = (DAY + timedelta(days=90)).isoformat()
    contract = ReplayedContract(SELLING, {"account": ACCOUNT})
    contract.lines[LINE] = ReplayedLine(purchase, [], 2, cancelled=cancelled)
    check_sold(contract, ReplayedSchedule(), pack, report)
    return report


def test_con_8_a_pack_is_removed_exactly_if_its_line_is_cancelled() -> None:
    unpaid = {**PLAYED.document, "issued_on": None}
    assert sold_by([unpaid], cancelled=5).findings == []
    assert Found("CON-8", LINE, "whether it was removed", "False", "True").among(sold_by([unpaid]))
    assert Found("CRE-10", LINE, "the pack of an unpaid line", "", "removed").among(sold_by([PLAYED.document]))
    assert Found("CRE-10", an_id(7), "that sold it", "one", "").among(
        sold_by([unpaid, {**unpaid, "_id": an_id(7)}], cancelled=5)
    )
