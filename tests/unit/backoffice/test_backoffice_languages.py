"""Amounts and dates, as each language writes and reads them."""

import pytest

from backoffice.languages import Language, chosen

FR, EN = Language.of("fr"), Language.of("en")


def euros(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "EUR"}


@pytest.mark.parametrize(
    ("amount", "french", "english"),
    [
        (0, "0,00\u00a0€", "€0.00"),
        (123450, "1\u202f234,50\u00a0€", "€1,234.50"),
        (-5, "−0,05\u00a0€", "−€0.05"),
    ],
)
def test_amounts_are_written(amount: int, french: str, english: str) -> None:
    assert FR.money(euros(amount)) == french
    assert EN.money(euros(amount)) == english


def test_a_currency_without_cents_has_none() -> None:
    assert EN.money({"amount": 1500, "currency": "JPY"}) == "JP¥1,500"
    assert FR.money({"amount": 1500, "currency": "TND"}).startswith("1,500")


def test_what_is_added_has_its_sign() -> None:
    assert FR.money(euros(6000), sign=True) == "+60,00\u00a0€"
    assert FR.money(euros(0), sign=True) == "0,00\u00a0€"


@pytest.mark.parametrize("text", ["1 234,50", "1234,5", "1234.50", "1\u202f234,50 €", "€1234.5", " 1234,50 "])
@pytest.mark.parametrize("language", [FR, EN])
def test_amounts_are_read_as_people_type_them(language: Language, text: str) -> None:
    assert language.read_money(text, "EUR") == 123450


def test_thousands_are_read_as_the_language_writes_them() -> None:
    assert EN.read_money("1,234.50", "EUR") == 123450
    assert EN.read_money("1,234", "EUR") == 123400
    assert FR.read_money("1\u202f234", "EUR") == 123400


@pytest.mark.parametrize("text", ["", "douze", "1,2,3", "1.234", "12,345", "--1", "1e9", "NaN", "99999999999999"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # its message is not shown
        FR.read_money(text, "EUR")


@pytest.mark.parametrize("amount", [0, 5, 123450, -700])
@pytest.mark.parametrize("language", [FR, EN])
def test_an_amount_as_it_is_typed_is_read_again(language: Language, amount: int) -> None:
    assert language.read_money(language.typed_money(euros(amount)), "EUR") == amount


def test_dates_are_written() -> None:
    assert FR.day("2027-10-01") == "1er oct. 2027"
    assert FR.day("2027-10-11") == "11 oct. 2027"
    assert FR.day("2027-10-01", weekday=True) == "vendredi 1er octobre 2027"
    assert EN.day("2027-10-01") == "1 Oct 2027"


def test_an_instant_is_that_of_the_organisations_clock() -> None:
    assert FR.instant("2027-11-28T23:30:00.000000Z", "Europe/Paris") == "29 nov. 2027, 00:30"


def test_rates_are_written() -> None:
    assert FR.percent(1050) == "10,5\u00a0%"
    assert EN.percent(1000) == "10%"


@pytest.mark.parametrize(
    ("cookie", "header", "organisation", "wanted"),
    [
        ("en", "fr", ["fr"], "en"),
        (None, "en-GB,en;q=0.9,fr;q=0.8", ["fr"], "en"),
        (None, "de, fr;q=0.1", [], "fr"),
        (None, "de", ["en", "fr"], "en"),
        ("xx", "", [], "fr"),
        (None, "en;q=0, fr;q=x", [], "fr"),
    ],
)
def test_the_language_is_the_persons_the_browsers_or_the_organisations(
    cookie: str | None, header: str, organisation: list[str], wanted: str
) -> None:
    assert chosen(cookie, header, organisation).code == wanted
