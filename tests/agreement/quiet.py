"""What must hold once everything published is handled: the services agree, to the unit."""

from collections import defaultdict
from collections.abc import Mapping
from urllib.parse import urlencode

from carnet.events import TOPICS
from carnet_operations.reactions import followers
from carnet_operations.verify.published.journals import Following
from carnet_operations.verify.published.topics import Reading, take
from carnet_operations.verify.reading import Databases
from carnet_operations.verify.report import Report
from carnet_operations.verify.walks import Walks
from contracts.contracts.store import SCHEDULES as KNOWN_SCHEDULES
from credits.packs.store import PACKS
from credits.scholarships.store import SCHOLARSHIP_USES
from credits.store import CREDITS, ENTRIES, SELLING, VOUCHERS
from payments.banking.store import TAKINGS
from payments.collection.store.orders import ORDERS
from payments.provider.interface import Charge, Refund
from payments.receipts.store import PAYMENTS
from payments.refunds.store import SETTLEMENTS
from payments.schedules.store import SCHEDULES
from tests.agreement.attending import PackBook
from tests.agreement.journals import Listener, unpublished
from tests.agreement.oracle import ContractBook, Till
from tests.agreement.school import PACK, SESSIONS, VOUCHER, WORTH
from tests.agreement.states import balance_of
from tests.memory.bank import Bank
from tests.memory.suite import Suite


def check(
    suite: Suite, books: Mapping[str, ContractBook], listener: Listener, used: Mapping[str, PackBook] | None = None
) -> None:
    """Everything that holds when all is handled."""
    assert not unpublished(suite)
    check_answers(suite, books, listener)
    check_handled(suite)
    check_sold_credits(suite, books, listener)
    check_vouchers(suite, books)
    check_packs(suite, books, used or {})
    check_scholarships(suite, books)
    check_uses(suite)


def check_at_rest(suite: Suite, till: Till, bank: Bank) -> None:
    """What holds once no order is open either, and the bank has reported all that it did."""
    check_bank(suite, bank)
    check_cash(suite, till, bank)
    check_statements(suite)
    check_till(suite)
    report = suite.run(verified(suite))
    assert report.ok, report.findings


def check_answers(suite: Suite, books: Mapping[str, ContractBook], listener: Listener) -> None:
    """Each opening and each change was answered once, in order; the schedule covers the newest (EVT-1)."""
    schedules = suite.services["payments"].database.documents(SCHEDULES.name)
    assert schedules.keys() == books.keys(), ("EVT-1: contracts without schedule", schedules.keys(), books.keys())
    for id_, book in books.items():
        assert not book.pending, ("CRE-4: nobody answered", id_)
        assert listener.schedules[id_].answered == listener.changes[id_], ("EVT-1", id_)
        assert len(listener.changes[id_]) == book.changes, ("changes published", id_)
        assert schedules[id_]["covers"] == listener.newest[id_] == max(book.totals), ("EVT-1: the version covered", id_)
        assert schedules[id_]["total"] == book.total, ("CON-1", id_, schedules[id_]["total"], book.total)
        due = balance_of(schedules[id_])
        settled = not (due["planned"] or due["unscheduled"] or due["processing"])
        assert listener.schedules[id_].paid == (settled and bool(book.live)), ("PAY-8", id_, due)


def check_handled(suite: Suite) -> None:
    """Contracts knows each schedule as it is (CON-3, PAY-14)."""
    copies = suite.services["contracts"].database.documents(KNOWN_SCHEDULES.name)
    for id_, schedule in suite.services["payments"].database.documents(SCHEDULES.name).items():
        expected = (schedule["version"], schedule["covers"], balance_of(schedule))
        found = (copies[id_]["version"], copies[id_]["covers"], copies[id_]["balance"])
        assert found == expected, ("CON-3", id_, found, expected)


