"""Client credits: granted once the contract that sells them is paid, whichever event is received first."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.decisions import Decision
from carnet.events.catalog import ClientCreditDetails, CourseDetails, Details
from carnet.events.contracts import ProductAdded, Purchase
from carnet.events.credits import CreditGranted, CreditRemoved
from credits.domain.credit import Credit, Entry, entry
from credits.domain.removing import remove
from credits.domain.selling import SellingContract, grant, pay, sell, unsell, whole_until

ORGANISATION = "00000000-0000-7000-8000-000000000001"
CONTRACT = "00000000-0000-7000-8000-00000000000c"
ACCOUNT = "00000000-0000-7000-8000-00000000000a"
GRANDMOTHER = "00000000-0000-7000-8000-00000000000b"
DAY = date(2027, 1, 31)


def line_id(number: int) -> str:
    return f"00000000-0000-7000-9000-{number:012d}"


def added(
    line: str, details: Details | None = None, *, beneficiary: str | None = None, price: int = 4500
) -> ProductAdded:
    details = details or ClientCreditDetails(value=5000)
    return ProductAdded(
        contract=CONTRACT,
        account=ACCOUNT,
        currency="EUR",
        effective_on=DAY,
        purchase=Purchase(
            line=line,
            product=ORGANISATION,
            kind=details.kind,
            name="Bought",
            beneficiary=beneficiary,
            price=price,
            vat_rate=0,
            bought_on=DAY,
            details=details,
        ),
    )


class Books:
    """What the service keeps, in memory: one contract, its credits, their entries and events."""

    def __init__(self) -> None:
        self.selling = SellingContract(id=CONTRACT, organisation=ORGANISATION)
        self.credits: dict[str, Credit] = {}
        self.entries: list[Entry] = []
        self.published: list[CreditGranted | CreditRemoved] = []

    def opened(self, version: int) -> None:
        self._settle(whole_until(self.selling, version))

    def added(self, sequence: int, event: ProductAdded) -> None:
        self._settle(sell(self.selling, event, sequence))

    def cancelled(self, line: str, on: date = DAY) -> None:
        self._settle(unsell(self.selling, line))
        if credit := self.credits.get(line):
            self._save(remove(credit, on), on)

    def changed(self, version: int) -> None:
        self._settle(whole_until(self.selling, version))

    def paid(self, covers: int, on: date = DAY) -> None:
        self._settle(pay(self.selling, covers, on))

    def _settle(self, selling: SellingContract) -> None:
        self.selling, decisions = grant(selling)
        for on, decision in decisions:
            self._save(decision, on)

    def _save(self, decision: Decision[Credit], on: date) -> None:
        before = self.credits.get(decision.state.id)
        after = decision.state.model_copy(update={"version": decision.state.version + len(decision.events)})
        self.credits[after.id] = after
        (event,) = decision.events
        assert isinstance(event, CreditGranted | CreditRemoved)
        self.published.append(event)
        movement = entry(before, after, event, on)
        assert movement is not None
        self.entries.append(movement)

    def balance(self, line: str) -> int:
        return sum(movement.amount for movement in self.entries if movement.credit == line)


LINE = line_id(1)


@pytest.fixture
def books() -> Books:
    return Books()


def test_cre_2_a_sold_credit_is_granted_when_its_contract_is_paid(books: Books) -> None:
    books.opened(3)
    books.added(2, added(LINE))
    assert books.credits == {}
    books.paid(3, DAY + timedelta(days=30))
    credit = books.credits[LINE]
    assert (credit.account, credit.contract, credit.status) == (ACCOUNT, CONTRACT, "granted")
    assert (credit.amount, credit.left, credit.currency) == (5000, 5000, "EUR")
    assert credit.granted_on == DAY + timedelta(days=30)


def test_cre_1_its_worth_is_the_products_value_whatever_was_paid_for_it(books: Books) -> None:
    books.opened(2)
    books.added(2, added(LINE, ClientCreditDetails(value=6000), price=0))
    books.paid(2)
    assert books.credits[LINE].amount == 6000


def test_cre_1_it_goes_to_the_beneficiary_that_the_purchase_names(books: Books) -> None:
    books.opened(2)
    books.added(2, added(LINE, beneficiary=GRANDMOTHER))
    books.paid(2)
    assert books.credits[LINE].account == GRANDMOTHER


def test_only_a_client_credit_is_granted(books: Books) -> None:
    books.opened(2)
    books.added(2, added(LINE, CourseDetails()))
    books.paid(2)
    assert books.credits == {}


def test_cre_7_the_grant_is_an_entry_and_an_event_with_its_reason(books: Books) -> None:
    books.opened(2)
    books.added(2, added(LINE))
    books.paid(2)
    (movement,) = books.entries
    assert (movement.kind, movement.reason, movement.amount) == ("granted", "contract_paid", 5000)
    assert (movement.credit, movement.account, movement.on) == (LINE, ACCOUNT, DAY)
    assert books.published == [
        CreditGranted(
            credit=LINE,
            account=ACCOUNT,
            amount=5000,
            left=5000,
            currency="EUR",
            contract=CONTRACT,
            line=LINE,
            effective_on=DAY,
        )
    ]


def test_cre_4_cancelling_the_line_removes_the_credit(books: Books) -> None:
    books.opened(2)
    books.added(2, added(LINE))
    books.paid(2)
    later = DAY + timedelta(days=3)
    books.cancelled(LINE, later)
    books.changed(4)
    credit = books.credits[LINE]
    assert (credit.status, credit.left, credit.amount, credit.removed_on) == ("removed", 0, 5000, later)
    assert [(m.id, m.kind, m.reason, m.amount) for m in books.entries] == [
        (f"{LINE}:1", "granted", "contract_paid", 5000),
        (f"{LINE}:2", "removed", "line_cancelled", -5000),
    ]
    assert isinstance(books.published[-1], CreditRemoved)
    assert (books.published[-1].left, books.published[-1].effective_on) == (0, later)


def test_a_line_cancelled_before_its_payment_is_known_is_not_granted(books: Books) -> None:
    books.opened(2)
    books.added(2, added(LINE))
    books.cancelled(LINE)
    books.changed(4)
    books.paid(2)
    assert books.published == []


def test_a_payment_does_not_grant_a_line_that_it_does_not_cover(books: Books) -> None:
    books.opened(2)
    books.paid(2)
    books.added(3, added(LINE))
    books.changed(4)
    assert books.credits == {}
    books.paid(4)
    assert books.credits.keys() == {LINE}


def test_a_payment_received_before_the_contract_grants_when_the_line_comes(books: Books) -> None:
    books.paid(3, DAY)
    books.opened(3)
    assert books.credits == {}
    books.added(2, added(LINE))
    books.added(3, added(line_id(2)))
    assert {credit.granted_on for credit in books.credits.values()} == {DAY}
    assert books.credits.keys() == {LINE, line_id(2)}


def test_a_payment_received_early_waits_for_the_whole_change_that_it_covers(books: Books) -> None:
    books.paid(6)
    books.opened(2)
    books.added(2, added(LINE))
    books.added(3, added(line_id(2)))
    assert books.credits == {}
    books.cancelled(LINE)
    books.changed(6)
    assert books.credits.keys() == {line_id(2)}
    assert [event.credit for event in books.published] == [line_id(2)]


def test_the_first_payment_that_covers_a_line_gives_the_date(books: Books) -> None:
    books.paid(2, DAY)
    books.paid(4, DAY + timedelta(days=9))
    books.opened(2)
    books.added(2, added(LINE))
    books.changed(4)
    assert books.credits[LINE].granted_on == DAY


def test_mon_5_paid_twice_at_one_version_is_granted_once_on_the_first_date(books: Books) -> None:
    books.opened(2)
    books.paid(2, DAY)
    books.paid(2, DAY + timedelta(days=9))
    assert len(books.selling.paid) == 1
    books.added(2, added(LINE))
    assert [(event.credit, event.effective_on) for event in books.published] == [(LINE, DAY)]


def test_what_is_kept_of_a_contract_stays_small(books: Books) -> None:
    books.opened(1)
    for change in range(100):
        version = 3 * change + 4
        books.added(version - 2, added(line_id(change)))
        books.changed(version)
        books.paid(version)
    assert len(books.credits) == 100
    assert books.selling.awaiting == ()
    assert len(books.selling.paid) == 1


# Any story of a contract, published on its two topics in any order


Step = tuple[str, int, str, date]


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Step], list[Step], list[Step]]:
    """A contract's life: (as it happened, what contracts publishes, what payments does); each topic in its order."""
    happened: list[Step] = []
    live: list[str] = []
    sequence = bought = 0
    day = DAY
    for change in range(draw(st.integers(1, 5))):
        day += timedelta(days=draw(st.integers(0, 20)))
        gone = [line for line in live if draw(st.booleans())]
        new = [line_id(bought + index) for index in range(draw(st.integers(0, 3)))]
        bought += len(new)
        steps = [("cancelled", line) for line in gone] + [("added", line) for line in new]
        steps = [("opened", ""), *steps] if change == 0 else [*steps, ("changed", "")]
        version = sequence + len(steps)
        for kind, line in steps:
            sequence += 1
            happened.append((kind, version if kind in {"opened", "changed"} else sequence, line, day))
        live = [line for line in live if line not in gone] + new
        if draw(st.booleans()):
            day += timedelta(days=draw(st.integers(0, 20)))
            happened.append(("paid", sequence, "", day))
    contracts = [step for step in happened if step[0] != "paid"]
    payments = [step for step in happened if step[0] == "paid"]
    return happened, contracts, payments


