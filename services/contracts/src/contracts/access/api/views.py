"""What answers say of the access of a member to a course."""

from datetime import date
from typing import Self

from pydantic import Field

from carnet.events.access import AccessSettings
from carnet.tolerance import Tolerant
from contracts.access.domain import Access, Given, WhyGone


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
            version=access.version,
        )
