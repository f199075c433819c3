"""Reminders on a real database: the worker, by hand, the link of the mail, who wants none (PAY-10, NOT-4)."""

import asyncio
from datetime import date, timedelta
from typing import Any

from carnet.events.contracts import Instalments, OnSite
from carnet.ids import new_id
from carnet.journal import SLOTS
from carnet.links import Paper
from payments.reminders.domain.reminding import reminders_id
from payments.reminders.run import Reminders
from payments.schedules.store import SCHEDULES
from tests.integration.payments.conftest import Desk, Payments
from tests.integration.payments.received_records import SALE_DAY, Family, Story, clock_at, organisation_record
from tests.links import LINKS
from tests.refused import problem

ALL_SLOTS = frozenset(range(SLOTS))
CALENDAR = "/v1/reminder-calendar"


async def turn_on(desk: Desk, **fields: Any) -> None:
    body = {"active": True, "hour": 9, "steps": [], "order_steps": [{"days": 3}, {"days": 10}], "staff_after": None}
    answer = await desk.put(CALENDAR, {**body, **fields}, version=0)
    assert answer.status_code == 200, answer.text


async def go_to(payments: Payments, day: date, sequence: int) -> None:
    await payments.handles(organisation_record(payments.organisation, sequence, clock_ahead=clock_at(day)))


async def owing(payments: Payments, amount: int = 30_000) -> Story:
    """A family with a contract that is to be paid on site since the day of its sale."""
    family = Family(payments.organisation)
    await payments.handles(family.changed())
    story = Story(family, number="2026-0042")
    await payments.handles(story.opened(amount, OnSite(), mode="on_site"))
    return story


async def through_the_day(payments: Payments, *workers: Reminders) -> None:
    """All of them look until none finds anything: the first workers may take the same accounts at once."""
    for _ in range(20):
        if not any(await asyncio.gather(*(worker.round(ALL_SLOTS) for worker in workers))):
            return
    raise AssertionError("the day never ends")


async def published(payments: Payments, story: Story) -> list[str]:
    return await payments.names_published(reminders_id(story.family.account))


async def test_not_4_each_step_is_sent_once_by_whichever_worker_and_never_for_what_is_paid(
    desk: Desk, payments: Payments
) -> None:
    stories = [await owing(payments) for _ in range(5)]
    await turn_on(desk)
    worker = Reminders(payments.database, at_once=2)
    await through_the_day(payments, worker)
    assert [await published(payments, story) for story in stories] == [[]] * 5
    await go_to(payments, SALE_DAY + timedelta(days=3), 2)
    preview = (await desk.get("/v1/reminders/today", limit=3)).json()
    rest = (await desk.get("/v1/reminders/today", limit=3, cursor=preview["next"])).json()
    shown = [*preview["items"], *rest["items"]]
    assert {row["account"] for row in shown} == {story.family.account for story in stories}
    assert shown[0]["owner"] == "Inès Martin"
    await through_the_day(payments, worker, Reminders(payments.database, at_once=2))
    assert [await published(payments, story) for story in stories] == [["PaymentsReminded"]] * 5
    assert (await desk.get("/v1/reminders/today")).json()["items"] == []
    assert (await desk.pay(stories[0].contract, 30_000, version=1)).status_code == 201
    stopped = await desk.post(f"/v1/accounts/{stories[1].family.account}/reminders/stop", None)
    assert stopped.json()["stopped"] is True
    await go_to(payments, SALE_DAY + timedelta(days=10), 3)
    await through_the_day(payments, worker)
    assert [await published(payments, story) for story in stories] == [
        ["PaymentsReminded"],
        ["PaymentsReminded", "RemindersStopped"],
        *[["PaymentsReminded"] * 2] * 3,
    ]


