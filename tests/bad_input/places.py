"""Where wrong requests are sent: the APIs of all services in this process, or a running suite (`--real`)."""

import asyncio
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol, TypeVar

import httpx
import jwt
from cryptography.fernet import Fernet
from pydantic import SecretStr

from carnet.auth import Tokens
from carnet.http import waiting
from carnet.http.calls import Wiring
from carnet.ids import new_id
from carnet.links import Links
from carnet.mongo import Database
from carnet_operations.home import SECRETS
from carnet_operations.keys import ALGORITHM as SUITE_ALGORITHM
from carnet_operations.keys import AUDIENCE as SUITE_AUDIENCE
from carnet_operations.keys import ISSUER as SUITE_ISSUER
from carnet_operations.reactions import followers
from carnet_operations.secrets import make_secrets
from carnet_operations.services import SERVICES
from carnet_operations.tokens import SCOPES
from carnet_operations.verify.quiet import Watch
from carnet_operations.verify.reading import Databases
from carnet_play.story.desk import Desk
from carnet_suite.supervisor import Suite as RunningSuite
from contracts.peers import Peers
from notifications.rendering import Renderer
from notifications.store import MAILS
from notifications.templates.task import Outcome, Task, carry_out
from payments.sepa.vault import Vault
from tests.bad_input.routes import Route, routes_of
from tests.builders import School
from tests.callers import AUDIENCE, ISSUER, Signer
from tests.memory.bank import Bank
from tests.memory.nature import LOOP, Nature
from tests.memory.suite import PARTS
from tests.memory.suite import Suite as MemorySuite
from tests.waits import BOUND

T = TypeVar("T")
ALL_SCOPES = " ".join(SCOPES)

RESTLESS = {"leases", "workers", "numbers"}
"""Collections in which workers say that they are alive; and counters, which move by refused openings too (CON-27)."""


class Ground(Protocol):
    """The services, and what they have saved."""

    client: httpx.AsyncClient
    issuer: str
    audience: str

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something and wait for its end."""

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A token with these claims, signed with the key that the services trust."""

    async def quiet(self) -> None:
        """Return once nothing is under way any more, so that only a request could change something."""

    async def still(self) -> None:
        """Return once a run that was asked for has been through all that is due."""

    async def saved(self) -> Any:
        """All that is saved, to be compared."""


class Memory:
    """Every API in this process, on databases and a bus in memory: waiting takes no time there."""

    issuer, audience = ISSUER, AUDIENCE

    def __init__(self, folder: Path) -> None:
        self._signer = Signer.make(folder)
        self._suite = MemorySuite(Nature())
        self._settling = asyncio.Lock()
        self._seen = -1
        for name, service in self._suite.services.items():
            tokens = Tokens([self._signer.issuer])
            service.api.state.carnet = Wiring(service.database, tokens, PARTS[name].context)
        self._suite.services["payments"].api.state.providers = {"sandbox": Bank()}
        payments = self._suite.services["payments"].api.state
        payments.vault = Vault(Fernet.generate_key().decode())
        payments.links, payments.public_url = Links(SecretStr("a key of the tests, long enough to sign")), ""
        self._suite.services["notifications"].api.state.renderer = InProcess()
        front = Front({name: httpx.ASGITransport(service.api) for name, service in self._suite.services.items()})
        self._suite.services["contracts"].api.state.peers = Peers(
            "http://payments", "http://catalog", "http://credits", front, seconds=BOUND
        )
        self.client = httpx.AsyncClient(base_url="http://front", transport=front)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return LOOP.run_until_complete(self._beside(work))

    async def _beside(self, work: Coroutine[Any, Any, T]) -> T:
        workers = asyncio.create_task(self._work())
        try:
            return await work
        finally:
            workers.cancel()
            await asyncio.gather(workers, return_exceptions=True)

    async def _work(self) -> None:
        """What the workers do: whatever is saved is published and handled soon after."""
        while True:
            await self.quiet()
            await asyncio.sleep(0.01)

    def sign(self, claims: Mapping[str, Any]) -> str:
        return jwt.encode(dict(claims), self._signer.key, algorithm="ES256")

    async def quiet(self) -> None:
        async with self._settling:
            while (commits := self._commits) != self._seen:
                await self._suite.settled()
                await self._send_mails()
                self._seen = commits

    async def still(self) -> None:
        await self.quiet()

    @property
    def _commits(self) -> int:
        return sum(service.database.store.commits for service in self._suite.services.values())

    async def _send_mails(self) -> None:
        """As the sender does, without a mail server."""
        mails = self._suite.services["notifications"].database[MAILS.name]
        await mails.update_many({"status": "queued"}, {"$set": {"status": "sent", "due": None}})

    async def saved(self) -> Any:
        return {
            service: {
                name: documents
                for name, documents in self._suite.services[service].database.store.committed.items()
                if name not in RESTLESS
            }
            for service in SERVICES
        }


class InProcess(Renderer):
    """Writes mails without the child process, whose limits are the business of other tests."""

    async def _outcome(self, task: bytes) -> Outcome:
        return carry_out(Task.model_validate_json(task))


