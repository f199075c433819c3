"""Texts of templates that no catalogue has: letters outside ``_()`` and ``{% trans %}``."""

import re
from html.parser import HTMLParser

SAID = {"aria-label", "title", "placeholder", "alt", "data-label", "label"}
OURS = {"Carnet", "doctype html"}
"""What is the same in every language."""

_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_TRANSLATED = re.compile(r"\{%-?\s*trans\b.*?%\}.*?\{%-?\s*endtrans\s*-?%\}", re.DOTALL)
_ATTRIBUTES = re.compile(r"\{% set \w+ %\}.*?\{% endset %\}", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]{2,}")


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 # HTMLParser's
        for name, value in attrs:
            if name in SAID and value:
                self.handle_data(value)

    def handle_data(self, data: str) -> None:
        self.found += [line for line in (" ".join(data.split()),) if _LETTERS.search(line.replace("Carnet", ""))]


def bare_texts(template: str) -> list[str]:
    """The texts of a template that would be the same in every language."""
    template = re.sub(r"<(/?)\{\{.*?\}\}", r"<\1a", template)  # a tag that an expression names
    html = _EXPRESSION.sub("\u2400", _ATTRIBUTES.sub("", _TRANSLATED.sub("\u2400", _COMMENT.sub("", template))))
    texts = _Texts()
    texts.feed(html)
    return texts.found
