"""The name and the default words of each mail in each language: its name, a subject line, an empty line, the body.

A line ``@name`` includes the partial of that name from ``partials/``: text that several mails share. A partial may
include another. The template that staff reads has its partials already included.
"""

import re
from functools import cache
from importlib.resources import files

from carnet.events.catalog import Language
from notifications.domain.templates import Words
from notifications.mails import Kind

_PARTIAL = re.compile(r"^@([a-z_]+)$", re.MULTILINE)


@cache
def default_words(kind: Kind, language: Language) -> Words:
    """The default words of a kind of mail, used if the organisation has none of its own."""
    head, _, body = _read(f"{kind}/{language}.md").partition("\n\n")
    return Words(subject=_line(head, "Subject"), body=_whole(body, language))


@cache
def name_of(kind: Kind, language: Language) -> str:
    """What a kind of mail is called: ``Contract fully paid``."""
    return _line(_read(f"{kind}/{language}.md").partition("\n\n")[0], "Name")


def _line(head: str, name: str) -> str:
    (found,) = (line for line in head.splitlines() if line.startswith(f"{name}: "))
    return found.removeprefix(f"{name}: ")


def _whole(text: str, language: Language) -> str:
    def included(partial: re.Match[str]) -> str:
        return _whole(_read(f"partials/{partial[1]}.{language}.md").rstrip("\n"), language)

    return _PARTIAL.sub(included, text)


@cache
def _read(path: str) -> str:
    return files("notifications.mails").joinpath(path).read_text(encoding="utf-8")
