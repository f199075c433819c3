"""What answers say of the access of a member to a course."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, Self

from pydantic import Field

from carnet.dates import Day
from carnet.events.access import AccessSettings
from carnet.http import Body
from carnet.plans import AccessFields
from carnet.texts import Line
from carnet.tolerance import Tolerant
from contracts.access.domain import Access, Given, Moved, WhyGone, lessons_on


class AccessBody(Body):
    """What the access of one member to a course is to be, whole (CON-20)."""

    settings: AccessFields = Field(description="What the access is to be, whole.")
    last_day: Day | None = Field(description="The last day on which it is open; null if it has no end.")
    reason: Line | None = Field(
        default=None, description="Why it is changed: it is kept in the journal and shown to staff only."
    )


class AccessView(Tolerant):
    """The access of a member to a course, as it was published last (CON-20)."""

    id: str = Field(description="The access: one for each member and course, for ever.")
    account: str
    member: str
    course: str = Field(description="The course, as the platform that runs it names it.")
    open: bool = Field(description="Whether the member may enter the course now.")
    why: WhyGone | None = Field(
        description="Why it was revoked: no live plan opens the course (`cancelled`), its end has come (`expired`), "
        "the person was `erased`, or a payment is `late` and it is given back once that is paid; null while it is open."
    )
    settings: AccessSettings = Field(description="What the access is, or was at its end.")
    first_day: date = Field(description="The day from which it is open; a release calendar counts from it.")
    last_day: date | None = Field(description="The last day on which it is open; null if it has no end.")
    contract: str = Field(description="The contract of the plan that gives it.")
    line: str = Field(description="The line of the plan that gives it.")
    product: str = Field(description="The plan that gives it.")
    name: str = Field(description="The name of the plan when it was bought.")
    changed_by_staff: bool = Field(
        description="Whether staff changed the settings or the end for this member: then they are not the plan's."
    )
    version: int

    @classmethod
    def of(cls, access: Access, given: Given) -> Self:
        """The view of an access that was granted once."""
        return cls(
            id=access.id,
            account=access.account,
            member=access.member,
            course=access.course,
            open=access.open,
            why=access.why,
            settings=given.settings,
            first_day=given.first_day,
            last_day=given.last_day,
            contract=given.contract,
            line=given.line,
            product=given.product,
            name=given.name,
            changed_by_staff=access.changed_by_staff,
            version=access.version,
        )


class OpenAccessView(Tolerant):
    """A course that a member may enter today, as a platform has to know it (CON-20)."""

    id: str = Field(description="The access: one for each member and course, for ever.")
    account: str
    member: str
    course: str = Field(description="The course, as the platform that runs it names it.")
    settings: AccessSettings = Field(description="What the access is.")
    lessons_today: int | None = Field(
        description="How many lessons are open today, the first ones, by their number and the release calendar; null: "
        "all of them."
    )
    first_day: date = Field(description="The day from which it is open; a release calendar counts from it.")
    last_day: date | None = Field(description="The last day on which it is open; null if it has no end.")
    today: date = Field(description="The day of the organisation for which this is the answer.")
    version: int = Field(description="The sequence of the last event of the access that this includes.")

    @classmethod
    def on(cls, access: Access, given: Given, today: date) -> Self:
        """The view of an access that is open on that day."""
        return cls(
            id=access.id,
            account=access.account,
            member=access.member,
            course=access.course,
            settings=given.settings,
            lessons_today=lessons_on(given, today),
            first_day=given.first_day,
            last_day=given.last_day,
            today=today,
            version=access.version,
        )


class GivenView(Tolerant):
    """What a plan gives of a course."""

    product: str = Field(description="The plan that gives it.")
    name: str = Field(description="The name of the plan when it was bought.")
    settings: AccessSettings = Field(description="What the access is.")
    first_day: date = Field(description="The day from which it is open; a release calendar counts from it.")
    last_day: date | None = Field(description="The last day on which it is open; null if it has no end.")

    @classmethod
    def of(cls, access: Access) -> Self | None:
        """The view of an access; None while it is closed."""
        given = access.given if access.open else None
        if given is None:
            return None
        return cls(
            product=given.product,
            name=given.name,
            settings=given.settings,
            first_day=given.first_day,
            last_day=given.last_day,
        )


class AccessMovedView(Tolerant):
    """What a change would do to the access of a member to a course (CON-19, CON-20)."""

    id: str = Field(description="The access.")
    member: str
    course: str = Field(description="The course, as the platform that runs it names it.")
    what: Literal["granted", "changed", "revoked"] = Field(
        description="Whether it would be opened, stay open with another plan, end or settings, or be closed."
    )
    before: GivenView | None = Field(description="Null while it is closed.")
    after: GivenView | None = Field(description="Null if it would be closed.")

    @classmethod
    def of_all(cls, moved: Sequence[Moved]) -> list[Self]:
        """The views, in the same order."""
        return [
            cls(
                id=each.after.id,
                member=each.after.member,
                course=each.after.course,
                what=each.what,
                before=GivenView.of(each.before),
                after=GivenView.of(each.after),
            )
            for each in moved
        ]
