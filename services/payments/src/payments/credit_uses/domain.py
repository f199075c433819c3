"""CRE-3: a client credit, or a gift card, pays a part of a contract: asked of credits, then paid or back where it was.

requested ──CreditUsed──▶ completed
    └─CreditUseRefused──▶ returned

The request is an attempt of the schedule like any other; only credits knows what is left of a credit.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import computed_field, model_validator

from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from carnet.events.base import ServiceRefusal
from carnet.refusals import invalid
from carnet.requests.asked import Request, refusal_from
from carnet.requests.causes import CREDIT_USE
from carnet.requests.refused_uses import use_refused
from payments.schedules.domain import attempts
from payments.schedules.domain.schedule import CreditUse, Schedule
from payments.schedules.domain.schedule_events import as_it_is, led_to


class KnownCredit(State):
    """A client credit, or a gift card, as credits has published it: the part of it that never changes."""

    account: str
    """The beneficiary; of a gift card, the account that bought it."""
    currency: str
    sold_by: str | None
    """The contract that sells it; None if no line does."""
    card: bool = False
    """Whether it is a gift card, which belongs to the person who presents its code (CRE-8)."""


class UseRequest(State):
    """What credits was asked for, in minor units, and its answer; ``id`` is that of the schedule's attempt."""

    contract: str
    account: str
    credit: str
    card: bool = False
    """Whether it is a gift card (CRE-8)."""
    amount: int
    currency: str
    asked: Request
    """The request, about the credit, and the answer."""
    reason: published.CreditRefusal | None = None
    """Why credits refused it."""
    suspended: bool = False
    """True if it refused because the contract that sold the credit is not paid any more (CRE-2)."""
    asked_at: Instant
    asked_by: str
    answered_at: Instant | None = None

    @model_validator(mode="before")
    @classmethod
    def _by_its_status(cls, kept: Any) -> Any:
        """What older releases kept: a status in the place of the request."""
        if not isinstance(kept, Mapping) or "asked" in kept or "credit" not in kept:
            return kept
        asked = Request.to(CREDIT_USE, kept["credit"])
        if kept.get("status") == "completed":
            asked = asked.grant(kept["credit"])
        elif kept.get("status") == "returned":
            why = "suspended" if kept.get("suspended", False) else kept["reason"]
            asked = asked.refuse(use_refused(why, kept["credit"]))
        return {**kept, "asked": asked}

    @computed_field  # type: ignore[prop-decorator] # kept, since an index and older releases read it
    @property
    def status(self) -> Literal["requested", "completed", "returned"]:
        """Its status."""
        return _STATUS[self.asked.status]

    def granted(self, context: Context) -> "UseRequest":
        """The request once the credit pays."""
        return self.model_copy(update={"asked": self.asked.grant(self.credit), "answered_at": context.now})

    def refused(
        self,
        reason: published.CreditRefusal,
        context: Context,
        *,
        suspended: bool = False,
        refusal: ServiceRefusal | None = None,
    ) -> "UseRequest":
        """The request once credits has refused it; ``refusal`` is the reason in its own words, if it gave any."""
        why = "suspended" if suspended else reason
        shown = use_refused(why, self.credit) if refusal is None else refusal_from(refusal)
        answer = {"reason": reason, "suspended": suspended, "answered_at": context.now}
        return self.model_copy(update={"asked": self.asked.refuse(shown), **answer})


_STATUS: Mapping[Literal["waiting", "granted", "refused"], Literal["requested", "completed", "returned"]] = {
    "waiting": "requested",
    "granted": "completed",
    "refused": "returned",
}


def request_use(
    schedule: Schedule, credit: KnownCredit, amount: int, context: Context, *, code: str | None = None
) -> tuple[Decision[Schedule], UseRequest]:
    """Ask credits to pay ``amount`` of the schedule: until it answers, that is processing (CRE-3).

    ``code`` is the digest of the code that is presented, of a gift card (CRE-8).

    Raises:
        Refusal: as ``use_refused`` for what never can be; ``code-missing`` and ``code-superfluous``; ``more-than-due``
            and ``card-buys-card`` as ``use_credit``.
    """
    _check_code(credit, code)
    if reason := _never(schedule, credit):
        raise use_refused(reason, credit.id)
    request = UseRequest(
        id=context.new_id(),
        organisation=schedule.organisation,
        contract=schedule.id,
        account=schedule.account,
        credit=credit.id,
        card=credit.card,
        amount=amount,
        currency=schedule.currency,
        asked=Request.to(CREDIT_USE, credit.id),
        asked_at=context.now,
        asked_by=str(context.actor),
    )
    after = attempts.use_credit(schedule, credit.id, amount, request.id, card=credit.card)
    asked = published.CreditUseRequested(
        **as_it_is(after, context), request=request.id, credit=request.credit, amount=request.amount, code=code
    )
    return Decision(after, (asked, *led_to(schedule, after, context))), request


def _check_code(credit: KnownCredit, code: str | None) -> None:
    if credit.card and code is None:
        raise invalid(
            "code-missing",
            "A gift card pays for anyone who presents its code. Send the code with it.",
            rule="CRE-8",
            credit=credit.id,
        )
    if not credit.card and code is not None:
        raise invalid(
            "code-superfluous",
            "A client credit has no code: it pays the contracts of its account. Leave the code out.",
            rule="CRE-8",
            credit=credit.id,
        )


def _never(schedule: Schedule, credit: KnownCredit) -> published.CreditRefusal | None:
    if not credit.card and credit.account != schedule.account:
        return "other-account"
    if credit.currency != schedule.currency:
        return "other-currency"
    return "sold-by-this-contract" if credit.sold_by == schedule.id else None


def complete_use(schedule: Schedule, request: UseRequest, context: Context) -> Decision[Schedule]:
    """The credit is used: its amount is paid (CRE-3). Where that is too much by now, it gets a part back (CRE-6)."""
    after = attempts.succeeded(schedule, request.id, context)
    completed = published.CreditUseCompleted(
        **as_it_is(after, context),
        request=request.id,
        credit=request.credit,
        amount=request.amount,
        card=request.card,
    )
    use = CreditUse(credit=request.credit, amount=request.amount, card=request.card)
    paying = schedule.model_copy(update={"credit_uses": (*schedule.credit_uses, use)})
    return Decision(after, (completed, *led_to(paying, after, context)))


def return_use(
    schedule: Schedule,
    request: UseRequest,
    reason: published.CreditRefusal,
    context: Context,
    *,
    suspended: bool = False,
) -> Decision[Schedule]:
    """Credits refused the use: its amount is back where it was, then PAY-2 for what changed since (CRE-3, PAY-6)."""
    after = attempts.failed(schedule, request.id, context)
    returned = published.CreditUseReturned(
        **as_it_is(after, context),
        request=request.id,
        credit=request.credit,
        amount=request.amount,
        reason=reason,
        suspended=suspended,
        card=request.card,
    )
    return Decision(after, (returned, *led_to(schedule, after, context)))
