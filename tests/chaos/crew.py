"""The workers of all services as processes of their own, to be broken while they work."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from carnet.consumer import group_of
from carnet.dates import utc_now, write_instant
from carnet.pauses import pause
from carnet_operations.reactions import followers
from carnet_operations.services import SERVICES
from carnet_operations.verify.published.topics import partitions_of
from carnet_operations.verify.reading import Databases
from carnet_suite.servers import Servers
from tests.chaos.load import steadily
from tests.workers import NOTHING, Worker, start_api, start_worker


@dataclass
class Crew:
    """The workers that run now, by name: ``payments-worker``, ``payments-worker-2``."""

    servers: Servers
    namespace: str
    folder: Path
    databases: Databases
    workers: dict[str, Worker] = field(default_factory=dict)
    env: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Further variables of the environment of a service's processes, by the service."""
    patient: bool = False
    """Whether what a dead worker of payments had claimed waits until its claim expires."""
    killed: Counter[str] = field(default_factory=Counter)
    """How often a worker of each service was killed, and an API by its name: ``credits-api``."""
    apis: dict[str, Worker] = field(default_factory=dict)

    async def start(self, *, payments: int = 1) -> None:
        """Start a worker of each service, and so many of payments; returns when they are ready."""
        numbers = {"payments": payments}
        for service in SERVICES:
            for number in range(1, numbers.get(service, 1) + 1):
                await self.launch(service, number)
        await self.ready()

    async def launch(self, service: str, number: int = 1) -> Worker:
        """Start one worker; does not wait until it is ready."""
        env = self.env.get(service, NOTHING)
        worker = await asyncio.to_thread(
            start_worker, self.servers, self.namespace, self.folder, service, number, env=env
        )
        self.workers[worker.process.name] = worker
        return worker

    async def launch_api(self, service: str, port: int | None = None) -> Worker:
        """Start the API of a service; does not wait until it is ready. ``port`` is that of one that was killed."""
        env = self.env.get(service, NOTHING)
        api = await asyncio.to_thread(start_api, self.servers, self.namespace, self.folder, service, env=env, port=port)
        self.apis[api.process.name] = api
        return api

    def named(self, name: str) -> Worker:
        """The worker, or the API, that now has that name."""
        return self.apis[name] if name in self.apis else self.workers[name]

    async def ready(self) -> None:
        """Return once all are ready."""
        await asyncio.gather(*(worker.ready() for worker in [*self.workers.values(), *self.apis.values()]))

    async def recovered(self, until: asyncio.Event) -> None:
        """Return once the living hold all that the dead held, leases and partitions, or ``until`` is set."""
        while not (until.is_set() or await self._shared_out()):
            await pause(0.2, until=until)

    async def _shared_out(self) -> bool:
        services = {worker.process.service for worker in self.workers.values()}
        return all([await self._held_by_the_living(service) for service in services]) and await self._joined(services)

    async def _held_by_the_living(self, service: str) -> bool:
        living = {str(worker.pid) for worker in self._of(service)}
        owners = await steadily(lambda: self.databases[service]["leases"].distinct("owner"))
        return all(owner is not None and owner.rpartition(":")[2] in living for owner in owners)

    async def _joined(self, services: Collection[str]) -> bool:
        """Whether the members of each consumer group are the workers that live, and have shared out its partitions."""
        members = {
            group_of(self.namespace, service, topic): len(self._of(service))
            for topic, following in followers().items()
            for service in following
            if service in services
        }
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers.kafka_bootstrap)
        try:
            await admin.start()
            # One by one: the answer for several has a field more of each group than aiokafka reads.
            described = [answer for group in members for answer in await admin.describe_consumer_groups([group])]
        except KafkaError:
            return False
        finally:
            await admin.close()
        found = {group: (state, len(joined)) for each in described for _, group, state, _, _, joined, *_ in each.groups}
        return found == {group: ("Stable", count) for group, count in members.items()}

    def _of(self, service: str) -> list[Worker]:
        return [worker for worker in self.workers.values() if worker.process.service == service]

    async def none_ready(self) -> bool:
        """Whether all answer, and none is ready."""
        return set(await asyncio.gather(*(worker.answer() for worker in self.workers.values()))) == {503}

    async def crash(self, name: str) -> None:
        """SIGKILL a worker or an API, and start another in its place at once."""
        if name in self.apis:
            await self._crash_api(name)
            return
        worker = self.workers.pop(name)
        slots = await self._slots(worker)
        await worker.kill()
        self.killed[worker.process.service] += 1
        match worker.process.service:
            case "notifications":
                await self._release_mails()
            case "payments" if not self.patient:
                await self._release_orders(slots)
        await self.launch(worker.process.service, worker.process.number)

    async def _crash_api(self, name: str) -> None:
        api = self.apis[name]
        await api.kill()
        self.killed[name] += 1
        await self.launch_api(api.process.service, api.port)

    async def replace(self, name: str) -> None:
        """SIGTERM a worker, which must end well, and start another in its place, which reads everything once more."""
        worker = self.workers[name]
        await self.dismiss(name)
        await self._rewind(worker.process.service)
        await self.launch(worker.process.service, worker.process.number)

    async def dismiss(self, name: str) -> None:
        """SIGTERM a worker, which must end well and leave no lease behind."""
        worker = self.workers[name]
        await worker.stop()
        del self.workers[name]
        assert await self._slots(worker) == []

    @asynccontextmanager
    async def supervised(self) -> AsyncIterator[None]:
        """Meanwhile a worker that ends unasked is started again, as a supervisor does."""

        closing = asyncio.Event()

        async def restart() -> None:
            while not closing.is_set():
                for worker in [each for each in self.workers.values() if not each.child.running]:
                    await self.launch(worker.process.service, worker.process.number)
                await pause(1.0, until=closing)

        watching = asyncio.create_task(restart())
        try:
            yield
        finally:
            closing.set()
            await watching

    async def stop(self) -> None:
        """SIGTERM all, side by side."""
        names = list(self.workers)
        ended = await asyncio.gather(*map(self.dismiss, names), return_exceptions=True)
        failures = [failure for failure in ended if failure is not None]
        assert failures == [], failures

    async def end(self) -> None:
        """SIGKILL whatever still runs, however the test went."""
        await asyncio.gather(*(worker.kill() for worker in [*self.workers.values(), *self.apis.values()]))

    async def _rewind(self, service: str) -> None:
        """Forget how far a service has read, as if none of its commits had arrived. No worker of it may run."""
        bootstrap = self.servers.kafka_bootstrap
        for topic in [topic for topic, services in followers().items() if service in services]:
            partitions = (await partitions_of(bootstrap, [self.namespace + topic]))[self.namespace + topic]
            group = group_of(self.namespace, service, topic)
            async with AIOKafkaConsumer(
                bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False
            ) as consumer:
                consumer.assign(partitions)
                await consumer.commit(dict.fromkeys(partitions, 0))

    async def _release_mails(self) -> None:
        """The claims of the dead worker run out: here at once rather than after minutes."""
        mails = self.databases["notifications"]["mails"]
        await mails.update_many({"status": "sending"}, {"$set": {"due": write_instant(utc_now())}})

    async def _slots(self, worker: Worker) -> list[int]:
        """Whose leases it holds."""
        leases = self.databases[worker.process.service]["leases"]
        found = await steadily(lambda: leases.find({"owner": {"$regex": f":{worker.pid}$"}}).to_list(None))
        return [lease["_id"] for lease in found]

    async def _release_orders(self, slots: Sequence[int]) -> None:
        """The same for what the dead worker was asking its provider; perhaps also for what another just took over."""
        orders = self.databases["payments"]["orders"]
        claimed = {"slot": {"$in": list(slots)}, "claim": {"$ne": None}}
        at_once = {"$set": {"check_at": write_instant(utc_now())}}
        await steadily(lambda: orders.update_many(claimed, at_once))
