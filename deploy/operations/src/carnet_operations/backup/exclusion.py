"""Nothing else uses the databases while they are restored: checked at the server, and noted in each database."""

import time
from collections.abc import Iterable
from uuid import uuid4

from pymongo import MongoClient
from pymongo.errors import OperationFailure

from carnet.generation import READABLE, SUITE
from carnet.mongo import appname_of
from carnet_operations.backup.taking import Documents, databases_of
from carnet_operations.errors import CommandError

PATIENCE = 5.0
"""Seconds in which the connections of processes that have just ended go away."""

_DENIED = 13


def own_name(namespace: str) -> str:
    """The name under which one restore is seen at the server."""
    return f"carnet restore {namespace}#{uuid4().hex[:8]}"


class Exclusion:
    """The means that keep the suite away from its databases."""

    def __init__(self, client: MongoClient[Documents], namespace: str, name: str) -> None:
        self._client = client
        self._namespace = namespace
        self._name = name
        self._databases = databases_of(client, namespace)

    def check_stopped(self) -> None:
        """Return if no other process is connected to the databases.

        Raises:
            CommandError: there is one, after a little patience; the message names it.
        """
        deadline = time.monotonic() + PATIENCE
        while found := self._connected():
            if time.monotonic() > deadline:
                raise CommandError(
                    f"The suite must be stopped before it is restored, and these still use its databases: "
                    f"{', '.join(found)}. Stop every api, every worker and every other `carnet` command; MongoDB and "
                    "Kafka stay up. Nothing was changed."
                )
            time.sleep(0.2)

    def begin(self, what: str) -> None:
        """Note in each database that it is being restored: no process starts on it any more."""
        for database in self._databases.values():
            database[SUITE].update_one(READABLE, {"$set": {"restoring": what}}, upsert=True)

    def withdraw(self) -> None:
        """Note that no restore has begun after all."""
        self._unset(self._databases)

    def standings(self) -> dict[str, Documents]:
        """What each database says of itself."""
        return {name: database[SUITE].find_one(READABLE) or {} for name, database in self._databases.items()}

    def set_generation(self, generation: int, identities: dict[str, str]) -> None:
        """Raise the generation of all databases, and give them the identities of the backup."""
        for service, database in self._databases.items():
            fields: Documents = {"generation": generation}
            if service in identities:
                fields["identity"] = identities[service]
            database[SUITE].update_one(READABLE, {"$set": fields}, upsert=True)

    def end(self) -> None:
        """Let processes start again."""
        self._unset(self._databases)

    def _unset(self, services: Iterable[str]) -> None:
        for service in services:
            self._databases[service][SUITE].update_one(READABLE, {"$unset": {"restoring": ""}})

    def _connected(self) -> list[str]:
        names = [appname_of(database.name) for database in self._databases.values()]
        others = {"$regex": f"^carnet restore {self._namespace}#", "$ne": self._name}
        stages: list[Documents] = [
            {"$currentOp": {"allUsers": True, "idleConnections": True}},
            {"$match": {"$or": [{"appName": {"$in": names}}, {"appName": others}]}},
            {"$group": {"_id": {"name": "$appName", "from": {"$first": {"$split": ["$client", ":"]}}}}},
            {"$sort": {"_id": 1}},
        ]
        try:
            found = list(self._client.admin.aggregate(stages))
        except OperationFailure as error:
            if error.code == _DENIED:
                raise CommandError(
                    "The user of CARNET_MONGO_URL may not see who else is connected. Give it the role clusterMonitor "
                    "(and readWrite on the five databases) for a restore."
                ) from error
            raise
        return [f"{each['_id']['name'].removeprefix('carnet ')} from {each['_id']['from']}" for each in found]
