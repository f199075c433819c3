"""Bank accounts that can be debited, and the days on which banks work: IBANs and TARGET days (PAY-18)."""

from datetime import date, timedelta

from dateutil.easter import easter

from carnet.refusals import invalid

_IN_THE_AREA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"

COUNTRIES = frozenset(_IN_THE_AREA.split())
"""The European Economic Area. The other countries of SEPA ask for the debtor's address and the bank's BIC as well."""

_SATURDAY = 5


def checked_iban(text: str, field: str = "iban") -> str:
    """An IBAN without spaces; its length, check digits and, where it is known, its national part are right.

    Raises:
        Refusal: ``iban-invalid`` or ``iban-not-debited``. Neither repeats the number.
    """
    from stdnum import iban  # noqa: PLC0415 # loaded by who gives numbers only
    from stdnum.exceptions import ValidationError  # noqa: PLC0415 # likewise

    try:
        number: str = iban.validate(text)
    except ValidationError:
        raise invalid(
            "iban-invalid",
            "This is not a valid IBAN: a character is missing or wrong. Compare it with the bank's own document.",
            rule="PAY-18",
            field=field,
        ) from None
    if number[:2] not in COUNTRIES:
        raise invalid(
            "iban-not-debited",
            f"Accounts of {number[:2]} can't be debited here, only those of the European Economic Area. Agree on "
            "another payment method.",
            rule="PAY-18",
            field=field,
            country=number[:2],
        )
    return number


def ending(number: str) -> str:
    """What is shown of an IBAN: its last four characters."""
    return number[-4:]


def checked_creditor(text: str) -> str:
    """A SEPA creditor identifier without spaces.

    Raises:
        Refusal: ``creditor-identifier-invalid``.
    """
    from stdnum.eu import at_02  # noqa: PLC0415 # loaded by who gives numbers only
    from stdnum.exceptions import ValidationError  # noqa: PLC0415 # likewise

    try:
        number: str = at_02.validate(text)
    except ValidationError:
        raise invalid(
            "creditor-identifier-invalid",
            "This is not a SEPA creditor identifier. In France it is the ICS, which the bank gives: FR72ZZZ123456.",
            rule="PAY-18",
            field="creditor",
        ) from None
    return number


def is_banking_day(day: date) -> bool:
    """Whether TARGET is open: no weekend, 1 January, Good Friday, Easter Monday, 1 May, 25 or 26 December.

    >>> is_banking_day(date(2027, 3, 26)), is_banking_day(date(2027, 3, 30))
    (False, True)
    """
    if day.weekday() >= _SATURDAY or (day.month, day.day) in {(1, 1), (5, 1), (12, 25), (12, 26)}:
        return False
    return day - easter(day.year) not in {timedelta(days=-2), timedelta(days=1)}


def banking_day_from(day: date) -> date:
    """That day, or the first banking day after it."""
    while not is_banking_day(day):
        day += timedelta(days=1)
    return day


def first_collection(today: date, lead_days: int) -> date:
    """The first day that a file handed to the bank today can collect on: so many banking days later.

    >>> first_collection(date(2026, 12, 24), 2)
    datetime.date(2026, 12, 29)
    """
    day = today
    for _ in range(lead_days):
        day = banking_day_from(day + timedelta(days=1))
    return day
