"""The pages of gift cards: printed, looked up, paying a contract once that was seen (CRE-8)."""

import pytest

from tests.backoffice.people import Office
from tests.backoffice.subjects import contracts, gift_cards
from tests.unit.backoffice.test_contract_changes import fields
from tests.unit.backoffice.test_moves import bodies

USE = f"/contracts/{contracts.CONTRACT}/use-gift-card"
USES = f"/payments/v1/schedules/{contracts.CONTRACT}/credit-uses"
ASKED = {"credit": gift_cards.USED, "code": gift_cards.CODE, "amount": contracts.euros(1200)}


async def test_cre_8_a_card_of_which_nothing_is_used_is_printed_and_sent_again(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get(f"/gift-cards/{gift_cards.CARD}")
        assert gift_cards.CODE in page.text
        printed = await browser.get(f"/gift-cards/{gift_cards.CARD}/pdf")
        assert printed.headers["content-disposition"] == 'inline; filename="gift-card.pdf"'
        sent = await browser.post(f"/gift-cards/{gift_cards.CARD}", data=fields(page.text))
        assert sent.headers["location"] == f"/gift-cards/{gift_cards.CARD}"
        used = await browser.get(f"/gift-cards/{gift_cards.USED}")
        assert "/pdf" not in used.text
        assert "Send it again" not in used.text
    assert len(bodies(office, f"/credits/v1/gift-cards/{gift_cards.CARD}/sendings")) == 1


async def test_cre_7_a_card_is_adjusted_with_a_reason_without_its_balance_being_shown(office: Office) -> None:
    path = f"/gift-cards/{gift_cards.USED}"
    async with office.browser("director", "fr") as browser:
        shown = await browser.get(path)
        assert f'href="{path}/adjustment"' in shown.text
        assert f'href="/contracts/{contracts.CONTRACT}/schedule"' in shown.text
        page = await browser.get(f"{path}/adjustment")
        data = fields(page.text) | {"direction": "less", "amount": "5", "reason": "Code volé"}
        nothing_typed = await browser.post(f"{path}/adjustment", data=fields(page.text) | {"direction": "less"})
        done = await browser.post(f"{path}/adjustment", data=data)
    assert nothing_typed.status_code == 422
    assert done.headers["location"] == path
    (body,) = bodies(office, f"/credits/v1{path}/adjustments")
    assert body == {"amount": contracts.euros(-500), "reason": "Code volé"}


async def test_cre_8_the_bearer_of_a_code_sees_what_is_left(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get("/codes")
        found = await browser.post("/codes", data=fields(page.text) | {"code": gift_cards.CODE})
        assert "€12.00" in found.text
        nothing = {
            **gift_cards.CHECKED,
            "kind": None,
            "usable": False,
            "why": "unknown",
            "name": None,
            "gift_card": None,
        }
        office.front.answers["POST /credits/v1/vouchers/check"] = nothing
        unknown = await browser.post("/codes", data=fields(page.text) | {"code": gift_cards.CODE})
        assert "There is nothing of this code" in unknown.text


@pytest.mark.parametrize("typed", ["AAAA-BBBB-CCCC-DDDD-EEEE", "7K3M-Q2XA", gift_cards.CODE.replace("-", "O", 1)])
async def test_cre_8_a_code_that_was_mistyped_is_an_error_before_any_service_is_asked(
    office: Office, typed: str
) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get("/codes")
        refused = await browser.post("/codes", data=fields(page.text) | {"code": typed})
        assert refused.status_code == 422
        assert "This code is mistyped. A code has 20 letters and digits" in refused.text
    assert not office.front.sent("/credits/v1/vouchers/check")


async def test_cre_8_a_card_pays_what_was_seen(office: Office) -> None:
    async with office.browser("director", "en") as browser:
        page = await browser.get(USE)
        shown = await browser.post(USE, data=fields(page.text) | {"code": gift_cards.CODE, "do": "preview"})
        assert "Left on this gift card" in shown.text
        typed = {"code": gift_cards.CODE, "amount": "12.00"}
        seen = await browser.post(USE, data=fields(shown.text) | typed | {"do": "preview"})
        done = await browser.post(USE, data=fields(seen.text) | typed | {"do": "confirm"})
        assert done.headers["location"] == f"/contracts/{contracts.CONTRACT}/schedule", done.text
    assert bodies(office, f"{USES}/preview") == [ASKED]
    assert bodies(office, USES) == [ASKED]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"kind": "voucher", "gift_card": None}, "This is the code of a gift voucher"),
        ({"usable": False, "why": "used-up"}, "Nothing is left of it."),
        ({"usable": False, "why": "newer", "detail": "Ask the school."}, "Ask the school."),
    ],
)
async def test_cre_8_what_cannot_pay_says_why_beside_the_code(
    office: Office, answer: dict[str, object], said: str
) -> None:
    office.front.answers["POST /credits/v1/vouchers/check"] = {**gift_cards.CHECKED, **answer}
    async with office.browser("director", "en") as browser:
        page = await browser.get(USE)
        refused = await browser.post(USE, data=fields(page.text) | {"code": gift_cards.CODE, "amount": "1"})
        assert refused.status_code == 422
        assert said in refused.text
    assert bodies(office, USES) == []
