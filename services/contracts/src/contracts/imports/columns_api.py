"""What the columns of files mean, over HTTP: kept for an organisation by headings (IMP-4)."""

from typing import Annotated, Self

from pydantic import Field
from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import Body, Reply
from carnet.http import router as new_router
from carnet.mongo import Unit
from carnet.texts import Line
from carnet.tolerance import Tolerant
from contracts.imports.api import Imports, Looks
from contracts.imports.columns import ColumnsOfFile, ImportColumns, columns_id, keep
from contracts.imports.store import COLUMNS

router = new_router(tags=["imports"])

Name = Annotated[
    str, Field(pattern=r"^[a-z_]{1,40}(\.[a-z_]{1,40})?$", description="A column of the templates: `people.last_name`.")
]
MOST_HEADINGS = 100


class ColumnsIn(Body):
    """What the columns of a file mean."""

    headings: Annotated[tuple[Line, ...], Field(min_length=1, max_length=MOST_HEADINGS)] = Field(
        description="All headings of the file: the next one with the same is read likewise."
    )
    columns: Annotated[dict[Name, Line], Field(min_length=1, max_length=MOST_HEADINGS)] = Field(
        description="Which heading a column of the templates is taken from: `people.last_name` from `Nom`.",
        examples=[{"people.last_name": "Nom"}],
    )
    constants: Annotated[dict[Name, Line], Field(max_length=MOST_HEADINGS)] = Field(
        default={}, description="What a column of the templates says where no heading is chosen, or a cell is empty."
    )


class ColumnsView(Tolerant):
    """What the columns of a file mean."""

    headings: list[str] = Field(description="All headings of the file.")
    columns: dict[str, str] = Field(description="Which heading a column of the templates is taken from.")
    constants: dict[str, str] = Field(description="What a column says where no heading is chosen, or a cell is empty.")

    @classmethod
    def of(cls, kept: ColumnsOfFile) -> Self:
        """As it is kept."""
        return cls(headings=list(kept.headings), columns=dict(kept.columns), constants=dict(kept.constants))


class KeptColumnsView(Tolerant):
    """What an organisation has chosen for its files."""

    items: list[ColumnsView] = Field(description="The newest first.")

    @classmethod
    def of(cls, known: ImportColumns) -> Self:
        """As it is kept."""
        return cls(items=[ColumnsView.of(each) for each in known.kept])


@router.get("/import-columns", response_model=KeptColumnsView)
async def read_columns(call: Looks) -> KeptColumnsView:
    """Read what the columns of files mean that were imported before: by their headings."""

    async def work(unit: Unit, _: Context) -> KeptColumnsView:
        return KeptColumnsView.of(await _kept(unit, call.organisation))

    return await call.preview(work)


@router.put("/import-columns", response_model=KeptColumnsView)
async def keep_columns(body: ColumnsIn, command: Imports) -> Response:
    """Keep what the columns of a file mean, for the next one with the same headings; 50 kinds of files at most."""

    async def work(unit: Unit, _: Context) -> Reply:
        chosen = ColumnsOfFile(headings=body.headings, columns=body.columns, constants=body.constants)
        after = keep(await _kept(unit, command.organisation), chosen)
        unit.put(COLUMNS, after)
        return Reply(KeptColumnsView.of(after))

    return await command.run(work)


async def _kept(unit: Unit, organisation: str) -> ImportColumns:
    id_ = columns_id(organisation)
    await unit.load(COLUMNS, [id_])
    return unit.get(COLUMNS, id_) or ImportColumns(id=id_, organisation=organisation)