async def test_pay_10_an_account_that_fails_stops_no_other_and_is_reminded_on_the_next_day(
    desk: Desk, payments: Payments
) -> None:
    stories = sorted([await owing(payments) for _ in range(3)], key=lambda story: story.family.account)
    await turn_on(desk)
    broken = stories[1]
    schedules = payments.database[SCHEDULES.name]
    known = await schedules.find_one({"_id": broken.contract})
    assert known is not None
    await schedules.update_one({"_id": broken.contract}, {"$set": {"instalments": "unreadable"}})
    await go_to(payments, SALE_DAY + timedelta(days=3), 2)
    await through_the_day(payments, Reminders(payments.database), Reminders(payments.database))
    assert [await published(payments, story) for story in stories] == [["PaymentsReminded"], [], ["PaymentsReminded"]]
    await schedules.replace_one({"_id": broken.contract}, known)
    await through_the_day(payments, Reminders(payments.database))
    assert await published(payments, broken) == []
    await go_to(payments, SALE_DAY + timedelta(days=4), 3)
    await through_the_day(payments, Reminders(payments.database))
    assert [await published(payments, story) for story in stories] == [["PaymentsReminded"]] * 3


async def test_pay_10_before_the_hour_nothing_goes(desk: Desk, payments: Payments) -> None:
    story = await owing(payments)
    await turn_on(desk, hour=23)
    await go_to(payments, SALE_DAY + timedelta(days=3), 2)
    await through_the_day(payments, Reminders(payments.database))
    assert await published(payments, story) == []


async def test_pay_10_by_hand_in_own_words_once_a_day_and_what_is_read_when_the_mail_goes(
    desk: Desk, payments: Payments
) -> None:
    story = await owing(payments)
    account = story.family.account
    path = f"/v1/accounts/{account}/reminders"
    sent = await desk.post(path, {"text": "Passez nous voir."})
    assert sent.status_code == 201, sent.text
    problem(await desk.post(path, {"text": ""}), 409, "reminded-today")
    shown = (await desk.get(path)).json()
    assert [each["amount"]["amount"] for each in shown["due"]] == [30_000]
    assert [(each["by_hand"], each["text"]) for each in shown["reminders"]["items"]] == [(True, "Passez nous voir.")]
    link = LINKS.written(Paper("reminder", payments.organisation, (account, sent.json()["id"]), "fr"))
    now = (await desk.client.get(f"/v1/reminder-links/{link}")).json()
    assert (now["needed"], now["text_fr"], [each["kind"] for each in now["debts"]]) == (
        True,
        "Passez nous voir.",
        ["order"],
    )
    assert (await desk.pay(story.contract, 10_000, version=1)).status_code == 201
    now = (await desk.client.get(f"/v1/reminder-links/{link}")).json()
    assert [each["amount"]["amount"] for each in now["debts"]] == [20_000]
    assert (await desk.pay(story.contract, 20_000, version=2)).status_code == 201
    assert (await desk.client.get(f"/v1/reminder-links/{link}")).json()["needed"] is False
    journal = (await desk.get(f"{path}/journal")).json()["items"]
    assert [each["type"] for each in journal] == ["PaymentsReminded"]
    assert "Passez" not in str(await payments.published(reminders_id(account))), "own words stay out of events (ORG-4)"
    await payments.handles(story.family.erased(2))
    assert (await desk.get(path)).json()["reminders"]["items"][0]["text"] == ""


async def test_pay_10_the_client_stops_reminders_by_a_button_and_no_program_does_by_looking(
    desk: Desk, payments: Payments
) -> None:
    story = await owing(payments)
    account = story.family.account
    sent = (await desk.post(f"/v1/accounts/{account}/reminders", {"text": ""})).json()
    link = LINKS.written(Paper("reminder", payments.organisation, (account, sent["id"]), "fr"))
    browser = {"Accept": "text/html"}
    page = await desk.client.get(f"/v1/reminder-links/{link}", headers=browser)
    assert (page.status_code, "Arrêter les rappels" in page.text) == (200, True)
    assert await published(payments, story) == ["PaymentsReminded"]
    for _ in range(2):
        stopped = await desk.client.post(f"/v1/reminder-links/{link}", headers=browser)
        assert (stopped.status_code, "ne recevrez plus" in stopped.text) == (200, True)
    assert await published(payments, story) == ["PaymentsReminded", "RemindersStopped"]
    shown = (await desk.get(f"/v1/accounts/{account}/reminders")).json()
    assert (shown["stopped"], shown["stopped_by"]) == (True, f"client:{account}")
    for wrong in ("x", LINKS.written(Paper("invoice", payments.organisation, (account, "x"), "fr"))):
        problem(await desk.client.get(f"/v1/reminder-links/{wrong}"), 404, "unknown-link")
        problem(await desk.client.post(f"/v1/reminder-links/{wrong}"), 404, "unknown-link")
    unknown = LINKS.written(Paper("reminder", payments.organisation, (account, new_id()), "fr"))
    problem(await desk.client.get(f"/v1/reminder-links/{unknown}"), 404, "unknown-link")


