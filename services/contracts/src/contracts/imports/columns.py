"""What the columns of files mean, as staff has chosen it: kept for the next file with the same headings (IMP-4)."""

from collections.abc import Mapping
from uuid import UUID, uuid5

from carnet.decisions import State
from carnet.events.base import Part

_COLUMNS = UUID("0c4b7c0e-54b7-5a26-9c07-4f1f6a2b9d33")

MOST_KEPT = 50
"""How many kinds of files are kept; the one that was chosen longest ago is forgotten then."""


class ColumnsOfFile(Part):
    """What the columns of one kind of file mean: by the column of the template, a heading or what every row says."""

    headings: tuple[str, ...]
    columns: Mapping[str, str]
    constants: Mapping[str, str] = {}


class ImportColumns(State):
    """What an organisation has chosen, the newest first; ``id`` is ``columns_id``."""

    kept: tuple[ColumnsOfFile, ...] = ()


def columns_id(organisation: str) -> str:
    """The id of what an organisation has chosen."""
    return str(uuid5(_COLUMNS, organisation))


def keep(known: ImportColumns, chosen: ColumnsOfFile) -> ImportColumns:
    """Keep what was chosen, in the place of what was chosen before for the same headings."""
    same = frozenset(chosen.headings)
    others = (each for each in known.kept if frozenset(each.headings) != same)
    return known.model_copy(update={"kept": (chosen, *others)[:MOST_KEPT]})
