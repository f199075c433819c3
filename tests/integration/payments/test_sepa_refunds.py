"""Refunds of direct debits by transfer: each in one file, what the bank says of it is applied once (PAY-18, PAY-4)."""

import asyncio
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

import pytest
from cryptography.fernet import Fernet
from lxml import etree
from pydantic import SecretStr

from carnet.events.contracts import AtOnce
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
from payments.sepa.domain.settings import sepa_settings_id
from payments.sepa.store.mandates import MANDATES
from payments.sepa.store.refund_files import REFUND_FILES
from payments.sepa.store.rotating import sealed_again
from payments.sepa.vault import SealedError, Vault
from tests.integration.payments.conftest import SEPA_KEY, Desk
from tests.integration.payments.debiting import IBAN, built, moved, signed, with_settings
from tests.integration.payments.received_records import Family, Story, clock_at, organisation_record
from tests.refused import problem

DAY = date(2026, 11, 24)
OURS = "FR1420041010050500013M02606"
FILES = "/v1/refund-files"


@dataclass
class Owed:
    """A contract of 9 euros that was debited, of which 4 are to be given back."""

    story: Story
    account: str

    @property
    def id(self) -> str:
        return self.story.contract


async def debited(desk: Desk, *families: Family) -> list[Owed]:
    """Contracts that were debited and then fell by 4 euros."""
    await with_settings(desk)
    owed = []
    for family in families:
        await desk.payments.handles(family.changed())
        story = Story(family)
        await desk.payments.handles(story.opened(900, AtOnce()))
        await signed(desk, family.account)
        owed.append(Owed(story, family.account))
    made = await built(desk)
    await moved(desk, made["id"], "sent", version=1)
    await desk.payments.handles(organisation_record(families[0].organisation, 2, clock_ahead=clock_at(DAY)))
    await moved(desk, made["id"], "collected", version=2)
    for each in owed:
        await desk.payments.handles(each.story.changed(500))
    return owed


async def settled(desk: Desk, owed: Iterable[Owed], amount: int = 400) -> None:
    for each in owed:
        version = (await desk.payments.schedule(each.id)).version
        body = {"amount": {"amount": amount, "currency": "EUR"}, "how": "refunded"}
        answer = await desk.post(f"/v1/schedules/{each.id}/settlements", body, version=version)
        assert answer.status_code == 201, answer.text


async def built_refunds(desk: Desk) -> dict[str, Any]:
    answer = await desk.post(FILES, None)
    assert answer.status_code == 201, answer.text
    file: dict[str, Any] = answer.json()
    return file


async def content_of(desk: Desk, file: str) -> bytes:
    answer = await desk.get(f"{FILES}/{file}/file")
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


async def refunds_in(desk: Desk, file: str) -> dict[str, dict[str, Any]]:
    items = (await desk.get(f"{FILES}/{file}/refunds")).json()["items"]
    return {each["contract"]: each for each in items}


async def says(desk: Desk, content: bytes) -> dict[str, int]:
    """What a file of the bank comes to once it is applied."""
    body = {"name": "releve.xml", "content": b64encode(content).decode()}
    answer = await desk.post("/v1/bank-files", body)
    assert answer.status_code == 201, answer.text
    jobs = Jobs(desk.payments.database, [APPLYING], chunk=2)
    while await jobs.round(frozenset(range(SLOTS)), asyncio.Event()):
        pass
    outcomes: dict[str, int] = (await desk.get(f"/v1/bank-files/{answer.json()['id']}")).json()["outcomes"]
    return outcomes


async def balances(desk: Desk, owed: Iterable[Owed]) -> list[tuple[int, int]]:
    """What is paid and what is to refund, by contract."""
    schedules = [await desk.payments.schedule(each.id) for each in owed]
    return [(each.paid, each.refund_due) for each in schedules]


@pytest.fixture
async def owed(desk: Desk, family: Family) -> list[Owed]:
    return await debited(desk, family, Family(family.organisation), Family(family.organisation))


@pytest.fixture
async def at_bank(desk: Desk, owed: list[Owed]) -> tuple[str, Order]:
    """A file of three refunds of 4 euros that was sent, and the file as the bank reads it."""
    await settled(desk, owed)
    file = (await built_refunds(desk))["refund_file"]["id"]
    order = read_order(await content_of(desk, file))
    answer = await desk.post(f"{FILES}/{file}/sent", None, version=1)
    assert answer.json()["status"] == "sent", answer.text
    return file, order


