"""From the facts of a mail to its subject, text and HTML, in bounded time and size."""

from dataclasses import dataclass, fields
from functools import lru_cache

from jinja2 import Template, TemplateError

from carnet.events.catalog import Language
from carnet.refusals import invalid
from notifications.domain.templates import Words
from notifications.mails import Kind
from notifications.mails.views import View
from notifications.templates import markup
from notifications.templates.as_html import to_html
from notifications.templates.as_text import to_text
from notifications.templates.check import check
from notifications.templates.language import environment

LONGEST_FILLED = 1_000_000
"""Characters that a filled subject or body may have; a sealed value counts two or more for each of its own."""
LONGEST_WRITTEN = 2_000_000
"""Characters that the text and the HTML of a mail may have, each."""
LONGEST_WRITTEN_SUBJECT = 1_000
"""Characters that a subject may have with its values; a longer one is cut and ends with an ellipsis."""


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
    try:
        blocks = markup.read(_fill(words.body, view, language))
    except markup.TooLargeError as error:
        raise UnwritableError(str(error)) from error
    if not subject or not blocks:
        raise UnwritableError("the subject or the body is empty with this data")
    text, page = to_text(blocks), to_html(blocks, title=subject, language=language)
    if max(len(text), len(page)) > LONGEST_WRITTEN:
        raise UnwritableError(f"more than {LONGEST_WRITTEN:,} characters")
    return Written(subject, text, page)


def try_out(words: Words, view: View, kind: Kind, language: Language) -> Written:
    """The mail in words that staff proposes. Raises the refusal of words that could not be sent (NOT-2)."""
    check(words, kind, language)
    try:
        return write(words, view, language)
    except UnwritableError as error:
        raise invalid(
            "template-unwritable",
            f"With this data, the template cannot be written: {error}. Correct it.",
            rule="NOT-2",
        ) from error


@lru_cache(maxsize=128)
def _template(source: str, language: Language) -> Template:
    return environment(language).from_string(markup.clean(source))


def _fill(source: str, view: View, language: Language) -> str:
    variables = {field.name: getattr(view, field.name) for field in fields(view)}
    size = 0
    pieces: list[str] = []
    try:
        for piece in _template(source, language).generate(variables):
            size += len(piece)
            if size > LONGEST_FILLED:
                raise UnwritableError(f"more than {LONGEST_FILLED:,} characters")
            pieces.append(piece)
    except (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        raise UnwritableError(str(error)) from error
    return "".join(pieces)
