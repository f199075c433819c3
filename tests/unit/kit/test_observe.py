"""What is logged and traced, and what never is."""

import io
import logging
from collections.abc import Iterator

import orjson
import pytest
import structlog
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from carnet import observe
from carnet.observe import REQUEST_ID, configure_logging, log, span, start_tracing, traceparent
from carnet.settings import Settings

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SETTINGS = Settings(service="shelf", mongo_url="mongodb://db", kafka_bootstrap="broker:1")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging(SETTINGS, "worker", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def only(lines: io.StringIO) -> dict[str, object]:
    (line,) = lines.getvalue().splitlines()
    entry: dict[str, object] = orjson.loads(line)
    return entry


def test_a_line_says_which_service_request_and_trace(lines: io.StringIO) -> None:
    messages = REQUEST_ID.set("r-1")
    with span("work", PARENT):
        log.info("things put up", count=3)
    REQUEST_ID.reset(messages)
    entry = only(lines)
    assert {name: entry[name] for name in ("event", "count", "level", "service", "role", "request", "trace")} == {
        "event": "things put up",
        "count": 3,
        "level": "info",
        "service": "shelf",
        "role": "worker",
        "request": "r-1",
        "trace": "0af7651916cd43dd8448eb211c80319c",
    }


def test_below_the_level_nothing_is_written(lines: io.StringIO) -> None:
    log.debug("details")
    assert lines.getvalue() == ""


def stumble() -> None:
    try:
        int("jean@example.org")
    except ValueError as error:
        raise KeyError("Dupont") from error


@pytest.mark.parametrize("foreign", [False, True])
def test_an_exception_is_logged_without_what_it_quotes(lines: io.StringIO, foreign: bool) -> None:
    try:
        stumble()
    except KeyError:
        if foreign:
            logging.getLogger("library").exception("failed")
        else:
            log.exception("failed")
    text = lines.getvalue()
    assert "jean" not in text
    assert "Dupont" not in text
    exception = orjson.loads(text)["exception"]
    assert (exception["type"], exception["cause"]["type"]) == ("builtins.KeyError", "builtins.ValueError")
    assert "test_observe.py" in exception["at"][-1]


def test_what_the_libraries_of_the_network_log_is_written(lines: io.StringIO) -> None:
    log.error("no database", exc_info=ConnectionRefusedError("127.0.0.1:27017"))
    assert orjson.loads(lines.getvalue())["exception"]["message"] == "127.0.0.1:27017"


def test_the_libraries_own_commands_are_not_written(lines: io.StringIO) -> None:
    logging.getLogger("pymongo.command").info("find {name: 'Dupont'}")
    logging.getLogger("httpx").info("GET http://x/?name=Dupont")
    assert lines.getvalue() == ""


def test_what_the_kafka_client_repeats_is_written_once_in_a_while(
    lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = logging.getLogger("aiokafka.consumer.fetcher")
    for node in range(500):
        client.error("Unable connect to node %s", node)
    client.error("Something else")
    log.error("of our own")
    log.error("of our own")
    messages = [orjson.loads(line)["event"] for line in lines.getvalue().splitlines()]
    assert messages == ["Unable connect to node 0", "Something else", "of our own", "of our own"]
    monkeypatch.setattr(observe, "REPEATED_AFTER", 0.0)
    client.error("Unable connect to node %s", 500)
    assert "Unable connect to node 500" in lines.getvalue()


def test_a_trace_is_continued_or_started() -> None:
    assert traceparent() is None
    with span("outer", PARENT):
        outer = traceparent()
        assert outer is not None
        assert outer.startswith("00-0af7651916cd43dd8448eb211c80319c-")
        assert outer.endswith("-01")
        assert outer != PARENT
        with span("inner"):
            assert str(traceparent())[:35] == outer[:35]
            assert traceparent() != outer
        assert traceparent() == outer
    with span("new", "not a traceparent"):
        started = str(traceparent())
    with span("another"):
        assert str(traceparent())[3:35] != started[3:35]


@pytest.mark.parametrize(
    "zero", ["00-" + "0" * 32 + "-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01"]
)
def test_an_invalid_parent_starts_a_new_trace(zero: str) -> None:
    with span("work", zero):
        messages = str(traceparent())
    assert messages[3:35] not in {zero[3:35], "0" * 32}


def test_spans_are_recorded_for_any_exporter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observe, "_tracer", None)
    exporter = InMemorySpanExporter()
    start_tracing("shelf", SimpleSpanProcessor(exporter))
    with pytest.raises(ValueError, match="Dupont"), span("work", PARENT, rows=3):
        raise ValueError("Dupont")
    (recorded,) = exporter.get_finished_spans()
    assert recorded.parent is not None
    assert format(recorded.parent.span_id, "x") == "b7ad6b7169203331"
    assert recorded.attributes == {"rows": 3}
    assert "Dupont" not in recorded.to_json()
