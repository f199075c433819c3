"""An import of many families, and those that were looked at and wait for its job (IMP-1, IMP-2)."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from carnet.dates import Instant
from carnet.decisions import Context, State
from carnet.refusals import conflict
from contracts.imports.family import Family

LASTS = timedelta(days=7)
"""How long families wait in an import that nobody runs: then what is known of them is forgotten."""

_STAGED = UUID("2b8f9a3e-7f0d-5c55-9d9e-4f6d3c1b8a10")


class Import(State):
    """An import: what was sent for it, and the job that does it."""

    by: str
    begun_at: Instant
    families: int = 0
    """How many families wait in it, or waited when its job was started."""
    job: str | None = None
    """The job that imports them; None until it is started."""
    discarded: bool = False

    def is_over(self, now: datetime) -> bool:
        """Whether what waited was discarded, or is forgotten because nobody ran it in time."""
        return self.discarded or (self.job is None and self.begun_at + LASTS <= now)


class StagedFamily(State):
    """A family that waits to be imported; removed once it is."""

    batch: str
    """The import."""
    begun_at: Instant | None = None
    """When the import was begun."""
    imported_as: str = ""
    """The id that the family has once it is imported."""
    family: Family
    account_number: str | None = None
    contract_numbers: tuple[str, ...] = ()
    """The numbers that its account and contracts get, from the chunk of the job on that imports it (CON-27)."""

    @property
    def forgotten_at(self) -> datetime | None:
        """When it is forgotten."""
        return None if self.begun_at is None else self.begun_at + LASTS


def staged_id(batch: str, key: str) -> str:
    """The id of a family in an import, always the same for its key."""
    return str(uuid5(_STAGED, f"{batch}|{key}"))


def stage(batch: Import, family: Family, imported_as: str) -> StagedFamily:
    """A family that waits in an import; ``imported_as`` is the id that it has once it is imported."""
    return StagedFamily(
        id=staged_id(batch.id, family.key),
        organisation=batch.organisation,
        batch=batch.id,
        begun_at=batch.begun_at,
        imported_as=imported_as,
        family=family,
    )


def begin(context: Context, organisation: str) -> Import:
    """A new import."""
    return Import(id=context.new_id(), organisation=organisation, by=str(context.actor), begun_at=context.now)


def refuse_closed(batch: Import, now: datetime) -> None:
    """Refuse what comes once the job was started, or the import was discarded or is a week old."""
    if batch.job is not None or batch.is_over(now):
        raise conflict(
            "import-closed",
            "This import was started or discarded, or was begun more than a week ago: nothing is added to it any more. "
            "Begin another one.",
            rule="IMP-1",
            id=batch.id,
        )


def run(batch: Import, job: str, now: datetime) -> Import:
    """The import that this job does. Raises ``import-closed``, and ``import-empty`` where no family waits."""
    refuse_closed(batch, now)
    if not batch.families:
        raise conflict(
            "import-empty",
            "No family waits in this import: each was imported before, or has a problem. Send what is to be imported.",
            rule="IMP-1",
            id=batch.id,
        )
    return batch.model_copy(update={"job": job})
