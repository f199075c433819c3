"""The small markup of bodies, parsed into blocks from which text and HTML are made.

    # Heading            ## Smaller heading
    Lines of a paragraph keep their breaks.
    - an item
    | Due on | Amount |
    |--------|-------:|     (a colon on the right aligns right)
    | ...    | ...    |
    ---                     (a line across)
    **strong**, [label](https://...)

Values pass through the markup sealed: as hexadecimal digits between two control characters,
opened only after the blocks are parsed. So no character of a value is ever parsed as markup, none
needs escaping, and what a person typed arrives as typed (NOT-5).

Control characters (Unicode categories Cc and Cs, U+2028 and U+2029) are the exception: no mail
reader shows them, and some break a mail. In a value, line breaks are kept; each run of other
control characters becomes one space.
"""

import re
from dataclasses import dataclass

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_BREAKS = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_SEALED = re.compile(r"\x02([0-9a-f]*)\x03")
_INLINE = re.compile(r"\*\*([^*\n]+)\*\*|\[([^\[\]\n]+)\]\(([^()\s]+)\)")
_ALIGNMENT = re.compile(r"\|(?:\s*:?-+:?\s*\|)+\s*")
_SCHEMES = ("https://", "http://", "mailto:")


MOST_LINES = 5_000
"""Lines that a filled body may have."""
MOST_COLUMNS = 20
"""Columns that a table may have: each row is made as wide as the widest."""
MOST_CELLS = 20_000
"""Cells that all tables of a body may have together."""


class TooLargeError(Exception):
    """A filled body is larger than a mail may be; the message says by what."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of plain text, strong or not, with the address of its link or None. Only values contain line breaks."""

    text: str
    strong: bool = False
    href: str | None = None


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 or 2."""

    level: int
    line: Line


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that keep their breaks."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its head (None if the source has no alignment row), which columns align right, its rows."""

    head: tuple[Line, ...] | None
    right: tuple[bool, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""


Block = Heading | Paragraph | Items | Table | Rule


def clean(text: str) -> str:
    r"""The text with line breaks as ``\\n`` and every other run of control characters as one space."""
    return _CONTROL.sub(" ", _BREAKS.sub("\n", text))


def one_line(value: str) -> str:
    """The value on one line: each run of control characters and line breaks is one space."""
    return re.sub(r" *\n[ \n]*", " ", clean(value)).strip()


def seal(value: str) -> str:
    """A value as it is written into a filled template; an empty one stays empty."""
    cleaned = clean(value)
    return f"\x02{cleaned.encode().hex()}\x03" if cleaned else ""


def plain(filled: str) -> str:
    """A filled template as one line of plain text: what a subject is."""
    return one_line(_text(filled))


def read(source: str) -> tuple[Block, ...]:
    """The blocks of a filled body, in order. Raises ``TooLargeError``."""
    blocks: list[Block] = []
    gathered: list[str] = []
    lines = source.split("\n")
    if len(lines) > MOST_LINES:
        raise TooLargeError(f"more than {MOST_LINES:,} lines")
    for line in [*lines, ""]:
        stripped = line.strip()
        if gathered and _sort(stripped) != _sort(gathered[0]):
            blocks.append(_block(gathered))
            gathered = []
        if stripped and _sort(stripped) in ("heading", "rule"):
            blocks.append(_block([stripped]))
        elif stripped:
            gathered.append(stripped)
    if sum(len(block.rows) * len(block.right) for block in blocks if isinstance(block, Table)) > MOST_CELLS:
        raise TooLargeError(f"more than {MOST_CELLS:,} cells in its tables")
    return tuple(blocks)


def _sort(line: str) -> str:
    if not line:
        return "nothing"
    if line == "---":
        return "rule"
    if line.startswith(("# ", "## ")):
        return "heading"
    if line.startswith("- "):
        return "items"
    return "table" if line.startswith("|") else "paragraph"


def _block(lines: list[str]) -> Block:
    match _sort(lines[0]):
        case "rule":
            return Rule()
        case "heading":
            marks, _, words = lines[0].partition(" ")
            return Heading(len(marks), _line(words))
        case "items":
            return Items(tuple(_line(line[2:]) for line in lines))
        case "table":
            return _table(lines)
        case _:
            return Paragraph(tuple(_line(line) for line in lines))


def _table(lines: list[str]) -> Table:
    headed = len(lines) > 1 and _ALIGNMENT.fullmatch(lines[1]) is not None
    right = [cell.endswith(":") and not cell.startswith(":") for cell in _cells(lines[1])] if headed else []
    rows = [_cells(line) for line in (lines[2:] if headed else lines)]
    head = _cells(lines[0]) if headed else None
    width = max(len(row) for row in ([head] if head else []) + rows)
    if width > MOST_COLUMNS:
        raise TooLargeError(f"more than {MOST_COLUMNS} columns in a table")
    return Table(
        head=_row(head, width) if head else None,
        right=tuple((right + [False] * width)[:width]),
        rows=tuple(_row(row, width) for row in rows),
    )


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]


def _row(cells: list[str], width: int) -> tuple[Line, ...]:
    return tuple(_line(cell) for cell in cells + [""] * (width - len(cells)))


def _line(source: str) -> Line:
    spans: list[Span] = []
    end = 0
    for match in _INLINE.finditer(source):
        spans.append(Span(_text(source[end : match.start()])))
        strong, label, href = match.groups()
        spans.append(Span(_text(strong), strong=True) if strong else _link(label, href))
        end = match.end()
    spans.append(Span(_text(source[end:])))
    return tuple(span for span in spans if span.text)


def _link(label: str, href: str) -> Span:
    target = _text(href)
    return Span(_text(label), href=target if target.lower().startswith(_SCHEMES) else None)


def _text(source: str) -> str:
    return _SEALED.sub(lambda sealed: bytes.fromhex(sealed[1]).decode(), source)
