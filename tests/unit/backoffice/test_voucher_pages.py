"""The pages of gift vouchers (CRE-9)."""

from tests.backoffice.people import Office
from tests.backoffice.subjects import vouchers
from tests.unit.backoffice.test_contract_changes import fields


async def test_cre_9_a_voucher_that_can_be_given_is_printed_in_the_language_of_the_family(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"/vouchers/{vouchers.VOUCHER}")
        assert f'href="/vouchers/{vouchers.VOUCHER}/pdf"' in page.text
        printed = await browser.get(f"/vouchers/{vouchers.VOUCHER}/pdf")
        assert (printed.headers["content-type"], printed.content) == ("application/pdf", b"%PDF-1.7 v")
        assert printed.headers["content-disposition"] == 'inline; filename="gift-voucher.pdf"'
        used = await browser.get(f"/vouchers/{vouchers.USED}")
        assert "/pdf" not in used.text
    (asked,) = [each for each in office.front.requests if each.url.path.endswith("/pdf")]
    assert asked.url.params["language"] == "fr"


async def test_cre_8_until_it_is_sent_the_day_is_moved_or_it_is_sent_now(office: Office) -> None:
    path, api = f"/vouchers/{vouchers.WAITS}", f"/credits/v1/vouchers/{vouchers.WAITS}"
    async with office.browser("director", "en") as browser:
        page = await browser.get(path)
        assert "24 Dec 2027" in page.text
        moved = await browser.post(path, data=fields(page.text) | {"do": "move", "on": "2028-01-06"})
        assert moved.headers["location"] == path
        empty = await browser.post(path, data=fields(page.text) | {"do": "move", "on": ""})
        assert empty.status_code == 422
        sent = await browser.post(path, data=fields(page.text) | {"on": "2027-12-24"})
        assert sent.headers["location"] == path
    assert office.front.sent(f"{api}/sending-day", "PUT") == [{"on": "2028-01-06"}]
    paths = [each.url.path for each in office.front.requests if each.method == "POST"]
    assert paths == [f"{api}/sendings"]
