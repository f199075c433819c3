"""The accountant's export in the FEC format, read as an accountant's software does (INV-7)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

Line = Mapping[str, str]
"""A line of an entry: its fields by the names of the columns."""


def lines_of(content: bytes) -> list[Line]:
    """The lines of a file."""
    header, *rows = content.decode("iso8859-15").splitlines()
    return [dict(zip(header.split("\t"), row.split("\t"), strict=True)) for row in rows]


def sums_by(field: str, lines: Sequence[Line]) -> dict[str, tuple[int, int]]:
    """Debit and credit in minor units, by a field."""
    sums: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for line in lines:
        debit, credit = sums[line[field]]
        sums[line[field]] = (debit + cents(line["Debit"]), credit + cents(line["Credit"]))
    return sums


def cents(written: str) -> int:
    """Minor units of an amount as it is written: ``123,45``."""
    return int(written.replace(",", "")) if written else 0
