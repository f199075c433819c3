"""The access of a member to a course, opened by the live lines of online plans (CON-19, CON-20).

All lines that open the same course to the same member share one access. The line bought last decides it, whole, as long
as it has not ended; if it goes or ends, the one before it decides again. So an access is revoked once nothing opens it
any more, and not before. A line whose contract is so late that the organisation withholds what it gives opens nothing
until that is paid.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self
from uuid import NAMESPACE_URL, uuid5

from carnet.decisions import Context, Decision, State
from carnet.events.access import (
    AccessChanged,
    AccessGranted,
    AccessPersonal,
    AccessRevoked,
    AccessSettings,
)
from carnet.events.catalog import OnlinePlanDetails
from carnet.refusals import conflict, invalid
from carnet.tolerance import Tolerant
from contracts.contracts.domain.contracts import Contract, Line

WhyGone = Literal["cancelled", "expired", "erased", "late"]


class Own(Tolerant):
    """What staff changed for this client: the whole settings and the end, instead of what was bought."""

    settings: AccessSettings
    last_day: date | None = None


class PlanLine(Tolerant):
    """A live line of a plan that opens the course: what was bought."""

    line: str
    contract: str
    product: str
    name: str
    """The name of the plan when it was bought."""
    bought_on: date
    settings: AccessSettings
    last_day: date | None = None
    """The last day of the purchase; None if it has none."""
    own: Own | None = None
    withheld: bool = False
    """Whether its contract is so late that it opens nothing until that is paid."""
    since: date | None = None
    """The first day of the access that it continues: a change put it in the place of a line that was withheld."""

    @property
    def terms(self) -> Own:
        """The settings and the end that count: those that staff changed, else those that were bought."""
        return self.own or Own(settings=self.settings, last_day=self.last_day)

    def ended(self, today: date) -> bool:
        """Whether its last day is over."""
        last_day = self.terms.last_day
        return last_day is not None and last_day < today


class Given(Tolerant):
    """What an access is, as it was published last."""

    contract: str
    line: str
    product: str
    name: str
    settings: AccessSettings
    first_day: date
    last_day: date | None = None


class Access(State):
    """The access of a member to a course; ``lines`` are those that open it, the one bought last at the end."""

    account: str
    member: str
    course: str
    lines: tuple[PlanLine, ...] = ()
    given: Given | None = None
    """What was published last, also once it is revoked; None before the first grant."""
    open: bool = False
    why: WhyGone | None = None
    """Why it was revoked; None while it is open, or before."""
    erased: bool = False
    """Whether the person was erased: it is never open again (ORG-4)."""

    @classmethod
    def none_yet(cls, contract: Contract, member: str, course: str) -> Self:
        """The access before any plan opened it."""
        return cls(
            id=access_id(member, course),
            organisation=contract.organisation,
            account=contract.account,
            member=member,
            course=course,
        )

    @property
    def changed_by_staff(self) -> bool:
        """Whether it is, or was at its end, as staff changed it, and not as its plan says."""
        line = self.given.line if self.given else None
        return any(each.line == line and each.own is not None for each in self.lines)

    @property
    def ends_on(self) -> date | None:
        """The day after which it has to be looked at again; None if it is closed, or has no end."""
        return self.given.last_day if self.open and self.given else None


@dataclass(frozen=True, slots=True)
class Moved:
    """An access before and after a change that publishes something of it."""

    before: Access
    after: Access

    @property
    def what(self) -> Literal["granted", "changed", "revoked"]:
        """What is published."""
        if not self.after.open:
            return "revoked"
        return "changed" if self.before.open else "granted"


def access_id(member: str, course: str) -> str:
    """The id of the access of a member to a course: the same for ever, whatever plans open it."""
    return str(uuid5(NAMESPACE_URL, f"carnet:access:{member}:{course}"))


def courses_of(line: Line) -> tuple[tuple[str, str], ...]:
    """The courses that a line opens, each with the member; none if it sells no plan."""
    details, member = line.purchase.details, line.purchase.participant
    if member is None or not isinstance(details, OnlinePlanDetails):
        return ()
    return tuple((member, course) for course in details.courses)


def concerned(before: Contract | None, after: Contract) -> Mapping[str, tuple[str, str]]:
    """The accesses that a change of a contract may change: the member and the course, by id."""
    same = before is not None and before.withheld == after.withheld
    old = {line.id: line for line in before.live} if before and same else {}
    new = {line.id: line for line in after.live}
    touched = (line for id_ in {**old, **new} if (line := _touched(old.get(id_), new.get(id_))))
    return {access_id(*pair): pair for line in touched for pair in courses_of(line)}


def _touched(old: Line | None, new: Line | None) -> Line | None:
    if old and new and old.purchase.expires_on == new.purchase.expires_on:
        return None
    return new or old


def follow(access: Access, contract: Contract, context: Context) -> Decision[Access]:
    """The access once the contract is as it is now."""
    others = (line for line in access.lines if line.contract != contract.id)
    own = _plan_lines(access, contract, context.today)
    lines = tuple(sorted((*others, *own), key=lambda line: (line.bought_on, line.line)))
    return apply_lines(access.model_copy(update={"lines": lines}), context)


def _plan_lines(access: Access, contract: Contract, today: date) -> Iterator[PlanLine]:
    known = {line.line: line for line in access.lines}
    since = _withheld_since(access, contract, today)
    for line in contract.live:
        details = line.purchase.details
        if isinstance(details, OnlinePlanDetails) and (access.member, access.course) in courses_of(line):
            before = known.get(line.id)
            yield PlanLine(
                line=line.id,
                contract=contract.id,
                product=line.purchase.product,
                name=line.purchase.name,
                bought_on=line.purchase.bought_on,
                settings=details.settings,
                last_day=line.purchase.expires_on,
                own=_own(before, line),
                withheld=contract.withheld,
                since=before.since if before else since,
            ).keeping(before)


def _withheld_since(access: Access, contract: Contract, today: date) -> date | None:
    """The first day of the access before it was withheld, if its line goes with this change (CON-19).

    So a plan that is changed meanwhile does not begin anew once it is paid: released lessons stay released.
    """
    live, given = {line.id for line in contract.live}, access.given
    for line in reversed(access.lines):
        if line.contract == contract.id and line.line not in live and line.withheld and not line.ended(today):
            return given.first_day if given and given.line == line.line else line.since
    return None


def _own(before: PlanLine | None, line: Line) -> Own | None:
    """What staff changed stays; the end of a purchase that is edited later counts for it too (CON-11)."""
    if before is None or before.own is None or before.last_day == line.purchase.expires_on:
        return before.own if before else None
    return before.own.model_copy(update={"last_day": line.purchase.expires_on})


def change(
    access: Access, settings: AccessSettings, last_day: date | None, reason: str | None, context: Context
) -> Decision[Access]:
    """Change the access of one client within its plan, whole: its settings, and its last day (CON-20).

    The plan that decides it bears the change, or the last one bought if all have ended, which opens it again. Raises
    ``member-erased``, ``access-without-plan``, ``access-withheld``, ``access-ends-in-the-past`` and
    ``nothing-to-change``.
    """
    line = _deciding(access, context.today) or next(reversed(access.lines), None)
    _refuse_unchangeable(access, line, last_day, context.today)
    own = Own(settings=settings, last_day=last_day)
    if line is None or own == line.terms:
        raise invalid("nothing-to-change", "The change would leave everything as it is: name what it changes.")
    lines = tuple(
        each.model_copy(update={"own": own.keeping(each.own)}) if each.line == line.line else each
        for each in access.lines
    )
    return apply_lines(access.model_copy(update={"lines": lines}), context, reason)


def _refuse_unchangeable(access: Access, line: PlanLine | None, last_day: date | None, today: date) -> None:
    about = {"access": access.id, "account": access.account, "member": access.member}
    if access.erased:
        raise conflict("member-erased", "This member was erased and can no longer be changed.", rule="ORG-4", **about)
    if line is None:
        raise conflict(
            "access-without-plan",
            f"No plan opens {access.course} to this member any more: sell one that does.",
            rule="CON-20",
            **about,
        )
    if line.withheld:
        raise conflict(
            "access-withheld",
            "The access is withheld because a payment is late. Change it once that is paid.",
            rule="CON-20",
            contract=line.contract,
            **about,
        )
    if last_day is not None and last_day < today:
        raise invalid(
            "access-ends-in-the-past",
            "The last day of an access is today at the earliest. To close it at once, cancel its plan.",
            rule="CON-20",
            last_day=last_day.isoformat(),
            today=today.isoformat(),
        )


def _deciding(access: Access, today: date) -> PlanLine | None:
    """The line bought last that has not ended, and whose contract is not too late."""
    return next((line for line in reversed(access.lines) if not line.withheld and not line.ended(today)), None)


def apply_lines(access: Access, context: Context, reason: str | None = None) -> Decision[Access]:
    """Grant, change or revoke the access as its lines say today; nothing is published if it stays as it is."""
    after = as_of(access, context.today)
    if after == access or after.given is None:
        return Decision(after)
    shown = _shown(after, after.given, context)
    if after.why is not None:
        return Decision(after, (AccessRevoked(**shown, why=after.why),))
    event = AccessChanged if access.open else AccessGranted
    return Decision(after, (event(**shown, personal=AccessPersonal(reason=reason) if reason else None),))


def as_of(access: Access, today: date) -> Access:
    """The access as its lines make it on a day, also before the worker has applied them."""
    line = _deciding(access, today)
    if line is None or access.erased:
        return _closed(access, today)
    given = _given(access, line, today)
    if access.open and given == access.given:
        return access
    return access.model_copy(update={"given": given, "open": True, "why": None})


def lessons_on(given: Given, day: date) -> int | None:
    """How many lessons are open on a day, by their number and the release calendar; None if all are."""
    lessons, release = given.settings.lessons, given.settings.release
    if release is None:
        return lessons
    steps = 1 + max((day - given.first_day).days, 0) // release.every_days
    released = release.lessons * steps
    return released if lessons is None else min(lessons, released)


def erase(access: Access, context: Context) -> Decision[Access]:
    """The person was erased: the access is closed for ever (ORG-4)."""
    return apply_lines(access.model_copy(update={"erased": True}), context)


def _closed(access: Access, today: date) -> Access:
    if not access.open or access.given is None:
        return access
    # What has ended is shown with its end as it now is: staff may have edited it.
    given = _given(access, access.lines[-1], today) if access.lines else access.given
    return access.model_copy(update={"given": given, "open": False, "why": _why_closed(access, today)})


def _why_closed(access: Access, today: date) -> WhyGone:
    if access.erased:
        return "erased"
    if any(line.withheld and not line.ended(today) for line in access.lines):
        return "late"
    return "expired" if access.lines else "cancelled"


def _given(access: Access, line: PlanLine, today: date) -> Given:
    """What a line gives; lessons that were released stay so, while it is open or the same purchase opens it again.

    A line that took the place of one that was withheld continues its access (CON-19).
    """
    before = access.given
    goes_on = before is not None and (access.open or before.line == line.line)
    return Given(
        contract=line.contract,
        line=line.line,
        product=line.product,
        name=line.name,
        settings=line.terms.settings,
        first_day=before.first_day if before and goes_on else line.since or today,
        last_day=line.terms.last_day,
    ).keeping(before)


def _shown(access: Access, given: Given, context: Context) -> dict[str, object]:
    return {
        "access": access.id,
        "account": access.account,
        "member": access.member,
        "course": access.course,
        "settings": given.settings,
        "first_day": given.first_day,
        "last_day": given.last_day,
        "contract": given.contract,
        "line": given.line,
        "product": given.product,
        "effective_on": context.today,
    }
