"""What was taken on site goes to the bank, over HTTP: takings, bank deposits, their slips, their undoing (PAY-7)."""

import asyncio
import io
from datetime import date
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from carnet.events.contracts import OnSite
from carnet.ids import new_id
from carnet.journal import ROWS
from payments.banking.store import TAKINGS
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.received_records import SALE_DAY, Credit, Family, Story, organisation_record
from tests.refused import old_id, problem

ACCOUNT = "Crédit du Nord, compte courant"
CHEQUE = {"number": "0001234", "bank": "Banque du Nord", "holder": "Aïcha Benali"}


async def on_site(payments: Payments, family: Family, total: int = 900_00, number: str | None = None) -> Story:
    story = Story(family, number=number)
    await payments.handles(story.opened(total, OnSite(), mode="on_site"))
    return story


async def take(desk: Desk, story: Story, amount: int, method: str = "cheque", **more: Any) -> str:
    version = (await desk.payments.schedule(story.contract)).version
    answer = await desk.pay(story.contract, amount, version=version, method=method, **more)
    assert answer.status_code == 201, answer.text
    payment: str = answer.json()["payment"]["id"]
    return payment


async def waiting(desk: Desk, method: str = "cheque", **query: Any) -> list[str]:
    answer = await desk.get("/v1/takings", method=method, **query)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


async def deposit(desk: Desk, *takings: str, key: str | None = None, **more: Any) -> httpx.Response:
    body = {"takings": list(takings), "bank_account": ACCOUNT, **more}
    return await desk.post("/v1/bank-deposits", body, key=key)


async def undo(desk: Desk, made: httpx.Response, version: int = 1) -> httpx.Response:
    return await desk.post(f"/v1/bank-deposits/{made.json()['id']}/undoing", None, version=version)


