"""Files of a large school to try an import with: ``python -m carnet_play.many_families 50000 FOLDER`` (IMP-1)."""

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

from carnet.importing.columns import SHEETS

Row = tuple[str, Sequence[str]]


def rows_of(number: int, today: date) -> Iterator[Row]:
    """A family of two with a contract of two purchases: 450.00, of which 150.00 is paid and the rest in three months.

    Every fifth has a client credit, every tenth a session pack.
    """
    family, contract, owner, child = f"F{number}", f"C{number}", f"P{number}", f"E{number}"
    signed = (today - timedelta(days=60)).isoformat()
    mail = f"family{number}@families.example"
    yield "people", (family, owner, "owner", "Marie", f"Petit {number}", mail, "", "1985-04-12", "fr")
    yield "people", (family, child, "child", "Léa", f"Petit {number}", "", "", "", "")
    yield "contracts", (family, contract, "online" if number % 2 else "on site", signed)
    yield "lines", (contract, "Jazz", child, "300.00", "20", "")
    yield "lines", (contract, "Danse classique", child, "150.00", "20", "")
    yield "instalments", (contract, "paid", signed, "150.00", "cheque")
    for month in (1, 2, 3):
        yield "instalments", (contract, "planned", (today + timedelta(days=30 * month)).isoformat(), "100.00", "")
    if number % 5 == 0:
        yield "credits", (family, f"A{number}", "25.00")
    if number % 10 == 0:
        yield "packs", (family, f"S{number}", "10 × Yoga", child, "4", (today + timedelta(days=200)).isoformat())


def write(count: int, folder: Path, today: date) -> None:
    """Write so many families as CSV files, one for each sheet of the template."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as opened:
        writers = {}
        for sheet in SHEETS:
            file = opened.enter_context((folder / f"{sheet.name}.csv").open("w", encoding="utf-8", newline=""))
            writers[sheet.name] = csv.writer(file)
            writers[sheet.name].writerow(column.en for column in sheet.columns)
        for number in range(count):
            for name, row in rows_of(number, today):
                writers[name].writerow(row)


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]), date.today())  # noqa: DTZ011 # whatever day it is here
