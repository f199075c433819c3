"""A session pack, or pass: so many sessions, or any number of them, until a day (CAT-3, CRE-10)."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from carnet.decisions import Decision, State
from carnet.events import credits as published
from carnet.events.base import Event, Part
from carnet.events.catalog import SessionPackDetails
from credits.domain.refusals import pack_kept
from credits.domain.selling import SellingContract, SoldPack

Standing = Literal["issued", "removed"]

Kind = Literal["issued", "used", "restored", "adjusted", "removed"]


class DayUsed(Part):
    """A day on which sessions were taken, and how many of them are in force."""

    on: date
    uses: int


class Pack(State):
    """A session pack; ``id`` is that of the line that sold it.

    ``left`` is what was sold and adjusted less the uses in force; None if the sessions are unlimited.
    """

    account: str
    """The account that bought it."""
    contract: str
    name: str
    member: str | None = None
    """For whom it is; None if the family shares it."""
    details: SessionPackDetails
    """As it was sold (CAT-4)."""
    bought_on: date
    last_day: date | None = None
    """The last day by its purchase, which staff may edit (CON-11); None if it has none, or starts at the first use."""
    left: int | None
    uses: int = 0
    """How many uses are in force."""
    days: tuple[DayUsed, ...] = ()
    """Of a pack that starts at its first use: the days of its uses in force, the earliest first."""
    standing: Standing
    issued_on: date | None
    """None if it was removed before it was issued."""
    removed_on: date | None = None

    @property
    def expires_on(self) -> date | None:
        """Its last day; None if it has no end, or none before its first use."""
        return self.until(self.days)

    @property
    def started_on(self) -> date | None:
        """The day of its first use in force, if its validity starts with that."""
        return self.days[0].on if self.days and self.at_first_use else None

    @property
    def at_first_use(self) -> bool:
        """Whether its validity starts at its first use: not where staff has given it a last day (CON-11)."""
        return self.last_day is None and self.details.starts == "first_use"

    def until(self, days: Sequence[DayUsed]) -> date | None:
        """Its last day, given the days of its uses."""
        if not self.at_first_use:
            return self.last_day
        return self.details.last_day_from(days[0].on) if days else None

    @property
    def used(self) -> bool:
        """Whether a session was used of it, or staff took one off."""
        return bool(self.uses) or (self.left or 0) < (self.details.sessions or 0)


class PackEntry(State):
    """One movement of a pack (CRE-10); ``id`` is the pack's and the number of the movement.

    ``version`` is the sequence of the event of the movement. The sum of the sessions of a pack's entries is what is
    left of it, and always 0 if they are unlimited.
    """

    pack: str
    account: str
    kind: Kind
    sessions: int
    """Signed."""
    on: date
    """The date on which it takes effect."""
    use: str | None = None
    """The use that is made or cancelled."""
    member: str | None = None
    """Who takes part in the session."""
    day: date | None = None
    """The day of the session."""
    note: str | None = None
    """What staff wrote as their reason; erased with the people of the account (ORG-4)."""


class RefusedPackRemoval(State):
    """A removal that a pack which was used prevents (CON-8); ``id`` is that of the request."""

    contract: str
    pack: str
    uses: int


def issue(selling: SellingContract, sold: SoldPack, on: date) -> Decision[Pack]:
    """The pack that a line sold exists: at once, or now that its contract is paid (CRE-10)."""
    pack = pack_of(selling, sold, issued_on=on)
    event = published.PackIssued(
        pack=pack.id,
        account=pack.account,
        contract=pack.contract,
        line=pack.id,
        name=pack.name,
        member=pack.member,
        sessions=pack.details.sessions,
        starts=pack.details.starts,
        days=pack.details.days,
        months=pack.details.months,
        usable=pack.details.usable,
        bought_on=pack.bought_on,
        expires_on=pack.expires_on,
        left=pack.left,
        effective_on=on,
    )
    return Decision(pack, (event,))


def pack_of(selling: SellingContract, sold: SoldPack, *, issued_on: date | None) -> Pack:
    """The pack that a line sells: issued on that day, or else removed before it could be."""
    return Pack(
        id=sold.line,
        organisation=selling.organisation,
        account=sold.account,
        contract=selling.id,
        name=sold.name,
        member=sold.member,
        details=sold.details,
        bought_on=sold.bought_on,
        last_day=sold.last_day,
        left=sold.details.sessions if issued_on or sold.details.sessions is None else 0,
        standing="issued" if issued_on else "removed",
        issued_on=issued_on,
    )


def entry(before: Pack | None, after: Pack, event: Event, on: date, note: str | None = None) -> PackEntry | None:
    """The movement from ``before`` to ``after``, a pack as it was saved, that ``event`` describes (CRE-10).

    None if no session moved: its expiry was edited, or it was removed before it was issued.
    """
    kind = _KINDS.get(type(event))
    if kind is None or (before is None and kind != "issued"):
        return None
    return PackEntry(
        id=f"{after.id}:{after.version}",
        organisation=after.organisation,
        version=after.version,
        pack=after.id,
        account=after.account,
        kind=kind,
        sessions=(after.left or 0) - ((before.left or 0) if before else 0),
        on=on,
        note=note,
        **_of(event),
    )


def _of(event: Event) -> dict[str, Any]:
    """What an entry takes from the event of a use."""
    if not isinstance(event, published.SessionUsed | published.SessionRestored):
        return {}
    return {"use": event.use, "member": event.member, "day": event.on}


_KINDS: dict[type[Event], Kind] = {
    published.PackIssued: "issued",
    published.SessionUsed: "used",
    published.SessionRestored: "restored",
    published.SessionsAdjusted: "adjusted",
    published.PackRemoved: "removed",
}
"""How a pack moves by each event."""


def edit_expiry(pack: Pack, last_day: date | None, on: date) -> Decision[Pack]:
    """Staff edited the last day of the purchase (CON-11); nothing changes where the purchase had that day before."""
    if pack.standing == "removed" or pack.last_day == last_day:
        return Decision(pack)
    edited = pack.model_copy(update={"last_day": last_day})
    event = published.PackExpiryChanged(
        pack=pack.id, account=pack.account, contract=pack.contract, expires_on=edited.expires_on, effective_on=on
    )
    return Decision(edited, (event,))


def remove_pack(pack: Pack, on: date, request: str | None = None) -> Decision[Pack]:
    """The line that sold the pack is cancelled, so what is left of it is void (CON-8)."""
    left = pack.left
    removed = pack.model_copy(
        update={"standing": "removed", "removed_on": on, "left": None if left is None else 0},
    )
    event = published.PackRemoved(
        pack=pack.id,
        account=pack.account,
        contract=pack.contract,
        line=pack.id,
        void=left,
        request=request,
        effective_on=on,
    )
    return Decision(removed, (event,))


def refuse_pack_removal(
    packs: Sequence[Pack], request: str, contract: str, on: date
) -> Decision[RefusedPackRemoval] | None:
    """Answer which pack was used, so that its sale is not cancelled without a fee; None if none was (CON-8)."""
    used = next((each for each in packs if each.standing == "issued" and each.used), None)
    if used is None:
        return None
    refused = RefusedPackRemoval(
        id=request, organisation=used.organisation, contract=contract, pack=used.id, uses=used.uses
    )
    event = published.PackRemovalRefused(
        request=request,
        contract=contract,
        pack=used.id,
        uses=used.uses,
        effective_on=on,
        refusal=pack_kept(used.id, used.name, used.uses, contract=contract, request=request),
    )
    return Decision(refused, (event,))
