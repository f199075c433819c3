"""What staff moves of one schedule in a short time is one mail, sent once it is done (NOT-1, PAY-5).

The first move queues the mail for the end of a quiet period; each further one is added to it and
begins the period anew, up to a bound. The mail is thus decided from the events alone: it is kept in the
transaction of each, so a restart changes nothing, and a move that is delivered again is known by its sequence.
Any other event of the schedule ends the burst: the mail goes before the one that shows the schedule as it then is.
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
"""How long nothing may move before the mail goes."""
LONGEST = timedelta(minutes=15)
"""How long after the first move the mail goes at the latest."""


class Burst(State):
    """The newest burst of moves of one schedule; its id is the contract's."""

    mail: Id
    """The mail about it."""
    last: int
    """The sequence of the last move that it has."""
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
    """One more move: the burst and its mail as they then are; none where it was told before, or moved nothing.

    ``mail`` is the burst's, ``envelope`` what ``new_mail`` takes of the event. A mail that is under way or sent
    takes no more moves: the next one begins another burst.
    """
    before = event.instalments_before
    if before is None or (burst is not None and sequence <= burst.last):
        return None
    if burst is not None and mail is not None and is_open(mail, now) and isinstance(mail.content, Facts):
        known = mail.content
        facts = _facts(event, known.instalments_before, known.first, sequence, balance_before=known.balance_before)
        due = min(now + QUIET, burst.began_at + LONGEST)
        return burst.model_copy(update={"last": sequence}), mail.model_copy(update={"content": facts, "due": due})
    facts = _facts(event, before, sequence, sequence, balance_before=event.balance_before)
    if not facts.moves:
        return None
    begun = new_mail(facts, now=now, **envelope).model_copy(update={"due": now + QUIET})
    begun_burst = Burst(id=event.contract, organisation=begun.organisation, mail=begun.id, last=sequence, began_at=now)
    return begun_burst, begun


def is_open(mail: Mail, now: datetime) -> bool:
    """True while the mail still waits for the end of its quiet period."""
    return mail.status == "queued" and mail.attempts == 0 and mail.due is not None and mail.due > now


def ended(mail: Mail, now: datetime) -> Mail:
    """The mail as it goes at once."""
    return mail.model_copy(update={"due": now})


def is_void(mail: Mail) -> bool:
    """True where all was put back as it was, so that there is nothing to write about."""
    return isinstance(mail.content, Facts) and not mail.content.moves


def _facts(event: ScheduleAdjusted, before: Any, first: int, last: int, **more: Any) -> Facts:
    moves = moves_between(before, event.instalments)
    return Facts.of(event, moves=moves, instalments_before=before, first=first, last=last, **more)
