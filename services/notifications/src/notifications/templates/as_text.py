"""Blocks as plain text, tables in columns."""

from notifications.templates.markup import Block, Heading, Items, Line, Paragraph, Rule, Span, Table

WIDEST_COLUMN = 60
"""Characters to which a column is padded at most; a longer cell exceeds its column."""


def to_text(blocks: tuple[Block, ...]) -> str:
    """The plain text of a mail."""
    return "\n\n".join(_block(block) for block in blocks) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(level=level, line=line):
            words = _flat(line)
            return f"{words}\n{('=' if level == 1 else '-') * len(words)}"
        case Paragraph(lines=lines):
            return "\n".join(_line(line) for line in lines)
        case Items(lines=lines):
            return "\n".join(f"- {_flat(line)}" for line in lines)
        case Table():
            return _table(block)
        case Rule():
            return "-" * 40


def _table(table: Table) -> str:
    head = [[_flat(cell) for cell in table.head]] if table.head else []
    rows = head + [[_flat(cell) for cell in row] for row in table.rows]
    widths = [min(WIDEST_COLUMN, max(len(row[column]) for row in rows)) for column in range(len(table.right))]
    lines = [_row(row, widths, table.right) for row in rows]
    if head:
        lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _row(cells: list[str], widths: list[int], right: tuple[bool, ...]) -> str:
    padded = [
        cell.rjust(width) if to_right else cell.ljust(width)
        for cell, width, to_right in zip(cells[:-1], widths[:-1], right[:-1], strict=True)
    ]
    # The last column is padded on its left only, so that no line ends with spaces of ours.
    return "  ".join([*padded, cells[-1].rjust(widths[-1]) if right[-1] else cells[-1]])


def _flat(line: Line) -> str:
    return _line(line).replace("\n", " ")


def _line(line: Line) -> str:
    return "".join(_span(span) for span in line)


def _span(span: Span) -> str:
    if span.href is None or span.href.removeprefix("mailto:") == span.text:
        return span.text
    return f"{span.text} ({span.href})"
