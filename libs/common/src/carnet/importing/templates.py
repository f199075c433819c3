"""The templates that Carnet writes: one workbook with all sheets, or a CSV file for each (IMP-1)."""

import csv
import io

from xlsxwriter import Workbook

from carnet.importing.columns import SHEETS, Column, plain, word

_LAST_ROW = 1_048_575
"""The last row of a sheet: what a cell may say is proposed in all of them."""


def workbook(language: str) -> bytes:
    """The template as XLSX, with one example in each sheet."""
    written = io.BytesIO()
    book = Workbook(written, {"in_memory": True})
    bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    for sheet in SHEETS:
        page = book.add_worksheet(sheet.title(language))
        for at, column in enumerate(sheet.columns):
            title = column.title(language) + (" *" if column.required else "")
            page.set_column(at, at, max(14, len(title) + 2), text if column.kind in ("text", "choice") else None)
            page.write_string(0, at, title, bold)
            page.write_string(1, at, _example(column, language))
            if column.choices:
                words = [word(meaning, language) for meaning in dict.fromkeys(column.choices.values())]
                page.data_validation(
                    1, at, _LAST_ROW, at, {"validate": "list", "source": words, "error_type": "information"}
                )
        page.freeze_panes(1, 0)
    book.close()
    return written.getvalue()


def comma_separated(language: str) -> dict[str, bytes]:
    """The template as CSV files, by their names."""
    files = {}
    for sheet in SHEETS:
        written = io.StringIO()
        writer = csv.writer(written, delimiter=";" if language == "fr" else ",")
        writer.writerow(column.title(language) + (" *" if column.required else "") for column in sheet.columns)
        writer.writerow(_example(column, language) for column in sheet.columns)
        files[f"{sheet.title(language).lower()}.csv"] = written.getvalue().encode("utf-8-sig")
    return files


def _example(column: Column, language: str) -> str:
    example = column.example
    if column.choices:
        return word(column.choices[plain(example)], language) if example else ""
    if language == "fr" and example.replace(".", "").isdecimal():
        return example.replace(".", ",")
    return example
