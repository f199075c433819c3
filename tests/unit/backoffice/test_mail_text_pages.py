"""The texts of the mails in pages: tried, saved, refused at the line, and back to the default words (NOT-2)."""

import re
from html import unescape

from tests.backoffice.front import problem
from tests.backoffice.people import Office
from tests.backoffice.subjects import templates as given
from tests.unit.backoffice.test_catalogue_pages import seen, typed

PAGE = "/mail-texts/contract_opened/fr"
TEXT = "# Bonjour\r\n\r\nTotal : {{ total }}"


def shown_in_frame(page: str) -> str:
    """The address of the mail in the frame."""
    found = re.search(r'<iframe [^>]*sandbox[^>]* src="([^"]+)"', page)
    assert found is not None
    return unescape(found[1])


async def test_words_are_tried_without_being_saved_and_the_frame_shows_them(office: Office) -> None:
    async with office.browser("director", "fr") as browser:
        page = await browser.get(PAGE)
        assert shown_in_frame(page.text) == f"{PAGE}/sample"
        tried = await browser.post(PAGE, data=typed(page.text) | {"body": TEXT, "do": "try"})
        assert tried.status_code == 200
        assert "Ce n’est pas encore enregistré." in tried.text
        assert typed(tried.text)["body"].split() == TEXT.split()
        frame = await browser.get(shown_in_frame(tried.text))
    assert "Bienvenue" in frame.text
    assert not office.front.sent(given.OWN, "PUT")
    words = [body.get("words") for body in office.front.sent(f"{given.OWN}/preview")]
    mine = {"subject": given.WORDS["subject"], "body": TEXT.replace("\r\n", "\n")}
    assert words == [None, mine, mine]


async def test_the_frame_has_a_policy_under_which_nothing_runs(office: Office) -> None:
    async with office.browser("director") as browser:
        frame = await browser.get(f"{PAGE}/sample")
        made_up = await browser.get(f"{PAGE}/sample?words=made-up")
    policy = frame.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline';")
    assert "script" not in policy
    assert made_up.text == frame.text, "words that nobody sealed are not shown"


async def test_words_are_saved_with_the_version_that_was_seen(office: Office) -> None:
    async with office.browser("director", "fr") as browser:
        page = await browser.get(PAGE)
        answers = [await browser.post(PAGE, data=typed(page.text) | {"body": TEXT, "do": "save"}) for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == [PAGE, PAGE]
    first, second = [request for request in office.front.requests if request.method == "PUT"]
    assert first.headers["if-match"] == '"4"'
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


async def test_the_first_own_words_replace_version_0(office: Office) -> None:
    page_of = "/mail-texts/payment_received/en"
    async with office.browser("director", "fr") as browser:
        page = await browser.get(page_of)
        await browser.post(page_of, data=typed(page.text) | {"body": TEXT, "do": "save"})
    assert seen(office) == '"0"'


async def test_a_refusal_is_shown_at_the_line_and_nothing_is_saved(office: Office) -> None:
    wrong = "Bonjour\r\n\r\nTotal : {{ totl }}\r\n"
    async with office.browser("director", "fr") as browser:
        page = await browser.get(PAGE)
        answer = await browser.post(PAGE, data=typed(page.text) | {"body": wrong, "do": "save"})
    assert answer.status_code == 422
    beside = re.search(r'id="error-body">([^<]*)<', answer.text)
    assert beside is not None
    assert unescape(beside[1]) == "Ligne 3\u00a0: Total : {{ totl }}"
    assert "{{ totl }}" in typed(answer.text)["body"]
    assert not office.front.sent(given.OWN, "PUT")


async def test_a_conflict_says_what_differs(office: Office) -> None:
    office.front.answers[f"PUT {given.OWN}"] = lambda _: problem(412, "version-moved", expected=3, current=4)
    async with office.browser("director", "en") as browser:
        page = await browser.get(PAGE)
        mine = typed(page.text) | {"subject": "Mine", "version": "3", "do": "save"}
        answer = await browser.post(PAGE, data=mine)
    (row,) = re.findall(r'<tr class="moved">.*?</tr>', answer.text, re.DOTALL)
    assert "Votre contrat {{ contract.number }}" in row
    assert "Mine" in row
    assert typed(answer.text)["version"] == "4"
    assert typed(answer.text)["subject"] == "Mine"


async def test_the_default_words_come_back_after_what_is_lost_was_shown(office: Office) -> None:
    async with office.browser("director", "fr") as browser:
        page = await browser.get(f"{PAGE}/default")
        assert "Le total est de" in page.text
        answer = await browser.post(f"{PAGE}/default", data=typed(page.text))
        assert answer.headers["location"] == PAGE
        assert seen(office, "DELETE") == '"4"'
        office.front.answers[f"DELETE {given.OWN}"] = lambda _: problem(412, "version-moved", expected=4, current=5)
        refused = await browser.post(f"{PAGE}/default", data=typed(page.text))
    assert refused.status_code == 422


async def test_who_may_only_read_sees_the_words_and_why_they_cannot_change_them_org_2(office: Office) -> None:
    async with office.browser("secretary", "en") as browser:
        page = await browser.get(PAGE)
        assert "Le total est de" in page.text
        assert "Your role does not let you send mails and change their texts." in page.text
        assert "<textarea" not in page.text
        assert (await browser.get(f"{PAGE}/sample")).status_code == 403
    assert not office.front.sent(f"{given.OWN}/preview")


async def test_words_that_no_longer_work_say_so_and_can_be_corrected(office: Office) -> None:
    office.front.answers[f"POST {given.OWN}/preview"] = lambda _: problem(422, "template-unwritable")
    async with office.browser("director", "en") as browser:
        page = await browser.get(PAGE)
    assert "mails go out in the default words" in page.text
    assert "<textarea" in page.text


async def test_words_too_long_for_an_address_are_shown_as_text(office: Office) -> None:
    long = "".join(chr(0x4E00 + (at * 7919) % 20_000) for at in range(9_000))
    async with office.browser("director", "en") as browser:
        page = await browser.get(PAGE)
        tried = await browser.post(PAGE, data=typed(page.text) | {"body": long, "do": "try"})
    assert tried.status_code == 200
    assert "<iframe" not in tried.text
    assert "Le total est de 300,00" in tried.text
