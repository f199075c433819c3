"""The pages of settings (MON-5, ORG-5, PAY-6, PAY-11)."""

from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Answer, Json, Problem, ServiceAwayError, part
from backoffice.settings import calls
from backoffice.web import Form, Visit, needs, pages
from backoffice.web.meanwhile import Difference, differences, is_stale

routes = pages()

Reads = Annotated[Visit, needs("catalog:read")]
Describes = Annotated[Visit, needs("catalog:read", "catalog:write")]
Collects = Annotated[Visit, needs("catalog:read", "payments:read", "payments:collect")]
HIGHEST = 10**9


@routes.get("/settings")
async def show_settings(visit: Reads) -> Response:
    """Every setting, with the page on which it is changed."""
    calendar = await part(calls.calendar(visit.api)) if visit.may("payments:read") else None
    profile = await calls.profile_of(visit)
    return await visit.page(
        "settings/overview.html",
        profile=profile,
        in_words=calls.in_words(profile, visit.language) if profile else {},
        calendar=calendar,
        calendar_in_words=calls.calendar_in_words(calendar.body, visit.language)
        if isinstance(calendar, Answer)
        else {},
        shows=_clock(visit, profile),
    )


@routes.get("/settings/organisation")
async def begin_profile(visit: Describes) -> Response:
    """The form of the profile."""
    return await _profile(visit, visit.form(), await calls.profile_of(visit))


@routes.post("/settings/organisation")
async def save_profile(visit: Describes) -> Response:
    """Set the organisation up, or save its whole profile."""
    form = await visit.sent()
    profile = await calls.profile_of(visit)
    body = calls.read_profile(form, profile)
    version = form.whole("version", least=1, most=HIGHEST) if profile else None
    moved = None
    if not form.wrong:
        try:
            await visit.api.send(calls.ORGANISATION, body, key=form.key, version=version, method="PUT")
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, body["currency"])
            if is_stale(fault) and profile:
                moved = differences(calls.in_words(profile, visit.language), calls.in_words(body, visit.language))
        else:
            return visit.to("/settings", visit.gettext("Saved. It counts from now on, in mails and on dates too."))
    return await _profile(visit, form, profile, moved, 422)


@routes.get("/settings/collection")
async def begin_calendar(visit: Collects) -> Response:
    """The form of the collection calendar."""
    return await _calendar(visit, visit.form(), await calls.calendar(visit.api))


@routes.post("/settings/collection")
async def save_calendar(visit: Collects) -> Response:
    """Save the collection calendar."""
    form = await visit.sent()
    body = calls.read_calendar(form)
    version = form.whole("version", least=0, most=HIGHEST)
    moved = None
    if not form.wrong:
        try:
            await visit.api.send(calls.CALENDAR, body, key=form.key, version=version, method="PUT")
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
            if is_stale(fault):
                now = await calls.calendar(visit.api)
                moved = differences(
                    calls.calendar_in_words(now.body, visit.language), calls.calendar_in_words(body, visit.language)
                )
                return await _calendar(visit, form, now, moved, 422)
        else:
            return visit.to(
                "/settings", visit.gettext("Saved. Instalments that wait for their next attempt keep its date.")
            )
    return await _calendar(visit, form, await calls.calendar(visit.api), moved, 422)


@routes.post("/settings/collection/now")
async def collect_now(visit: Collects) -> Response:
    """Have what is due today collected, whatever the hour."""
    form = await visit.sent()
    try:
        await visit.api.send("/payments/v1/collections", key=form.key)
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency())
        unsent = visit.form()
        unsent.refusal = form.refusal
        return await _calendar(visit, unsent, await calls.calendar(visit.api), None, 422)
    return visit.to("/settings", visit.gettext("What is due today is being collected. The payment follow-up shows it."))


@routes.get("/settings/clock")
async def begin_clock(visit: Describes) -> Response:
    """The clock of a test organisation, or why there is none."""
    return await _clock_page(visit, visit.form(), await calls.profile_of(visit))


@routes.post("/settings/clock")
async def move_clock(visit: Describes) -> Response:
    """Move the clock of a test organisation forward."""
    form = await visit.sent()
    profile = await calls.profile_of(visit)
    if profile is None:
        return visit.to("/settings")
    instant = calls.wanted(form, profile)
    version = form.whole("version", least=1, most=HIGHEST)
    if not form.wrong:
        try:
            await visit.api.send(f"{calls.ORGANISATION}/clock", {"now": instant}, key=form.key, version=version)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, profile["currency"])
            if not is_stale(fault):
                return await _clock_page(visit, form, profile, 422)
            return await _clock_page(visit, form, profile, 422, stale=True)
        else:
            return visit.to(
                "/settings/clock",
                visit.gettext("The clock is moved. What depends on the date follows within some seconds."),
            )
    return await _clock_page(visit, form, profile, 422)


def _clock(visit: Visit, profile: Json | None) -> str:
    """What the clock shows, in words."""
    if profile is None:
        return ""
    at = calls.shows(profile)
    return f"{visit.language.day(at.date(), weekday=True)}, {at:%H:%M}"


async def _profile(
    visit: Visit, form: Form, profile: Json | None, moved: list[Difference] | None = None, status: int = 200
) -> Response:
    return await visit.page(
        "settings/organisation.html",
        status,
        form=form,
        profile=profile,
        typed=calls.typed(profile),
        version=_version(form, profile["version"] if profile else 0, moved),
        moved=moved,
        labels=visit.translated(calls.LABELS),
        choices=visit.translated(calls.LANGUAGES),
        modes=visit.translated(calls.MODES),
        zones=calls.ZONES,
    )


async def _calendar(
    visit: Visit, form: Form, calendar: Answer, moved: list[Difference] | None = None, status: int = 200
) -> Response:
    hour = calendar.body["hour"]
    hours = {calls.NEVER: visit.gettext("only when somebody asks for it")}
    return await visit.page(
        "settings/collection.html",
        status,
        form=form,
        hours=hours | {each: f"{int(each):02}:00" for each in calls.HOURS},
        hour=calls.NEVER if hour is None else str(hour),
        days=", ".join(str(day) for day in calendar.body["retry_after"]),
        asked_on=calendar.body.get("asked_on"),
        version=_version(form, calendar.version or 0, moved),
        moved=moved,
    )


async def _clock_page(
    visit: Visit, form: Form, profile: Json | None, status: int = 200, *, stale: bool = False
) -> Response:
    at = calls.shows(profile) if profile else None
    return await visit.page(
        "settings/clock.html",
        status,
        form=form,
        profile=profile,
        shows=_clock(visit, profile),
        at=at.isoformat(timespec="seconds") if at else "",
        day=at.date().isoformat() if at else "",
        version=profile["version"] if profile and (stale or not form.is_sent) else form.value("version"),
    )


def _version(form: Form, current: int, moved: list[Difference] | None) -> str:
    """The version that the form has seen; the one of now once it says what somebody else changed."""
    return str(current) if moved is not None or not form.is_sent else form.value("version", str(current))
