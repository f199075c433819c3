"""The template language: a small, typed part of Jinja, in a sandbox, with values formatted for the reader's language.

A template can do only what is named here: write values, branch with ``if``, and loop over a list
with ``for``. There are no calls, no arithmetic and no ``set``, so a template can neither reach
anything nor grow without a bound.
"""

from collections.abc import Callable
from functools import cache

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from carnet.events.catalog import Language
from notifications.templates import markup
from notifications.templates.values import Value, write, write_short, write_signed

FILTERS = ("short", "signed", "upper", "lower", "capitalize", "length")
"""The filters that a template may use."""


@cache
def environment(language: Language) -> ImmutableSandboxedEnvironment:
    """Jinja as the templates of that language see it."""

    def finalize(value: Value) -> str:
        return markup.seal(write(value, language))

    jinja = ImmutableSandboxedEnvironment(
        # Nothing is escaped here: values are sealed, and the HTML is escaped once, where it is made.
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
        cache_size=0,
    )
    jinja.globals.clear()
    jinja.tests.clear()
    jinja.filters.clear()
    jinja.filters.update(_filters(language))
    return jinja


def _filters(language: Language) -> dict[str, Callable[..., Value]]:
    def short(value: Value) -> str:
        return write_short(value, language)

    def signed(value: Value) -> str:
        return write_signed(value, language)

    def upper(value: Value) -> str:
        return write(value, language).upper()

    def lower(value: Value) -> str:
        return write(value, language).lower()

    def capitalize(value: Value) -> str:
        words = write(value, language)
        return words[:1].upper() + words[1:]

    def length(value: tuple[object, ...]) -> int:
        return len(value)

    return dict(zip(FILTERS, (short, signed, upper, lower, capitalize, length), strict=True))
