"""Every query that a service issues in a test is explained once: it uses an index, and its order is the index's.

Who issues a query is who takes the collection from its ``Database``: sources of services and of the kit, not the tests
themselves nor what operators run. Queries that differ in their values only are one.
"""

import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from pymongo import AsyncMongoClient, monitoring

from carnet.mongo import Database
from carnet_suite.servers import Servers

Command = Mapping[str, Any]

_OF_SERVICES = ("/services/", "/libs/common/")
_EXPLAINED = {"find", "aggregate", "count", "distinct", "findAndModify", "update", "delete"}
_PARTS = {"update": "updates", "delete": "deletes"}
_KEPT = {
    *("filter", "sort", "projection", "limit", "hint", "pipeline", "cursor", "query", "key", "update", "fields"),
    *("remove", "new", "upsert", "arrayFilters", "collation"),
}
"""The fields of commands that say what is asked; the others say in which session, with which concern."""

READ_WHOLE: Mapping[str, str] = {
    "leases": "one for each slot, counted",
    "parked": "empty, unless an operator is to look at it",
    "workers": "one for each worker that runs",
}
"""The small collections that a query may read whole, and why."""

_whose: ContextVar[bool] = ContextVar("whose", default=False)
"""Whether the collection that this task took last was taken by a source of a service."""

_known: set[str] = set()
"""The shapes that were explained in this process."""


class Queries(monitoring.CommandListener):
    """Notes the queries of services by shape, each with its first example."""

    def __init__(self) -> None:
        self.seen: dict[str, tuple[str, Command]] = {}

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Note a command before it is sent."""
        if event.command_name not in _EXPLAINED or not _whose.get():
            return
        for command in _commands(event.command_name, event.command):
            service = event.database_name.rpartition("carnet_")[2]
            shape = f"{service} {event.command_name} {command[event.command_name]}: {_shape(_asked(command))}"
            self.seen.setdefault(shape, (event.database_name, command))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to note."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to note."""


def _commands(name: str, sent: Command) -> Iterator[Command]:
    """What was sent as commands that can be explained: a statement each."""
    if name in _PARTS:
        for statement in sent[_PARTS[name]]:
            yield {name: sent[name], _PARTS[name]: [statement]}
    elif not (name == "aggregate" and sent["pipeline"] and "$changeStream" in sent["pipeline"][0]):
        yield {name: sent[name], **{field: sent[field] for field in sent if field in _KEPT and field != name}}


def _asked(command: Command) -> Any:
    """The part of a command that decides how documents are found."""
    (statement,) = command.get("updates") or command.get("deletes") or [command]
    return {
        field: asked for field, asked in statement.items() if field not in {"u", "update", "new", "limit", "cursor"}
    }


def _shape(value: Any) -> Any:
    """A command without its values: lists of values are one whatever their length."""
    if isinstance(value, Mapping):
        return {key: dict(inner) if key == "sort" else _shape(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        shapes = [_shape(inner) for inner in value]
        return [shape for place, shape in enumerate(shapes) if shape not in shapes[:place]]
    return value if isinstance(value, bool) else type(value).__name__


def stages(plan: Any) -> Iterator[str]:
    """The names of all stages of an explanation's winning plans."""
    if isinstance(plan, Mapping):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        for key, inner in plan.items():
            if key != "rejectedPlans":
                yield from stages(inner)
    elif isinstance(plan, list):
        for inner in plan:
            yield from stages(inner)


_queries = Queries()
monitoring.register(_queries)
_taken = Database.__getitem__


def _noted(database: Database, name: str) -> Any:
    taken_in = sys._getframe(1).f_code.co_filename
    _whose.set("/tests/" not in taken_in and any(part in taken_in for part in _OF_SERVICES))
    return _taken(database, name)


@asynccontextmanager
async def explained(servers: Servers, known: set[str] = _known) -> AsyncIterator[None]:
    """Explain the queries of this test that none before it has issued, on the indexes that the service has made."""
    Database.__getitem__ = _noted  # type: ignore[method-assign]
    _queries.seen.clear()
    try:
        yield
    finally:
        Database.__getitem__ = _taken  # type: ignore[method-assign]
    fresh = {shape: found for shape, found in _queries.seen.items() if shape not in known}
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(servers.mongo_url)
    slow: dict[str, str] = {}
    try:
        for shape, (database, command) in fresh.items():
            explained = await client[database].command({"explain": dict(command), "verbosity": "queryPlanner"})
            collection = command[next(iter(command))]
            allowed = {"COLLSCAN"} if collection in READ_WHOLE else set()
            if found := ({"COLLSCAN", "SORT"} - allowed) & set(stages(explained)):
                slow[shape] = " and ".join(sorted(found))
            known.add(shape)
    finally:
        await client.close()
    if slow:
        listed = "\n".join(f"{found}: {shape}" for shape, found in slow.items())
        raise AssertionError(f"queries that read a whole collection or sort in memory:\n{listed}")
