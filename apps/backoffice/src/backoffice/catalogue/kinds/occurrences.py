"""The occurrences of an activity: one a line, as a school writes them; and those of every week, made at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from backoffice.apis import Json
from backoffice.catalogue.kinds.fields import Field, Known
from backoffice.languages import N_, Language
from backoffice.web import Form

MOST = 400
"""Occurrences of an activity (CAT-6)."""

LONGEST = MOST * 40
WEEK = timedelta(days=7)

_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_WRITTEN = re.compile(r"(?P<day>\d{1,2})[/.](?P<month>\d{1,2})[/.](?P<year>\d{4})")
_TIME = r"(\d{1,2})\s*[:hH]\s*(\d{2})?"
_LINE = re.compile(rf"(?P<date>[\d/.\-]+)[\s,;]+{_TIME}(?:\s*[-–—]\s*|\s+(?:à\s+|to\s+)?){_TIME}")


@dataclass(frozen=True, slots=True)
class Occurrences(Field):
    """A text with an occurrence on each line: ``08/09/2027 17:30-18:30``."""

    def read(self, form: Form, known: Known) -> Json:
        """The occurrences; the first line that can't be read is said."""
        found: list[Json] = []
        for number, line in enumerate(form.text(self.input, required=False, most=LONGEST).splitlines(), 1):
            if not line.strip():
                continue
            occurrence = read_line(line)
            if occurrence is None:
                sentence = known.language.gettext("Line {number} cannot be read. Write it as {example}.")
                form.error(self.input, sentence.format(number=number, example="08/09/2027 17:30-18:30"))
                break
            found.append(occurrence)
        if len(found) > MOST:
            form.error(self.input, known.language.gettext("An activity has at most {most} sessions.").format(most=MOST))
        return {self.name: found}

    def typed(self, details: Json, known: Known) -> str:  # noqa: ARG002 # of all fields
        """The lines."""
        return "\n".join(written(each) for each in details.get(self.name, ()))

    def shown(self, details: Json, known: Known) -> str:
        """Each on a line, with its weekday."""
        return "\n".join(_shown(each, known.language) for each in details.get(self.name, ()))


def read_line(text: str) -> Json | None:
    """The occurrence on a line; None if it can't be read."""
    line = _LINE.fullmatch(text.strip())
    if line is None:
        return None
    day = _day(line["date"])
    starts, ends = (_time(line[at], line[at + 1]) for at in (2, 4))
    return {"on": day, "starts": starts, "ends": ends} if day and starts and ends else None


def _day(text: str) -> str | None:
    found = _ISO.fullmatch(text) or _WRITTEN.fullmatch(text)
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"])).isoformat() if found else None
    except ValueError:
        return None


def _time(hour: str, minute: str | None) -> str | None:
    hours, minutes = int(hour), int(minute or 0)
    return f"{hours:02}:{minutes:02}" if hours < 24 and minutes < 60 else None


def written(occurrence: Json) -> str:
    """An occurrence as a line."""
    day = date.fromisoformat(occurrence["on"])
    return f"{day:%d/%m/%Y} {occurrence['starts']}-{occurrence['ends']}"


def _shown(occurrence: Json, language: Language) -> str:
    day = language.day(occurrence["on"], weekday=True)
    return f"{day}, {occurrence['starts']}–{occurrence['ends']}"


def every_week(form: Form, language: Language) -> Iterator[str]:
    """The lines of the same weekday and times between two days; what is wrong is kept with the form."""
    first, last = form.day("weekly.first"), form.day("weekly.last")
    times = [_time(found[1], found[2]) if found else None for found in _times(form)]
    for name, time in zip(_TIMES, times, strict=True):
        if time is None:
            form.error(name, language.gettext("Write a time such as 17:30."))
    if form.wrong or first is None or last is None:
        return
    on, until = date.fromisoformat(first), date.fromisoformat(last)
    if not on <= until <= on + MOST * WEEK:
        form.error("weekly.last", language.gettext("The last day comes after the first one."))
        return
    while on <= until:
        yield written({"on": on.isoformat(), "starts": times[0], "ends": times[1]})
        on += WEEK


_TIMES = ("weekly.starts", "weekly.ends")


def _times(form: Form) -> list[re.Match[str] | None]:
    return [re.fullmatch(_TIME, form.value(name).strip()) for name in _TIMES]


CAPACITY = Field("capacity", N_("Seats"), "number", hint=N_("All formats together. Empty: no limit."), most=100_000)
OCCURRENCES = Occurrences(
    "occurrences",
    N_("Sessions"),
    hint=N_("One a line: 08/09/2027 17:30-18:30. A session that does not take place (holidays) is taken out."),
    template="catalogue/fields/occurrences.html",
)
