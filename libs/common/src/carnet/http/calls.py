"""What a route is given: a ``Call`` that may read, or a ``Command`` that may change something.

    Reads = Annotated[Call, reads("products:read")]
    Writes = Annotated[Command, changes("products:write")]

Both verify the token and its scope first (ORG-1, ORG-2).
"""

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Depends
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from carnet.addresses import refuse_unwritable
from carnet.auth import Principal, TokenRefusedError, Tokens
from carnet.dates import utc_now
from carnet.decisions import Actor, Context
from carnet.groups import Groups, Loads, Piece
from carnet.http.cursors import Cursors
from carnet.http.idempotency import Answer, Key, key_of
from carnet.http.problems import ProblemError
from carnet.journal import ORIGIN, Origin
from carnet.mongo import Database, Link, Unit, Wanted, is_transient, look, transact
from carnet.observe import REQUEST_ID, traceparent
from carnet.organisations import ORGANISATIONS, Clock, clock_of, context_for
from carnet.refusals import stale

R = TypeVar("R")
ContextOf = Callable[[Unit, str, Actor], Awaitable[Context]]
"""How a service makes the context of a decision, from the unit, the organisation and the actor."""

_ETAG = re.compile(r'"(0|[1-9][0-9]{0,15})"')


KNOWN_FOR = 1.0
"""Seconds for which an organisation's clock is not read again for the header that shows its date."""

MOST_KNOWN = 10_000

ORGANISATION = "carnet.organisation"
"""Where the scope of a request keeps the organisation of its token."""

TODAY = "carnet.today"
"""Where the scope of a request keeps the organisation's date, for the header ``Carnet-Today`` of its answer."""


class Clocks:
    """The clocks of organisations, each read once a second at most: for the header alone, decisions read them anew."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[float, Clock | None]] = {}

    async def of(self, organisation: str) -> Clock | None:
        """The clock of an organisation; None if the service does not know it yet."""
        known = self._known.get(organisation)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        found = await clock_of(self._database, organisation)
        while len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        if found is not None:
            self._known[organisation] = (time.monotonic() + KNOWN_FOR, found)
        return found


class Wiring:
    """What all routes of one API share."""

    def __init__(
        self,
        database: Database,
        tokens: Tokens,
        context: ContextOf = context_for,
        cursors: Cursors | None = None,
        *,
        smtputf8: bool = False,
    ) -> None:
        self.database = database
        self.tokens = tokens
        self.context = context
        self.cursors = cursors or Cursors()
        self.clocks = Clocks(database)
        self.groups = Groups(database)
        self.smtputf8 = smtputf8
        """Whether the mail server can write to addresses with letters beyond ASCII before the @."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command answers: the body, the version of what it changed (for the ETag), where it is, another status."""

    body: BaseModel
    version: int | None = None
    location: str | None = None
    """The path within the service: ``/v1/products/...``."""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose caller is known and may read."""

    principal: Principal
    wiring: Wiring
    request: Request

    @property
    def organisation(self) -> str:
        """The organisation that the token is for: part of every query (ORG-1)."""
        return self.principal.organisation

    @property
    def database(self) -> Database:
        """The service's database."""
        return self.wiring.database

    def must_be_writable(self, addresses: dict[str, str | None]) -> None:
        """Raise a refusal where the mail server cannot write to one of these, which are by their field (NOT-5)."""
        refuse_unwritable(addresses, smtputf8=self.wiring.smtputf8)

    async def preview(self, work: Callable[[Unit, Context], Awaitable[R]]) -> R:
        """Run the work of a command on one snapshot and save nothing (CON-3)."""

        async def on_snapshot(unit: Unit) -> R:
            with unit.piece(self.organisation):
                return await work(unit, await self._context(unit))

        return await look(self.database, on_snapshot)

    def show(
        self, body: BaseModel, *, version: int | None = None, status: int = 200, location: str | None = None
    ) -> Response:
        """An answer with an ETag, which a later change names in If-Match, and with where it is."""
        return _response(Answer(status, body.model_dump_json(), version, location), self.request)

    async def _context(self, unit: Unit) -> Context:
        context = await self.wiring.context(unit, self.organisation, self.principal.actor)
        self.request.scope[TODAY] = context.today
        return context


