"""Moves of one schedule by staff within a short time are one mail, sent when staff is done (NOT-1, PAY-5).

The first move queues the mail for the end of a quiet period; each further move is added to it and
starts the period again, up to a limit. The mail depends on the events alone: it is saved in the transaction
of each event, so a restart changes nothing, and a redelivered move is recognised by its sequence.
Any other event of the schedule ends the burst: the mail is sent before the one about that event.
"""

from datetime import datetime, timedelta
from typing import Any

from carnet.dates import Instant
from carnet.decisions import State
from carnet.events.payments import ScheduleAdjusted
from carnet.ids import Id
from notifications.domain.mails import Mail, new_mail
from notifications.mails.payments_moved import Facts, moves_between

QUIET = timedelta(minutes=3)
"""The time without a move after which the mail is sent."""
LONGEST = timedelta(minutes=15)
"""The time after the first move at which the mail is sent at the latest."""

MOST_REQUESTS = 50
"""The most requests that are kept with a mail, besides the first."""


class Burst(State):
    """The latest burst of moves of one schedule; its id is the contract's."""

    mail: Id
    """The mail about it."""
    last: int
    """The sequence of its last move."""
    began_at: Instant


def moved(
    burst: Burst | None,
    mail: Mail | None,
    event: ScheduleAdjusted,
    *,
    sequence: int,
    now: datetime,
    **envelope: Any,
) -> tuple[Burst, Mail] | None:
    """The burst and its mail after one more move; None if the move was handled before or moved nothing.

    ``mail`` is the burst's mail, ``envelope`` the arguments of ``new_mail``. A mail that is being sent or was sent
    is not changed any more: the next move begins another burst.
    """
    before = event.instalments_before
    if before is None or not moves_between(before, event.instalments):
        return None  # nothing that the client sees: a payment method woke what had waited for one
    if burst is not None and sequence <= burst.last:
        return None
    if burst is not None and mail is not None and is_open(mail, now) and isinstance(mail.content, Facts):
        known = mail.content
        facts = _facts(event, known.instalments_before, known.first, sequence, balance_before=known.balance_before)
        gathered = {
            "content": facts,
            "due": min(now + QUIET, burst.began_at + LONGEST),
            "further_requests": _requests(mail, envelope.get("request")),
        }
        return burst.model_copy(update={"last": sequence}), mail.model_copy(update=gathered)
    facts = _facts(event, before, sequence, sequence, balance_before=event.balance_before)
    begun = new_mail(facts, now=now, **envelope).model_copy(update={"due": now + QUIET})
    begun_burst = Burst(id=event.contract, organisation=begun.organisation, mail=begun.id, last=sequence, began_at=now)
    return begun_burst, begun


def _requests(mail: Mail, request: str | None) -> tuple[str, ...]:
    """The requests behind the later moves, with that of one more."""
    known = mail.further_requests
    if request is None or request in (mail.request, *known) or len(known) >= MOST_REQUESTS:
        return known
    return (*known, request)


def is_open(mail: Mail, now: datetime) -> bool:
    """True while the mail still waits for the end of its quiet period."""
    return mail.status == "queued" and mail.attempts == 0 and mail.due is not None and mail.due > now


def ended(mail: Mail, now: datetime) -> Mail:
    """The mail, due at once."""
    return mail.model_copy(update={"due": now})


def is_void(mail: Mail) -> bool:
    """True if everything was put back as it was, so that there is nothing to write about."""
    return isinstance(mail.content, Facts) and not mail.content.moves


def _facts(event: ScheduleAdjusted, before: Any, first: int, last: int, **more: Any) -> Facts:
    moves = moves_between(before, event.instalments)
    return Facts.of(event, moves=moves, instalments_before=before, first=first, last=last, **more)
