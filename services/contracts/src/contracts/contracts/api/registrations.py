"""What the people of an account are registered for, over HTTP: one answer for the client and for staff (CON-14)."""

import asyncio
from datetime import date
from typing import Self

from pydantic import Field

from carnet.decisions import Context
from carnet.events.catalog import Occurrence
from carnet.http import router as new_router
from carnet.ids import Id
from carnet.mongo import Unit
from contracts.contracts.api.access import Reads
from contracts.contracts.api.purchases import visible_account
from contracts.contracts.api.view import View
from contracts.contracts.api.views import NUMBER
from contracts.contracts.domain.registrations import (
    Activity,
    Membership,
    MembershipStatus,
    Pass,
    Registered,
    activities_of,
    registrations,
)
from contracts.contracts.store import contracts_of, packs_of, products_of

router = new_router(tags=["contracts"])


class MembershipView(View):
    """A membership or a subscription, and its status."""

    contract: str
    contract_number: str | None = Field(description=NUMBER)
    line: str | None = Field(description="Null of a subscription: its lines are its periods.")
    name: str
    status: MembershipStatus = Field(
        description="`active_recurring` is of a subscription, `active` of a membership without an end; what is over is "
        "not listed."
    )
    on: date | None = Field(
        description="The day that the status is about: the first day of what is soon active or pauses, the day on "
        "which what is paused goes on, the last day of what ends, the day from which a cancellation is asked for. "
        "Null if there is none."
    )

    @classmethod
    def of(cls, each: Membership) -> Self:
        """The view of a membership."""
        return cls(
            contract=each.contract.id,
            contract_number=each.contract.number,
            line=each.line,
            name=each.name,
            status=each.status,
            on=each.on,
        )


class PassView(View):
    """A session pack that can still be used."""

    pack: str = Field(description="The session pack: an id of credits, that of the line that sold it.")
    contract: str
    contract_number: str | None = Field(description=NUMBER)
    name: str
    sessions: int | None = Field(description="How many sessions were sold; null if they are unlimited.")
    left: int | None = Field(description="How many are left; null if they are unlimited.")
    expires_on: date | None = Field(description="Its last day; null if it has no end, or none before its first use.")
    starts_at_first_use: bool = Field(description="Whether its days begin with its first session, still to come.")

    @classmethod
    def of(cls, each: Pass) -> Self:
        """The view of a pass."""
        return cls(
            pack=each.line.id,
            contract=each.contract.id,
            contract_number=each.contract.number,
            name=each.line.purchase.name,
            sessions=each.details.sessions,
            left=each.pack.left,
            expires_on=each.pack.expires_on,
            starts_at_first_use=each.starts_at_first_use,
        )


class ActivityView(View):
    """A course or workshop that is not over."""

    contract: str
    contract_number: str | None = Field(description=NUMBER)
    line: str
    product: str
    name: str
    format: str | None = Field(description="The name of the format in which it was bought.")
    first_day: date | None = Field(description="The day of its first occurrence; null if it has no dates.")
    last_day: date | None = Field(description="The day of its last occurrence.")
    next: Occurrence | None = Field(description="Its next occurrence, today's among them; null if none is known.")

    @classmethod
    def of(cls, each: Activity) -> Self:
        """The view of an activity."""
        purchase = each.line.purchase
        return cls(
            contract=each.contract.id,
            contract_number=each.contract.number,
            line=each.line.id,
            product=purchase.product,
            name=purchase.name,
            format=purchase.format.name if purchase.format else None,
            first_day=each.first_day,
            last_day=each.last_day,
            next=each.next,
        )


class SharedView(View):
    """What the family is registered for, and no member by itself."""

    passes: list[PassView] = Field(description="Those that the family shares, the one that expires first on top.")
    activities: list[ActivityView] = Field(description="Those sold for nobody in particular, by their next occurrence.")

    @classmethod
    def of(cls, registered: Registered) -> Self:
        """The view of what the family shares."""
        return cls(
            passes=[PassView.of(each) for each in registered.passes],
            activities=[ActivityView.of(each) for each in registered.activities],
        )


class MemberRegistrationsView(SharedView):
    """What a member is registered for."""

    member: str
    first_name: str
    last_name: str
    memberships: list[MembershipView] = Field(
        description="Memberships and subscriptions of this member, and those of the whole family; empty if there are "
        "none."
    )

    @classmethod
    def of_all(cls, everybody: list[Registered]) -> list[Self]:
        """The views of members, in the same order."""
        return [
            cls(
                member=each.member.id,
                first_name=each.member.first_name,
                last_name=each.member.last_name,
                memberships=[MembershipView.of(one) for one in each.memberships],
                **SharedView.of(each).model_dump(),
            )
            for each in everybody
            if each.member is not None
        ]


class RegistrationsView(View):
    """What the people of an account are registered for today."""

    account: str
    on: date = Field(description="Today, the organisation's.")
    family: SharedView = Field(description="What the family shares.")
    members: list[MemberRegistrationsView] = Field(
        description="Each member in the order of first names; contacts and erased people are not listed."
    )


@router.get("/accounts/{account}/registrations")
async def show_registrations(account: Id, call: Reads) -> RegistrationsView:
    """Show what the people of an account are registered for: memberships, passes, activities to come (CON-14).

    What is cancelled, used up or over is not shown. A client reads those of its own account.
    """
    members = (await visible_account(call, account)).members

    async def today(_unit: Unit, context: Context) -> Context:
        return context

    on = (await call.preview(today)).today
    found = await contracts_of(call.database, call.organisation, account)
    packs, products = await asyncio.gather(
        packs_of(call.database, call.organisation, found),
        products_of(call.database, call.organisation, activities_of(found)),
    )
    shared, *everybody = registrations(found, members, packs, products, on)
    return RegistrationsView(
        account=account,
        on=on,
        family=SharedView.of(shared),
        members=MemberRegistrationsView.of_all(everybody),
    )
