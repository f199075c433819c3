"""Who takes part in a product, as a page and a workbook; a credit for all of their families, seen before (CRE-2)."""

import io
from zipfile import ZipFile

from tests.backoffice.people import Office
from tests.backoffice.subjects import participants
from tests.backoffice.subjects.participants import API, BULK, ENDED, JOB, OTHER, PATH
from tests.unit.backoffice.test_contract_changes import fields

TYPED = {"amount": "15", "reason": "The hall was flooded"}


async def test_the_participants_are_a_page_and_a_workbook(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = (await browser.get(f"{PATH}/participants")).text
        book = await browser.get(f"{PATH}/participants.xlsx")
        table = await browser.get(f"{PATH}/participants.csv")
    for words in ("Léa Martin-Dupré", "the family", "erased person", "partly paid", "4 participants on this page"):
        assert words in page
    assert "Léa" in ZipFile(io.BytesIO(book.content)).read("xl/sharedStrings.xml").decode()
    assert table.text.startswith("\ufeffprénom")


async def test_cre_2_a_credit_goes_to_each_family_once_that_was_seen(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"{PATH}/credit")
        assert "2 families take part." in page.text
        unseen = await browser.post(f"{PATH}/credit", data={**fields(page.text), **TYPED, "do": "confirm"})
        assert not office.front.sent(BULK)
        assert "€30.00" in unseen.text
        done = await browser.post(f"{PATH}/credit", data={**fields(unseen.text), **TYPED, "do": "confirm"})
    assert done.headers["location"] == f"{PATH}/credit/{JOB}"
    (sent,) = office.front.sent(BULK)
    accounts = [participants.NAMES["account"], OTHER]
    assert sent == {"accounts": accounts, "amount": participants.euros(1500), "reason": TYPED["reason"]}


async def test_cre_2_families_that_came_since_are_shown_before_any_credit_is_granted(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"{PATH}/credit")
        seen = await browser.post(f"{PATH}/credit", data={**fields(page.text), **TYPED, "do": "look"})
        office.front.answers[f"GET {API}"] = {"items": participants.PARTICIPANTS[:1], "next": None}
        again = await browser.post(f"{PATH}/credit", data={**fields(seen.text), **TYPED, "do": "confirm"})
    assert again.status_code == 200
    assert not office.front.sent(BULK)
    assert len(office.front.sent(f"{BULK}/preview")) == 2


async def test_cre_2_the_job_says_who_got_nothing_and_can_be_stopped(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        moving = await browser.get(f"{PATH}/credit/{JOB}")
        assert moving.headers["refresh"] == "3"
        stopped = await browser.post(f"{PATH}/credit/{JOB}/cancel", data=fields(moving.text))
        assert stopped.headers["location"] == f"{PATH}/credit/{JOB}"
        ended = await browser.get(f"{PATH}/credit/{ENDED}")
        assert "There is no such account" in ended.text
        assert "refresh" not in ended.headers


async def test_org_2_granting_credits_without_the_right_is_refused_with_the_reason(office: Office) -> None:
    async with office.browser("cashier", "en") as browser:
        answer = await browser.get(f"{PATH}/credit")
    assert answer.status_code == 403
