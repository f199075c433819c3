"""What the bank answers to a file of debits or of transfers: files, each with its day (PAY-18)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from carnet_sandbox.bank.messages import (
    FOREIGN,
    Entry,
    came_back,
    credited,
    interleaved,
    notification,
    statement,
    status_report,
)
from carnet_sandbox.bank.orders import Order

What = Literal["report", "early", "credited", "again", "later", "refunded", "left", "returned"]
"""What a file says: what is accepted, what comes back before it is credited, what is credited, the same again in
another order, what comes back days after, what a family has its bank pay back weeks after; which transfers left, and
which of them came back."""

Kind = Literal["pain.002", "camt.053", "camt.054"]
"""What kind of message a file is."""

_FRIDAY = 5

LATER, REFUNDED = timedelta(days=3), timedelta(days=35)

_BANK, _BRANCH = 99999, 1
"""No bank has this code."""


@dataclass(frozen=True, slots=True)
class Case:
    """What happens to the debits of one IBAN, and the code by which the bank reports it."""

    what: What
    code: str
    iban: str
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A file of the bank, and the day on which it has it."""

    name: str
    on: date
    kind: Kind
    what: What
    content: bytes


def french_iban(account: int) -> str:
    """The IBAN of an account of the bank, with its key and its check digits.

    >>> french_iban(1)
    'FR3399999000010000000000171'
    """
    key = 97 - (89 * _BANK + 15 * _BRANCH + 3 * account) % 97
    number = f"{_BANK:05}{_BRANCH:05}{account:011}{key:02}"
    check = 98 - int(f"{number}152700") % 97
    return f"FR{check:02}{number}"


_PLAYS: Sequence[tuple[What, str, str]] = (
    ("report", "AC04", "Rejected in the status report, a transfer to it too: the account is closed."),
    ("report", "MD01", "Rejected in the status report: there is no mandate."),
    ("early", "AM04", "Not enough money: it comes back before the statement credits it."),
    ("credited", "MS03", "Credited and taken back on the same day, in the same statement."),
    ("later", "AM04", "Credited, and returned three days later: not enough money."),
    ("later", "AC04", "Credited, and returned three days later, as is a transfer to it: the account is closed."),
    ("refunded", "MD06", "Credited; five weeks later the family has its bank pay it back."),
    ("returned", "AC04", "Credited, and stays so; a transfer to it comes back three days later: closed meanwhile."),
)

CASES: Mapping[str, Case] = {
    iban: Case(what, code, iban, description)
    for number, (what, code, description) in enumerate(_PLAYS, 1)
    for iban in [french_iban(number)]
}
"""The IBANs whose debits do not simply succeed. Any other one is debited, and nothing comes back."""


def answers_to(order: Order) -> tuple[Answer, ...]:
    """The bank's files, in the order in which it has them; one that would say nothing is left out."""
    codes = {each.end_to_end: CASES[each.iban] for each in order.debits if each.iban in CASES}

    def of(what: What) -> dict[str, str]:
        return {end_to_end: case.code for end_to_end, case in codes.items() if case.what == what}

    if order.transfers:
        return _to_transfers(order, codes)
    day = order.collect_on
    booked = interleaved(FOREIGN, credited(order, without=of("report")), came_back(order, of("credited")))
    files: list[tuple[What, date, Kind, Sequence[Entry]]] = [
        ("early", day, "camt.054", came_back(order, of("early"))),
        ("credited", day, "camt.053", booked),
        ("again", day, "camt.054", booked[::-1]),
    ]
    waits: Mapping[What, timedelta] = {"later": LATER, "refunded": REFUNDED}
    for what, wait in waits.items():
        if back := came_back(order, of(what)):
            files.append((what, _weekday(day + wait), "camt.053", interleaved(back, FOREIGN)))
    answers = [Answer(f"1-pain.002-{day}.xml", day, "pain.002", "report", status_report(order, of("report")))]
    for what, on, kind, entries in files:
        if entries:
            content = (statement if kind == "camt.053" else notification)(order.iban, on, entries)
            answers.append(Answer(f"{len(answers) + 1}-{kind}-{on}.xml", on, kind, what, content))
    return tuple(answers)


def _to_transfers(order: Order, cases: Mapping[str, Case]) -> tuple[Answer, ...]:
    """Transfers to closed accounts are rejected, or come back days later; the others leave on their day."""
    day, later = order.collect_on, _weekday(order.collect_on + LATER)
    closed = {end_to_end: case for end_to_end, case in cases.items() if case.code == "AC04"}
    rejected = {end_to_end: case.code for end_to_end, case in closed.items() if case.what == "report"}
    back = {end_to_end: case.code for end_to_end, case in closed.items() if end_to_end not in rejected}
    left = interleaved(credited(order, without=rejected), FOREIGN)
    answers = [
        Answer(f"1-pain.002-{day}.xml", day, "pain.002", "report", status_report(order, rejected)),
        Answer(f"2-camt.053-{day}.xml", day, "camt.053", "left", statement(order.iban, day, left)),
        Answer(f"3-camt.054-{day}.xml", day, "camt.054", "again", notification(order.iban, day, left[::-1])),
    ]
    if back:
        content = statement(order.iban, later, interleaved(FOREIGN, came_back(order, back)))
        answers.append(Answer(f"4-camt.053-{later}.xml", later, "camt.053", "returned", content))
    return tuple(answers)


def _weekday(day: date) -> date:
    """That day, or the Monday after it."""
    return day if day.isoweekday() <= _FRIDAY else day + timedelta(days=8 - day.isoweekday())
