"""Lists as CSV over HTTP: in the form of the caller's language, as a file to save (``carnet.spreadsheets``)."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Literal

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import StreamingResponse

from carnet.spreadsheets import CHUNK, ENGLISH, FORMS, FRENCH, Cell, Form, Word, as_csv, decimal, text

__all__ = [
    "CHUNK",
    "ENGLISH",
    "FORMS",
    "FRENCH",
    "Cell",
    "Form",
    "FormAsked",
    "Word",
    "as_csv",
    "decimal",
    "download",
    "preferred",
    "text",
]


async def _form(
    request: Request,
    language: Annotated[
        Literal["en", "fr"] | None,
        Query(
            description="Whose spreadsheets are to open it: `en` has commas and a decimal point, `fr` semicolons and a "
            "decimal comma, and French headings. Left out, the first of both that Accept-Language prefers; else `en`."
        ),
    ] = None,
) -> Form:
    return FORMS[language] if language else preferred(request.headers.get("accept-language", ""))


FormAsked = Annotated[Form, Depends(_form)]
"""What a route that exports takes: ``async def export(call: Reads, form: FormAsked) -> StreamingResponse``."""

_RANGE = re.compile(r"\s*([a-zA-Z]{1,8})(?:-[a-zA-Z0-9-]*)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?)\s*)?")


def preferred(header: str) -> Form:
    """The form of the first language that an Accept-Language header prefers; English where it names none of them.

    >>> preferred("fr-FR,fr;q=0.9,en;q=0.8").language, preferred("en, fr;q=0.1").language, preferred("de").language
    ('fr', 'en', 'en')
    """
    best, weight = ENGLISH, 0.0
    for part in header.split(",")[:20]:
        named = _RANGE.fullmatch(part)
        if named is None or named[1].lower() not in FORMS:
            continue
        given = float(named[2] or 1)
        if given > weight:
            best, weight = FORMS[named[1].lower()], given
    return best


def download(name: str, header: Sequence[str], lines: AsyncIterator[Sequence[Cell]], form: Form) -> StreamingResponse:
    """The answer that a browser saves as the file ``name``."""
    return StreamingResponse(
        as_csv(header, lines, form),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Language": form.language,
            "Cache-Control": "no-store",
            "Vary": "Accept-Language",
        },
    )
