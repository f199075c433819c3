"""What operators see of a process: logs in JSON, traces, and the metrics of the kit.

A service declares its own metrics beside what they measure.

Logs carry ids, counts and names of things in the code, never personal data: no bodies, no query
strings, no addresses. So an exception is logged by its type and its places in the code; its
message only where it comes from the network, because others quote the values that they met.
"""

from __future__ import annotations

import logging
import re
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from random import getrandbits
from typing import TYPE_CHECKING, Any, TextIO

import orjson
import structlog
from opentelemetry import trace
from prometheus_client import Counter, Gauge, Histogram

from carnet.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
"""The logger of everything: ``log.info("contract opened", contract=id)``; ids and counts only."""

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered."""

# Metrics. Ages and durations are in seconds.

JOURNAL_UNPUBLISHED = Gauge("carnet_journal_unpublished", "Journal rows that are not yet published.", ["service"])
JOURNAL_OLDEST_SECONDS = Gauge(
    "carnet_journal_oldest_unpublished_seconds", "Age of the oldest journal row not yet published.", ["service"]
)
PUBLISHED = Counter("carnet_published", "Events that the brokers have acknowledged.", ["service", "topic"])
CONSUMER_LAG = Gauge("carnet_consumer_lag", "Records of a topic that are not yet read.", ["service", "topic"])
PARKED = Gauge("carnet_parked", "Events in the parking lot.", ["service", "topic"])
PAUSED = Gauge("carnet_topic_paused", "1 while a topic is paused since too much of it failed.", ["service", "topic"])
BATCH_SIZE = Histogram(
    "carnet_batch_size",
    "Records per batch.",
    ["service", "topic"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
)
BATCH_SECONDS = Histogram(
    "carnet_batch_seconds",
    "Time to react to a batch and save it.",
    ["service", "topic"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15),
)
REQUEST_OLDEST_SECONDS = Gauge(
    "carnet_request_oldest_seconds",
    "Age of the oldest request to another service that it has not answered.",
    ["service"],
)
REQUESTS_WAITING = Gauge(
    "carnet_requests_waiting",
    "Requests to another service that it has not answered, by what is asked for and of whom.",
    ["service", "cause", "asked_of"],
)
HTTP_REQUESTS = Counter(
    "carnet_http_requests", "Requests answered, by route and status.", ["service", "method", "route", "status"]
)
HTTP_SECONDS = Histogram(
    "carnet_http_seconds",
    "Time to answer a request, by route.",
    ["service", "method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)

# Traces

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_tracer: trace.Tracer | None = None


def start_tracing(service: str, *processors: SpanProcessor) -> None:
    """Record spans from now on, named after the service, and hand them to ``processors``, which export them.

    Without this, requests and events carry their trace on and nothing is recorded. The provider
    is Carnet's own and not the global one, so that no library starts to record what may be
    personal because Carnet records what is not.
    """
    global _tracer  # noqa: PLW0603 # set once, when a process starts
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 # most processes record nothing
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 # likewise

    provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    for processor in processors:
        provider.add_span_processor(processor)
    _tracer = provider.get_tracer("carnet")


def _parent(traceparent: str | None) -> trace.SpanContext:
    """The span that a W3C header names, or else the present one, or else an invalid one."""
    named = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if named is None:
        return trace.get_current_span().get_span_context()
    trace_id, span_id, flags, _ = named.groups()
    return trace.SpanContext(int(trace_id, 16), int(span_id, 16), True, trace.TraceFlags(int(flags, 16)))


@contextmanager
def span(name: str, traceparent: str | None = None, **attributes: str | int) -> Iterator[trace.Span]:
    """A span around a piece of work, in the trace of ``traceparent`` (W3C), or else the present one, or a new one."""
    parent = _parent(traceparent)
    if _tracer is None:
        trace_id = parent.trace_id if parent.is_valid else getrandbits(128)
        started: trace.Span = trace.NonRecordingSpan(
            trace.SpanContext(trace_id, getrandbits(64), False, parent.trace_flags)
        )
    else:
        context = trace.set_span_in_context(trace.NonRecordingSpan(parent)) if parent.is_valid else None
        started = _tracer.start_span(name, context, attributes=attributes)
    # An exception is the business of the log: recorded here, its message would leave the process.
    with trace.use_span(started, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        yield started


def traceparent() -> str | None:
    """The present trace context as the W3C header writes it; none outside a span."""
    present = trace.get_current_span().get_span_context()
    if not present.is_valid:
        return None
    return f"00-{present.trace_id:032x}-{present.span_id:016x}-{present.trace_flags:02x}"


# Logs

_NETWORK = {"OSError", "ConnectionFailure", "KafkaError", "TimeoutError"}
_DEEPEST = 12
REPEATED_AFTER = 10.0


def _describe(error: BaseException) -> dict[str, Any]:
    """An exception without its message, which may quote personal values, unless the network raised it."""
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
    described: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{frame.filename.rpartition('/src/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if any(ancestor.__name__ in _NETWORK for ancestor in type(error).__mro__):
        described["message"] = str(error)[:500]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        described["cause"] = _describe(cause)
    return described


def _with_error(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    fault = entry.pop("exc_info", None)
    if fault is True:
        fault = sys.exc_info()
    if isinstance(fault, tuple):
        fault = fault[1]
    if isinstance(fault, BaseException):
        entry["exception"] = _describe(fault)
    return entry


def _with_ids(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (request := REQUEST_ID.get()) is not None:
        entry["request"] = request
    present = trace.get_current_span().get_span_context()
    if present.is_valid:
        entry["trace"] = f"{present.trace_id:032x}"
    return entry


def _as_json(_: Any, __: str, entry: Mapping[str, Any]) -> str:
    return orjson.dumps(entry, default=str).decode()


class _Seldom(logging.Filter):
    """Lets through each kind of message of the Kafka client once in ``REPEATED_AFTER`` seconds.

    It logs every try of every consumer to reach a broker that is away: a hundred lines a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._logged_at: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be written."""
        if not record.name.startswith("aiokafka"):
            return True
        # The message before its values are put in: the kinds are as many as the library has lines that log.
        kind, now = (record.name, str(record.msg)), time.monotonic()
        if now - self._logged_at.get(kind, -REPEATED_AFTER) < REPEATED_AFTER:
            return False
        self._logged_at[kind] = now
        return True


def configure_logging(settings: Settings, role: str, stream: TextIO | None = None) -> None:
    """Write every log line of the process, those of its libraries too, as one JSON object to stdout.

    Each has ``at``, ``level``, ``event``, ``service``, ``role`` (api or worker), and where there
    are such the ids of the ``request`` and the ``trace``.
    """

    def with_service(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        entry["service"] = settings.service
        entry["role"] = role
        return entry

    out = stream or sys.stdout
    number = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.stdlib.add_log_level,
        with_service,
        _with_ids,
        _with_error,
    ]
    structlog.configure(
        processors=[*shared, _as_json],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    formatting = structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _as_json],
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
    )
    handler.setFormatter(formatting)
    root = logging.getLogger()
    handler.addFilter(_Seldom())
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.INFO))
    # At their lower levels these log commands, addresses and every heartbeat.
    for noisy in ("pymongo", "httpx", "httpcore", "aiokafka", "asyncio", "faststream", "uvicorn.access", "stripe"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
