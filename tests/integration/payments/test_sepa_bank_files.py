"""What a bank's files say of debits is applied once, in whichever order and however often they say it (PAY-18)."""

import asyncio
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from carnet.job_runs import Jobs
from carnet.journal import SLOTS
from carnet_sandbox.bank import (
    FOREIGN,
    Entry,
    Order,
    came_back,
    credited,
    credited_whole,
    interleaved,
    read_order,
    statement,
    status_report,
)
from payments.collection.store.orders import ORDERS
from payments.sepa.applying import APPLYING
from payments.sepa.store.bank_files import BANK_FILES
from tests.integration.payments.conftest import Desk
from tests.integration.payments.debiting import built, moved, sold, with_settings
from tests.integration.payments.received_records import Family, clock_at, organisation_record
from tests.refused import problem

DAY = date(2026, 11, 24)
IBAN = "FR1420041010050500013M02606"
OTHER_IBAN = "FR7630006000011234567890189"


@dataclass
class Bank:
    """A remittance at the bank: what it holds, and the files by which the bank answers."""

    desk: Desk
    remittance: str
    order: Order
    contracts: tuple[str, ...]

    def debit(self, number: int) -> str:
        """The end-to-end id of the debit of that contract."""
        return self.attempts[self.contracts[number]].replace("-", "")

    attempts: dict[str, str]

    async def sends(self, content: bytes, **changes: Any) -> dict[str, Any]:
        """A file that is read and applied: what it came to."""
        body = {"name": "releve.xml", "content": b64encode(content).decode(), **changes}
        answer = await self.desk.post("/v1/bank-files", body)
        assert answer.status_code == 201, answer.text
        await applied(self.desk)
        shown = await self.desk.get(f"/v1/bank-files/{answer.json()['id']}")
        assert shown.json()["status"] == "done"
        report: dict[str, Any] = shown.json()
        return report

    async def states(self, entries: Iterable[Entry]) -> dict[str, int]:
        report = await self.sends(statement(IBAN, DAY, entries))
        outcomes: dict[str, int] = report["outcomes"]
        return outcomes

    async def paid(self) -> list[int]:
        """What is paid of each contract; the statement of its account says the same (PAY-16)."""
        schedules = [await self.desk.payments.schedule(each) for each in self.contracts]
        for schedule in schedules:
            shown = (await self.desk.get(f"/v1/accounts/{schedule.account}/statement")).json()
            assert shown["closing"]["amount"] == schedule.total - schedule.paid, shown
            assert not [each for each in shown["items"] if each["kind"] == "other"], shown
        return [schedule.paid for schedule in schedules]


async def applied(desk: Desk, chunk: int = 50) -> None:
    jobs = Jobs(desk.payments.database, [APPLYING], chunk=chunk)
    while await jobs.round(frozenset(range(SLOTS)), asyncio.Event()):
        pass


@pytest.fixture
async def bank(desk: Desk, family: Family) -> Bank:
    """Three families whose first instalment of 3 euros is at the bank, on the day of collection."""
    await with_settings(desk)
    families = [family, Family(family.organisation), Family(family.organisation)]
    contracts = tuple([await sold(desk, each) for each in families])
    made = await built(desk)
    file = await desk.get(f"/v1/remittances/{made['id']}/file")
    await moved(desk, made["id"], "sent", version=1)
    await desk.payments.handles(organisation_record(family.organisation, 2, clock_ahead=clock_at(DAY)))
    debits = (await desk.get(f"/v1/remittances/{made['id']}/debits")).json()["items"]
    attempts = {each["contract"]: each["attempt"] for each in debits}
    return Bank(desk, made["id"], read_order(file.content), contracts, attempts)


async def test_pay_18_a_statement_pays_refuses_and_leaves_what_is_of_others(bank: Bank) -> None:
    back = bank.debit(1)
    entries = interleaved(FOREIGN, credited(bank.order), came_back(bank.order, {back: "AM04"}))
    assert await bank.states(entries) == {"paid": 2, "refused": 1, "known": 1, "foreign": 3}
    assert await bank.paid() == [300, 0, 300]
    failed = await bank.desk.payments.schedule(bank.contracts[1])
    assert [each.next_try for each in failed.instalments if each.tries] == [date(2026, 11, 27)]
    shown = (await bank.desk.get(f"/v1/remittances/{bank.remittance}")).json()
    assert (shown["status"], shown["ended_on"]) == ("collected", DAY.isoformat())
    debits = (await bank.desk.get(f"/v1/remittances/{bank.remittance}/debits")).json()["items"]
    refused = next(each for each in debits if each["contract"] == bank.contracts[1])
    assert (refused["status"], refused["reason"], refused["code"]) == ("failed", "insufficient_funds", "AM04")


