"""The calendars by which organisations collect (PAY-11): one that was not changed is the usual one."""

from collections.abc import Sequence

from carnet.mongo import Collection, Database, Unit
from carnet.organisations import ORGANISATIONS, Organisation
from payments.collection.domain.calendars import CollectionCalendar

CALENDARS = Collection("collection_calendars", CollectionCalendar)


def usual(organisation: str) -> CollectionCalendar:
    """The calendar of an organisation that has not changed its own."""
    return CollectionCalendar(id=organisation, organisation=organisation)


async def calendar_of(database: Database, organisation: str) -> CollectionCalendar:
    """The calendar of an organisation."""
    return await database.state_of(CALENDARS, organisation, organisation) or usual(organisation)


async def all_calendars(database: Database) -> Sequence[tuple[Organisation, CollectionCalendar]]:
    """Every organisation with the calendar by which it collects."""
    organisations = await database[ORGANISATIONS.name].find().to_list(None)
    kept = {document["_id"]: document for document in await database[CALENDARS.name].find().to_list(None)}
    return [
        (organisation, CALENDARS.read(kept[organisation.id]) if organisation.id in kept else usual(organisation.id))
        for organisation in map(ORGANISATIONS.read, organisations)
    ]


def calendar_in(unit: Unit, organisation: str) -> CollectionCalendar:
    """The calendar of an organisation, loaded before."""
    return unit.get(CALENDARS, organisation) or usual(organisation)


async def calendar_to_change(unit: Unit) -> CollectionCalendar:
    """The calendar of the organisation that the unit works for, loaded to be changed."""
    await unit.load(CALENDARS, [unit.organisation])
    return calendar_in(unit, unit.organisation)
