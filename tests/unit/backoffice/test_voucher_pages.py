"""The pages of gift vouchers (CRE-9)."""

from tests.backoffice.people import Office
from tests.backoffice.subjects import vouchers


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