class Front(httpx.AsyncBaseTransport):
    """The front address: the first part of a path, or the host, is the service."""

    def __init__(self, apis: Mapping[str, httpx.AsyncBaseTransport]) -> None:
        self._apis = apis

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        service = request.url.host
        if service not in self._apis:
            service, _, path = request.url.raw_path[1:].decode().partition("/")
            request.url = request.url.copy_with(raw_path=f"/{path}".encode())
        return await self._apis[service].handle_async_request(request)


class Real:
    """A running suite of its own: that nothing changes is looked at in all of its databases."""

    issuer, audience = SUITE_ISSUER, SUITE_AUDIENCE

    client: httpx.AsyncClient

    def __init__(self, running: RunningSuite) -> None:
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self._running = running
        self.run(self._connect())

    async def _connect(self) -> None:
        servers, namespace = self._running.servers, self._running.namespace
        self._databases = Databases.open(servers.mongo_url, namespace)
        watch = Watch(self._databases, servers.kafka_bootstrap, namespace, followers())
        self._watch = await self._stack.enter_async_context(watch)
        client = httpx.AsyncClient(base_url=self._running.front, timeout=BOUND)
        self.client = await self._stack.enter_async_context(client)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def sign(self, claims: Mapping[str, Any]) -> str:
        key = make_secrets(self._running.folder / SECRETS).keys.private.read_bytes()
        return jwt.encode(dict(claims), key, algorithm=SUITE_ALGORITHM)

    async def quiet(self) -> None:
        assert await self._watch.until_quiet(time.monotonic() + BOUND, between=0.05) is None

    async def still(self) -> None:
        before = None
        while (now := await self.saved()) != before:
            before = now
            await asyncio.sleep(2)  # nothing shows when the run has been through what is due
            await self.quiet()

    async def saved(self) -> Any:
        return {service: await _hashes(self._databases[service]) for service in SERVICES}

    def close(self) -> None:
        """End the connections."""
        self.run(self._stack.aclose())
        self._databases.close()
        self._loop.close()


async def _hashes(database: Database) -> dict[str, str]:
    answered = await database.motor.command("dbHash")
    return {name: digest for name, digest in answered["collections"].items() if name not in RESTLESS}


@contextmanager
def hasty_waits() -> Iterator[None]:
    """An API that waits for another service goes by the clock of the loop in memory."""
    kept = waiting.time
    waiting.time = SimpleNamespace(monotonic=LOOP.time)
    try:
        yield
    finally:
        waiting.time = kept


@contextmanager
def in_memory(folder: Path) -> Iterator[Ground]:
    """The APIs in this process."""
    with hasty_waits():
        yield Memory(folder)


@contextmanager
def on_the_real_one(running: RunningSuite) -> Iterator[Ground]:
    """A suite that runs."""
    real = Real(running)
    try:
        yield real
    finally:
        real.close()


@dataclass
class Place:
    """A school to attack, and another whose things are foreign."""

    ground: Ground
    school: School
    foreign: dict[str, str]
    """Ids of the other school by what they are."""
    routes: dict[str, Route] = field(default_factory=dict)
    open_routes: list[str] = field(default_factory=list)

    def claims(self, scope: str, **claims: Any) -> dict[str, Any]:
        """The claims of the school's staff; those given replace them."""
        return claims_of(self.ground, self.school.organisation, scope, **claims)

    def signed(self, scope: str, **claims: Any) -> str:
        """A token of the school's staff."""
        return self.ground.sign(self.claims(scope, **claims))


def claims_of(ground: Ground, organisation: str, scope: str, **claims: Any) -> dict[str, Any]:
    """The claims of an organisation's staff; those given replace them."""
    now = int(time.time())
    usual = {"iss": ground.issuer, "aud": ground.audience, "iat": now, "exp": now + 3_600, "sub": "staff"}
    return {**usual, "kind": "user", "org": organisation, "scope": scope, **claims}


async def school_in(ground: Ground) -> School:
    """A school with an organisation of its own."""
    organisation = new_id()
    token = ground.sign(claims_of(ground, organisation, ALL_SCOPES))
    school = School(Desk(ground.client, token), organisation)
    await school.open()
    return school


async def place_in(ground: Ground) -> Place:
    """Two schools, one of which is foreign, and the routes of every service."""
    school, other = await school_in(ground), await school_in(ground)
    account = await other.family()
    contract = await other.contract(account, "course", "credit")
    foreign = {
        "account": account.id,
        "member": account.owner,
        "beneficiary": account.id,
        "product": other.products["course"].id,
        "contract": contract.id,
        "line": contract.lines["Ballet"],
        "credit": contract.lines["Credit"],
        "instalment": contract.schedule["instalments"][0]["id"],
        "payment": (await other.desk.pay(contract.id, 1_000)).body["payment"]["id"],
    }
    guarded, unguarded = await routes_of(ground.client)
    return Place(ground, school, foreign, {route.name: route for route in guarded}, unguarded)
