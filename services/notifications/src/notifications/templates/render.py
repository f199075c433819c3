"""From the facts of a mail to its subject, text and HTML, in bounded time and size."""

from dataclasses import dataclass, fields

from jinja2 import TemplateError

from carnet.events.catalog import Language
from carnet.refusals import Refusal, invalid
from notifications.domain.content import Kind
from notifications.domain.mails import Wording
from notifications.domain.templates import Words
from notifications.templates import markup
from notifications.templates.as_html import to_html
from notifications.templates.as_text import to_text
from notifications.templates.check import check
from notifications.templates.defaults import default_words
from notifications.templates.language import environment
from notifications.templates.views import View

LONGEST_OUTPUT = 400_000
"""Characters that a written body may have before it is made text and HTML."""
LONGEST_WRITTEN_SUBJECT = 1_000
"""Characters that a subject may have with its values; what is beyond is cut, and an ellipsis says so."""


class UnwritableError(Exception):
    """A template cannot be written with this data."""


@dataclass(frozen=True, slots=True)
class Written:
    """A mail in words: one line of subject, text and HTML."""

    subject: str
    text: str
    html: str


def write(words: Words, view: View, language: Language) -> Written:
    """The mail in these words, which were checked. Raises ``UnwritableError``."""
    subject = markup.plain(_fill(words.subject, view, language))
    if len(subject) > LONGEST_WRITTEN_SUBJECT:
        subject = subject[: LONGEST_WRITTEN_SUBJECT - 1] + "…"
    blocks = markup.read(_fill(words.body, view, language))
    if not subject or not blocks:
        raise UnwritableError("the subject or the body is empty with this data")
    return Written(subject, to_text(blocks), to_html(blocks, title=subject, language=language))


def try_out(words: Words, view: View, kind: Kind, language: Language) -> Written:
    """The mail in words that staff proposes; a refusal where they could not be sent (NOT-2)."""
    check(words, kind, language)
    try:
        return write(words, view, language)
    except UnwritableError as error:
        raise invalid(
            "template-unwritable",
            f"With this data, the template cannot be written: {error}. Correct it.",
            rule="NOT-2",
        ) from error


def write_somehow(own: Words | None, view: View, kind: Kind, language: Language) -> tuple[Written, Wording]:
    """The mail in the organisation's own words, or in the default ones where it has none or they broke (NOT-2)."""
    if own is not None:
        try:
            check(own, kind, language)
            return write(own, view, language), "own"
        except (Refusal, UnwritableError):
            return write(default_words(kind, language), view, language), "fallback"
    return write(default_words(kind, language), view, language), "default"


def _fill(source: str, view: View, language: Language) -> str:
    variables = {field.name: getattr(view, field.name) for field in fields(view)}
    size = 0
    pieces: list[str] = []
    try:
        for piece in environment(language).from_string(markup.clean(source)).generate(variables):
            size += len(piece)
            if size > LONGEST_OUTPUT:
                raise UnwritableError(f"more than {LONGEST_OUTPUT} characters")
            pieces.append(piece)
    except (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        raise UnwritableError(str(error)) from error
    return "".join(pieces)
