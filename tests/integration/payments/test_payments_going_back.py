"""Refunds at the provider, and what the bank takes back by webhook, on a real database (PAY-4, PAY-13)."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from carnet.ids import new_id
from payments.collection.domain.orders import Failed, Order, Succeeded
from payments.collection.outcomes import apply_notices
from payments.provider.interface import Ended, Refund, Reversed
from payments.receipts.domain.receiving import Payment
from payments.receipts.store import PAYMENTS
from payments.refunds.domain.reversing import Reversal
from payments.refunds.domain.settling import Settlement
from payments.refunds.store import REVERSALS, SETTLEMENTS
from tests.integration.payments.collecting_office import FIRST_DUE, Office
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.received_records import Family, Story
from tests.refused import problem

SUPPORT = "payments:read payments:correct"
DECLINED = Failed("account_closed", "closed")


@dataclass
class Season:
    """A family whose first of three instalments of 300 was collected; what staff and the provider do with it."""

    office: Office
    desk: Desk
    family: Family
    story: Story

    @property
    def contract(self) -> str:
        return self.story.contract

    async def charge(self) -> Order:
        (order,) = [order for order in await self.office.orders(self.contract) if order.kind == "charge"]
        return order

    async def refunds(self) -> list[Order]:
        return [order for order in await self.office.orders(self.contract) if order.kind == "refund"]

    async def falls_to(self, total: int) -> None:
        await self.office.payments.handles(self.story.changed(total, live_lines=min(total, 1)))

    async def settle(self, amount: int, how: str = "refunded") -> httpx.Response:
        version = (await self.office.payments.schedule(self.contract)).version
        body = {"amount": euros(amount), "how": how, "reason": "agreed"}
        path = f"/v1/schedules/{self.contract}/settlements"
        answer = await self.desk.post(path, body, version=version, scopes=SUPPORT)
        assert answer.status_code == 201, answer.text
        return answer

    async def handle(self, *notices: Ended | Reversed, provider: str = "sandbox") -> None:
        await apply_notices(self.office.database, provider, notices)

    async def payment(self) -> Payment:
        found = await self.office.database[PAYMENTS.name].find_one({"contract": self.contract})
        assert found is not None
        return PAYMENTS.read(found)

    async def settlement(self) -> Settlement:
        found = await self.office.database[SETTLEMENTS.name].find_one({"contract": self.contract})
        assert found is not None
        return SETTLEMENTS.read(found)

    async def reversals(self) -> list[Reversal]:
        found = await self.office.database[REVERSALS.name].find({"contract": self.contract}).to_list(None)
        return [REVERSALS.read(document) for document in found]

    async def balance(self) -> tuple[int, int, int]:
        """What is paid, to come and to refund."""
        schedule = await self.office.payments.schedule(self.contract)
        return schedule.paid, schedule.planned + schedule.unscheduled, schedule.refund_due

    async def names(self, after: int) -> list[str]:
        return (await self.office.payments.names_published(self.contract))[after:]


@pytest.fixture
async def season(desk: Desk, payments: Payments, family: Family) -> Season:
    office = Office(payments, sequence=1)
    await office.on(FIRST_DUE)
    contract = await office.family()
    await office.rounds()
    account = (await payments.schedule(contract)).account
    owner = Family(payments.organisation, account=account)
    return Season(office, desk, owner, Story(owner, contract=contract, sequence=1, total=900))


@pytest.fixture
async def cancelled(season: Season) -> Season:
    """The same, its contract cancelled whole: 300 are to go back, after five events."""
    await season.falls_to(0)
    assert await season.balance() == (300, 0, 300)
    assert await season.names(3) == ["ScheduleAdjusted", "RefundLineCreated"]
    return season


async def test_pay_4_a_refund_is_sent_once_under_its_own_key(cancelled: Season) -> None:
    season, provider = cancelled, cancelled.office.provider
    await season.settle(200)
    assert await season.balance() == (100, 0, 100)
    await season.office.rounds()
    (order,) = await season.refunds()
    charge = await season.charge()
    assert provider.book[order.id] == Refund(
        key=order.id,
        organisation=season.office.payments.organisation,
        amount=200,
        currency="EUR",
        charge=charge.reference or "none",
    )
    assert (order.status, order.reference, order.check_at) == ("succeeded", f"ref-{order.id}", None)
    assert await season.balance() == (100, 0, 100)
    assert await season.names(5) == ["RefundLineSettled"]
    attempts = (await season.desk.get(f"/v1/schedules/{season.contract}/attempts")).json()["items"]
    shown = {attempt["kind"]: attempt for attempt in attempts}
    assert shown["refund"]["settlement"] == (await season.settlement()).id
    assert (shown["refund"]["status"], shown["refund"]["payment"]) == ("succeeded", charge.id)


@pytest.mark.parametrize("token", ["charged_unanswered", "not_charged_unanswered"])
async def test_pay_4_a_refund_that_is_not_answered_is_never_made_twice(cancelled: Season, token: str) -> None:
    cancelled.office.provider.refunds = token
    await cancelled.settle(300)
    await cancelled.office.rounds()
    (order,) = await cancelled.refunds()
    assert order.status == "asked"
    await cancelled.office.time_passes()
    await cancelled.office.rounds()
    assert [each.status for each in await cancelled.refunds()] == ["succeeded"]
    assert sum(isinstance(sent, Refund) for sent in cancelled.office.provider.book.values()) == 1
    assert await cancelled.balance() == (0, 0, 0)


async def test_pay_4_a_refund_that_is_refused_is_paid_again_and_listed_with_its_cause(cancelled: Season) -> None:
    season = cancelled
    season.office.provider.refunds = "refused"
    settled = (await season.settle(300)).json()["settlement"]
    assert (await season.desk.get("/v1/refund-lines")).json()["items"] == []
    await season.office.rounds()
    assert await season.balance() == (300, 0, 300)
    assert await season.names(5) == ["RefundLineSettled", "RefundFailed", "RefundLineCreated"]
    failed = (await season.office.payments.published(season.contract))[6]
    assert (failed["data"]["settlement"], failed["data"]["amount"]) == (settled["id"], 300)
    assert (failed["data"]["reason"], failed["actor"]) == ("refused", "service:payments")
    (line,) = (await season.desk.get("/v1/refund-lines")).json()["items"]
    assert line["cause"] == {"kind": "refund_failed", "id": settled["id"]}
    (kept,) = (await season.desk.get(f"/v1/schedules/{season.contract}/settlements")).json()["items"]
    assert (kept["failed"], kept["payments"][0]["failed"]) == (euros(300), "refused")
    assert (await season.payment()).refunded == 0
    await season.settle(300, "converted")
    assert await season.balance() == (0, 0, 0)


async def test_pay_4_a_refund_that_fails_days_later_is_undone_once_whatever_is_reported(cancelled: Season) -> None:
    season = cancelled
    season.office.provider.refunds = "pending"
    await season.settle(300)
    await season.office.rounds()
    (order,) = await season.refunds()
    assert (order.status, await season.balance()) == ("pending", (0, 0, 0))
    await season.handle(Ended(order.id, DECLINED), provider="stripe")
    assert await season.balance() == (0, 0, 0)
    for _ in range(3):
        await season.handle(Ended(order.id, DECLINED))
    await season.handle(Ended(order.id, Succeeded("late and stale")))
    assert await season.balance() == (300, 0, 300)
    assert await season.names(5) == ["RefundLineSettled", "RefundFailed", "RefundLineCreated"]
    assert [each.status for each in await season.refunds()] == ["failed"]


async def test_pay_4_a_refund_that_fails_though_it_was_reported_as_made_is_undone_once(cancelled: Season) -> None:
    season = cancelled
    await season.settle(300)
    await season.office.rounds()
    (order,) = await season.refunds()
    assert order.status == "succeeded"
    for _ in range(2):
        await season.handle(Ended(order.id, DECLINED))
        await season.handle(Ended(order.id, Succeeded("again")))
    assert await season.balance() == (300, 0, 300)
    assert await season.names(5) == ["RefundLineSettled", "RefundFailed", "RefundLineCreated"]
    assert ((await season.refunds())[0].status, (await season.payment()).refunded) == ("failed", 0)


async def test_pay_4_the_contract_may_have_changed_while_a_refund_was_under_way(cancelled: Season) -> None:
    season = cancelled
    season.office.provider.refunds = "pending"
    await season.settle(300)
    await season.office.rounds()
    await season.falls_to(500)
    assert await season.balance() == (0, 500, 0)
    (order,) = await season.refunds()
    await season.handle(Ended(order.id, DECLINED))
    assert await season.balance() == (300, 200, 0)


# What the bank takes back


async def test_pay_13_a_webhook_takes_a_payment_back_once_however_often_it_comes(season: Season) -> None:
    charge = await season.charge()
    notice = Reversed("rev_1", charge.id, 300, "returned_debit")
    await asyncio.gather(*(season.handle(notice, notice) for _ in range(4)))
    assert await season.balance() == (0, 900, 0)
    schedule = await season.office.payments.schedule(season.contract)
    again = [each for each in schedule.instalments if each.on_request]
    assert [(each.due, each.amount, each.collect_on) for each in again] == [(FIRST_DUE, 300, None)]
    assert await season.names(3) == ["PaymentReversed"]
    published = (await season.office.payments.published(season.contract))[3]["data"]
    assert (published["payment"], published["amount"], published["reason"]) == (charge.id, 300, "returned_debit")
    (kept,) = await season.reversals()
    assert (kept.payment, kept.amount, kept.recorded_by) == (charge.id, 300, "service:payments")
    assert ((await season.payment()).reversed, (await season.payment()).remaining) == (300, 0)
    await season.office.rounds()
    assert len(await season.office.orders(season.contract)) == 1, "it is not collected automatically"


async def test_pay_13_each_reversal_of_a_payment_counts(season: Season) -> None:
    charge = await season.charge()
    parts = [Reversed(f"rev_{n}", charge.id, amount, "chargeback") for n, amount in enumerate((100, 50))]
    await season.handle(*parts)
    await season.handle(*reversed(parts))
    assert (await season.balance(), (await season.payment()).reversed) == ((150, 750, 0), 150)


async def test_pay_13_what_is_reported_of_an_unknown_order_or_by_another_provider_moves_nothing(season: Season) -> None:
    charge = await season.charge()
    before = await season.office.payments.schedule(season.contract)
    await season.handle(Reversed("rev_1", new_id(), 300, "chargeback"))
    await season.handle(Reversed("rev_1", charge.id, 300, "chargeback"), provider="stripe")
    assert await season.office.payments.schedule(season.contract) == before
    assert await season.reversals() == []


async def test_pay_13_a_refund_is_not_reversed(cancelled: Season) -> None:
    await cancelled.settle(300)
    await cancelled.office.rounds()
    (refund,) = await cancelled.refunds()
    await cancelled.handle(Reversed("rev_1", refund.id, 300, "chargeback"))
    assert (await cancelled.balance(), await cancelled.reversals()) == ((0, 0, 0), [])


async def test_pay_13_a_return_that_is_received_before_its_success_waits_for_it(
    desk: Desk, payments: Payments, family: Family
) -> None:
    office = Office(payments, sequence=1)
    await office.on(FIRST_DUE)
    contract = await office.family("pending")
    await office.rounds()
    order = await office.order(contract)
    season = Season(office, desk, family, Story(family, contract=contract, sequence=1, total=900))
    for _ in range(2):
        await season.handle(Reversed("rev_1", order.id, 300, "returned_debit"))
    assert (await payments.schedule(contract)).processing == 300
    assert await season.names(2) == []
    for _ in range(2):
        await season.handle(Ended(order.id, Succeeded("late")), Reversed("rev_1", order.id, 300, "returned_debit"))
    assert await season.balance() == (0, 900, 0)
    assert await season.names(2) == ["PaymentCollected", "PaymentReversed"]
    assert [each.amount for each in await season.reversals()] == [300]


async def test_pay_13_what_was_refunded_before_is_kept_beyond_and_covered_by_a_refund_that_fails(
    cancelled: Season,
) -> None:
    season = cancelled
    season.office.provider.refunds = "pending"
    await season.settle(300)
    await season.office.rounds()
    charge, (refund,) = await season.charge(), await season.refunds()
    await season.handle(Reversed("rev_1", charge.id, 300, "chargeback"))
    assert await season.balance() == (0, 0, 0)
    (kept,) = (await season.desk.get(f"/v1/schedules/{season.contract}/reversals")).json()["items"]
    assert (kept["amount"], kept["beyond"]) == (euros(300), euros(300))
    (paid,) = (await season.desk.get(f"/v1/schedules/{season.contract}/payments")).json()["items"]
    assert (paid["refunded"], paid["reversed"], paid["beyond"]) == (euros(300), euros(0), euros(300))
    await season.handle(Ended(refund.id, DECLINED))
    assert await season.balance() == (0, 0, 0)
    (paid,) = (await season.desk.get(f"/v1/schedules/{season.contract}/payments")).json()["items"]
    assert (paid["refunded"], paid["reversed"], paid["beyond"]) == (euros(0), euros(300), euros(0))
    assert await season.names(5) == ["RefundLineSettled", "PaymentReversed", "RefundFailed"]


async def test_pay_13_what_staff_recorded_first_the_provider_confirms_and_takes_nothing(season: Season) -> None:
    charge, version = await season.charge(), (await season.office.payments.schedule(season.contract)).version
    path = f"/v1/schedules/{season.contract}/payments/{charge.id}/reversal"
    done = await season.desk.post(path, {"reason": "chargeback"}, version=version, scopes=SUPPORT)
    assert done.status_code == 201, done.text
    version = done.json()["schedule"]["version"]
    paid = await season.desk.pay(season.contract, 300, version=version, method="transfer")
    assert paid.status_code == 201, paid.text
    before, names = await season.balance(), await season.names(0)
    for _ in range(2):
        await season.handle(Reversed("rev_1", charge.id, 300, "chargeback"))
    assert await season.balance() == before
    assert await season.names(len(names)) == ["ReversalConfirmed"]
    payment = await season.payment()
    assert (payment.reversed, payment.beyond, payment.lost) == (300, 0, 0)
    (shown,) = (await season.desk.get(f"/v1/schedules/{season.contract}/reversals")).json()["items"]
    assert (shown["amount"], shown["unconfirmed"], shown["by_provider"]) == (euros(300), euros(0), False)


async def test_pay_13_what_the_provider_reported_first_staff_records_only_as_another(season: Season) -> None:
    charge = await season.charge()
    await season.handle(Reversed("rev_1", charge.id, 100, "chargeback"))
    version = (await season.office.payments.schedule(season.contract)).version
    path = f"/v1/schedules/{season.contract}/payments/{charge.id}/reversal"
    body = {"reason": "chargeback", "amount": euros(100)}
    for tail in ("", "/preview"):
        refused = problem(await season.desk.post(path + tail, body, version=version), 409, "reversed-before")
        (known,) = await season.reversals()
        assert refused["params"] == {"payment": charge.id, "reversals": [known.id], "amount": 100}
    done = await season.desk.post(path, body | {"another": True}, version=version)
    assert done.status_code == 201, done.text
    await season.handle(Reversed("rev_2", charge.id, 150, "chargeback"))
    assert sorted(each.amount for each in await season.reversals()) == [50, 100, 100]
    assert (await season.payment()).reversed == 250


async def test_pay_13_the_desk_and_a_webhook_at_the_same_moment_are_one_reversal(season: Season) -> None:
    charge, version = await season.charge(), (await season.office.payments.schedule(season.contract)).version
    path = f"/v1/schedules/{season.contract}/payments/{charge.id}/reversal"
    answer, *_ = await asyncio.gather(
        season.desk.post(path, {"reason": "chargeback"}, version=version, scopes=SUPPORT),
        season.handle(Reversed("rev_1", charge.id, 300, "chargeback")),
        season.handle(Reversed("rev_1", charge.id, 300, "chargeback")),
    )
    assert answer.status_code in (201, 412), answer.text
    assert [each.amount for each in await season.reversals()] == [300]
    payment = await season.payment()
    assert (payment.reversed, payment.beyond) == (300, 0)


async def test_pay_13_a_reversal_kept_before_shows_by_its_actor_who_reported_it(season: Season) -> None:
    charge = await season.charge()
    await season.handle(Reversed("rev_1", charge.id, 100, "chargeback"))
    gone = {"$unset": {"by_provider": 1, "confirmed": 1, "schema": 1}}
    await season.office.database[REVERSALS.name].update_many({}, gone)
    (kept,) = await season.reversals()
    assert (kept.by_provider, kept.unconfirmed) == (True, 0)


async def test_pay_13_a_webhook_and_the_desk_at_the_same_moment_never_break_the_balance(season: Season) -> None:
    await season.falls_to(100)
    charge, version = await season.charge(), (await season.office.payments.schedule(season.contract)).version
    path = f"/v1/schedules/{season.contract}/settlements"
    body: dict[str, Any] = {"amount": euros(200), "how": "refunded"}
    answer, *_ = await asyncio.gather(
        season.desk.post(path, body, version=version, scopes=SUPPORT),
        season.handle(Reversed("rev_1", charge.id, 150, "chargeback")),
        season.handle(Reversed("rev_2", charge.id, 50, "chargeback")),
    )
    payment = await season.payment()
    paid, due, refund_due = await season.balance()
    assert paid == 300 - payment.refunded - payment.reversed
    assert paid + due - refund_due == 100
    assert payment.reversed + payment.beyond == 200
    if answer.status_code == 412:
        assert problem(answer, 412, "version-moved")
        assert (payment.refunded, refund_due) == (0, 0)
    else:
        assert (answer.status_code, payment.refunded) == (201, 200)