async def test_pay_18_the_same_again_changes_nothing_in_whichever_order_and_file(bank: Bank) -> None:
    content = statement(IBAN, DAY, [*credited(bank.order), *came_back(bank.order, {bank.debit(1): "MD06"})])
    first = await bank.sends(content)
    before = [await bank.desk.payments.schedule(each) for each in bank.contracts]
    second = await bank.sends(content)
    assert (second["read_before"], second["outcomes"]) == (first["id"], {"known": 4})
    turned = [*came_back(bank.order, {bank.debit(1): "MD06"}), *reversed(credited(bank.order))]
    assert await bank.states(turned) == {"known": 4}
    assert await bank.states([credited_whole(bank.order)]) == {"known": 3}
    assert [await bank.desk.payments.schedule(each) for each in bank.contracts] == before
    listed = (await bank.desk.get("/v1/bank-files")).json()["items"]
    assert [sum(each["outcomes"].values()) for each in listed] == [3, 4, 4, 4]


async def test_pay_18_a_return_after_the_credit_is_a_reversal_and_ends_a_useless_mandate(bank: Bank) -> None:
    assert await bank.states([credited_whole(bank.order)]) == {"paid": 3}
    late = came_back(bank.order, {bank.debit(0): "MD06", bank.debit(1): "AC04"})
    assert await bank.states(late) == {"reversed": 2}
    assert await bank.paid() == [0, 0, 300]
    published = await bank.desk.payments.names_published(bank.contracts[0])
    assert published[-1] == "PaymentReversed"
    assert published.count("PaymentReversed") == 1
    owners = [(await bank.desk.payments.schedule(each)).account for each in bank.contracts]
    kept = [(await bank.desk.get(f"/v1/accounts/{each}/payment-methods")).json()["methods"] for each in owners]
    assert [len(each) for each in kept] == [1, 0, 1]
    assert (await bank.sends(status_report(bank.order, {bank.debit(0): "MD06"})))["outcomes"] == {"known": 1}
    debits = (await bank.desk.get(f"/v1/remittances/{bank.remittance}/debits")).json()["items"]
    assert {each["contract"]: (each["returned"], each["code"]) for each in debits} == {
        bank.contracts[0]: (True, "MD06"),
        bank.contracts[1]: (True, "AC04"),
        bank.contracts[2]: (False, None),
    }


async def test_pay_18_what_staff_recorded_first_is_not_taken_twice(bank: Bank) -> None:
    path = f"/v1/remittances/{bank.remittance}"
    await bank.desk.post(f"{path}/debits/{bank.attempts[bank.contracts[0]]}/refusal", {"reason": "refused"})
    await bank.desk.post(f"{path}/collected", None, version=2)
    schedule = await bank.desk.payments.schedule(bank.contracts[1])
    (payment,) = (await bank.desk.get(f"/v1/schedules/{bank.contracts[1]}/payments")).json()["items"]
    reversal = f"/v1/schedules/{bank.contracts[1]}/payments/{payment['id']}/reversal"
    await bank.desk.post(reversal, {"reason": "returned_debit"}, version=schedule.version)
    assert await bank.paid() == [0, 0, 300]
    entries = [*credited(bank.order), *came_back(bank.order, {bank.debit(0): "AM04", bank.debit(1): "AM04"})]
    assert await bank.states(entries) == {"known": 5}
    assert await bank.paid() == [0, 0, 300]


async def test_pay_18_a_return_before_the_credit_leaves_nothing_paid(bank: Bank) -> None:
    assert await bank.states(came_back(bank.order, {bank.debit(0): "MS03"})) == {"refused": 1}
    assert await bank.states([credited_whole(bank.order)]) == {"known": 1, "paid": 2}
    assert await bank.paid() == [0, 300, 300]


async def test_pay_18_a_rejected_file_refuses_all_and_nothing_is_left_open(bank: Bank) -> None:
    accepted = await bank.sends(status_report(bank.order, {}))
    assert accepted["outcomes"] == {"accepted": 1}
    assert (await bank.sends(status_report(bank.order, {}, whole="FF01")))["outcomes"] == {"refused": 3}
    assert await bank.paid() == [0, 0, 0]
    assert (await bank.desk.get(f"/v1/remittances/{bank.remittance}")).json()["status"] == "collected"


