"""The default words of each mail in each language: a subject line, an empty line, the body.

A line ``@name`` stands for the partial of that name, in ``partials/``: text that several mails have in common.
Whoever reads a template sees the whole.
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
    """The words that a mail is in where the organisation has none of its own."""
    subject, _, body = _read(f"{kind}/{language}.md").partition("\n\n")
    whole = _PARTIAL.sub(lambda partial: _read(f"partials/{partial[1]}.{language}.md").rstrip("\n"), body)
    return Words(subject=subject.removeprefix("Subject: "), body=whole)


@cache
def _read(path: str) -> str:
    return files("notifications.mails").joinpath(path).read_text(encoding="utf-8")
