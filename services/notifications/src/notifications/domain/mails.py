"""A mail from the event that makes it due to the mail server's answer (NOT-3).

queued ──claim──▶ sending ──accepted──▶ sent
  ▲                  │
  ├─postponed, tried again later
  │                  ├──nothing left to say──▶ dropped
  │                  └──refused for good, or tried often enough──▶ failed
  └──sent again by hand── sent or failed
"""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid5

from carnet import refusals
from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events.catalog import Language
from carnet.events.notifications import EmailDropped, EmailFailed, EmailRequeued, EmailSent
from carnet.ids import Id
from carnet.tolerance import Tolerant
from notifications.mails import SUPPORT_KINDS, AnyFacts, Kind

Status = Literal["queued", "sending", "sent", "failed", "dropped"]

Reason = Literal["refused", "not-taken", "no-address", "bad-address", "erased", "unwritable", "no-paper", "no-answer"]
"""Why a mail was not sent: the mail server refused it permanently or could not accept it, the account's owner has
no address or one that cannot be written to, the person was erased, the mail could not be rendered, the paper that
goes with it could not be read, or the service that is asked what it shows did not answer."""

Wording = Literal["default", "own", "fallback"]
"""The words that a mail was sent in: Carnet's, the organisation's, or Carnet's because the organisation's broke."""

_MAILS = UUID("6f1d6c9e-5d0b-5c0a-9a1b-8f5f6c9b7a11")


class MailPersonal(Tolerant):
    """The personal data of a sent mail: erasing the person removes it (ORG-4)."""

    address: str
    subject: str


class Mail(State):
    """One mail about one event or change.

    ``due`` is the instant from which a worker may claim it: the next attempt while ``queued``, the
    end of the claim while ``sending``, None once ``sent``, ``failed`` or ``dropped``. ``attempts`` counts
    the claims since it was last queued, so that a mail that kills its worker fails in the end.
    """

    kind: Kind
    account: Id
    """The account that it concerns, also if it goes to support."""
    cause: Id
    """The event or change that it is about."""
    change: Id
    """The change that the event belongs to."""
    request: str | None = None
    """The request that caused the event; None for older mails, and for events of timed work."""
    further_requests: tuple[str, ...] = ()
    """Of a mail that gathers several events: the requests that caused the later ones, the first 50."""
    content: AnyFacts
    slot: int
    """The slot (0 to 255): the worker that holds it sends the mail."""
    status: Status = "queued"
    due: Instant | None
    claim: str | None = None
    attempts: int = 0
    created_at: Instant
    sent_at: Instant | None = None
    language: Language | None = None
    wording: Wording | None = None
    reason: Reason | None = None
    answer: str | None = None
    """The mail server's answer to the last failed attempt, without addresses."""
    member: Id | None = None
    """The member that it was sent to; None for a mail to support."""
    personal: MailPersonal | None = None
    erasures: int = 0
    """The number of erasures on the account. Each writes it, so that an erasure conflicts with the outcome of an
    attempt under way, and the address cannot come back."""

    @property
    def to_support(self) -> bool:
        """True if it goes to the organisation's support address."""
        return self.kind in SUPPORT_KINDS


class Delivery(Tolerant):
    """What the mail server accepted: the recipient and the words."""

    address: str
    subject: str
    member: Id | None
    language: Language
    wording: Wording


def mail_id(kind: Kind, cause: str) -> str:
    """The id of the one mail of this kind about this event or change, the same whatever is redelivered (NOT-3)."""
    return str(uuid5(_MAILS, f"{kind}/{cause}"))


def new_mail(
    content: AnyFacts,
    *,
    organisation: str,
    account: str,
    cause: str,
    change: str,
    slot: int,
    now: datetime,
    request: str | None = None,
) -> Mail:
    """The mail that an event makes due, to be sent as soon as a worker claims it."""
    return Mail(
        id=mail_id(content.kind, cause),
        organisation=organisation,
        kind=content.kind,
        account=account,
        cause=cause,
        change=change,
        request=request,
        content=content,
        slot=slot,
        due=now,
        created_at=now,
    )


