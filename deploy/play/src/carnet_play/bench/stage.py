"""Where the figures are taken: servers and processes of their own, and a school with contracts to change."""

import contextlib
import os
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from carnet.dates import utc_now
from carnet.decisions import Actor, Context
from carnet.events.catalog import Contact, Format, ItemDetails, Tariff
from carnet.events.contracts import Instalments
from carnet.events.payments import Balance
from carnet.ids import new_id
from carnet.mongo import Database, Unit, transact
from carnet.organisations import ORGANISATIONS, Organisation
from carnet.topics import make_topics
from carnet_operations.keys import ALGORITHM, AUDIENCE, ISSUER
from carnet_operations.secrets import make_secrets
from carnet_operations.tokens import make_token
from carnet_suite.servers import Servers
from carnet_suite.servers.child import Child
from carnet_suite.servers.ports import HOST
from carnet_suite.topology import SANDBOX, Issuer, Places, Process, processes, sandbox_variables, variables
from contracts.accounts.domain import Account, Member
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.products import Addition, Offer, Product
from contracts.contracts.domain.schedules import KnownSchedule
from contracts.contracts.store import CONTRACTS, PRODUCTS, SCHEDULES

PRICE = 3_000
MOST_WORKERS = 2
"""How many workers of payments run side by side at most."""

API_PER_CORE = tuple(Process("contracts", "api", number) for number in range(1, (os.cpu_count() or 1) + 1))
"""An api process of contracts for each core of the machine."""


@dataclass(frozen=True)
class School:
    """A school with one account and one product, as contracts knows it."""

    organisation: str
    account: Account
    product: Product

    @property
    def addition(self) -> Addition:
        """The purchase that every change makes."""
        chosen = self.product.formats[0]
        return Addition(self.product.id, chosen.id, chosen.tariffs[0].id)

    @property
    def offer(self) -> Offer:
        """The context of a change."""
        return Offer({self.product.id: self.product}, self.account)

    @property
    def known(self) -> Organisation:
        """The copy that a service keeps of the organisation."""
        return Organisation(
            id=self.organisation,
            organisation=self.organisation,
            version=1,
            name="Bench",
            currency="EUR",
            time_zone="Europe/Paris",
            languages=("en",),
            contact=Contact(),
            support_email="support@bench.example",
            mode="live",
        )

    def context(self) -> Context:
        """A moment of staff's working day."""
        now = utc_now()
        return Context(now, now.date(), Actor("user", "bench"), new_id(), new_id)

    def opened(self) -> tuple[Contract, Context, "Sequence[object]"]:
        """A contract of one item in three instalments, with the events of its opening."""
        context = self.context()
        opening = Opening(mode="online", sale=Instalments(count=3), currency="EUR", add=(self.addition,))
        decision = open_contract(opening, self.offer, context)
        contract = decision.state.model_copy(update={"version": len(decision.events)})
        return contract, context, decision.events


