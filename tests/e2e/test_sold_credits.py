"""What sold a client credit is cancelled through a running suite, with and without credits (CRE-4, CRE-5, CON-8)."""

from collections.abc import AsyncIterator

import pytest

from carnet.ids import new_id
from carnet_operations.verify import verify
from carnet_play.story.desk import Json, RefusedError, money
from carnet_play.story.waiting import eventually
from carnet_suite.supervisor import Suite
from tests.builders import AT_ONCE, Contract, School, school_on
from tests.waits import BOUND


@pytest.fixture(scope="module")
async def school(running: Suite) -> AsyncIterator[School]:
    async with school_on(running) as opened:
        yield opened


async def granted(school: School) -> Contract:
    """A contract of a credit and a workshop, paid, whose credit is there."""
    contract = await school.contract(await school.family(), "credit", "workshop", sale=AT_ONCE)
    await school.desk.pay(contract.id, 11_000)

    async def published() -> bool:
        seen = await school.desk.contract(contract.id)
        there, schedule = await school.desk.credits(seen.body["account"]), seen.body["schedule"]
        return bool(there) and schedule is not None and schedule["paid"]["amount"] == 11_000

    await eventually(published, "the credit is granted and contracts has received the payment")
    return await school.followed(contract.id)


def cancelling(contract: Contract) -> Json:
    return {"cancel": [contract.lines["Credit"]]}


async def confirmed(school: School, contract: Contract, key: str | None = None) -> tuple[int, Json]:
    preview = await school.desk.preview(contract.id, cancelling(contract))
    assert preview["asks_credits"] == [contract.lines["Credit"]]
    # With a key of its own the request is sent once: what it is answered at first is what is looked at.
    answer = await school.desk.confirm(contract.id, cancelling(contract), preview["versions"], key or new_id())
    return answer.status, answer.body


async def outcome(school: School, contract: Contract, change: str) -> Json:
    """What became of the change, once it waits no longer."""
    found: list[Json] = []

    async def settled() -> bool:
        found.append((await school.desk.read(f"/contracts/v1/contracts/{contract.id}/changes/{change}")).body)
        return bool(found[-1]["status"] != "pending")

    await eventually(settled, "credits has answered")
    return found[-1]


async def test_cre_4_the_credit_is_removed_and_the_refund_line_is_made(school: School) -> None:
    contract = await granted(school)
    _, answer = await confirmed(school, contract)
    assert (await outcome(school, contract, answer["change"]))["status"] == "made"
    credit = (await school.desk.read(f"/credits/v1/credits/{contract.lines['Credit']}")).body
    assert (credit["status"], credit["left"]["amount"]) == ("removed", 0)
    followed = await school.followed(contract.id)
    assert followed.schedule["balance"]["refund_due"]["amount"] == 5_000


async def test_cre_5_less_than_was_sold_keeps_the_line(school: School) -> None:
    contract = await granted(school)
    credit = f"/credits/v1/credits/{contract.lines['Credit']}"
    taken = {"amount": money(-100), "reason": "Agreed with Alix."}
    await school.desk.send(f"{credit}/adjustments", taken, version=(await school.desk.read(credit)).version)
    key = new_id()
    try:
        status, answer = await confirmed(school, contract, key)
    except RefusedError as refused:
        problem = refused.problem
    else:
        # The machine was slow: the same request sent again says what became of it.
        assert status == 202
        await outcome(school, contract, answer["change"])
        with pytest.raises(RefusedError) as again:
            await school.desk.confirm(contract.id, cancelling(contract), contract.versions, key)
        problem = again.value.problem
    assert (problem["type"], problem["rule"]) == ("urn:carnet:problem:credit-used", "CRE-5")
    assert (problem["params"]["credit"], problem["params"]["left"]) == (contract.lines["Credit"], 4_900)
    left = (await school.desk.contract(contract.id)).body
    assert [line["state"] for line in left["lines"]] == ["live", "live"]
    assert left["whole_version"] == contract.version == left["version"] - 3
    # Nothing prevents another change: its preview goes on from the newest whole one.
    added = {"add": [school.products["credit"].bought()]}
    changed = await school.change(await school.followed(contract.id), added)
    assert changed.schedule["balance"]["total"]["amount"] == 16_000


async def test_while_credits_is_down_the_change_is_pending(running: Suite, school: School) -> None:
    contract = await granted(school)
    running.kill("credits", "worker", restart=False)
    try:
        status, answer = await confirmed(school, contract)
        assert (status, answer["status"], answer["awaited"]) == (202, "pending", [contract.lines["Credit"]])
        waiting = (await school.desk.contract(contract.id)).body
        assert waiting["pending"]["change"] == answer["change"]
        versions = {"contract": waiting["version"], "schedule": waiting["schedule"]["version"]}
        with pytest.raises(RefusedError) as refused:
            await school.desk.confirm(contract.id, {"cancel": [contract.lines["Tap"]]}, versions)
        assert refused.value.slug == "change-pending"
    finally:
        running.start("credits", "worker")
    assert (await outcome(school, contract, answer["change"]))["status"] == "made"
    assert (await school.followed(contract.id)).schedule["balance"]["total"]["amount"] == 6_000


async def test_all_of_it_is_proven(running: Suite, school: School) -> None:
    report = await verify(running.servers.mongo_url, running.servers.kafka_bootstrap, running.namespace, wait=BOUND)
    assert report.findings == []
