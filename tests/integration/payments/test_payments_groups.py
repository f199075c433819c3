"""Commands of payments that arrive together share a transaction, each in its own savepoint (CRE-3, INV-1)."""

from collections.abc import Iterator

import httpx
import pytest

from carnet.ids import new_id
from tests.groups import Arriving, answered, statuses
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.invoicing import Sale, paid_sale, settle
from tests.integration.payments.received_records import Credit, Family, Story
from tests.refused import problem
from tests.waits import apis_wait


@pytest.fixture
def arriving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Arriving]:
    """What waits for the answers of other services is answered at once: nobody is to answer here."""
    with apis_wait(0.0):
        yield Arriving(monkeypatch)


async def test_cre_3_uses_of_credits_share_a_transaction_and_one_that_breaks_leaves_nothing(
    desk: Desk, payments: Payments, family: Family, arriving: Arriving
) -> None:
    credit, stories = Credit(family), [Story(family) for _ in range(4)]
    for story in stories:
        await payments.handles(story.opened(900))
    await payments.handles(credit.issued())
    contested, clicked, broken, unknown = stories
    key, fault = new_id(), new_id()

    async def uses(story: Story, key: str | None = None, of: str = credit.credit) -> httpx.Response:
        body = {"credit": of, "amount": euros(100)}
        return await desk.post(f"/v1/schedules/{story.contract}/credit-uses", body, version=1, key=key)

    sent = [uses(contested), uses(contested), uses(clicked, key), uses(clicked, key), uses(broken, fault)]
    answers = await arriving.send(*sent, broken=fault)
    assert sorted(statuses(answers[:2])) == [202, 412]
    assert statuses(answers[2:]) == [202, 202, 500]
    assert answered(answers[2]).json() == answered(answers[3]).json()
    assert (arriving.sizes, arriving.alone) == ([4], 0)
    problem(await uses(unknown, of=new_id()), 404, "unknown-credit")
    asked = [await payments.database["use_requests"].count_documents({"contract": each.contract}) for each in stories]
    assert asked == [1, 1, 0, 0]
    assert await payments.names_published(broken.contract) == ["ScheduleCreated"]
    assert [(await payments.schedule(each.contract)).version for each in stories] == [2, 2, 1, 1]


async def test_inv_1_invoices_that_are_asked_for_together_are_each_asked_for_once(
    desk: Desk, payments: Payments, family: Family, arriving: Arriving
) -> None:
    await settle(desk)
    contested, clicked, broken = [await paid_sale(desk, family) for _ in range(3)]
    key, fault = new_id(), new_id()

    async def asks(sale: Sale, key: str | None = None) -> httpx.Response:
        return await desk.post(f"/v1/schedules/{sale.contract}/invoices", {}, key=key)

    arriving.sizes.clear()  # the payments were recorded before, one by one
    sent = [asks(contested), asks(contested), asks(clicked, key), asks(clicked, key), asks(broken, fault)]
    answers = await arriving.send(*sent, broken=fault)
    assert sorted(statuses(answers[:2])) == [202, 409]
    assert statuses(answers[2:]) == [202, 202, 500]
    assert answered(answers[2]).json() == answered(answers[3]).json()
    assert (arriving.sizes, arriving.alone) == ([4], 0)
    requests = payments.database["invoice_requests"]
    asked = [
        await requests.count_documents({"contract": each.contract, "status": "requested"})
        for each in (contested, clicked, broken)
    ]
    assert asked == [1, 1, 0]
