"""The default words of each mail in each language: a subject line, an empty line, the body.

A line ``@name`` includes the partial of that name from ``partials/``: text that several mails share.
The template that staff reads has its partials already included.
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
    subject, _, body = _read(f"{kind}/{language}.md").partition("\n\n")
    whole = _PARTIAL.sub(lambda partial: _read(f"partials/{partial[1]}.{language}.md").rstrip("\n"), body)
    return Words(subject=subject.removeprefix("Subject: "), body=whole)


@cache
def _read(path: str) -> str:
    return files("notifications.mails").joinpath(path).read_text(encoding="utf-8")
