"""The headers of a mail: each stays one header of short lines, whatever a name contains (NOT-5, RFC 2047, RFC 5322).

Only short plain ASCII is written as it is; everything else is written as encoded words.
Python's newer ``EmailMessage`` folds by itself, but if a word is longer than a line it writes an empty line
in the middle of the headers.
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
    # Text that looks like an encoded word would be decoded, and readers collapse several spaces into one.
    return simple and text == text.strip() and "=?" not in text and "  " not in text
