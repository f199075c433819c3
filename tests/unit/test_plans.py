"""What the log of MongoDB says of queries is read as it is meant: services only, exceptions left out, each once."""

import json
from pathlib import Path

from tests.plans import unindexed


def _line(collection: str, plan: str, command: dict[str, object], **more: object) -> str:
    asked = {"type": "command", "ns": f"t1carnet_payments.{collection}", "command": command, "planSummary": plan}
    return json.dumps({"msg": "Slow query", "attr": asked | more}, separators=(",", ":"))


def _found(tmp_path: Path, *lines: str) -> list[str]:
    log = tmp_path / "mongo.log"
    log.write_text("\n".join(('{"msg":"Connection accepted"}', *lines)))
    return unindexed(log)


def test_a_query_that_reads_a_whole_collection_is_found_once_whatever_it_asks_for(tmp_path: Path) -> None:
    first = _line("invoices", "COLLSCAN", {"find": "invoices", "filter": {"label": "one", "on": {"$in": [1, 2]}}})
    second = _line("invoices", "COLLSCAN", {"find": "invoices", "filter": {"label": "two", "on": {"$in": [3]}}})
    (found,) = _found(tmp_path, first, second)
    assert found == 'payments.invoices command {"filter": {"label": "str", "on": {"$in": ["int"]}}}'


def test_an_update_without_an_index_is_found(tmp_path: Path) -> None:
    (found,) = _found(tmp_path, _line("invoices", "COLLSCAN", {"q": {"label": "one"}, "u": {}}, type="update"))
    assert found == 'payments.invoices update {"q": {"label": "str"}}'


def test_small_collections_may_be_read_whole(tmp_path: Path) -> None:
    assert _found(tmp_path, _line("leases", "COLLSCAN", {"find": "leases", "filter": {}})) == []


def test_what_an_operator_s_command_reads_whole_may_be_and_nothing_else_there(tmp_path: Path) -> None:
    rebuilt = _line("journal", "COLLSCAN", {"q": {"topic": "one", "withheld": {"$exists": False}}}, type="update")
    other = _line("journal", "COLLSCAN", {"q": {"topic": "one"}}, type="update")
    assert _found(tmp_path, rebuilt) == []
    assert len(_found(tmp_path, rebuilt, other)) == 1