def check_sold_credits(suite: Suite, books: Mapping[str, ContractBook], listener: Listener) -> None:
    """A line that sells a credit has granted it where its contract is paid, and has it no more once cancelled.

    It brings less than it did only where credits said that its credit does not exist yet.
    """
    lowered = {line for book in books.values() for line in book.lowered}
    assert lowered <= listener.postponed, ("CON-11: brings less, and nobody was asked", lowered - listener.postponed)
    granted = suite.services["credits"].database.documents(CREDITS.name)
    schedules = suite.services["payments"].database.documents(SCHEDULES.name)
    for id_, selling in suite.services["credits"].database.documents(SELLING.name).items():
        assert (selling["reopened_on"] is not None) == listener.schedules[id_].reopened, ("CRE-2", id_, selling)
    sold = defaultdict(set)
    for id_, book in books.items():
        due = balance_of(schedules[id_])
        paid = not (due["planned"] or due["unscheduled"] or due["processing"])
        for line_id, line in book.lines.items():
            if line.name not in WORTH:
                continue
            sold[id_].add(line_id)
            credit = granted.get(line_id)
            if line.live and paid:
                assert credit is not None, ("CRE-2: paid and not granted", line_id)
            if credit is not None:
                assert credit["amount"] == WORTH[line.name], ("CRE-1", credit)
                assert (credit["removed_on"] is None) == line.live, ("CRE-4", line_id, credit)


def check_vouchers(suite: Suite, books: Mapping[str, ContractBook]) -> None:
    """A paid line has issued its voucher; each covers one live line at most, and each covered line has one (CRE-9)."""
    vouchers = suite.services["credits"].database.documents(VOUCHERS.name)
    schedules = suite.services["payments"].database.documents(SCHEDULES.name)
    covered = {line_id for book in books.values() for line_id, line in book.live.items() if line.covered}
    covers = [voucher["covers"]["line"] for voucher in vouchers.values() if voucher["covers"]]
    assert sorted(covers) == sorted(covered), ("CRE-9: the lines that vouchers cover", covers, covered)
    for id_, book in books.items():
        due = balance_of(schedules[id_])
        paid = not (due["planned"] or due["unscheduled"] or due["processing"])
        for line_id, line in book.lines.items():
            if line.name != VOUCHER:
                continue
            voucher = vouchers.get(line_id)
            assert voucher is not None or not (line.live and paid), ("CRE-9: paid and not issued", line_id)
            assert voucher is None or (voucher["standing"] != "removed") == line.live, ("CON-8", line_id, voucher)


def check_packs(suite: Suite, books: Mapping[str, ContractBook], used: Mapping[str, PackBook]) -> None:
    """A paid line has issued its pack; what is left is what was sold and moved; used, it goes with a fee (CRE-10)."""
    packs = suite.services["credits"].database.documents(PACKS.name)
    schedules = suite.services["payments"].database.documents(SCHEDULES.name)
    for id_, book in books.items():
        due = balance_of(schedules[id_])
        paid = not (due["planned"] or due["unscheduled"] or due["processing"])
        for line_id, line in book.lines.items():
            if line.name != PACK:
                continue
            pack, moved = packs.get(line_id), used.get(line_id, PackBook())
            assert pack is not None or not (line.live and paid), ("CRE-10: paid and not issued", line_id)
            if pack is None:
                continue
            removed = pack["standing"] == "removed"
            assert removed != line.live, ("CON-8", line_id, pack)
            used_up = removed and bool(moved.uses or moved.moved < 0)
            assert not used_up or line.with_fee, ("CON-8: used, and removed without a fee", pack)
            left = 0 if removed else SESSIONS + moved.moved
            assert (pack["left"], pack["uses"]) == (left, len(moved.uses)), ("CRE-10", pack, moved)


