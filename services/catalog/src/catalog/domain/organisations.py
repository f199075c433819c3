"""An organisation's profile and, for a test organisation, its clock (ORG-5, MON-1, MON-5)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AnyHttpUrl, BaseModel, ConfigDict, Field, TypeAdapter

from carnet.dates import TimeZone
from carnet.decisions import Context, Decision, State
from carnet.events.catalog import Contact, Language, OrganisationChanged
from carnet.money import Currency
from carnet.refusals import conflict, invalid
from carnet.texts import EmailAddress, Line, Paragraphs, PhoneNumber

MOST_AHEAD = timedelta(days=20 * 366)
"""How far ahead of the real time the clock of a test organisation may be."""

_ADDRESS_OF_A_SITE = TypeAdapter(AnyHttpUrl)


def _different(languages: Sequence[Language]) -> Sequence[Language]:
    if len(set(languages)) != len(languages):
        raise ValueError("name each language once")
    return languages


def _web_address(text: str) -> str:
    try:
        _ADDRESS_OF_A_SITE.validate_python(text)
    except ValueError:
        raise ValueError("write a web address, such as https://example.org") from None
    return text


class ContactFields(BaseModel):
    """How the public reaches the organisation, as staff writes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    website: Annotated[Line, AfterValidator(_web_address)] | None = None
    address: Paragraphs | None = None


def _known_currency(code: str) -> str:
    from babel.numbers import is_currency  # noqa: PLC0415 # loaded by who sets up organisations only

    if not is_currency(code):
        raise ValueError("write the ISO 4217 code of a currency, such as EUR")
    return code


class WriteOrganisation(BaseModel):
    """The profile of an organisation as staff writes it, whole.

    ``languages`` are those in which it writes to its clients, the first one by default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Line
    currency: Annotated[Currency, AfterValidator(_known_currency)]
    time_zone: TimeZone
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=8), AfterValidator(_different)]
    contact: ContactFields = ContactFields()
    support_email: EmailAddress
    mode: Literal["live", "test"]
    access_late_days: Annotated[int, Field(strict=True, ge=1, le=365)] | None = Field(
        default=None,
        description="After how many days late a payment withdraws the access to online courses that its contract "
        "gives, until it is paid; null: never (CON-20).",
    )
    renewal_notice_days: Annotated[int, Field(strict=True, ge=1, le=180)] | None = Field(
        default=None,
        description="How many days before a subscription renews, at the end of its minimum term or of a period of a "
        "year or more, its client is informed; null: never (CON-21).",
    )


class Organisation(State):
    """An organisation; ``id`` is its own id. ``clock_ahead`` is in seconds (ORG-5)."""

    name: str
    currency: Currency
    time_zone: TimeZone
    languages: tuple[Language, ...]
    contact: Contact
    support_email: str
    mode: Literal["live", "test"]
    clock_ahead: int = 0
    access_late_days: int | None = None
    renewal_notice_days: int | None = None

    def clock(self, now: datetime) -> datetime:
        """What time it is for the organisation at the real instant ``now`` (MON-5)."""
        return now + timedelta(seconds=self.clock_ahead)


def write_organisation(
    organisation: Organisation | None, command: WriteOrganisation, organisation_id: str
) -> Decision[Organisation]:
    """Set the organisation up, or change its profile.

    The currency and the mode (live or test) can never be changed (MON-1, ORG-5).
    Raises ``currency-is-for-ever`` and ``mode-is-for-ever``.
    """
    if organisation is None:
        return _changed(
            Organisation(
                id=organisation_id, organisation=organisation_id, contact=_contact(command), **_profile(command)
            )
        )
    if command.currency != organisation.currency:
        raise conflict(
            "currency-is-for-ever",
            f"The organisation's currency is {organisation.currency} and stays so. Send that one.",
            rule="MON-1",
            currency=organisation.currency,
        )
    if command.mode != organisation.mode:
        raise conflict(
            "mode-is-for-ever",
            f"The organisation is a {organisation.mode} one and stays so. Set up another organisation instead.",
            rule="ORG-5",
            mode=organisation.mode,
        )
    contact = _contact(command).keeping(organisation.contact)
    after = organisation.model_copy(update={"contact": contact, **_profile(command)})
    return Decision(after) if after == organisation else _changed(after)


def move_clock(organisation: Organisation, to: datetime, context: Context) -> Decision[Organisation]:
    """Move the clock of a test organisation forward to the instant ``to``; it continues from there (ORG-5).

    Raises ``live-organisation-has-no-clock``, ``clock-moves-forward-only`` and ``clock-too-far-ahead``.
    """
    if organisation.mode != "test":
        raise conflict(
            "live-organisation-has-no-clock",
            "A live organisation follows the real time. Only the clock of a test organisation moves.",
            rule="ORG-5",
        )
    if to - context.now > MOST_AHEAD:
        raise invalid(
            "clock-too-far-ahead",
            "The clock can be at most 20 years ahead of the real time. Name an earlier instant.",
            rule="ORG-5",
        )
    # Rounded up to a whole second, so that the clock never shows an instant before the requested one.
    ahead = ceil((to - context.now).total_seconds())
    if ahead < organisation.clock_ahead:
        raise invalid(
            "clock-moves-forward-only",
            "The clock of a test organisation only moves forward. Name an instant after the one that it shows.",
            rule="ORG-5",
        )
    after = organisation.model_copy(update={"clock_ahead": ahead})
    return Decision(after) if after == organisation else _changed(after)


def _contact(command: WriteOrganisation) -> Contact:
    return Contact(**command.contact.model_dump())


def _profile(command: WriteOrganisation) -> dict[str, Any]:
    return {
        "name": command.name,
        "currency": command.currency,
        "time_zone": command.time_zone,
        "languages": command.languages,
        "support_email": command.support_email,
        "mode": command.mode,
        "access_late_days": command.access_late_days,
        "renewal_notice_days": command.renewal_notice_days,
    }


def _changed(organisation: Organisation) -> Decision[Organisation]:
    event = OrganisationChanged(
        organisation=organisation.id,
        name=organisation.name,
        currency=organisation.currency,
        time_zone=organisation.time_zone,
        languages=organisation.languages,
        contact=organisation.contact,
        support_email=organisation.support_email,
        mode=organisation.mode,
        clock_ahead=organisation.clock_ahead,
        access_late_days=organisation.access_late_days,
        renewal_notice_days=organisation.renewal_notice_days,
    )
    return Decision(organisation, (event,))
