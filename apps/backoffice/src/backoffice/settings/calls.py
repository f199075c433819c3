"""What the pages of settings ask, how their forms are read, and what they say label by label."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from backoffice.apis import Answer, Api, Away, Json, ServiceAwayError
from backoffice.languages import N_, Language
from backoffice.web import Form, Visit
from carnet.dates import known_time_zone, read_instant, utc_now

ORGANISATION, CALENDAR = "/catalog/v1/organisation", "/payments/v1/collection-calendar"

LANGUAGES: Mapping[str, str] = {
    "fr": N_("French only"),
    "en": N_("English only"),
    "fr en": N_("French, and English for the families that prefer it"),
    "en fr": N_("English, and French for the families that prefer it"),
}
"""The languages in which an organisation writes; the first one by default."""

MODES: Mapping[str, str] = {
    "live": N_("live: real families, real money"),
    "test": N_("test: to try things, with a clock that can be moved"),
}

ZONES = (
    *("Europe/Paris", "Europe/Brussels", "Europe/Luxembourg", "Europe/Zurich", "Europe/London", "Europe/Dublin"),
    *("Europe/Berlin", "Europe/Madrid", "Europe/Rome", "Europe/Lisbon", "Africa/Casablanca", "Africa/Tunis"),
    *("Africa/Dakar", "America/Martinique", "America/Guadeloupe", "America/Cayenne", "America/Montreal"),
    *("Indian/Reunion", "Indian/Mayotte", "Pacific/Noumea", "Pacific/Tahiti"),
)
"""Time zones that are proposed; any other one can be written."""

LABELS: Mapping[str, str] = {
    "name": N_("Name of the school"),
    "languages": N_("Languages of the mails"),
    "time_zone": N_("Time zone"),
    "contact.email": N_("Email for families"),
    "contact.phone": N_("Phone"),
    "contact.website": N_("Web site"),
    "contact.address": N_("Address"),
    "support_email": N_("Email of those who settle refunds"),
    "access_late_days": N_("Online courses close when a payment is late by"),
    "renewal_notice_days": N_("Families are informed before a subscription renews, by"),
    "currency": N_("Currency"),
    "mode": N_("Mode"),
}
"""The fields of the profile, in the order of the form."""

IN_DAYS = ("access_late_days", "renewal_notice_days")
"""Those that are a number of days, or never."""

MOST_DAYS_LATE, MOST_DAYS_NOTICE = 365, 180
NEVER = "never"
MOST_RETRIES, LONGEST_WAIT = 10, 90
HOURS = tuple(str(hour) for hour in range(24))

STEPS: Mapping[str, timedelta] = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
"""By how much the clock moves with one button."""


async def profile_of(visit: Visit) -> Json | None:
    """The profile; None before the organisation is set up. Raises ``ServiceAwayError``."""
    found = await visit.organisation()
    if isinstance(found, Away):
        raise ServiceAwayError(found.service)
    return found


def typed(profile: Json | None) -> dict[str, str]:
    """The values of the form of a profile."""
    if profile is None:
        return {"languages": "fr", "time_zone": ZONES[0], "currency": "EUR", "mode": "live"}
    contact = {f"contact.{name}": value or "" for name, value in profile["contact"].items()}
    plain = {name: str(profile[name]) for name in ("name", "time_zone", "support_email", "currency", "mode")}
    days = {name: "" if profile.get(name) is None else str(profile[name]) for name in IN_DAYS}
    return {**plain, "languages": " ".join(profile["languages"]), **contact, **days}


def read_profile(form: Form, profile: Json | None) -> Json:
    """The whole profile as the API takes it; what is wrong is kept with the form.

    Currency and mode are chosen once, when the organisation is set up (MON-1, ORG-5).
    """
    zone = form.text("time_zone", most=60)
    try:
        known_time_zone(zone or ZONES[0])
    except ValueError:
        form.error("time_zone", form.text_of(N_("Write a time zone such as Europe/Paris.")))
    contact = {
        "email": form.text("contact.email", required=False, most=254) or None,
        "phone": form.text("contact.phone", required=False, most=40) or None,
        "website": form.text("contact.website", required=False, most=120) or None,
        "address": form.text("contact.address", required=False, most=2_000) or None,
    }
    return {
        "name": form.text("name", most=120),
        "languages": form.choice("languages", LANGUAGES).split(),
        "time_zone": zone,
        "contact": contact,
        "support_email": form.text("support_email", most=254),
        "access_late_days": form.whole("access_late_days", least=1, most=MOST_DAYS_LATE, required=False),
        "renewal_notice_days": form.whole("renewal_notice_days", least=1, most=MOST_DAYS_NOTICE, required=False),
        "currency": profile["currency"] if profile else form.text("currency", most=3).upper(),
        "mode": profile["mode"] if profile else form.choice("mode", MODES),
    }


def in_words(profile: Json, language: Language) -> dict[str, str]:
    """The profile in words, by its labels."""
    values = typed(profile)
    words = {
        **values,
        "languages": language.gettext(LANGUAGES.get(values["languages"], values["languages"])),
        "mode": language.gettext(MODES.get(values["mode"], values["mode"])),
        "contact.address": values.get("contact.address", "").replace("\r\n", "\n"),
    }
    for name in IN_DAYS:
        days = profile.get(name)
        words[name] = (
            language.gettext(N_("never"))
            if days is None
            else language.ngettext("{count} day", "{count} days", days).format(count=days)
        )
    return {language.gettext(label): words.get(name, "") for name, label in LABELS.items()}


async def calendar(api: Api) -> Answer:
    """When instalments are collected, with its version."""
    return await api.read(CALENDAR)


def read_calendar(form: Form) -> Json:
    """The collection calendar as the API takes it; what is wrong is kept with the form."""
    hour = form.choice("hour", (NEVER, *HOURS))
    days = form.text("retry_after", required=False, most=60).replace(",", " ").replace(";", " ").split()
    right = all(day.isdecimal() and 1 <= int(day) <= LONGEST_WAIT for day in days) and len(days) <= MOST_RETRIES
    if not right:
        form.error("retry_after", form.text_of(N_("Write at most ten numbers of days from 1 to 90, such as 3, 7.")))
    return {
        "hour": None if hour in {NEVER, ""} else int(hour),
        "retry_after": [int(day) for day in days] if right else [],
    }


def calendar_in_words(calendar: Json, language: Language) -> dict[str, str]:
    """The calendar in words, by its labels."""
    hour, days = calendar["hour"], calendar["retry_after"]
    from_hour = language.gettext("every day from {hour}").format(hour=f"{hour:02}:00") if hour is not None else ""
    after = ", ".join(str(day) for day in days)
    return {
        language.gettext("What is due is collected"): from_hour or language.gettext("only when somebody asks for it"),
        language.gettext("After a failed attempt"): language.gettext("again after {days} days").format(days=after)
        if days
        else language.gettext("not tried again automatically"),
    }


def shows(profile: Json) -> datetime:
    """What the clock of a test organisation shows, in its time zone."""
    return (utc_now() + timedelta(seconds=profile["clock_ahead"])).astimezone(ZoneInfo(profile["time_zone"]))


def wanted(form: Form, profile: Json) -> str | None:
    """The instant to which a clock is to be moved; None if what was typed can't be read."""
    step = STEPS.get(form.value("do"))
    if step is not None:
        # From what the page said, not from now: a form that is sent twice asks for the same instant.
        return _instant(_shown_at(form, profile) + step)
    day, time = form.day("day"), form.text("time", most=5)
    try:
        at = datetime.strptime(time, "%H:%M").time()  # noqa: DTZ007 # a time of day
    except ValueError:
        form.error("time", form.text_of(N_("Write a time such as 17:30.")))
        return None
    if day is None:
        return None
    return _instant(datetime.combine(date.fromisoformat(day), at, ZoneInfo(profile["time_zone"])))


def _shown_at(form: Form, profile: Json) -> datetime:
    try:
        return read_instant(form.value("shows"))
    except ValueError:
        return shows(profile)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
