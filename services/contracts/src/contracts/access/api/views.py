"""What answers say of the access of a member to a course."""

from datetime import date
from typing import Self

from pydantic import Field

from carnet.dates import Day
from carnet.events.access import AccessSettings
from carnet.http import Body
from carnet.plans import AccessFields
from carnet.texts import Line
from carnet.tolerance import Tolerant
from contracts.access.domain import Access, Given, WhyGone


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
        description="Why it was revoked: no live plan opens the course (`cancelled`), its end has come (`expired`), or "
        "the person was `erased`; null while it is open."
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
