"""Ids: UUIDv7 strings, made at the edge (the API, the relay's journal), never in a decision."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import uuid_utils
from pydantic import Field

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
"""An id as Carnet writes it: a lower-case UUID."""


def new_id() -> str:
    """A new UUIDv7, whose text order is the order of making to the millisecond."""
    return str(uuid_utils.uuid7())


def made_at(made: str) -> datetime:
    """The instant at which an id of ``new_id`` was made, to the millisecond.

    Raises ``ValueError`` where the text is no UUID, or none whose first 48 bits are an instant of the calendar.
    """
    return datetime.fromtimestamp((UUID(made).int >> 80) / 1000, UTC)


def first_id_of(instant: datetime) -> str:
    """The text before which no id of ``new_id`` of that millisecond or later comes, and after all earlier ones."""
    return str(UUID(int=int(instant.timestamp() * 1000) << 80))


def made_within(made: str, reach: timedelta, now: datetime) -> bool:
    """Whether ``made`` is a UUIDv7 of no longer ago than ``reach``; or of the next moments, where clocks differ."""
    try:
        version = UUID(made).version
    except ValueError:
        return False
    return version == 7 and abs(now - made_at(made)) <= reach