class Stage:
    """Servers, and processes started one by one on a namespace of their own."""

    def __init__(self, servers: Servers, folder: Path, namespace: str) -> None:
        self.servers = servers
        self.namespace = namespace
        self.folder = folder
        secrets = make_secrets(folder)
        self._keys = secrets.keys
        names = [process.name for process in (*processes(MOST_WORKERS), *API_PER_CORE[1:])]
        ports = dict(zip(names, _free_ports(len(names)), strict=True))
        self.places = Places(
            mongo_url=servers.mongo_url,
            kafka_bootstrap=servers.kafka_bootstrap,
            smtp_host=servers.smtp_host,
            smtp_port=servers.smtp_port,
            issuer=Issuer(ISSUER, AUDIENCE, str(self._keys.public), ALGORITHM),
            apis={p.service: f"http://{HOST}:{ports[p.name]}" for p in processes() if p.role == "api"},
            host=HOST,
            public=f"http://{HOST}:9",
            link_keys=str(secrets.links),
            sandbox_secrets=str(secrets.sandbox),
            sepa_keys=str(secrets.sepa),
            ports=ports,
            namespace=namespace,
        )

    def token(self, organisation: str) -> str:
        """A token of the organisation's staff."""
        return make_token(self._keys.private, organisation=organisation)

    def database(self, service: str) -> Database:
        """The database of a service."""
        return Database.open(self.servers.mongo_url, f"{self.namespace}carnet_{service}")

    def address(self, process: Process) -> str:
        """Where a process answers, without a slash at the end."""
        return f"http://{HOST}:{self.places.ports[process.name]}"

    async def topics(self) -> None:
        """Make the topics."""
        await make_topics(self.servers.kafka_bootstrap, self.namespace)

    @contextlib.contextmanager
    def running(self, *wanted: Process) -> Iterator[Mapping[Process, Child]]:
        """Run these processes while the block lasts; each answers when it begins."""
        children: dict[Process, Child] = {}
        try:
            for process in wanted:
                environment = {**os.environ, **variables(process, self.places)}
                log = self.folder / f"{process.name}.log"
                children[process] = Child(process.name, [sys.executable, *process.arguments], log, env=environment)
            for process, child in children.items():
                _await_ready(child, self.address(process))
            yield children
        finally:
            for child in children.values():
                child.stop()

    @contextlib.contextmanager
    def provider(self, latency: float) -> Iterator[str]:
        """Run a sandbox with a book of its own, every answer of which takes so many seconds; returns its address.

        The processes that are started while the block lasts collect by it.
        """
        (port,) = _free_ports(1)
        before, address = self.places, f"http://{HOST}:{port}"
        given = sandbox_variables(before, port, str(self.folder / f"{SANDBOX}-{port}" / "book.sqlite"))
        environment = {**os.environ, **given, "CARNET_SANDBOX_LATENCY": str(latency)}
        log = self.folder / f"{SANDBOX}.log"
        child = Child(SANDBOX, [sys.executable, "-m", "carnet_sandbox"], log, env=environment)
        try:
            _await_ready(child, address)
            self.places = replace(before, sandbox=address)
            yield address
        finally:
            self.places = before
            child.stop()

    async def school(self, contracts: Database) -> School:
        """A school with one account and one item on sale, in the copies that contracts keeps."""
        organisation, owner = new_id(), new_id()
        school = School(
            organisation,
            Account(
                id=new_id(),
                organisation=organisation,
                version=1,
                owner=owner,
                language="en",
                members=(Member(id=owner, kind="adult", first_name="Ada", last_name="Bench"),),
            ),
            Product(
                id=new_id(),
                organisation=organisation,
                version=1,
                name="Costume",
                status="on_sale",
                vat_rate=2000,
                participant=False,
                formats=(Format(id=new_id(), name="One", tariffs=(Tariff(id=new_id(), name="Full", price=PRICE),)),),
                details=ItemDetails(),
            ),
        )

        async def work(unit: Unit) -> None:
            unit.put(ORGANISATIONS, school.known)
            unit.put(ACCOUNTS, school.account)
            unit.put(PRODUCTS, school.product)

        await contracts.prepare((CONTRACTS, PRODUCTS, SCHEDULES, ACCOUNTS, ORGANISATIONS))
        await transact(contracts, work)
        return school

    async def contracts(self, database: Database, school: School, count: int) -> list[Contract]:
        """So many contracts of one line, with a known schedule each, put straight into the database."""
        made = [school.opened()[0] for _ in range(count)]
        for start in range(0, count, 500):
            page = made[start : start + 500]

            async def work(unit: Unit, page: list[Contract] = page) -> None:
                for contract in page:
                    unit.put(CONTRACTS, contract)
                    unit.put(SCHEDULES, _known_schedule(contract))

            await transact(database, work)
        return made


def _known_schedule(contract: Contract) -> KnownSchedule:
    balance = Balance(total=PRICE, paid=0, processing=0, planned=PRICE, unscheduled=0, refund_due=0)
    return KnownSchedule(
        id=contract.id, organisation=contract.organisation, version=1, covers=contract.version, balance=balance
    )


def _await_ready(child: Child, address: str) -> None:
    child.await_ready(lambda: _answers(f"{address}/health/ready"), 30)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1) as answer:  # noqa: S310 # our own process
            return bool(answer.status == 200)
    except OSError:
        time.sleep(0.02)
        return False


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind((HOST, 0))
        return [int(one.getsockname()[1]) for one in held]
