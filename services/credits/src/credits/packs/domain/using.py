"""Sessions taken of packs: which pack serves, what is then left, what comes back, what staff adjusts (CRE-10)."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID, uuid5

from carnet.decisions import Decision, State
from carnet.events import credits as published
from carnet.refusals import Refusal, conflict
from credits.domain.packs import DayUsed, Pack

MOST_LEFT = 10_000
"""Sessions that can be left of a pack, however many staff adds."""

WhyNot = Literal["removed", "other-member", "suspended", "not-valid-yet", "expired", "used-up"]
"""Why a pack does not serve: its sale was cancelled, it is for somebody else, its contract is not paid any more, the
session is before its purchase, or after its last day, or nothing is left of it."""


class SessionUse(State):
    """A session that a member takes of a pack."""

    account: str
    pack: str
    member: str
    on: date
    """The day of the session: the pack is valid on it."""
    occurrence: str | None = None
    """The occurrence of an activity for which it is taken (CAT-6); None if it is taken at the door."""
    taken_on: date
    cancelled_on: date | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A session that somebody takes part in: an occurrence of an activity, or whatever is on at the door."""

    member: str
    on: date
    occurrence: str | None = None


class Attended(State):
    """That a member takes part in an occurrence; ``id`` names the two, so that it can't be taken twice at two doors."""

    use: str | None
    """The use in force; None once it was cancelled."""


_ATTENDED = UUID("4c4f9a3b-8c6e-5b7a-9b1f-2f0f7d3f6c55")


def attended_id(member: str, occurrence: str) -> str:
    """The id of what is known of a member at an occurrence."""
    return str(uuid5(_ATTENDED, f"{occurrence}/{member}"))


def attend(known: Attended | None, use: SessionUse, occurrence: str) -> Attended:
    """Take a session for an occurrence, once for each member.

    Raises:
        Refusal: ``session-taken``.
    """
    if known is not None and known.use is not None:
        raise conflict(
            "session-taken",
            "A session is taken for this member and this occurrence already. Give that one back first if it is wrong.",
            rule="CRE-10",
            use=known.use,
            member=use.member,
            occurrence=occurrence,
        )
    return Attended(id=attended_id(use.member, occurrence), organisation=use.organisation, use=use.id)


def why_not(pack: Pack, session: Session, *, suspended: bool) -> WhyNot | None:
    """Why a pack does not serve for a session, by the session's day; None if it does."""
    if pack.standing == "removed":
        return "removed"
    if pack.member not in (None, session.member):
        return "other-member"
    if suspended:
        return "suspended"
    if session.on < pack.bought_on:
        return "not-valid-yet"
    if not _valid(pack, session.on):
        return "expired"
    return "used-up" if pack.left == 0 else None


def _valid(pack: Pack, on: date) -> bool:
    """Whether the pack is valid on a day; a first use starts it, and may leave no later use outside (CRE-10)."""
    days = _with(pack.days, on)
    last = pack.until(days)
    return last is None or (on <= last and (not pack.at_first_use or days[-1].on <= last))


def choose(packs: Sequence[Pack], session: Session, suspended: Container[str]) -> Pack:
    """The pack that serves: that which expires first; of those without an end, one that has started.

    Raises:
        Refusal: ``no-pack-serves``, with the reason for each pack.
    """
    reasons = {pack.id: why_not(pack, session, suspended=pack.id in suspended) for pack in packs}
    serving = [pack for pack in packs if reasons[pack.id] is None]
    if not serving:
        raise _none_serves(session, reasons)
    return min(serving, key=_precedence)


def _precedence(pack: Pack) -> tuple[date, bool, bool, bool, date, str]:
    not_started = pack.at_first_use and not pack.days
    last = pack.expires_on or date.max
    return last, not_started, pack.left is not None, pack.member is None, pack.bought_on, pack.id


def take(
    pack: Pack, session: Session, use_id: str, today: date, *, suspended: bool
) -> tuple[Decision[Pack], SessionUse]:
    """Take a session of a pack.

    Raises:
        Refusal: ``pack-`` with the reason for which the pack does not serve.
    """
    if (why := why_not(pack, session, suspended=suspended)) is not None:
        raise _refused(pack, session, why)
    use = SessionUse(
        id=use_id,
        organisation=pack.organisation,
        account=pack.account,
        pack=pack.id,
        member=session.member,
        on=session.on,
        occurrence=session.occurrence,
        taken_on=today,
    )
    taken = pack.model_copy(
        update={
            "left": None if pack.left is None else pack.left - 1,
            "uses": pack.uses + 1,
            "days": _with(pack.days, session.on) if pack.details.starts == "first_use" else (),
        }
    )
    event = published.SessionUsed(
        pack=pack.id,
        account=pack.account,
        contract=pack.contract,
        use=use.id,
        member=use.member,
        on=use.on,
        left=taken.left,
        expires_on=taken.expires_on,
        effective_on=today,
        occurrence=use.occurrence,
    )
    return Decision(taken, (event,)), use