async def test_pay_18_what_was_debited_goes_back_by_a_file_that_the_schema_accepts(
    desk: Desk, owed: list[Owed]
) -> None:
    problem(await desk.post(FILES, None), 409, "no-refund-to-transfer")
    assert (await desk.post(f"{FILES}/preview", None)).status_code == 409
    assert await balances(desk, owed) == [(900, 400)] * 3
    await settled(desk, owed)
    assert await balances(desk, owed) == [(500, 0)] * 3, "a refund that is settled counts as made"
    said = [row["data"] for row in await desk.payments.published(owed[0].id) if "RefundLineSettled" in row["type"]]
    assert [each["by_transfer"] for each in said] == [400], "and its family learns that a transfer is to come"
    seen = (await desk.post(f"{FILES}/preview", None)).json()
    assert ([each["owner"] for each in seen["refunds"]], seen["amount"]["amount"]) == (["Inès Martin"] * 3, 1200)
    made = await built_refunds(desk)
    file = made["refund_file"]
    assert (file["status"], file["refunds"], file["amount"]["amount"], made["more"]) == ("built", 3, 1200, False)
    problem(await desk.post(FILES, None), 409, "no-refund-to-transfer")
    content = await content_of(desk, file["id"])
    assert content == await content_of(desk, file["id"])
    schema = etree.XMLSchema(file=str(files("sepaxml") / "schemas" / "pain.001.001.09.xsd"))
    schema.assertValid(etree.fromstring(content))
    order = read_order(content)
    assert (order.transfers, order.iban, order.amount, order.collect_on) == (True, OURS, "12.00", DAY)
    assert [(each.iban, each.amount) for each in order.debits] == [(IBAN, "4.00")] * 3
    ids = {each["refund"].replace("-", "") for each in (await refunds_in(desk, file["id"])).values()}
    assert {each.end_to_end for each in order.debits} == ids


async def test_pay_18_a_file_that_is_taken_back_leaves_its_refunds_to_the_next(desk: Desk, owed: list[Owed]) -> None:
    await settled(desk, owed)
    first = (await built_refunds(desk))["refund_file"]["id"]
    problem(await desk.post(f"{FILES}/{first}/made", None, version=1), 409, "refund-file-moved-on")
    assert (await desk.post(f"{FILES}/{first}/taking-back", None, version=1)).json()["status"] == "taken_back"
    problem(await desk.get(f"{FILES}/{first}/file"), 409, "refund-file-moved-on")
    second = (await built_refunds(desk))["refund_file"]["id"]
    assert await refunds_in(desk, second) == await refunds_in(desk, first)
    await desk.post(f"{FILES}/{second}/sent", None, version=1)
    problem(await desk.post(f"{FILES}/{second}/taking-back", None, version=2), 409, "refund-file-moved-on")
    assert (await desk.post(f"{FILES}/{second}/made", None, version=2)).json()["status"] == "done"
    assert {each["status"] for each in (await refunds_in(desk, second)).values()} == {"succeeded"}
    listed = (await desk.get(FILES)).json()["items"]
    assert [(each["id"], each["status"]) for each in listed] == [(second, "done"), (first, "taken_back")]