async def test_org_1_the_reminders_of_others_are_unknown(desk: Desk, payments: Payments) -> None:
    story = await owing(payments)
    path = f"/v1/accounts/{story.family.account}/reminders"
    elsewhere = new_id()
    await payments.handles(organisation_record(elsewhere))
    client: dict[str, Any] = {"kind": "client", "account": new_id()}
    for claims in ({"organisation": elsewhere}, client):
        problem(await desk.get(path, headers=desk.headers(**claims)), 404, "unknown-account")
        problem(await desk.post(f"{path}/stop", None, **claims), 404, "unknown-account")
    problem(await desk.post(path, {"text": ""}, organisation=elsewhere), 404, "unknown-account")
    own: dict[str, Any] = {"kind": "client", "account": story.family.account}
    assert (await desk.get(path, headers=desk.headers(**own))).json()["stopped_by"] is None
    assert (await desk.post(f"{path}/stop", None, **own)).json()["stopped"] is True
    assert await published(payments, story) == ["RemindersStopped"]


async def test_con_20_the_mail_about_withheld_access_reads_what_is_late_of_its_contract_when_it_goes(
    desk: Desk, payments: Payments
) -> None:
    family = Family(payments.organisation)
    story, other = Story(family, number="2026-0042"), Story(family)
    due = SALE_DAY + timedelta(days=2)
    await payments.handles(family.changed())
    await payments.handles(story.opened(30_000, Instalments(count=3, first_due=due)), other.opened(9_000))
    links = {
        each: LINKS.written(Paper("late", payments.organisation, (family.account, each), "fr"))
        for each in (story.contract, new_id())
    }

    async def late() -> list[tuple[str, int, bool, bool]]:
        answer = await desk.client.get(f"/v1/late-links/{links[story.contract]}")
        assert answer.status_code == 200, answer.text
        return [
            (each["due"], each["amount"]["amount"], each["collected"], each["without_method"])
            for each in answer.json()["debts"]
        ]

    await go_to(payments, due, 2)
    assert await late() == [], "what is due today is not late"
    await go_to(payments, due + timedelta(days=1), 3)
    assert await late() == [(due.isoformat(), 10_000, False, True)]
    card = {"provider": "sandbox", "kind": "card", "token": "tok_success"}
    assert (await desk.post(f"/v1/accounts/{family.account}/payment-methods", card)).status_code == 201
    assert await late() == [(due.isoformat(), 10_000, True, False)]
    by_hand = {"hour": None, "retry_after": [3, 7]}
    assert (await desk.put("/v1/collection-calendar", by_hand, version=0)).status_code == 200
    assert await late() == [(due.isoformat(), 10_000, False, False)], "nothing is collected automatically"
    assert (await desk.pay(story.contract, 10_000, version=1)).status_code == 201
    assert await late() == []
    wrong = ("x", *(link for contract, link in links.items() if contract != story.contract))
    for link in (*wrong, LINKS.written(Paper("late", payments.organisation, (new_id(), story.contract), "fr"))):
        problem(await desk.client.get(f"/v1/late-links/{link}"), 404, "unknown-link")
    elsewhere = LINKS.written(Paper("late", new_id(), (family.account, story.contract), "fr"))
    assert (await desk.client.get(f"/v1/late-links/{elsewhere}")).status_code == 404
