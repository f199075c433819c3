"""Each service's own copy of the organisations, and the context of decisions that it gives.

The catalog owns them; everybody else keeps what is published on ``catalog.organisations``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from carnet.dates import local_in, utc_now
from carnet.decisions import Actor, Context, State
from carnet.envelope import Received
from carnet.events.base import Event
from carnet.events.catalog import ORGANISATIONS as TOPIC
from carnet.events.catalog import Contact, Language, OrganisationChanged
from carnet.ids import new_id
from carnet.journal import slot_of
from carnet.money import Money
from carnet.mongo import Collection, Database, Unit
from carnet.reactions import Reactions
from carnet.refusals import Kind, Refusal, invalid


class Organisation(State):
    """What a service knows of an organisation; ``id`` and ``organisation`` are the same."""

    name: str
    currency: str
    time_zone: str
    languages: tuple[Language, ...]
    contact: Contact
    support_email: str
    mode: str
    clock_ahead: int = 0
    access_late_days: int | None = None
    """After how many days late a payment withdraws the access to online courses (CON-20); None: never."""
    renewal_notice_days: int | None = None
    """How many days before a subscription renews its client is informed (CON-21); None: never."""

    def today(self, now: datetime) -> date:
        """The organisation's date (MON-5)."""
        return self.local(now).date()

    def local(self, now: datetime) -> datetime:
        """What the organisation's clock shows, in its time zone (MON-5)."""
        return local_in(self.time_zone, now, self.clock_ahead)


ORGANISATIONS = Collection("organisations", Organisation)


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock of an organisation, as a service knows it from one version of the organisation's profile (ORG-5)."""

    time_zone: str
    clock_ahead: int
    """By how many seconds the clock of a test organisation is ahead."""
    version: int

    def local(self, now: datetime) -> datetime:
        """What it shows, in the organisation's time zone (MON-5)."""
        return local_in(self.time_zone, now, self.clock_ahead)


async def clock_of(database: Database, organisation: str) -> Clock | None:
    """The clock of the organisation as this service knows it now; none before it knows the organisation.

    The catalog, which owns the organisations, keeps them in a collection of the same name and fields.
    """
    fields = {"time_zone": 1, "clock_ahead": 1, "version": 1}
    found = await database[ORGANISATIONS.name].find_one({"_id": organisation}, fields)
    return None if found is None else Clock(found["time_zone"], found["clock_ahead"], found["version"])


def copy_of(event: Received[OrganisationChanged]) -> Organisation:
    """The copy of an organisation that an event describes."""
    body = event.body
    return Organisation(
        id=body.organisation,
        organisation=body.organisation,
        version=event.sequence,
        name=body.name,
        currency=body.currency,
        time_zone=body.time_zone,
        languages=body.languages,
        contact=body.contact,
        support_email=body.support_email,
        mode=body.mode,
        clock_ahead=body.clock_ahead,
        access_late_days=body.access_late_days,
        renewal_notice_days=body.renewal_notice_days,
    )


def organisation_reactions() -> Reactions:
    """The table of a service that only keeps its copy."""
    reactions = Reactions(TOPIC)

    @reactions.on(OrganisationChanged, loads=lambda event: [(ORGANISATIONS, event.body.organisation)])
    def keep(event: Received[OrganisationChanged], unit: Unit) -> None:
        known = unit.get(ORGANISATIONS, event.body.organisation)
        unit.put(ORGANISATIONS, copy_of(event).keeping(known))

    return reactions


async def all_organisations(database: Database) -> Sequence[Organisation]:
    """Every organisation that this service knows: for timed work, which goes by their clocks."""
    return [ORGANISATIONS.read(document) for document in await database[ORGANISATIONS.name].find().to_list(None)]


async def organisations_in(database: Database, slots: frozenset[int]) -> Sequence[Organisation]:
    """The organisations of these slots: for timed work whose slot is its organisation's."""
    return [each for each in await all_organisations(database) if slot_of(each.id) in slots]


def by_day(
    organisations: Iterable[Organisation], day_of: Callable[[Organisation], date | None]
) -> Mapping[date, Sequence[str]]:
    """The ids of the organisations by a day on the clock of each; one for which ``day_of`` gives none is left out."""
    days = dict[date, list[str]]()
    for organisation in organisations:
        if (day := day_of(organisation)) is not None:
            days.setdefault(day, []).append(organisation.id)
    return days


async def known_organisation(database: Database, organisation: str) -> Organisation | None:
    """The copy of an organisation as it is now; None if this service does not know it."""
    found = await database[ORGANISATIONS.name].find_one({"_id": organisation})
    return ORGANISATIONS.read(found) if found else None


async def organisation_of(unit: Unit, organisation: str) -> Organisation:
    """The copy of the organisation that a request belongs to; a refusal where it is not known yet."""
    await unit.load(ORGANISATIONS, [organisation])
    found = unit.get(ORGANISATIONS, organisation)
    if found is None:
        raise not_known(organisation)
    return found


def not_known(organisation: str) -> Refusal:
    """The refusal where the profile of the organisation is not known here yet."""
    return Refusal(
        Kind.CONFLICT,
        "organisation-not-known",
        "This organisation has no profile yet, or it has just been made. Describe it in the catalog "
        "(PUT /v1/organisation), or try again in a second.",
        organisation=organisation,
    )


async def context_for(unit: Unit, organisation: str, actor: Actor, now: datetime | None = None) -> Context:
    """The context of a decision taken for a request: the organisation's today (MON-5), a new change id."""
    at = now or utc_now()
    profile = await organisation_of(unit, organisation)
    return Context(now=at, today=profile.today(at), actor=actor, change=new_id(), new_id=new_id)


def reaction_context(event: Received[Event], service: str, effective_on: date) -> Context:
    """The context of a decision that reacts to ``event``: its instant, its date, its change (MON-5)."""
    return Context(
        now=utc_now(),
        today=effective_on,
        actor=Actor("service", service),
        change=event.change,
        new_id=new_id,
    )


def amount_in(money: Money, currency: str) -> int:
    """The minor units of ``money``; a refusal where it is in another currency than the organisation's (MON-1)."""
    if money.currency != currency:
        raise invalid(
            "other-currency",
            f"This organisation counts in {currency}. Write the amount in {currency}.",
            rule="MON-1",
            currency=money.currency,
            expected=currency,
        )
    return money.amount