def check_scholarships(suite: Suite, books: Mapping[str, ContractBook]) -> None:
    """What scholarships cover is what the live lines of contracts say is covered, to the unit (CRE-11)."""
    uses = suite.services["credits"].database.documents(SCHOLARSHIP_USES.name)
    found = {id_: (use["scholarship"], use["amount"]) for id_, use in uses.items() if use["amount"]}
    lines = [(id_, line) for book in books.values() for id_, line in book.live.items() if line.aid]
    said = {id_: (line.scholarship, line.aid) for id_, line in lines}
    assert found == said, ("CRE-11: uses and lines", found, said)
    moved = {id_: use["moved"] for id_, use in uses.items() if use["moved"]}
    assert not moved, ("CRE-11: taken over by a change that is made or refused", moved)


def check_uses(suite: Suite) -> None:
    """What the schedules say that each credit pays is what the credit says (CRE-3, CRE-6)."""
    paying: dict[tuple[str, str], int] = defaultdict(int)
    for id_, schedule in suite.services["payments"].database.documents(SCHEDULES.name).items():
        for use in schedule["credit_uses"]:
            paying[use["credit"], id_] += use["amount"]
    entries: dict[tuple[str, str], int] = defaultdict(int)
    for entry in suite.services["credits"].database.documents(ENTRIES.name).values():
        if entry["kind"] in ("used", "restored"):
            entries[entry["credit"], entry["contract"]] -= entry["amount"]
    found = {place: amount for place, amount in entries.items() if amount}
    assert found == dict(paying), ("CRE-3: uses and entries", dict(paying), found)


def check_bank(suite: Suite, bank: Bank) -> None:
    """The provider's book and Carnet's agree on every order: none twice, none forgotten (PAY-6, PAY-11)."""
    database = suite.services["payments"].database
    orders = database.documents(ORDERS.name)
    statuses = {id_: (order["status"], order["amount"]) for id_, order in orders.items()}
    booked = {key: (deed.status, deed.order.amount) for key, deed in bank.book.items()}
    assert statuses == booked, ("PAY-6: orders and the provider's book", statuses, booked)
    payments = database.documents(PAYMENTS.name)
    collected = {id_: payment["amount"] for id_, payment in payments.items() if payment["provider"]}
    assert collected == bank.done(Charge), ("PAY-6: payments and charges", collected, bank.done(Charge))
    refunded: dict[str, int] = defaultdict(int)
    for id_, amount in bank.done(Refund).items():
        refunded[orders[id_]["payment"]] += amount
    kept = {id_: payment["refunded"] for id_, payment in payments.items() if payment["refunded"]}
    assert kept == dict(refunded), ("PAY-4: what was refunded of each payment", kept, dict(refunded))
    above = {id_: amount for id_, amount in refunded.items() if amount > payments[id_]["amount"]}
    assert not above, ("PAY-4: more than it brought", above)


def check_cash(suite: Suite, till: Till, bank: Bank) -> None:
    """The law of conservation: what the school holds is what contracts have paid and what is left of credits.

    Less what was never money (credits granted by a sale, by staff), more what was removed, and
    what was waived, which the school holds for nobody; of what the bank took beyond what a
    contract had, the school has lost the money and no contract knows of it, but for what it
    recovered from credits; what is due of deposits that the bank took back, an account owes.
    """
    payments, granted = (suite.services[name].database for name in ("payments", "credits"))
    paid = sum(schedule["paid"] for schedule in payments.documents(SCHEDULES.name).values())
    beyond = sum(payment["beyond"] for payment in payments.documents(PAYMENTS.name).values())
    left = sum(credit["left"] for credit in granted.documents(CREDITS.name).values())
    entries = granted.documents(ENTRIES.name).values()
    sold = sum(each["amount"] for each in entries if each["reason"] in ("contract_paid", "line_cancelled"))
    due = sum(credit["due"] for credit in granted.documents(CREDITS.name).values())
    recovered = -sum(each["amount"] for each in entries if each["reason"] == "payment_reversed")
    owed = paid + left - sold - till.given + till.waived - beyond + recovered - due
    moved = sum(bank.done(Charge).values()) - sum(bank.done(Refund).values()) - taken_back(suite, till, bank)
    assert till.cash + moved == owed, ("the money", till, moved, paid, left, sold, beyond)