def played(steps: Sequence[Step]) -> Books:
    books = Books()
    for kind, number, line, day in steps:
        match kind:
            case "opened":
                books.opened(number)
            case "added":
                books.added(number, added(line))
            case "cancelled":
                books.cancelled(line, day)
            case "changed":
                books.changed(number)
            case _:
                books.paid(number, day)
    return books


@given(stories(), st.randoms(use_true_random=False))
def test_any_order_of_the_two_topics_gives_the_same_balances(story: tuple[list[Step], ...], random: object) -> None:
    happened, contracts, payments = story
    order = ["contracts"] * len(contracts) + ["payments"] * len(payments)
    random.shuffle(order)
    topics = {"contracts": iter(contracts), "payments": iter(payments)}
    in_time, shuffled = played(happened), played([next(topics[name]) for name in order])

    lines = in_time.credits.keys() | shuffled.credits.keys()
    assert {line: in_time.balance(line) for line in lines} == {line: shuffled.balance(line) for line in lines}
    live = {line: credit for line, credit in in_time.credits.items() if credit.status == "granted"}
    assert live == {line: credit for line, credit in shuffled.credits.items() if credit.status == "granted"}


@given(stories(), st.randoms(use_true_random=False))
def test_no_order_grants_what_was_never_paid_or_publishes_a_credit_twice(
    story: tuple[list[Step], ...], random: object
) -> None:
    happened, contracts, payments = story
    order = ["contracts"] * len(contracts) + ["payments"] * len(payments)
    random.shuffle(order)
    topics = {"contracts": iter(contracts), "payments": iter(payments)}
    in_time, shuffled = played(happened), played([next(topics[name]) for name in order])

    assert shuffled.credits.keys() <= in_time.credits.keys()
    granted = [event.credit for event in shuffled.published if isinstance(event, CreditGranted)]
    assert len(granted) == len(set(granted))


@given(stories())
def test_cre_7_what_is_left_is_the_sum_of_the_entries(story: tuple[list[Step], ...]) -> None:
    books = played(story[0])
    for credit in books.credits.values():
        assert credit.left == books.balance(credit.id)
        assert credit.version == len([movement for movement in books.entries if movement.credit == credit.id])
