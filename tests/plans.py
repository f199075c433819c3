"""Every query of a service has an index: MongoDB writes into its log which have not.

Whether a query sorts in memory is not looked at: where two indexes serve, MongoDB chooses by what it finds at first.
The connections of a service's processes are known by their name; those of tests and of operators have others.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

OF_TESTS = "tests"
"""How the server knows the connections of tests, and their queries on those of a service, by a comment."""

READ_WHOLE: Mapping[str, str] = {
    "collection_calendars": "a row for each school that has its own",
    "invoice_settings": "a row for each school that issues invoices",
    "leases": "one for each slot, counted",
    "organisations": "a row for each school, whose clocks say what falls due",
    "parked": "empty, unless an operator is to look at it",
    "workers": "one for each worker that runs",
}
"""The small collections that a query may read whole, and why."""

READ_WHOLE_BY_OPERATORS: Mapping[tuple[str, str], str] = {
    ("journal", "withheld"): "the topics are rebuilt from it",
    ("sepa_mandates", "sealed_iban"): "all are encrypted by another key",
    ("sepa_refund_files", "creditor.sealed_iban"): "likewise",
    ("sepa_remittances", "creditor.sealed_iban"): "likewise",
    ("sepa_settings", "creditor.sealed_iban"): "likewise",
}
"""The collections that a command of operators reads whole where it asks for this field, and why."""

_SERVICE = "^carnet .*carnet_(catalog|contracts|credits|notifications|payments)$"
_LOGGED = '"msg":"Slow query"'
"""How MongoDB logs whatever its filter lets through."""


def configuration(folder: Path) -> Path:
    """A configuration of mongod by which it logs queries of services that read a whole collection."""
    slow = {"appName": {"$regex": _SERVICE}, "planSummary": {"$regex": "COLLSCAN"}}
    path = folder / "mongod.conf"
    path.write_text(yaml.safe_dump({"operationProfiling": {"filter": json.dumps(slow)}}))
    return path


def unindexed(log: Path) -> list[str]:
    """The queries in a log of mongod, each shape once, that no exception allows."""
    return sorted({_described(query) for query in _logged(log) if not _allowed(query)})


def _logged(log: Path) -> Iterator[Mapping[str, Any]]:
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if _LOGGED in line:
                yield json.loads(line)["attr"]


def _allowed(query: Mapping[str, Any]) -> bool:
    collection = query["ns"].partition(".")[2]
    if collection.startswith("$cmd"):  # a change stream, which reads the log of the server
        return True
    if (
        collection in READ_WHOLE
        or collection.startswith("system.")
        or query.get("command", {}).get("comment") == OF_TESTS
    ):
        return True
    asked = json.dumps(_asked(query))
    return any(collection == known and f'"{field}"' in asked for known, field in READ_WHOLE_BY_OPERATORS)


def _described(query: Mapping[str, Any]) -> str:
    database, _, collection = query["ns"].partition(".")
    service = database.rpartition("carnet_")[2]
    return f"{service}.{collection} {query['type']} {json.dumps(_shape(_asked(query)))}"


def _asked(query: Mapping[str, Any]) -> Mapping[str, Any]:
    command = query.get("originatingCommand") or query.get("command", {})
    return {part: command[part] for part in ("filter", "q", "query", "pipeline", "distinct") if part in command}


def _shape(value: Any) -> Any:
    """What is asked without its values: lists of values are one whatever their length."""
    if isinstance(value, Mapping):
        if len(value) == 1 and next(iter(value)) in {"$date", "$oid", "$numberLong", "$uuid"}:
            return "value"
        return {key: _shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        shapes = [_shape(inner) for inner in value]
        return [shape for place, shape in enumerate(shapes) if shape not in shapes[:place]]
    return value if isinstance(value, bool) else type(value).__name__
