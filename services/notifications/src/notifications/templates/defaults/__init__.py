"""The default words of each kind of mail in each language, one file each: a subject line, an empty line, the body."""

from functools import cache
from importlib.resources import files

from carnet.events.catalog import Language
from notifications.domain.content import Kind
from notifications.domain.templates import Words


@cache
def default_words(kind: Kind, language: Language) -> Words:
    """The words that a mail is in where the organisation has none of its own."""
    source = files(__name__).joinpath(f"{kind}.{language}.md").read_text(encoding="utf-8")
    subject, _, body = source.partition("\n\n")
    return Words(subject=subject.removeprefix("Subject: "), body=body)