def give_back(pack: Pack, use: SessionUse, today: date) -> tuple[Decision[Pack], SessionUse]:
    """Cancel a use: its session goes back to the pack that paid, and a start at this use is undone.

    Raises:
        Refusal: ``use-cancelled``, or ``pack-removed``.
    """
    if use.cancelled_on is not None:
        raise conflict(
            "use-cancelled", "This use is cancelled already. Look at the list of uses again.", rule="CRE-10", use=use.id
        )
    if pack.standing == "removed":
        raise _refused(pack, Session(use.member, use.on), "removed")
    restored = pack.model_copy(
        update={
            "left": None if pack.left is None else pack.left + 1,
            "uses": pack.uses - 1,
            "days": _without(pack.days, use.on),
        }
    )
    event = published.SessionRestored(
        pack=pack.id,
        account=pack.account,
        contract=pack.contract,
        use=use.id,
        member=use.member,
        on=use.on,
        left=restored.left,
        expires_on=restored.expires_on,
        effective_on=today,
        occurrence=use.occurrence,
    )
    return Decision(restored, (event,)), use.model_copy(update={"cancelled_on": today})


def adjust(pack: Pack, by: int, today: date) -> Decision[Pack]:
    """Add ``by`` sessions, or take them off, as staff says: never below zero, never after the last day.

    Raises:
        Refusal: ``pack-removed``, ``pack-unlimited``, ``pack-expired``, ``pack-used-up``, ``pack-too-large``.
    """
    if pack.left is None:
        raise conflict(
            "pack-unlimited",
            "The sessions of this pack are unlimited, so there is nothing to add or take off.",
            rule="CRE-10",
            pack=pack.id,
        )
    why: WhyNot | None = "removed" if pack.standing == "removed" else None
    if pack.expires_on is not None and pack.expires_on < today:
        why = why or "expired"
    if pack.left + by < 0:
        why = why or "used-up"
    if why is not None:
        raise _refused(pack, None, why)
    if pack.left + by > MOST_LEFT:
        raise conflict(
            "pack-too-large",
            f"At most {MOST_LEFT} sessions can be left of a pack. Sell another one instead.",
            rule="CRE-10",
            pack=pack.id,
            left=pack.left,
        )
    adjusted = pack.model_copy(update={"left": pack.left + by})
    event = published.SessionsAdjusted(
        pack=pack.id,
        account=pack.account,
        contract=pack.contract,
        sessions=by,
        left=pack.left + by,
        effective_on=today,
    )
    return Decision(adjusted, (event,))


def _with(days: Sequence[DayUsed], on: date) -> tuple[DayUsed, ...]:
    known = {day.on: day.uses for day in days}
    known[on] = known.get(on, 0) + 1
    return tuple(DayUsed(on=day, uses=known[day]) for day in sorted(known))


def _without(days: Sequence[DayUsed], on: date) -> tuple[DayUsed, ...]:
    left = (day if day.on != on else DayUsed(on=on, uses=day.uses - 1) for day in days)
    return tuple(day for day in left if day.uses)


def _refused(pack: Pack, session: Session | None, why: WhyNot) -> Refusal:
    params = {"pack": pack.id, "left": pack.left, "expires_on": pack.expires_on and pack.expires_on.isoformat()}
    on = {"on": session.on.isoformat()} if session else {}
    match why:
        case "removed":
            return conflict(
                "pack-removed",
                "The sale of the pack was cancelled, so what was left of it is void. Use another pack.",
                rule="CON-8",
                **params,
            )
        case "other-member":
            return conflict(
                "pack-of-other-member",
                "The pack is for another member of the family. Use one of theirs, or one that the family shares.",
                rule="CRE-10",
                **params,
            )
        case "suspended":
            return conflict(
                "pack-suspended",
                "The contract that sold the pack is not paid any more. It can be used once it is paid again.",
                rule="CRE-2",
                **params,
            )
        case "not-valid-yet":
            return conflict(
                "pack-not-valid-yet",
                "The session is before the day on which the pack was bought. Use another pack.",
                rule="CRE-10",
                **params,
                **on,
            )
        case "expired":
            return conflict(
                "pack-expired",
                "The pack is not valid on that day any more. Use another pack, or edit the last day of its purchase.",
                rule="CRE-10",
                **params,
                **on,
            )
        case "used-up":
            return conflict(
                "pack-used-up",
                "No session is left of the pack. Use another pack, or sell one.",
                rule="CRE-10",
                **params,
            )


def _none_serves(session: Session, reasons: Mapping[str, WhyNot | None]) -> Refusal:
    return conflict(
        "no-pack-serves",
        "No session pack of the family serves for this member on that day. Sell one, or look at its packs.",
        rule="CRE-10",
        member=session.member,
        on=session.on.isoformat(),
        packs=[{"pack": pack, "why": why} for pack, why in reasons.items()],
    )
