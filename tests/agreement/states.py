"""What must hold of what is kept, after every single step: within each service everything fits."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from carnet.mongo.kit import PARKED
from contracts.contracts.store import CONTRACTS
from credits.scholarships.store import FUNDS, SCHOLARSHIP_USES, SCHOLARSHIPS
from credits.store import CREDITS, ENTRIES
from payments.banking.store import BANK_DEPOSITS, TAKINGS
from payments.collection.store.orders import ORDERS
from payments.credit_uses.store import USE_REQUESTS
from payments.follow_up.store.rows import FOLLOW_UPS
from payments.receipts.store import CHEQUES, PAYMENTS
from payments.refunds.store import SETTLEMENTS
from payments.schedules.store import SCHEDULES
from tests.agreement.oracle import ContractBook
from tests.memory.suite import Suite

Document = Mapping[str, Any]


def check(suite: Suite, books: Mapping[str, ContractBook]) -> None:
    """Everything that holds whatever has been handled so far."""
    nothing_parked(suite)
    check_contracts(suite, books)
    check_schedules(suite, books)
    check_attempts(suite)
    check_credits(suite)
    check_scholarships(suite)
    check_takings(suite)


def nothing_parked(suite: Suite) -> None:
    """No event of ours is ever poison: early, late, twice, in whatever company."""
    for name, service in suite.services.items():
        parked = service.database.documents(PARKED)
        reasons = [(each["type"], each["reason"]) for each in parked.values()]
        assert not parked, (f"{name} parked", reasons)


def check_contracts(suite: Suite, books: Mapping[str, ContractBook]) -> None:
    """A contract has the lines that were sold, at the prices and discounts reckoned beside the code (CON-1, CON-7)."""
    documents = suite.services["contracts"].database.documents(CONTRACTS.name)
    kept = {id_: document for id_, document in documents.items() if document["opening"] is None}
    assert kept.keys() == books.keys(), ("contracts nobody opened, or opened and lost", kept.keys(), books.keys())
    for id_, book in books.items():
        amounts = {line["purchase"]["line"]: _amount(line) for line in kept[id_]["lines"] if line["state"] == "live"}
        expected = {line_id: line.amount for line_id, line in book.live.items()}
        assert amounts == expected, ("CON-1", id_, amounts, expected)
        assert (kept[id_]["cancelled_on"] is not None) == book.cancelled, ("CON-22", id_)


def _amount(line: Document) -> int:
    if line["purchase"]["voucher"] is not None:
        return 0
    price: int = line["purchase"]["price"]
    aid: int = line["aid"]["amount"] if line["aid"] is not None else 0
    return -price if line["purchase"]["kind"] == "discount" else price - aid


def check_schedules(suite: Suite, books: Mapping[str, ContractBook]) -> None:
    """Each schedule balances, covers a total that its contract had, and has paid what its payments brought."""
    database = suite.services["payments"].database
    payments: dict[str, list[Document]] = defaultdict(list)
    for payment in database.documents(PAYMENTS.name).values():
        payments[payment["contract"]].append(payment)
    settled: dict[str, int] = defaultdict(int)
    for settlement in database.documents(SETTLEMENTS.name).values():
        if settlement["how"] != "refunded" and not settlement["voided"]:
            settled[settlement["contract"]] += settlement["amount"]
    rows = database.documents(FOLLOW_UPS.name)
    cheques = Counter(cheque["contract"] for cheque in database.documents(CHEQUES.name).values())
    for id_, schedule in database.documents(SCHEDULES.name).items():
        amounts = balance_of(schedule)
        check_balance(id_, amounts)
        total, live_lines = books[id_].totals[schedule["covers"]]
        assert (amounts["total"], schedule["live_lines"]) == (total, live_lines), ("CON-4", id_, schedule["covers"])
        there = [each for each in payments[id_] if not each["voided"]]
        brought = sum(each["amount"] - each["refunded"] - each["reversed"] for each in there)
        used = sum(use["amount"] for use in schedule["credit_uses"])
        by_cards = sum(use["amount"] for use in schedule["credit_uses"] if use["card"])
        most = max(total - books[id_].cards[schedule["covers"]], 0)
        assert by_cards <= most, ("CRE-8: a gift card buys a gift card", id_, schedule)
        assert not (used and amounts["refund_due"]), ("CRE-6: credits get back first", id_, amounts, used)
        assert amounts["paid"] == brought - settled[id_] + used, ("PAY-4", id_, amounts, brought, settled[id_], used)
        shown = {name: rows[id_][name] for name in ("version", "total", "paid", "processing", "refund_due")}
        expected = {"version": schedule["version"], **{name: amounts[name] for name in shown if name != "version"}}
        assert shown == expected, ("PAY-9", id_, shown, expected)
        held = sum(each["cheque"] is not None for each in schedule["instalments"])
        assert cheques[id_] == held, ("PAY-7: the deposit list", id_, cheques[id_], held)


def check_attempts(suite: Suite) -> None:
    """What a schedule says is being attempted is what was asked, and the other way round (PAY-6, CRE-3)."""
    database = suite.services["payments"].database
    attempted = {
        (attempt["id"], id_, taken_by(attempt), attempt["credit"])
        for id_, schedule in database.documents(SCHEDULES.name).items()
        for attempt in schedule["attempts"]
    }
    asked = {
        (id_, order["contract"], order["amount"], None)
        for id_, order in database.documents(ORDERS.name).items()
        if order["kind"] == "charge" and order["status"] in ("asked", "pending")
    } | {
        (id_, request["contract"], request["amount"], request["credit"])
        for id_, request in database.documents(USE_REQUESTS.name).items()
        if request["status"] == "requested"
    }
    assert attempted == asked, ("PAY-6: attempts and what was asked", attempted - asked, asked - attempted)


def balance_of(schedule: Document) -> dict[str, int]:
    """The amounts of a schedule, added up from its parts."""
    return {
        "total": schedule["total"],
        "paid": schedule["paid"],
        "processing": sum(taken_by(attempt) for attempt in schedule["attempts"]),
        "planned": sum(each["amount"] for each in schedule["instalments"]),
        "unscheduled": schedule["unscheduled"],
        "refund_due": schedule["refund_due"],
    }


def taken_by(attempt: Document) -> int:
    """What an attempt has taken."""
    return int(attempt["unscheduled"] + sum(part["amount"] for part in attempt["taken"]))


def check_balance(where: str, amounts: Mapping[str, int]) -> None:
    """total = paid + processing + planned + unscheduled − refund due; one side zero; nothing below zero."""
    due = amounts["planned"] + amounts["unscheduled"]
    assert amounts["total"] == amounts["paid"] + amounts["processing"] + due - amounts["refund_due"], (where, amounts)
    assert not (due and amounts["refund_due"]), ("due and to refund", where, amounts)
    assert min(amounts.values()) >= 0, ("below zero", where, amounts)


def check_credits(suite: Suite) -> None:
    """What is left of each credit is the sum of its entries, at no time below zero (CRE-3, CRE-7)."""
    database = suite.services["credits"].database
    entries: dict[str, list[Document]] = defaultdict(list)
    for entry in database.documents(ENTRIES.name).values():
        entries[entry["credit"]].append(entry)
    granted = database.documents(CREDITS.name)
    assert entries.keys() <= granted.keys(), "entries of no credit"
    for id_, credit in granted.items():
        lefts = list(_running(entry["amount"] for entry in sorted(entries[id_], key=lambda each: each["version"])))
        assert (lefts or [0])[-1] == credit["left"], ("CRE-7", id_, credit, lefts)
        assert min(lefts, default=0) >= 0, ("CRE-3: below zero", id_, lefts)


def check_scholarships(suite: Suite) -> None:
    """No more is awarded than the fund has, nor more used of a scholarship than it is, at any time (CRE-11)."""
    database = suite.services["credits"].database
    scholarships = database.documents(SCHOLARSHIPS.name).values()
    for id_, fund in database.documents(FUNDS.name).items():
        awarded = sum(each["amount"] for each in scholarships if each["fund"] == id_)
        assert fund["awarded"] == awarded <= fund["budget"], ("CRE-11: above the fund", fund, awarded)
    uses = database.documents(SCHOLARSHIP_USES.name).values()
    for each in scholarships:
        covered = sum(use["amount"] - use["moved"] for use in uses if use["scholarship"] == each["_id"])
        assert covered == each["amount"] - each["left"], ("CRE-11: uses and what is left", each, covered)
        assert each["left"] >= 0, ("CRE-11: above the award", each)


def check_takings(suite: Suite) -> None:
    """What came in cash or by cheque is a taking, in one bank deposit at most; each deposit is their sum (PAY-7)."""
    database = suite.services["payments"].database
    takings = database.documents(TAKINGS.name)
    payments = database.documents(PAYMENTS.name)
    taken = {id_ for id_, each in payments.items() if each["method"] in ("cash", "cheque") and each["provider"] is None}
    without = {id_ for id_, each in takings.items() if each["contract"] is None}
    settled = database.documents(SETTLEMENTS.name)
    by_hand = {id_ for id_, each in settled.items() if each["how"] == "on_site" and each["method"] in (None, "cash")}
    assert takings.keys() - without == taken | by_hand, ("PAY-7: takings", takings.keys() ^ (taken | by_hand))
    for id_ in by_hand:
        agrees = takings[id_]["amount"] == -settled[id_]["amount"]
        agrees &= takings[id_]["voided"] == (settled[id_]["voided"] is not None)
        assert agrees, ("PAY-7: cash that was given back", takings[id_], settled[id_])
    inside: dict[str, list[str]] = defaultdict(list)
    for id_, each in takings.items():
        payment = payments.get(id_)
        if payment is not None:
            shown = (each["amount"], each["returned"], each["voided"])
            expected = (payment["amount"], payment["reversed"] + payment["beyond"], payment["voided"] is not None)
            assert shown == expected, ("PAY-7: a taking is its payment", each, payment)
        if each["bank_deposit"] is not None:
            assert not each["voided"], ("PAY-19: a wrong entry at the bank", each)
            inside[each["bank_deposit"]].append(id_)
    for id_, deposit in database.documents(BANK_DEPOSITS.name).items():
        expected_inside = [] if deposit["undone"] else sorted(deposit["takings"])
        assert sorted(inside.pop(id_, [])) == expected_inside, ("PAY-7: each in one deposit at most", deposit, inside)
        amounts = [takings[each]["deposited"] for each in expected_inside]
        assert deposit["undone"] or deposit["amount"] == sum(amounts), ("PAY-7: what is in it", deposit, amounts)
        assert deposit["amount"] > 0, ("PAY-7: nothing to deposit", deposit)
    assert not inside, ("PAY-7: in no deposit that there is", inside)


def _running(amounts: Iterable[int]) -> Iterable[int]:
    total = 0
    for amount in amounts:
        total += amount
        yield total