async def test_pay_18_two_who_build_at_once_put_each_refund_into_one_file(desk: Desk, owed: list[Owed]) -> None:
    await settled(desk, owed)
    answers = await asyncio.gather(*(desk.post(FILES, None) for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]
    assert await desk.payments.database[REFUND_FILES.name].count_documents({}) == 1
    orders = await desk.payments.database[ORDERS.name].find({"kind": "refund"}).to_list(None)
    assert len({each["refund_file"] for each in orders}) == 1


async def test_pay_18_the_bank_makes_rejects_and_returns_refunds_each_once(
    desk: Desk, owed: list[Owed], at_bank: tuple[str, Order]
) -> None:
    file, order = at_bank
    ids = {each["contract"]: each["refund"].replace("-", "") for each in (await refunds_in(desk, file)).values()}
    rejected, returned = ids[owed[0].id], ids[owed[1].id]
    assert await says(desk, status_report(order, {rejected: "AC04"})) == {"refund_failed": 1}
    assert await balances(desk, owed) == [(900, 400), (500, 0), (500, 0)]
    left = interleaved(credited(order, without=[rejected]), FOREIGN)
    assert await says(desk, statement(OURS, DAY, left)) == {"refund_made": 2, "foreign": 3}
    assert (await desk.get(f"{FILES}/{file}")).json()["status"] == "done"
    assert await says(desk, statement(OURS, DAY, left[::-1])) == {"known": 2, "foreign": 3}
    back = came_back(order, {returned: "AC06"})
    assert await says(desk, statement(OURS, DAY, back)) == {"refund_failed": 1}
    assert await says(desk, statement(OURS, DAY, [*left, *back])) == {"known": 3, "foreign": 3}
    assert await balances(desk, owed) == [(900, 400), (900, 400), (500, 0)]
    shown = await refunds_in(desk, file)
    assert [(shown[each.id]["status"], shown[each.id]["code"]) for each in owed] == [
        ("failed", "AC04"),
        ("failed", "AC06"),
        ("succeeded", None),
    ]
    for each, times in zip(owed, (1, 1, 0), strict=True):
        assert (await desk.payments.names_published(each.id)).count("RefundFailed") == times
    await settled(desk, owed[:1])
    again = (await built_refunds(desk))["refund_file"]
    assert again["refunds"] == 1


async def test_pay_18_one_entry_for_the_whole_file_makes_all_and_a_rejected_file_none(
    desk: Desk, owed: list[Owed], at_bank: tuple[str, Order]
) -> None:
    _, order = at_bank
    assert await says(desk, statement(OURS, DAY, [credited_whole(order)])) == {"refund_made": 3}
    assert await says(desk, statement(OURS, DAY, [Entry("12.00", True, part=order.part)])) == {"unclear": 1}
    assert await balances(desk, owed) == [(500, 0)] * 3
    assert await says(desk, status_report(order, {}, whole="AM04")) == {"refund_failed": 3}
    assert await says(desk, status_report(order, {})) == {"accepted": 1}
    assert await balances(desk, owed) == [(900, 400)] * 3


async def test_pay_18_what_does_not_fit_a_refund_is_left(
    desk: Desk, owed: list[Owed], at_bank: tuple[str, Order]
) -> None:
    file, _ = at_bank
    refund = (await refunds_in(desk, file))[owed[0].id]["refund"]
    e2e = refund.replace("-", "")
    path = f"{FILES}/{file}/refunds/{refund}/failure"
    entries = [
        Entry("3.99", False, e2e),
        Entry("3.50", True, e2e, code="AC04"),
        Entry("4.00", False, e2e, booked=False),
    ]
    assert await says(desk, statement(OURS, DAY, entries)) == {"amount_differs": 2, "not_booked": 1}
    assert (await desk.post(path, {"reason": "account_closed"})).status_code == 200
    problem(await desk.post(path, {"reason": "account_closed"}), 409, "refund-failed-already")
    assert await balances(desk, owed) == [(900, 400), (500, 0), (500, 0)]
    assert await says(desk, statement(OURS, DAY, [Entry("4.00", False, e2e)])) == {"made_after_failure": 1}
    assert await balances(desk, owed) == [(900, 400), (500, 0), (500, 0)]


async def test_org_4_a_refund_to_an_account_that_was_erased_is_not_made(desk: Desk, owed: list[Owed]) -> None:
    await settled(desk, owed, 100)
    query = {"account": owed[0].account}
    await desk.payments.database[MANDATES.name].update_many(query, {"$set": {"sealed_iban": None, "holder": None}})
    version = (await desk.payments.schedule(owed[0].id)).version
    body = {"amount": {"amount": 300, "currency": "EUR"}, "how": "refunded"}
    refused = await desk.post(f"/v1/schedules/{owed[0].id}/settlements", body, version=version)
    problem(refused, 409, "not-refundable-online")
    made = await built_refunds(desk)
    assert (made["failed"], made["refund_file"]["refunds"]) == (1, 2)
    assert await balances(desk, owed) == [(900, 400), (800, 300), (800, 300)]
    query = {"account": owed[1].account}
    await desk.payments.database[MANDATES.name].update_many(query, {"$set": {"sealed_iban": None, "holder": None}})
    problem(await desk.get(f"{FILES}/{made['refund_file']['id']}/file"), 409, "refund-file-erased")
    await settled(desk, owed[2:], 100)
    query = {"account": owed[2].account}
    await desk.payments.database[MANDATES.name].update_many(query, {"$set": {"sealed_iban": None, "holder": None}})
    alone = await built_refunds(desk)
    assert (alone["failed"], alone["refund_file"]) == (1, None)


async def test_pay_18_refunds_can_be_transferred_once_the_old_key_is_gone(desk: Desk, owed: list[Owed]) -> None:
    """The account that pays is known to the file alone by then, those that are paid to ended mandates alone."""
    await settled(desk, owed[:2])
    file = (await built_refunds(desk))["refund_file"]["id"]
    content = await content_of(desk, file)
    await settled(desk, owed[2:])
    for each in owed:
        (mandate,) = (await desk.get(f"/v1/accounts/{each.account}/payment-methods")).json()["methods"]
        removed = await desk.delete(f"/v1/accounts/{each.account}/payment-methods/{mandate['id']}")
        assert removed.status_code == 200, removed.text
    moved_bank = {"name": "École de danse du Nord", "creditor": "FR72ZZZ123456", "iban": IBAN}
    assert (await desk.put("/v1/sepa-settings", moved_bank, version=1)).status_code == 200
    new = Fernet.generate_key().decode()
    async with desk.restarted(sepa_keys=SecretStr(f"{new},{SEPA_KEY}")) as both:
        assert await content_of(both, file) == content
        assert await sealed_again(desk.payments.database, Vault(f"{new},{SEPA_KEY}")) == 6
    async with desk.restarted(sepa_keys=SecretStr(new)) as alone:
        assert await content_of(alone, file) == content
        order = read_order(await content_of(alone, (await built_refunds(alone))["refund_file"]["id"]))
        assert (order.iban, [(each.iban, each.amount) for each in order.debits]) == (IBAN, [(IBAN, "4.00")])
    kept = await desk.payments.database[REFUND_FILES.name].find_one({"_id": file})
    assert kept is not None
    with pytest.raises(SealedError):
        Vault(SEPA_KEY).read(sepa_settings_id(kept["organisation"]), kept["creditor"]["sealed_iban"])


async def test_pay_18_a_file_whose_key_is_gone_says_what_the_operator_has_to_do(
    desk: Desk, at_bank: tuple[str, Order]
) -> None:
    file, order = at_bank
    (remittance,) = (await desk.get("/v1/remittances")).json()["items"]
    executed = b64encode(statement(OURS, DAY, [credited_whole(order)])).decode()
    new = Fernet.generate_key().decode()
    async with desk.restarted(sepa_keys=SecretStr(new)) as without:
        refused = problem(await without.get(f"/v1/refund-files/{file}/file"), 409, "sepa-key-missing")
        assert refused["params"] == {"setting": "CARNET_SEPA_KEYS"}
        assert "CARNET_SEPA_KEYS" in refused["detail"]
        problem(await without.get(f"/v1/remittances/{remittance['id']}/file"), 409, "sepa-key-missing")
        problem(await without.post("/v1/bank-files", {"name": "r.xml", "content": executed}), 409, "sepa-key-missing")
        entered = {"name": "École de danse du Nord", "creditor": "FR72ZZZ123456", "iban": IBAN}
        assert (await without.put("/v1/sepa-settings", entered, version=1)).status_code == 200, "the IBAN is given anew"
    async with desk.restarted(sepa_keys=SecretStr(f"{new},{SEPA_KEY}")) as both:
        assert await content_of(both, file)


async def test_org_1_another_school_sees_and_moves_no_file_of_refunds(
    desk: Desk, owed: list[Owed], at_bank: tuple[str, Order]
) -> None:
    file, order = at_bank
    other = "01900000-0000-7000-8000-0000000000e1"
    await desk.payments.handles(organisation_record(other))
    for path in (f"{FILES}/{file}", f"{FILES}/{file}/refunds", f"{FILES}/{file}/file"):
        problem(await desk.get(path, desk.headers(organisation=other)), 404, "unknown-refund-file")
    problem(await desk.post(f"{FILES}/{file}/made", None, version=2, organisation=other), 404, "unknown-refund-file")
    theirs = await desk.put("/v1/sepa-settings", {"name": "B", "creditor": "FR72ZZZ123456", "iban": OURS}, version=0,
                            organisation=other)  # fmt: skip
    assert theirs.status_code == 200, theirs.text
    body = {"name": "releve.xml", "content": b64encode(statement(OURS, DAY, credited(order))).decode()}
    answer = await desk.post("/v1/bank-files", body, organisation=other)
    assert answer.json()["outcomes"] == {"foreign": 3}
    assert await balances(desk, owed) == [(500, 0)] * 3
