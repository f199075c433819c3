"""Sends the mails that are due, shared by all workers: claim, render, hand over, save the outcome.

A mail is claimed before it is sent, and its outcome is saved soon after the mail server's answer, while the connection
goes on with the next mail. What is read for the mails of one round is read together, and the outcomes that come while a
transaction is under way, or within a moment, share the next one.
SMTP leaves one window between the two: if a worker dies after the server accepted a mail and before
that is saved, or if the answer is lost, the mail is sent once more when the claim expires, with the
same Message-ID. No mail is ever forgotten.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from carnet.dates import utc_now
from carnet.decisions import Actor, Context, Decision
from carnet.due import rounds
from carnet.groups import Groups, Loads, Piece
from carnet.ids import new_id
from carnet.journal import ROWS, Origin, coming_from
from carnet.leases import Leases
from carnet.mongo import Database, Unit, is_transient, patiently
from carnet.observe import log
from carnet.organisations import ORGANISATIONS
from carnet.shared_queries import SharedQueries
from notifications.domain.letters import sent_letter
from notifications.domain.mails import Mail, Reason, accepted, claimed_by, dropped, not_taken, postponed, refused
from notifications.letters import Letter, UnsendableError, letter, recipient_of
from notifications.mailer import PATIENCE, Connection, MailServer, NotAcceptedError
from notifications.mails.composing import SAMPLE_LINK
from notifications.measures import MAILS_TRIED, MAILS_WAITING
from notifications.papers import PATIENCE as PAPER_PATIENCE
from notifications.papers import Papers, UnreadPaperError, UnreadSourceError
from notifications.rendering import Renderer
from notifications.store import DUE_MAILS, LETTERS, MAILS, WRITABLE, Surroundings, surroundings
from notifications.templates.render import Written

MAILS_PER_CONNECTION = 10
"""The mails that one round claims for each connection."""

CLAIM_SECONDS = 180.0
"""How long a claim lasts; nothing is handed over on a claim that might run out before the server's answer."""

IDLE_SECONDS = 1.0
"""The shortest time between two looks, unless as many mails are due as one round takes: few are sent together."""

FRESH_SECONDS = 1.0
"""A mail is written with what was read at most so long before, with that of the other mails of its round."""

GATHERED_SECONDS = 0.05
"""Seconds for which outcomes are gathered before they are saved."""

MOST_UNSAVED = 12
"""How many mails may be handed over without their outcome being saved: a worker that is killed sends them once more."""

GAUGE_SECONDS = 5.0

DATABASE_PATIENCE = 20.0
"""Seconds for which a transient fault of the database is retried while a mail is being sent."""


@dataclass(frozen=True, slots=True)
class Sending:
    """How mails are sent: from which address, over how many connections, with which waits (seconds) between tries."""

    server: MailServer
    sender: str
    connections: int
    waits: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claimed mail: decided on the mail as it now is, and the words in which it was sent."""

    decide: Callable[[Mail], Decision[Mail]]
    written: Written | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the mails of a round are written with, by their ids, as it was read for all of them."""

    read_at: float
    found: Mapping[str, Surroundings]

    def of(self, mail: Mail) -> Surroundings | None:
        """What is known of the mail; None if it was not read, or too long ago."""
        return self.found.get(mail.id) if time.monotonic() - self.read_at < FRESH_SECONDS else None