@dataclass(frozen=True, slots=True)
class Command(Call):
    """A request that may change something."""

    key: Key | None = None

    @property
    def expected(self) -> int:
        """The version that If-Match names; a problem (428, 400) where it names none."""
        given = self.request.headers.get("if-match")
        if given is None:
            raise ProblemError(
                428,
                "if-match-missing",
                'Send the header If-Match with the ETag that you have seen, such as "3": so nobody\'s change is '
                "overwritten unseen.",
            )
        named = _ETAG.fullmatch(given.strip())
        if named is None:
            raise ProblemError(
                400, "if-match-invalid", 'Write If-Match as one ETag that this API has given, such as "3".'
            )
        return int(named[1])

    def must_match(self, version: int) -> None:
        """Raise a refusal (412) where ``version``, the newest, is not the one that If-Match names."""
        expected = self.expected
        if expected != version:
            raise stale(
                "version-moved",
                f"This has changed since you saw version {expected}: it is now at {version}. Read it again and "
                "decide anew.",
                rule="CON-3",
                expected=expected,
                current=version,
            )

    async def run(
        self,
        work: Callable[[Unit, Context], Awaitable[Reply]],
        *,
        status: int = 200,
        loads: Wanted | None = None,
        then_loads: Callable[[Unit], Wanted] | None = None,
        links: Sequence[Link] = (),
    ) -> Response:
        """Run ``work`` in one transaction, keep its answer under the Idempotency-Key, and answer.

        A command that says what it ``loads``, and ``then_loads`` once that is loaded, may share its transaction
        with others; for one that then reads more, or says nothing, the transaction is its own. What ``links`` lead to
        from what it loads is loaded with that. ``work`` may run
        several times (write conflicts) and has no effect outside its unit. Where it fails and the same request
        was answered before, that answer is given again: so a double click costs nothing when there is none.
        """
        ORIGIN.set(Origin(request=REQUEST_ID.get(), traceparent=traceparent()))

        async def in_transaction(unit: Unit) -> Answer:
            with unit.piece(self.organisation):
                reply = await work(unit, await self._context(unit))
                answer = Answer(reply.status or status, reply.body.model_dump_json(), reply.version, reply.location)
                if self.key is not None:
                    self.key.keep(unit, answer)
                return answer

        try:
            if loads is None:
                answer = await transact(self.database, in_transaction)
            else:
                answer = await self.wiring.groups.run(
                    Piece(
                        self.organisation,
                        Loads(((ORGANISATIONS, self.organisation), *loads), then_loads, links),
                        in_transaction,
                        key=self.key.id if self.key else None,
                    )
                )
        except Exception as error:
            before = None if self.key is None or is_transient(error) else await self.key.find(self.database)
            if before is None:
                raise
            answer = before
        return _response(answer, self.request)


def organisation_of_request(request: Request) -> str:
    """The organisation of a request whose caller was admitted."""
    organisation: str = request.scope[ORGANISATION]
    return organisation


def _response(answer: Answer, request: Request) -> Response:
    headers: dict[str, str] = {}
    if answer.version is not None:
        headers["ETag"] = f'"{answer.version}"'
    if answer.location is not None:
        headers["Location"] = request.scope.get("root_path", "") + answer.location
    return Response(answer.body, answer.status, headers, "application/json")


async def _admit(request: Request, access: "Access") -> tuple[Principal, Wiring]:
    wiring: Wiring = request.app.state.carnet
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise TokenRefusedError("token-missing", "Send 'Authorization: Bearer <token>' with a token of a known issuer.")
    principal = await wiring.tokens.verify(token.strip())
    request.scope[ORGANISATION] = principal.organisation
    if access.scopes:
        principal.require(*access.scopes)
    if access.staff:
        principal.require_staff()
    clock = await wiring.clocks.of(principal.organisation)
    if clock is not None:
        request.scope[TODAY] = clock.local(utc_now()).date()
    return principal, wiring


@dataclass(frozen=True)
class ReadAccess:
    """The dependency of a route that reads: who may call it, which the API's description says too."""

    scopes: tuple[str, ...]
    """One of them is enough; where there is none, any token of the organisation."""
    staff: bool = False
    """Whether clients are refused, whatever their token carries (ORG-2)."""

    async def __call__(self, request: Request) -> Call:
        """Verify the token, its scope, and who calls."""
        principal, wiring = await _admit(request, self)
        return Call(principal, wiring, request)


@dataclass(frozen=True)
class ChangeAccess:
    """The dependency of a route that changes something: who may call it, which the API's description says too."""

    scopes: tuple[str, ...]
    """One of them is enough."""
    if_match: bool = False
    """Whether the route takes If-Match; only the API's description needs to know."""
    staff: bool = False
    """Whether clients are refused, whatever their token carries (ORG-2)."""
    note: str = ""
    """What else decides who may, for the description: a sentence."""
    may_be_new: bool = False
    """Whether it makes what is not there yet, which has no version to match."""

    async def __call__(self, request: Request) -> Command:
        """Verify the token, its scope, and who calls, and read the Idempotency-Key, which a POST must have."""
        principal, wiring = await _admit(request, self)
        return Command(principal, wiring, request, await key_of(request, principal))


Access = ReadAccess | ChangeAccess
"""What a route asks of its caller."""


def reads(*scopes: str, staff: bool = False) -> Any:
    """What gives a route its ``Call``: a token that carries one of ``scopes``; any token where none is named.

    ``staff`` refuses clients.
    """
    return Depends(ReadAccess(scopes, staff))


def changes(*scopes: str, if_match: bool = False, staff: bool = False, note: str = "", may_be_new: bool = False) -> Any:
    """What gives a route its ``Command``: a token that carries one of ``scopes``, and on a POST an Idempotency-Key.

    ``staff`` refuses clients. ``if_match`` says in the API's description that the route asks for If-Match; with
    ``may_be_new`` the first call goes without it, as there is no version yet. ``note`` says what else decides who may
    call.
    """
    return Depends(ChangeAccess(scopes, if_match, staff, note, may_be_new))
