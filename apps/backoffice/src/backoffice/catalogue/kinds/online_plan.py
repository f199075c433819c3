"""An online plan: the courses that it opens on a platform, and how (CON-20)."""

import re
from dataclasses import dataclass
from typing import Any

from backoffice.apis import Json
from backoffice.catalogue.kinds.fields import Field, Known, Part
from backoffice.languages import N_
from backoffice.web import Form

MOST_COURSES = 20
_COURSE = re.compile(r"[!-~]{1,100}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Courses(Field):
    """The courses, one on each line."""

    def read(self, form: Form, known: Known) -> Json:
        """The courses; what is wrong is kept with the form."""
        courses = form.text(self.input, most=MOST_COURSES * 102).split()
        if any(not _COURSE.fullmatch(course) for course in courses):
            form.error(self.input, form.text_of(N_("Write the code of the course as the platform shows it.")))
        elif len(courses) > MOST_COURSES:
            sentence = known.language.gettext("A plan opens at most {most} courses.")
            form.error(self.input, sentence.format(most=MOST_COURSES))
        return {self.name: courses}

    def typed(self, details: Json, known: Known) -> str:  # noqa: ARG002 # of all fields
        """The lines."""
        return "\n".join(details.get(self.name, ()))

    def shown(self, details: Json, known: Known) -> str:  # noqa: ARG002 # of all fields
        """Each on a line."""
        return "\n".join(details.get(self.name, ()))


@dataclass(frozen=True, slots=True)
class Setting(Field):
    """A setting of the access: its ``name`` is the path to it, ``settings.release.lessons``."""

    absent: str = ""
    """What it means if it has no value, marked by ``N_``."""

    def typed(self, details: Json, known: Known) -> str:
        """The value of its input."""
        return Field.typed(self, {self.name: _at(details, self.name)}, known)

    def shown(self, details: Json, known: Known) -> str:
        """Its value in words."""
        text = Field.shown(self, {self.name: _at(details, self.name)}, known)
        return text or (known.language.gettext(self.absent) if self.absent else "")


@dataclass(frozen=True, slots=True)
class LanguageSetting(Setting):
    """The language of the course, a code."""

    def read(self, form: Form, known: Known) -> Json:  # noqa: ARG002 # of all fields
        """The code; none if nothing was typed."""
        code = form.text(self.input, required=False, most=3).lower()
        if code and not _LANGUAGE.fullmatch(code):
            form.error(self.input, form.text_of(N_("Write the two letters of the language, such as fr.")))
        return {self.name: code or None}


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "settings.lessons",
        N_("Lessons that are open"),
        "number",
        hint=N_("The first ones of each course. Empty: all of them."),
        most=10_000,
        absent=N_("all"),
    ),
    Setting(
        "settings.release.lessons",
        N_("Released at a time"),
        "number",
        hint=N_("How many lessons are released at a time, the first ones at once. Empty: all at once."),
        most=1000,
        absent=N_("all at once"),
    ),
    Setting("settings.release.every_days", N_("Days until the next release"), "number", most=366),
    Setting("settings.deadlines", N_("Exercises have deadlines"), "tick"),
    Setting(
        "settings.exercises",
        N_("Exercises are checked"),
        "select",
        required=True,
        choices={
            "automatic": N_("by the platform"),
            "teacher": N_("by a teacher"),
            "learner": N_("by the learner"),
            "unchecked": N_("not at all"),
        },
    ),
    Setting("settings.checkpoints", N_("A lesson opens once the checkpoint before it is passed"), "tick"),
    LanguageSetting(
        "settings.language",
        N_("Language of the course"),
        hint=N_("Its two letters, such as fr or en. Empty: the platform chooses."),
        absent=N_("the platform chooses"),
    ),
)
"""What the access to the courses of a plan is."""

RELEASE = ("settings.release.lessons", "settings.release.every_days")


def read_settings(form: Form, known: Known) -> Json:
    """The settings that were typed; what is wrong is kept with the form."""
    flat: Json = {}
    for each in SETTINGS:
        flat |= each.read(form, known)
    lessons, every_days = (flat.pop(name) for name in RELEASE)
    if (lessons is None) != (every_days is None):
        missing = RELEASE[0] if lessons is None else RELEASE[1]
        if f"details.{missing}" not in form.errors:
            form.error(f"details.{missing}", form.text_of(N_("Give both numbers of the release, or neither.")))
    release = None if lessons is None else {"lessons": lessons, "every_days": every_days}
    return {**{name.removeprefix("settings."): value for name, value in flat.items()}, "release": release}


def _at(details: Json, path: str) -> Any:
    value: Any = details
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


@dataclass(frozen=True, slots=True)
class PlanPart(Part):
    """The fields of a plan, of which some are within its settings."""

    def read(self, form: Form, known: Known) -> Json:
        """The ``details`` that were typed; what is wrong is kept with the form."""
        details: Json = {"kind": self.kind}
        for each in self.fields:
            if not isinstance(each, Setting):
                details |= each.read(form, known)
        return {**details, "settings": read_settings(form, known)}


PART = PlanPart(
    "online_plan",
    N_("Courses on an online platform, for one member: which ones, how, and until when."),
    (
        Courses("courses", N_("Courses"), "area", hint=N_("Their codes on the platform, one a line."), required=True),
        Field(
            "valid_until", N_("Valid until"), "date", hint=N_("Or a number of months below; neither if it has no end.")
        ),
        Field("months", N_("Valid for so many months from the purchase"), "number", most=120),
        *SETTINGS,
    ),
    place=10,
)