def claimed_by(mail: Mail, claim: str) -> bool:
    """True if this claim still holds the mail: only the claimant may record its outcome."""
    return mail.status == "sending" and mail.claim == claim


def accepted(mail: Mail, delivery: Delivery, *, now: datetime, erased: bool) -> Decision[Mail]:
    """The mail server accepted the mail; no personal data is kept if a person was ``erased`` meanwhile (ORG-4)."""
    personal = None if erased else MailPersonal(address=delivery.address, subject=delivery.subject)
    state = mail.model_copy(
        update={
            "status": "sent",
            "due": None,
            "claim": None,
            "sent_at": now,
            "language": delivery.language,
            "wording": delivery.wording,
            "member": None if erased else delivery.member,
            "personal": personal,
            "reason": None,
            "answer": None,
        }
    )
    event = EmailSent(mail=mail.id, kind=mail.kind, account=_client(mail), cause=mail.cause, attempts=mail.attempts)
    return Decision(state, (event,))


def refused(mail: Mail, reason: Reason, answer: str | None = None) -> Decision[Mail]:
    """The mail can never be sent as it is: it is kept as failed (NOT-3)."""
    state = mail.model_copy(update={"status": "failed", "due": None, "claim": None, "reason": reason, "answer": answer})
    event = EmailFailed(
        mail=mail.id, kind=mail.kind, account=_client(mail), cause=mail.cause, attempts=mail.attempts, reason=reason
    )
    return Decision(state, (event,))


def dropped(mail: Mail) -> Decision[Mail]:
    """Nothing of what the mail would say is true any more, such as a debt that was paid: it is not sent (PAY-10)."""
    update = {"status": "dropped", "due": None, "claim": None, "reason": None, "answer": None}
    event = EmailDropped(mail=mail.id, kind=mail.kind, account=_client(mail), cause=mail.cause)
    return Decision(mail.model_copy(update=update), (event,))


def not_taken(
    mail: Mail,
    reason: Reason,
    answer: str | None,
    *,
    now: datetime,
    waits: tuple[float, ...],
    jitter: float,
) -> Decision[Mail]:
    """The attempt had a transient fault: retry after the next of ``waits`` (seconds); after the last it has failed.

    ``jitter`` between 0 and 1 shortens the wait by up to a half, so that mails do not come back together.
    """
    if mail.attempts > len(waits):
        return refused(mail, reason, answer)
    wait = waits[max(mail.attempts, 1) - 1] * (1 - jitter / 2)
    state = mail.model_copy(
        update={
            "status": "queued",
            "due": now + timedelta(seconds=wait),
            "claim": None,
            "reason": reason,
            "answer": answer,
        }
    )
    return Decision(state)


def postponed(mail: Mail, *, now: datetime) -> Decision[Mail]:
    """The account or organisation is not known here yet: retry after a growing wait, without counting an attempt."""
    age = (now - mail.created_at).total_seconds()
    state = mail.model_copy(
        update={
            "status": "queued",
            "due": now + timedelta(seconds=min(max(age / 2, 0.2), 300)),
            "claim": None,
            "attempts": max(mail.attempts - 1, 0),
        }
    )
    return Decision(state)


def send_again(mail: Mail, context: Context, *, erased: bool) -> Decision[Mail]:
    """Staff sends a failed or sent mail again, rendered again from its facts, to the present address (NOT-3)."""
    if mail.status in ("queued", "sending"):
        raise refusals.conflict(
            "mail-under-way",
            "The mail is still on its way. Wait until it is sent or has failed, then send it again.",
            rule="NOT-3",
            mail=mail.id,
            status=mail.status,
        )
    if erased and not mail.to_support:
        raise refusals.conflict(
            "person-erased",
            "The account was erased, so there is nobody left to write to.",
            rule="ORG-4",
            mail=mail.id,
            account=mail.account,
        )
    state = mail.model_copy(
        update={"status": "queued", "due": context.now, "attempts": 0, "reason": None, "answer": None}
    )
    event = EmailRequeued(mail=mail.id, kind=mail.kind, account=_client(mail), cause=mail.cause)
    return Decision(state, (event,))


def _client(mail: Mail) -> str | None:
    return None if mail.to_support else mail.account
