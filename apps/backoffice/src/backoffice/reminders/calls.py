"""What the pages of reminders ask of payments, how a calendar is read from its form, and the words of debts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from backoffice.apis import Json, quoted
from backoffice.languages import N_, Language
from backoffice.web import Form

TODAY = "/payments/v1/reminders/today"
CALENDAR = "/payments/v1/reminder-calendar"
PER_PAGE = 50
MOST_DAYS, MOST_BEFORE, MOST_STEPS, LONGEST, MOST_CODE = 365, 60, 12, 2_000, 40
SPARE = 2
"""How many empty rows a calendar's form has beyond those that are saved."""

DEBTS: Mapping[str, tuple[str, str]] = {
    "late": ("late", N_("late")),
    "today": ("wait", N_("due today")),
    "coming": ("calm", N_("to come")),
    "order": ("wait", N_("on no date")),
}
"""The status of a debt: a colour and words."""

PARTS: Mapping[str, str] = {"steps": N_("Instalments"), "order_steps": N_("Unpaid orders")}
"""The two parts of a calendar, by their names in the API."""


def path_of(account: str) -> str:
    """The reminders of an account in the API of payments."""
    return f"/payments/v1/accounts/{quoted(account)}/reminders"


def rows_of(form: Form, calendar: Json) -> dict[str, list[dict[str, str]]]:
    """The rows of the form: those that were sent, else those that are saved and some empty ones."""
    return {part: list(_rows(form, part, calendar[part])) for part in PARTS}


def _rows(form: Form, part: str, steps: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    count = min(len(steps) + SPARE, MOST_STEPS)
    if form.is_sent:
        count = sum(form.has(f"{part}-{index}-days") for index in range(MOST_STEPS))
    for index in range(count):
        name = f"{part}-{index}"
        saved = steps[index] if index < len(steps) and not form.is_sent else {}
        days = saved.get("days")
        yield {
            "name": name,
            "days": form.value(f"{name}-days", "" if days is None else str(abs(days))),
            "when": form.value(f"{name}-when", "before" if days is not None and days < 0 else "after"),
            "text_fr": form.value(f"{name}-text_fr", saved.get("text_fr", "")),
            "text_en": form.value(f"{name}-text_en", saved.get("text_en", "")),
            "code": form.value(f"{name}-code", saved.get("code", "")),
        }


def read_calendar(form: Form) -> Json:
    """The calendar as the API takes it; what is wrong is said in the form."""
    hour = form.whole("hour", least=0, most=23)
    staff_after = form.whole("staff_after", least=1, most=MOST_DAYS, required=False)
    return {
        "active": form.ticked("active"),
        "hour": hour,
        **{part: list(_steps(form, part)) for part in PARTS},
        "staff_after": staff_after,
    }


def _steps(form: Form, part: str) -> Iterator[Json]:
    for index in range(MOST_STEPS):
        name = f"{part}-{index}"
        texts = {
            f"text_{language}": form.text(f"{name}-text_{language}", required=False, most=LONGEST)
            for language in ("fr", "en")
        }
        if part == "order_steps":
            texts["code"] = form.text(f"{name}-code", required=False, most=MOST_CODE)
        if not form.value(f"{name}-days").strip() and not any(texts.values()):
            continue
        before = part == "steps" and form.value(f"{name}-when") == "before"
        least, most = (0 if part == "steps" else 1), (MOST_BEFORE if before else MOST_DAYS)
        days = form.whole(f"{name}-days", least=least, most=most)
        if days is not None:
            yield {"days": -days if before else days, **texts}


def in_words(calendar: Json, language: Language) -> dict[str, str]:
    """A calendar in words, by the labels of its form."""
    off = language.gettext("off")
    return {
        language.gettext("Reminders are sent automatically"): language.gettext("on") if calendar["active"] else off,
        language.gettext("From this hour"): f"{calendar['hour']}:00",
        language.gettext("Instalments"): days_in_words(calendar["steps"], language),
        language.gettext("Unpaid orders"): days_in_words(calendar["order_steps"], language),
        language.gettext("Staff is informed after"): str(calendar["staff_after"] or off),
    }


def days_in_words(steps: Sequence[Mapping[str, Any]], language: Language) -> str:
    """The days of some steps in words: 3 days before, 1 day after."""
    return ", ".join(_day_in_words(step["days"], language) for step in steps) or "–"


def _day_in_words(days: int, language: Language) -> str:
    if days < 0:
        return language.ngettext("{num} day before", "{num} days before", -days).format(num=-days)
    return language.ngettext("{num} day after", "{num} days after", days).format(num=days)
