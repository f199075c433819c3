"""Lists as CSV, for spreadsheets: UTF-8 with its mark, commas, amounts as decimal numbers with a point."""

import csv
import io
from collections.abc import AsyncIterator, Sequence

from starlette.responses import StreamingResponse

from carnet.money import decimals_of

CHUNK = 16_384
"""How many characters are sent at a time."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def decimal(amount: int, currency: str) -> str:
    """Minor units, zero or more, as a decimal number with a point.

    >>> decimal(30005, "EUR"), decimal(500, "XPF"), decimal(7, "TND")
    ('300.05', '500', '0.007')
    """
    digits = decimals_of(currency)
    whole, rest = divmod(amount, 10**digits)
    return f"{whole}.{rest:0{digits}}" if digits else str(whole)


def text(value: str | None) -> str:
    """A text that no spreadsheet takes for a formula: one that begins like one gets an apostrophe before it.

    >>> text("=1+1"), text(" @SUM(A1)"), text("Inès")
    ("'=1+1", "' @SUM(A1)", 'Inès')
    """
    value = value or ""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


async def as_csv(header: Sequence[str], lines: AsyncIterator[list[str]]) -> AsyncIterator[str]:
    """The header and the lines, a few at a time, so that the length of a list costs no memory."""
    buffer = io.StringIO()
    buffer.write("\ufeff")  # without it Excel reads the accents as something else
    writer = csv.writer(buffer)
    writer.writerow(header)
    async for line in lines:
        writer.writerow(line)
        if buffer.tell() >= CHUNK:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def download(name: str, chunks: AsyncIterator[str]) -> StreamingResponse:
    """The answer that a browser saves as the file ``name``."""
    return StreamingResponse(
        chunks,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