async def test_pay_18_what_does_not_fit_is_left_and_reported(bank: Bank) -> None:
    path = f"/v1/remittances/{bank.remittance}/debits/{bank.attempts[bank.contracts[2]]}/refusal"
    await bank.desk.post(path, {"reason": "refused"})
    entries = [
        Entry("2.99", True, bank.debit(0)),
        Entry("1.00", False, bank.debit(0), code="AM04"),
        Entry("8.00", True, part=bank.order.part),
        Entry("9.00", False, part=bank.order.part),
        Entry("3.00", True, bank.debit(0), code="AM04"),
        Entry("3.00", True, bank.debit(1), booked=False),
        Entry("3.00", True, bank.debit(2)),
    ]
    report = await bank.sends(statement(IBAN, DAY, entries))
    assert report["outcomes"] == {"amount_differs": 3, "unclear": 2, "not_booked": 1, "credited_after_refusal": 1}
    assert await bank.paid() == [0, 0, 0]
    lines = f"/v1/bank-files/{report['id']}/lines"
    left = (await bank.desk.get(lines, left="true")).json()["items"]
    assert sorted(each["number"] for each in left) == [1, 2, 3, 4, 5, 7]
    (seventh,) = [each for each in left if each["number"] == 7]
    assert (seventh["contract"], seventh["owner"], seventh["amount"]["amount"]) == (
        bank.contracts[2],
        "Inès Martin",
        300,
    )
    (other,) = (await bank.desk.get(lines, left="false")).json()["items"]
    assert other["outcome"] == "not_booked"


async def test_pay_18_a_whole_credit_without_what_was_refused_pays_the_others(bank: Bank) -> None:
    await bank.sends(status_report(bank.order, {bank.debit(1): "AC01"}))
    assert await bank.states([Entry("6.00", True, part=bank.order.part)]) == {"paid": 2}
    assert await bank.paid() == [300, 0, 300]


async def test_pay_18_a_file_that_is_not_marked_as_sent_or_was_taken_back_is_left(desk: Desk, family: Family) -> None:
    await with_settings(desk)
    contract = await sold(desk, family)
    made = await built(desk)
    order = read_order((await desk.get(f"/v1/remittances/{made['id']}/file")).content)
    attempt = (await desk.get(f"/v1/remittances/{made['id']}/debits")).json()["items"][0]["attempt"]
    bank = Bank(desk, made["id"], order, (contract,), {contract: attempt})
    assert await bank.states(credited(order)) == {"not_sent": 1}
    await moved(desk, made["id"], "taking-back", version=1)
    assert await bank.states(credited(order)) == {"taken_back": 1}
    assert await bank.paid() == [0]


async def test_pay_18_the_statement_of_another_account_or_school_does_nothing(bank: Bank) -> None:
    content = statement(OTHER_IBAN, DAY, credited(bank.order))
    body = {"name": "releve.xml", "content": b64encode(content).decode()}
    refused = problem(await bank.desk.post("/v1/bank-files", body), 409, "bank-file-other-account")
    assert refused["params"]["found"] == "0189"
    assert OTHER_IBAN not in str(refused)
    nothing = {"name": "releve.xml", "content": b64encode(b"<a/>").decode()}
    problem(await bank.desk.post("/v1/bank-files", nothing), 422, "bank-file-kind")
    problem(await bank.desk.post("/v1/bank-files", body, scopes="payments:read"), 403, "scope-missing")
    assert await bank.desk.payments.database[BANK_FILES.name].count_documents({}) == 0
    await bank.desk.payments.handles(organisation_record(other := "01900000-0000-7000-8000-0000000000e1"))
    theirs = await bank.desk.put("/v1/sepa-settings", {"name": "B", "creditor": "FR72ZZZ123456", "iban": IBAN},
                                 version=0, organisation=other)  # fmt: skip
    assert theirs.status_code == 200, theirs.text
    body["content"] = b64encode(statement(IBAN, DAY, credited(bank.order))).decode()
    answer = await bank.desk.post("/v1/bank-files", body, organisation=other)
    assert answer.json()["outcomes"] == {"foreign": 3}
    problem(await bank.desk.get(f"/v1/bank-files/{answer.json()['id']}"), 404, "unknown-bank-file")
    problem(await bank.desk.get(f"/v1/bank-files/{answer.json()['id']}/lines"), 404, "unknown-bank-file")
    await applied(bank.desk)
    assert await bank.paid() == [0, 0, 0]


async def test_pay_18_two_files_at_once_and_a_worker_that_dies_apply_each_debit_once(bank: Bank) -> None:
    content = statement(IBAN, DAY, credited(bank.order))
    body = {"name": "releve.xml", "content": b64encode(content).decode()}
    await asyncio.gather(*(bank.desk.post("/v1/bank-files", body) for _ in range(3)))
    stopping = asyncio.Event()
    stopping.set()
    await Jobs(bank.desk.payments.database, [APPLYING]).round(frozenset(range(SLOTS)), stopping)
    await asyncio.gather(*(applied(bank.desk, chunk=1) for _ in range(3)))
    assert await bank.paid() == [300, 300, 300]
    for contract in bank.contracts:
        assert (await bank.desk.payments.names_published(contract)).count("PaymentCollected") == 1
    orders = await bank.desk.payments.database[ORDERS.name].find({}).to_list(None)
    assert {each["status"] for each in orders} == {"succeeded"}