def check_statements(suite: Suite) -> None:
    """The statement of each account comes to what its schedules show, and to what is due of its deposits (PAY-16)."""
    payments, granted = (suite.services[name].database for name in ("payments", "credits"))
    owed: dict[str, int] = defaultdict(int)
    for schedule in payments.documents(SCHEDULES.name).values():
        owed[schedule["account"]] += schedule["total"] - schedule["paid"]
    for credit in granted.documents(CREDITS.name).values():
        owed[credit["account"]] += credit["due"]
    for account, amount in owed.items():
        answer = suite.ask("payments", "GET", f"/v1/accounts/{account}/statement?until=2100-01-01&limit=200")
        assert answer.ok, answer
        shown = answer.body
        assert shown["closing"]["amount"] == amount, ("PAY-16", account, amount, shown)
        assert not [each for each in shown["items"] if each["kind"] == "other"], ("PAY-16: not explained", shown)


def check_till(suite: Suite) -> None:
    """The accountant's export has in the till, and among the cheques, what waits to be taken to the bank (INV-7)."""
    period = {"from": "2024-01-01", "until": "2033-12-31"}
    answer = suite.ask("payments", "GET", f"/v1/books/balance?{urlencode(period)}")
    assert answer.ok, answer
    accounts = {"530000": "cash", "511200": "cheque"}
    booked = dict.fromkeys(accounts.values(), 0)
    for line in answer.body["items"]:
        if (method := accounts.get(line["account"]["number"])) is not None:
            booked[method] += line["debit"]["amount"] - line["credit"]["amount"]
    waiting = dict.fromkeys(booked, 0)
    for taking in suite.services["payments"].database.states(TAKINGS).values():
        if taking.waits:
            waiting[taking.method] += taking.left
    assert booked == waiting, ("INV-7: the till and the list of what goes to the bank", booked, waiting)


def taken_back(suite: Suite, till: Till, bank: Bank) -> int:
    """What the bank took of what the provider collected, each reversal once, no matter who reported it (PAY-13)."""
    database = suite.services["payments"].database
    taken = 0
    for id_, payment in database.documents(PAYMENTS.name).items():
        back = payment["reversed"] + payment["beyond"]
        assert back <= payment["amount"], ("PAY-13: taken back above what it brought", payment)
        if not payment["provider"]:
            continue
        by_staff, by_bank = till.reversed.get(id_, 0), bank.book[id_].taken_back
        once = max(by_staff, by_bank)
        most = once if id_ not in till.besides else by_staff + by_bank
        assert once <= back <= most, ("PAY-13: taken back once", id_, back, by_staff, by_bank)
        taken += back
    for id_, schedule in database.documents(SCHEDULES.name).items():
        of_it = [each for each in database.documents(PAYMENTS.name).values() if each["contract"] == id_]
        settled = [each for each in database.documents(SETTLEMENTS.name).values() if each["contract"] == id_]
        explained = sum(each["refunded"] for each in of_it)
        explained += sum(each["amount"] for each in settled if each["how"] != "refunded" and not each["voided"])
        beyond = sum(each["beyond"] for each in of_it)
        assert beyond <= explained, ("PAY-13: lost, and neither refunded nor settled before", id_, beyond, explained)
        lost = sum(each["beyond"] - each["resolved"] for each in of_it)
        assert schedule["lost"] == lost, ("PAY-9: what is lost", id_, schedule["lost"], lost)
    return taken


async def verified(suite: Suite) -> Report:
    """What ``carnet verify`` says of it."""
    report = Report()
    readings = {topic.name: Reading(topic) for topic in TOPICS}
    for lane, records in suite.bus.records.items():
        for record in records:
            take(record, readings[lane.topic], report)
    databases = Databases({name: service.database for name, service in suite.services.items()})
    await Walks(databases, Following(followers(), readings), report).all()
    return report
