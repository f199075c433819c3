"""Start the suite, hand it out while a block lasts, and stop it in order."""

import asyncio
import contextlib
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from carnet.topics import make_topics
from carnet_operations.home import SECRETS, carnet_home
from carnet_operations.keys import ALGORITHM, AUDIENCE, ISSUER
from carnet_operations.running import Running
from carnet_operations.secrets import Secrets, make_secrets
from carnet_operations.services import SERVICES
from carnet_suite.front import FRONT, caddy_binary, caddy_home, front_command, front_variables
from carnet_suite.layout import DATA, LOGS, SANDBOX_FILE
from carnet_suite.servers import Servers, embedded
from carnet_suite.servers.child import Child
from carnet_suite.servers.errors import ServerError
from carnet_suite.servers.ports import HOST
from carnet_suite.supervisor.crew import Crew
from carnet_suite.supervisor.errors import SuiteError
from carnet_suite.supervisor.instance import await_leftovers, running_process, sole_instance, write_state
from carnet_suite.supervisor.member import Plan, Start
from carnet_suite.supervisor.ports import SuitePorts, free, from_base, require_all_free
from carnet_suite.supervisor.running import Suite
from carnet_suite.supervisor.watcher import SILENT, Watcher
from carnet_suite.topology import (
    BACKOFFICE,
    SANDBOX,
    SIGN_IN,
    Issuer,
    Places,
    Process,
    backoffice_variables,
    processes,
    sandbox_variables,
    sign_in_variables,
    variables,
)

PROVIDER_TIMEOUT = 3.0
"""Seconds: the sandbox is on this machine, so a request without an answer by then is one that it never answers."""


@dataclass(frozen=True, slots=True)
class _Site:
    """Everything that is settled before the processes start."""

    folder: Path
    planned: Sequence[Process]
    ports: SuitePorts
    servers: Servers
    places: Places
    keys: Path
    pages: bool
    start: Start

    @property
    def front(self) -> str:
        return f"http://{HOST}:{self.ports.front}"


@contextlib.contextmanager
def suite(
    data: Path | None = None,
    *,
    port_base: int | None = None,
    payments_workers: int = 1,
    servers: Servers | None = None,
    namespace: str = "",
    fresh: bool = False,
    pages: bool = False,
    watcher: Watcher = SILENT,
    start: Start = Child,
) -> Iterator[Suite]:
    """Run the suite while the block lasts; every process is ready when it begins.

    The data stays and serves the next time. However the block ends, and however this process
    does, no process is left behind.

    Args:
        data: The folder of its data, keys and logs; `$CARNET_HOME` or `.carnet` by default.
        port_base: The front address, and the first of its block of ports; any free ports by default.
        payments_workers: How many workers share the work of payments.
        servers: Servers that already run, to be used instead of its own.
        namespace: What the names of databases, topics and groups begin with, on servers that are shared.
        fresh: Whether what its own servers kept is removed first.
        pages: Whether the back office runs too, with a provider to sign in at.
        watcher: Receives what happens.
        start: What starts each process, and starts it again when it died.

    Raises:
        SuiteError: it cannot run; the message says what to do.
    """
    folder = (data or carnet_home()).resolve()
    planned = processes(payments_workers)
    with sole_instance(folder), contextlib.ExitStack() as running:
        await_leftovers(folder, watcher.notice)
        if fresh:
            shutil.rmtree(folder / DATA, ignore_errors=True)
        ports = free(planned) if port_base is None else from_base(port_base, planned)
        require_all_free(ports, with_servers=servers is None)
        secrets = make_secrets(folder / SECRETS)
        used = servers or running.enter_context(_own_servers(folder, ports, watcher))
        _make_topics(used, namespace)
        places = _places(used, ports, secrets, namespace)
        site = _Site(folder, planned, ports, used, places, secrets.keys.private.parent, pages, start)
        crew = _crew(site, watcher)
        running.callback(crew.stop, _tiers(planned, pages=pages))
        for name in crew.members:
            watcher.starting(name)
        crew.start(watcher.ready)
        yield Suite(
            front=site.front,
            servers=used,
            namespace=namespace,
            inbox=used.inbox,
            folder=folder,
            places=places,
            backoffice=places.backoffice if pages else None,
            _keys=secrets.keys,
            _crew=crew,
        )


@contextlib.contextmanager
def _own_servers(folder: Path, ports: SuitePorts, watcher: Watcher) -> Iterator[Servers]:
    what = "MongoDB, Kafka and the mail server"
    watcher.starting(what)
    with contextlib.ExitStack() as stack:
        try:
            running = stack.enter_context(embedded(folder / DATA, ports.servers))
        except ServerError as error:
            raise SuiteError(str(error)) from error
        watcher.ready(what)
        yield running


