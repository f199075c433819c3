"""Blocks as HTML. All text passes through ``html.escape`` here, so no template and no value can write a tag."""

from html import escape

from carnet.events.catalog import Language
from notifications.templates.markup import Block, Heading, Items, Line, Paragraph, Rule, Span, Table

_PAGE = (
    "<!doctype html>\n"
    '<html lang="{language}">\n'
    '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>\n'
    '<body style="margin:0;padding:24px;background:#f4f4f2;">\n'
    '<div style="max-width:600px;margin:0 auto;padding:24px 32px;background:#ffffff;color:#222222;'
    'font:16px/1.5 Helvetica,Arial,sans-serif;">\n'
    "{body}\n"
    "</div>\n</body>\n</html>\n"
)
_CELL = "padding:6px 12px;border-bottom:1px solid #dddddd;text-align:{side};"


def to_html(blocks: tuple[Block, ...], *, title: str, language: Language) -> str:
    """The HTML page of a mail; styles are inline because mail readers drop the rest."""
    return _PAGE.format(
        language=language, title=escape(title, quote=False), body="\n".join(_block(block) for block in blocks)
    )


def _block(block: Block) -> str:
    match block:
        case Heading(level=level, line=line):
            return f'<h{level} style="font-size:{24 if level == 1 else 18}px;">{_line(line)}</h{level}>'
        case Paragraph(lines=lines):
            return f"<p>{'<br>'.join(_line(line) for line in lines)}</p>"
        case Items(lines=lines):
            return f"<ul>{''.join(f'<li>{_line(line)}</li>' for line in lines)}</ul>"
        case Table():
            return _table(block)
        case Rule():
            return '<hr style="border:0;border-top:1px solid #dddddd;">'


def _table(table: Table) -> str:
    head = f"<thead>{_row(table.head, table.right, 'th')}</thead>" if table.head else ""
    rows = "\n".join(_row(row, table.right, "td") for row in table.rows)
    return (
        f'<table style="border-collapse:collapse;width:100%;margin:0 0 16px;">{head}<tbody>\n{rows}\n</tbody></table>'
    )


def _row(cells: tuple[Line, ...], right: tuple[bool, ...], tag: str) -> str:
    written = [
        f'<{tag} style="{_CELL.format(side="right;white-space:nowrap" if to_right else "left")}">{_line(cell)}</{tag}>'
        for cell, to_right in zip(cells, right, strict=True)
    ]
    return f"<tr>{''.join(written)}</tr>"


def _line(line: Line) -> str:
    return "".join(_span(span) for span in line)


def _span(span: Span) -> str:
    words = escape(span.text, quote=False).replace("\n", "<br>")
    if span.href is not None:
        return f'<a href="{escape(span.href)}">{words}</a>'
    return f"<strong>{words}</strong>" if span.strong else words