def words(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    pages = PdfReader(io.BytesIO(answer.content)).pages
    return "".join(page.extract_text() for page in pages).replace("\xa0", " ").replace("\u202f", " ")


async def test_pay_7_what_came_by_cheque_or_in_cash_waits_until_it_is_in_a_bank_deposit(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    story = await on_site(payments, family, number="2026-0007")
    first = await take(desk, story, 300_00, received_on="2026-11-20", cheque=CHEQUE)
    second = await take(desk, story, 100_00)
    cash = await take(desk, story, 50_00, "cash")
    await take(desk, story, 20_00, "card")
    await take(desk, story, 10_00, "transfer")
    assert (await waiting(desk), await waiting(desk, "cash")) == ([first, second], [cash])
    assert await waiting(desk, until="2026-11-20") == [first]
    assert (await desk.get("/v1/takings/sum")).json() == {"count": 2, "amount": euros(400_00)}
    assert (await desk.get("/v1/takings", limit=1)).json()["items"][0] == {
        "id": first,
        "contract": story.contract,
        "number": "2026-0007",
        "account": family.account,
        "client": "Inès Martin",
        "method": "cheque",
        "amount": euros(300_00),
        "received_on": "2026-11-20",
        "cheque": CHEQUE,
        "bank_deposit": None,
        "returned": euros(0),
    }
    made = await deposit(desk, second, first, key="once")
    assert made.status_code == 201, made.text
    assert (await deposit(desk, second, first, key="once")).json() == made.json()
    shown = made.json()
    assert {name: shown[name] for name in ("method", "deposited_on", "bank_account", "count", "amount")} == {
        "method": "cheque",
        "deposited_on": SALE_DAY.isoformat(),
        "bank_account": ACCOUNT,
        "count": 2,
        "amount": euros(400_00),
    }
    assert await waiting(desk) == []
    assert (await desk.get("/v1/takings/sum")).json()["count"] == 0
    inside = (await desk.get(f"/v1/bank-deposits/{shown['id']}/takings", limit=1)).json()
    rest = (await desk.get(f"/v1/bank-deposits/{shown['id']}/takings", limit=1, cursor=inside["next"])).json()
    assert [each["id"] for each in (*inside["items"], *rest["items"])] == [second, first]
    assert (await desk.get("/v1/bank-deposits")).json()["items"] == [shown]
    row = await payments.database[ROWS].find_one({"aggregate": shown["id"]})
    assert row is not None
    assert (row["type"], row["data"]["takings"]) == ("carnet.payments.BankDepositMade.v1", [second, first])


async def test_pay_7_the_slip_names_each_cheque_by_number_drawer_bank_and_amount_with_their_total(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    story = await on_site(payments, family)
    takings = [await take(desk, story, 300_00, cheque=CHEQUE), await take(desk, story, 12_34)]
    made = (await deposit(desk, *takings)).json()
    french = words(await desk.get(f"/v1/bank-deposits/{made['id']}/slip.pdf"))
    for expected in (*CHEQUE.values(), ACCOUNT, "Inès Martin", "300,00 €", "12,34 €", "312,34 €", "Bordereau"):
        assert expected in french, french
    english = words(await desk.get(f"/v1/bank-deposits/{made['id']}/slip.pdf", language="en"))
    for expected in ("Cheque remittance slip", "Cheque no.", "Number of cheques", "21 November 2026"):
        assert expected in english, english
    cash = (await deposit(desk, await take(desk, story, 50_00, "cash"))).json()
    assert "Bordereau de versement d’espèces" in words(await desk.get(f"/v1/bank-deposits/{cash['id']}/slip.pdf"))


async def test_pay_7_a_cheque_that_was_held_says_its_bank_and_drawer_and_staff_notes_the_rest(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = await on_site(payments, family)
    held = {"due": "2026-12-05", "amount": euros(200_00), "bank": "Crédit Mutuel", "holder": "Omar Martin"}
    answer = await desk.post(f"/v1/schedules/{story.contract}/cheques", {"cheques": [held]}, version=1)
    taking = await take(desk, story, 200_00, instalment=answer.json()["instalments"][0]["id"])
    known = {"number": None, "bank": "Crédit Mutuel", "holder": "Omar Martin"}
    assert (await desk.get("/v1/takings")).json()["items"][0]["cheque"] == known
    path = f"/v1/takings/{taking}/cheque"
    described = await desk.put(path, CHEQUE, version=0)
    assert (described.status_code, described.json()["cheque"]) == (200, CHEQUE)
    cash = await take(desk, story, 10_00, "cash")
    problem(await desk.put(f"/v1/takings/{cash}/cheque", CHEQUE, version=0), 409, "taken-in-cash")
    await deposit(desk, taking)
    problem(await desk.put(path, {}, version=0), 409, "already-deposited")
    body = {"amount": euros(100), "method": "cash", "cheque": CHEQUE}
    version = (await payments.schedule(story.contract)).version
    wrong = await desk.post(f"/v1/schedules/{story.contract}/payments", body, version=version)
    problem(wrong, 422, "not-a-cheque")


async def test_pay_7_a_deposit_without_a_contract_goes_to_the_bank_like_a_payment(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    credit, by_card, given = Credit(family, amount=80_00), Credit(family), Credit(family)
    received = credit.issued(origin="deposit", method="cheque", received_on=date(2026, 11, 19))
    await payments.handles(received, by_card.issued(origin="deposit", method="card"), given.issued())
    assert await waiting(desk) == [credit.credit]
    item = (await desk.get("/v1/takings")).json()["items"][0]
    assert (item["contract"], item["client"], item["received_on"]) == (None, "Inès Martin", "2026-11-19")
    made = await deposit(desk, credit.credit)
    assert made.status_code == 201, made.text
    await payments.handles(received)
    assert await waiting(desk) == []
    await payments.handles(credit.bounced())
    inside = (await desk.get(f"/v1/bank-deposits/{made.json()['id']}/takings")).json()["items"]
    assert [each["returned"] for each in inside] == [euros(80_00)]
    problem(await undo(desk, made), 409, "deposited-and-returned")


async def test_pay_7_each_is_in_one_bank_deposit_at_most_however_many_are_made_at_once(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = await on_site(payments, family)
    takings = [await take(desk, story, 10_00 + each) for each in range(6)]
    answers = await asyncio.gather(*(deposit(desk, *takings[each % 3 : each % 3 + 4]) for each in range(9)))
    made = [answer for answer in answers if answer.status_code == 201]
    assert len(made) == 1
    for refused in answers:
        if refused not in made:
            problem(refused, 409, "already-deposited")
    documents = await payments.database[TAKINGS.name].find().to_list(None)
    inside = [each for each in documents if each["bank_deposit"]]
    assert {each["bank_deposit"] for each in inside} == {made[0].json()["id"]}
    assert sum(each["amount"] for each in inside) == made[0].json()["amount"]["amount"]
    assert sorted(await waiting(desk)) == sorted({*takings} - {each["_id"] for each in inside})


async def test_pay_7_one_that_is_undone_gives_back_what_was_in_it(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = await on_site(payments, family)
    takings = [await take(desk, story, 10_00), await take(desk, story, 20_00)]
    made = await deposit(desk, *takings)
    problem(await undo(desk, made, version=7), 412, "version-moved")
    undone = await undo(desk, made)
    assert (undone.status_code, undone.json()["undone_on"]) == (200, SALE_DAY.isoformat())
    assert await waiting(desk) == takings
    problem(await undo(desk, made, version=2), 409, "bank-deposit-undone")
    problem(await desk.get(f"/v1/bank-deposits/{made.json()['id']}/slip.pdf"), 409, "bank-deposit-undone")
    again = await deposit(desk, *takings)
    assert again.status_code == 201
    inside = (await desk.get(f"/v1/bank-deposits/{made.json()['id']}/takings")).json()["items"]
    assert {each["bank_deposit"] for each in inside} == {again.json()["id"]}


async def test_pay_13_a_deposited_cheque_that_bounces_stays_in_its_deposit_and_says_so(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = await on_site(payments, family)
    bounced, other, kept = [await take(desk, story, amount) for amount in (10_00, 20_00, 30_00)]
    made = await deposit(desk, bounced, other)
    for payment in (bounced, kept):
        version = (await payments.schedule(story.contract)).version
        path = f"/v1/schedules/{story.contract}/payments/{payment}/reversal"
        answer = await desk.post(path, {"reason": "bounced_cheque"}, version=version)
        assert answer.status_code == 201, answer.text
    inside = (await desk.get(f"/v1/bank-deposits/{made.json()['id']}/takings")).json()["items"]
    assert [(each["id"], each["returned"]["amount"]) for each in inside] == [(bounced, 10_00), (other, 0)]
    assert await waiting(desk) == []
    problem(await deposit(desk, kept), 409, "nothing-to-deposit")
    problem(await undo(desk, made), 409, "deposited-and-returned")


async def test_pay_19_what_is_at_the_bank_was_no_wrong_entry(desk: Desk, payments: Payments, family: Family) -> None:
    story = await on_site(payments, family)
    taking = await take(desk, story, 10_00)
    made = await deposit(desk, taking)

    async def void() -> httpx.Response:
        version = (await payments.schedule(story.contract)).version
        path = f"/v1/schedules/{story.contract}/payments/{taking}/voiding"
        return await desk.post(path, {"reason": "Typed twice."}, version=version)

    assert problem(await void(), 409, "already-deposited")["params"]["bank_deposit"] == made.json()["id"]
    await undo(desk, made)
    assert (await void()).status_code == 200
    assert await waiting(desk) == []
    problem(await deposit(desk, taking), 409, "nothing-to-deposit")


async def test_pay_7_a_bank_deposit_that_cannot_be_is_refused_and_changes_nothing(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = await on_site(payments, family)
    cheque, cash = await take(desk, story, 10_00, received_on="2026-11-20"), await take(desk, story, 5_00, "cash")
    problem(await deposit(desk, cheque, cash), 409, "methods-mixed")
    problem(await deposit(desk, cheque, cheque), 422, "same-twice")
    problem(await deposit(desk, cheque, old_id()), 404, "unknown-taking")
    problem(await deposit(desk, cheque, deposited_on="2026-11-22"), 422, "deposited-in-future")
    early = problem(await deposit(desk, cheque, deposited_on="2026-11-19"), 422, "deposited-before-received")
    assert early["params"]["possible"] == "2026-11-20"
    problem(await desk.get("/v1/takings", **{"from": "2026-11-21", "until": "2026-11-20"}), 422, "dates-reversed")
    assert (await waiting(desk), (await desk.get("/v1/bank-deposits")).json()["items"]) == ([cheque], [])


@pytest.mark.parametrize("how", ["account", "member"])
async def test_org_4_where_a_person_is_erased_so_is_whose_cheque_it_was(
    desk: Desk, payments: Payments, family: Family, how: str
) -> None:
    await payments.handles(family.changed())
    story = await on_site(payments, family)
    made = await deposit(desk, await take(desk, story, 10_00, cheque=CHEQUE))
    await payments.handles(family.erased(2) if how == "account" else family.changed(2, erased=[family.owner]))
    (document,) = await payments.database[TAKINGS.name].find().to_list(None)
    assert document["cheque"] == {**CHEQUE, "holder": None}
    slip = words(await desk.get(f"/v1/bank-deposits/{made.json()['id']}/slip.pdf"))
    assert (CHEQUE["holder"] in slip, CHEQUE["bank"] in slip) == (False, True)


async def test_org_1_neither_takings_nor_bank_deposits_are_another_organisations(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = await on_site(payments, family)
    taking, other = await take(desk, story, 10_00), await take(desk, story, 20_00)
    made = (await deposit(desk, taking)).json()
    neighbour = new_id()
    await payments.handles(organisation_record(neighbour))
    stranger = desk.headers(organisation=neighbour)
    assert (await desk.get("/v1/takings", stranger)).json()["items"] == []
    assert (await desk.get("/v1/bank-deposits", stranger)).json()["items"] == []
    for path in ("", "/takings", "/slip.pdf"):
        problem(await desk.get(f"/v1/bank-deposits/{made['id']}{path}", stranger), 404, "unknown-bank-deposit")
    body = {"takings": [other], "bank_account": ACCOUNT}
    problem(await desk.post("/v1/bank-deposits", body, organisation=neighbour), 404, "unknown-taking")
    assert await waiting(desk) == [other]
    client = desk.headers(kind="client", account=family.account)
    problem(await desk.get("/v1/takings", client), 403, "staff-only")


async def give_back(desk: Desk, story: Story, amount: int, **more: Any) -> str:
    """The desk gives so much of a refund line back."""
    version = (await desk.payments.schedule(story.contract)).version
    body = {"amount": euros(amount), "how": "on_site", **more}
    answer = await desk.post(f"/v1/schedules/{story.contract}/settlements", body, version=version)
    assert answer.status_code == 201, answer.text
    settlement: str = answer.json()["settlement"]["id"]
    return settlement


async def owed(desk: Desk, payments: Payments, family: Family) -> tuple[Story, str]:
    """A contract of which 300 came in cash, and 100 are to be given back; the taking."""
    story = await on_site(payments, family, 300_00)
    cash = await take(desk, story, 300_00, "cash")
    await payments.handles(story.changed(200_00))
    return story, cash


async def in_the_till(desk: Desk) -> int:
    amount: int = (await desk.get("/v1/takings/sum", method="cash")).json()["amount"]["amount"]
    return amount


async def test_pay_7_cash_that_is_given_back_leaves_the_till_and_is_taken_off_the_next_bank_deposit(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story, cash = await owed(desk, payments, family)
    back = await give_back(desk, story, 60_00)
    await give_back(desk, story, 10_00, method="transfer")
    await give_back(desk, story, 10_00, method="cheque")
    assert (await waiting(desk, "cash"), await in_the_till(desk)) == ([cash, back], 240_00)
    refused = problem(await deposit(desk, cash), 409, "cash-given-back-left-out")
    assert refused["params"]["takings"] == [back]
    problem(await deposit(desk, back), 409, "nothing-to-deposit")
    made = await deposit(desk, cash, back)
    assert (made.status_code, made.json()["amount"]) == (201, euros(240_00)), made.text
    assert (await waiting(desk, "cash"), await in_the_till(desk)) == ([], 0)
    assert "240,00 €" in words(await desk.get(f"/v1/bank-deposits/{made.json()['id']}/slip.pdf"))
    path = f"/v1/schedules/{story.contract}/settlements/{back}/voiding"
    version = (await payments.schedule(story.contract)).version
    problem(await desk.post(path, {"reason": "a slip"}, version=version), 409, "already-deposited")
    assert (await undo(desk, made)).status_code == 200
    assert await in_the_till(desk) == 240_00
    assert (await desk.post(path, {"reason": "a slip"}, version=version)).status_code == 200
    assert (await waiting(desk, "cash"), await in_the_till(desk)) == ([cash], 300_00)


async def test_pay_7_what_was_given_back_later_is_taken_off_a_later_bank_deposit(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = await on_site(payments, family, 300_00)
    cash = await take(desk, story, 300_00, "cash", received_on="2026-11-19")
    await payments.handles(story.changed(200_00))
    back = await give_back(desk, story, 100_00)
    made = await deposit(desk, cash, deposited_on="2026-11-20")
    assert (made.status_code, made.json()["amount"]) == (201, euros(300_00)), made.text
    assert (await waiting(desk, "cash"), await in_the_till(desk)) == ([back], -100_00)


async def test_pay_7_a_refund_in_cash_and_a_bank_deposit_at_once_lose_nothing(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story, cash = await owed(desk, payments, family)
    version = (await payments.schedule(story.contract)).version
    body = {"amount": euros(100_00), "how": "on_site"}
    settled, made = await asyncio.gather(
        desk.post(f"/v1/schedules/{story.contract}/settlements", body, version=version), deposit(desk, cash)
    )
    assert settled.status_code == 201, settled.text
    if made.status_code == 201:
        assert (made.json()["amount"], await in_the_till(desk)) == (euros(300_00), -100_00)
    else:
        problem(made, 409, "cash-given-back-left-out")
        assert await in_the_till(desk) == 200_00


async def test_pay_7_what_was_due_of_a_deposit_that_came_back_is_a_taking_once_it_is_paid(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    credit = Credit(family, amount=80_00)
    issued = credit.issued(origin="deposit", method="cheque")
    bounced, paid = credit.bounced(), credit.due_settled(80_00, "cash")
    by_card, waived = credit.due_settled(10_00, "card"), credit.due_settled(10_00, None)
    await payments.handles(issued, bounced, paid, by_card, waived)
    await payments.handles(paid)
    (item,) = (await desk.get("/v1/takings", method="cash")).json()["items"]
    assert (item["contract"], item["client"], item["amount"]) == (None, "Inès Martin", euros(80_00))
    assert await waiting(desk) == []
    made = await deposit(desk, item["id"])
    assert made.status_code == 201, made.text


async def test_pay_7_of_what_came_back_in_part_only_the_rest_goes_to_the_bank(
    desk: Desk, payments: Payments, family: Family
) -> None:
    story = await on_site(payments, family, 300_00)
    cash = await take(desk, story, 300_00, "cash")
    path = f"/v1/schedules/{story.contract}/payments/{cash}/reversal"
    version = (await payments.schedule(story.contract)).version
    answer = await desk.post(path, {"amount": euros(50_00), "reason": "other"}, version=version)
    assert answer.status_code == 201, answer.text
    assert await in_the_till(desk) == 250_00
    made = await deposit(desk, cash)
    assert made.json()["amount"] == euros(250_00)
    assert (await undo(desk, made)).status_code == 200, "nothing of it came back since"