def _make_topics(servers: Servers, namespace: str) -> None:
    # In a thread of its own: the caller may have a running loop.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, make_topics(servers.kafka_bootstrap, namespace)).result()


def _places(servers: Servers, ports: SuitePorts, secrets: Secrets, namespace: str) -> Places:
    return Places(
        mongo_url=servers.mongo_url,
        kafka_bootstrap=servers.kafka_bootstrap,
        smtp_host=servers.smtp_host,
        smtp_port=servers.smtp_port,
        issuer=Issuer(ISSUER, AUDIENCE, str(secrets.keys.public), ALGORITHM),
        apis={service: f"http://{HOST}:{ports.processes[Process(service, 'api').name]}" for service in SERVICES},
        host=HOST,
        ports=ports.processes,
        namespace=namespace,
        sandbox=f"http://{HOST}:{ports.sandbox}",
        sandbox_secrets=str(secrets.sandbox),
        provider_timeout=PROVIDER_TIMEOUT,
        front=f"http://{HOST}:{ports.front}",
        public=f"http://{HOST}:{ports.front}",
        link_keys=str(secrets.links),
        sepa_keys=str(secrets.sepa),
        backoffice=f"http://{HOST}:{ports.backoffice}",
        backoffice_secrets=str(secrets.backoffice),
        sign_in=f"http://{HOST}:{ports.sign_in}",
    )


def _crew(site: _Site, watcher: Watcher) -> Crew:
    logs = site.folder / LOGS
    _put_aside(logs)
    ports = site.ports.processes
    plans = [
        _plan(
            process.name,
            [sys.executable, *process.arguments],
            variables(process, site.places),
            ports[process.name],
            logs,
        )
        for process in site.planned
    ]
    port = site.ports.front
    environment = {**front_variables(site.places, port), **caddy_home(site.folder / DATA / FRONT)}
    plans.append(_plan(FRONT, front_command(caddy_binary()), environment, port, logs))
    own, book = site.ports.sandbox, site.folder / DATA / SANDBOX_FILE
    environment = sandbox_variables(site.places, own, str(book))
    plans.append(_plan(SANDBOX, [sys.executable, "-m", "carnet_sandbox"], environment, own, logs))

    if site.pages:
        plans += _of_pages(site, logs)

    def tell_where() -> None:
        write_state(site.folder, _state(site, crew))

    crew = Crew(plans, watcher.notice, tell_where, site.start)
    return crew


def _of_pages(site: _Site, logs: Path) -> Iterator[Plan]:
    """The back office, and the provider at which people sign in."""
    port = site.ports.backoffice
    yield _plan(BACKOFFICE, [sys.executable, "-m", "backoffice"], backoffice_variables(site.places, port), port, logs)
    port = site.ports.sign_in
    environment = sign_in_variables(site.places, port, str(site.keys))
    yield _plan(SIGN_IN, [sys.executable, "-m", "carnet_suite.signing_in"], environment, port, logs)


def _plan(name: str, command: Sequence[str], environment: Mapping[str, str], port: int, logs: Path) -> Plan:
    return Plan(
        name=name,
        command=command,
        variables=environment,
        health=f"http://{HOST}:{port}/health/ready",
        log=logs / f"{name}.log",
    )


def _put_aside(logs: Path) -> None:
    """Keep the logs of the run before, and only those."""
    for log in logs.glob("*.log"):
        log.replace(log.with_suffix(".log.before"))


def _state(site: _Site, crew: Crew) -> Running:
    servers, members = site.servers, crew.members.values()
    below = (("MongoDB", servers.mongo), ("Kafka", servers.kafka))
    return Running(
        front=site.front,
        mongo_url=servers.mongo_url,
        kafka_bootstrap=servers.kafka_bootstrap,
        namespace=site.places.namespace,
        inbox=str(servers.inbox),
        servers=tuple(running_process(name, getattr(handle, "pid", None)) for name, handle in below),
        processes=tuple(running_process(each.plan.name, each.pid, each.plan.health, each.plan.log) for each in members),
        variables={service: variables(Process(service, "worker"), site.places) for service in SERVICES},
    )


def _tiers(planned: Sequence[Process], *, pages: bool) -> list[list[str]]:
    """The order in which they stop: first requests, then decisions, then the work that is under way."""
    return [
        [BACKOFFICE, SIGN_IN] if pages else [],
        [FRONT],
        [process.name for process in planned if process.role == "api"],
        [process.name for process in planned if process.role == "worker"],
        [SANDBOX],
    ]