class Sender:
    """The timed work of the worker."""

    def __init__(self, database: Database, sending: Sending, papers: Papers) -> None:
        self._database = database
        self._papers = papers
        self._sending = sending
        self._renderer = Renderer()
        self._saving = Groups(database, gathers=GATHERED_SECONDS)
        self._reading: SharedQueries[Mail, Surroundings] = SharedQueries(lambda mails: surroundings(database, mails))
        self._connections = [Connection(sending.server) for _ in range(sending.connections)]
        self._limit = MAILS_PER_CONNECTION * len(self._connections)
        """How many mails one round takes."""
        self._gauged = 0.0
        self._ahead = Ahead(0.0, {})

    async def send_due(self, leases: Leases, stopping: asyncio.Event) -> None:
        """Send what is due in the slots held, until ``stopping`` is set."""

        async def look() -> int:
            sent = await self.round(leases.slots, stopping)
            await self._gauge()
            return sent

        await rounds(
            look,
            what="sending",
            idle=IDLE_SECONDS,
            stopping=stopping,
            changed=self._database.changes.of(MAILS.name, ROWS),
            due_in=lambda: DUE_MAILS.due_in(self._database, leases.slots, WRITABLE),
            full=self._limit,
        )
        await self.close()

    async def round(self, slots: frozenset[int], stopping: asyncio.Event) -> int:
        """Claim a few mails and send them over all connections; returns the number claimed."""
        if not slots:
            return 0
        now, claim = utc_now(), new_id()
        trusted_until = time.monotonic() + CLAIM_SECONDS - PATIENCE - PAPER_PATIENCE - 2 * DATABASE_PATIENCE
        until = now + timedelta(seconds=CLAIM_SECONDS)
        mails = await DUE_MAILS.claim(
            self._database, slots, claim=claim, now=now, until=until, limit=self._limit, where=WRITABLE
        )
        waiting = list(reversed(mails))
        self._ahead = await self._read_ahead(mails)
        saving: list[asyncio.Task[None]] = []
        unsaved = asyncio.Semaphore(MOST_UNSAVED)

        async def save(mail: Mail, outcome: Outcome) -> None:
            try:
                await self._save(mail, outcome)
            finally:
                unsaved.release()

        async def work(connection: Connection) -> None:
            while waiting:
                await unsaved.acquire()
                if not waiting or any(task.done() and task.exception() for task in saving):
                    unsaved.release()
                    return  # what could not be saved is raised below, and the mails that are left fall due again
                mail = waiting.pop()
                with coming_from(Origin(request=mail.request)):
                    if stopping.is_set() or time.monotonic() > trusted_until:
                        outcome = Outcome(lambda known: postponed(known, now=utc_now()))
                    else:
                        outcome = await self._attempt(mail, connection)
                    saving.append(asyncio.create_task(save(mail, outcome)))

        ended = await asyncio.gather(*map(work, self._connections[: len(mails)]), return_exceptions=True)
        for failure in (*ended, *await asyncio.gather(*saving, return_exceptions=True)):
            if failure is not None:
                raise failure
        return len(mails)

    async def _read_ahead(self, mails: Sequence[Mail]) -> Ahead:
        """What these mails are written with; nothing if one of them can't be read, as then each mail reads its own."""
        read_at = time.monotonic()
        try:
            found = await surroundings(self._database, mails) if mails else ()
        except Exception:
            found = ()
        return Ahead(read_at, dict(zip((mail.id for mail in mails), found, strict=False)))

    async def close(self) -> None:
        """Close the connections to the mail server and end the rendering process."""
        await self._renderer.close()
        for connection in self._connections:
            await connection.close()

    async def _attempt(self, mail: Mail, connection: Connection) -> Outcome:
        try:
            written = await self._write(mail)
            if not isinstance(written, Letter):
                return written
            delivery = written.delivery
            await connection.send(
                written.message,
                sender=self._sending.sender,
                recipient=delivery.address,
                smtputf8=written.smtputf8,
            )
        except UnsendableError as error:
            reason: Reason = error.reason
            return Outcome(lambda known: refused(known, reason))
        except NotAcceptedError as error:
            fault = error
            return Outcome(lambda known: self._after(known, fault))
        except (UnreadPaperError, UnreadSourceError) as error:
            log.warning("what a mail shows could not be read", mail=mail.id, kind=mail.kind, error=str(error))
            reason = "no-paper" if isinstance(error, UnreadPaperError) else "no-answer"
            return Outcome(lambda known: self._later(known, reason, None))
        except Exception as error:
            if is_transient(error):
                raise
            # The same facts fail the same way again: this mail has failed, until staff sends it again by hand.
            log.exception("a mail could not be written", mail=mail.id, kind=mail.kind)
            return Outcome(lambda known: refused(known, "unwritable"))
        if delivery.wording == "fallback":
            log.warning("a template broke, the default words were sent", kind=mail.kind, mail=mail.id)
        return Outcome(
            lambda known: accepted(known, delivery, now=utc_now(), erased=known.erasures != mail.erasures),
            written.written,
        )

    async def _write(self, mail: Mail) -> Letter | Outcome:
        """The mail, rendered with what is known now.

        If its account or organisation is not known, or nothing is left to say, the outcome of the mail instead.
        """
        known = self._ahead.of(mail)
        if known is None:
            known = await patiently(lambda: self._reading.ask(mail), DATABASE_PATIENCE)
        if known.account is None or known.organisation is None:
            return Outcome(lambda mail: postponed(mail, now=utc_now()))
        if mail.content.is_overtaken(known.contract_now):
            return Outcome(dropped)
        recipient = recipient_of(mail, known.account, known.organisation)
        link, attached, now = SAMPLE_LINK, None, utc_now()
        if (page := mail.content.page) is not None:
            link = self._papers.page_link(page, mail.organisation, recipient.language, now)
        if (source := mail.content.source) is not None:
            link = self._papers.page_link(source, mail.organisation, recipient.language, now)
            facts = mail.content.as_now(await self._papers.ask(source, link))
            if facts is None:
                return Outcome(dropped)
            mail = mail.model_copy(update={"content": facts})
        if (paper := mail.content.paper) is not None:
            link = self._papers.link(paper, mail.organisation, recipient.language, now)
            attached = await self._papers.read(paper, link, recipient.language)
        return await letter(
            mail,
            known.account,
            known.organisation,
            renderer=self._renderer,
            number=known.number,
            own=known.own_words(recipient.language),
            recipient=recipient,
            sender=self._sending.sender,
            now=now,
            link=link,
            attached=attached,
        )

    def _after(self, mail: Mail, fault: NotAcceptedError) -> Decision[Mail]:
        if fault.permanent:
            return refused(mail, "bad-address" if fault.address else "refused", fault.answer)
        return self._later(mail, "not-taken", fault.answer)

    def _later(self, mail: Mail, reason: Reason, answer: str | None) -> Decision[Mail]:
        """It is tried again after the next wait; after the last it has failed."""
        return not_taken(mail, reason, answer, now=utc_now(), waits=self._sending.waits, jitter=random.random())

    async def _save(self, mail: Mail, outcome: Outcome) -> None:
        """Save the outcome of the mail, unless the claim expired and another worker claimed the mail."""
        loads = Loads(((MAILS, mail.id), (ORGANISATIONS, mail.organisation)))

        async def work(unit: Unit) -> Mail | None:
            await unit.load_all(loads.first)
            with unit.piece(mail.organisation):
                return _decide(unit, mail, outcome)

        saved = await patiently(lambda: self._saving.run(Piece(mail.organisation, loads, work)), DATABASE_PATIENCE)
        if saved is None:
            log.warning("a claim expired before the outcome was saved", mail=mail.id)
            return
        MAILS_TRIED.labels(
            {"sent": "sent", "failed": "failed", "dropped": "dropped"}.get(saved.status, "retried")
        ).inc()
        log.info("mail", mail=mail.id, kind=mail.kind, status=saved.status, attempts=saved.attempts, why=saved.reason)

    async def _gauge(self) -> None:
        if time.monotonic() - self._gauged < GAUGE_SECONDS:
            return
        self._gauged = time.monotonic()
        MAILS_WAITING.set(await DUE_MAILS.count(self._database, utc_now()))


def _decide(unit: Unit, mail: Mail, outcome: Outcome) -> Mail | None:
    known = unit.get(MAILS, mail.id)
    if known is None or mail.claim is None or not claimed_by(known, mail.claim):
        return None
    decision = outcome.decide(known)
    if not decision.events:
        unit.put(MAILS, decision.state)
        return decision.state
    now, organisation = utc_now(), unit.get(ORGANISATIONS, mail.organisation)
    today = organisation.today(now) if organisation else now.date()
    context = Context(now=now, today=today, actor=Actor("service", "notifications"), change=mail.change, new_id=new_id)
    if outcome.written is not None and decision.state.personal is not None:
        words = outcome.written
        unit.put(LETTERS, sent_letter(decision.state, words.text, words.html))
    return unit.decide(MAILS, decision, context)
