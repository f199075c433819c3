"""The headers of a mail: whatever a name holds, each stays one header of short lines (NOT-5, RFC 2047, RFC 5322).

A value goes as it is only where it is short plain ASCII; all else is written as encoded words.
Python's newer ``EmailMessage`` folds by itself, and writes an empty line in the middle of the headers
where a word is longer than a line.
"""

from email.header import Header
from email.utils import quote

_LONGEST_PLAIN = 60


def unstructured(text: str, *, name: str) -> str:
    """The value of a header that is free text of one line, folded: the subject."""
    return text if _is_plain(text) else Header(text, "utf-8", header_name=name).encode(linesep="\r\n")


def mailbox(display: str, address: str, *, name: str) -> str:
    """The value of a header that names one mailbox, folded: a display name of one line, or none, and an address."""
    if not display:
        return address
    words = f'"{quote(display)}"' if _is_plain(display) else unstructured(display, name=name)
    return f"{words}\r\n <{address}>"


def _is_plain(text: str) -> bool:
    simple = text.isascii() and text.isprintable() and len(text) <= _LONGEST_PLAIN
    # What looks like an encoded word would be decoded, and readers make one space of several.
    return simple and text == text.strip() and "=?" not in text and "  " not in text
