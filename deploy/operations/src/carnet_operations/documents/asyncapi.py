"""The AsyncAPI 3 document of each service: what it publishes on Kafka, made from the code."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from carnet.envelope import LARGEST_EVENT_BODY
from carnet.events import EVENTS, TOPICS, Event, Topic
from carnet.topics import settings_of
from carnet_operations.documents.event_schemas import Document, event_schema

HEADERS = {
    "content-type": "`application/json`",
    "ce_specversion": "The version of CloudEvents: `1.0`.",
    "ce_id": "The id of the event, the same whenever it is delivered or replayed.",
    "ce_type": "What happened: `carnet.<service>.<Event>.v<major>`.",
    "ce_source": "The service that publishes it: `/carnet/<service>`.",
    "ce_subject": "The aggregate that it happened to; also the record's key.",
    "ce_time": "When it was decided: an instant in UTC, with `Z`.",
    "ce_sequence": "Its number among the events of the aggregate: from 1, without a gap.",
    "ce_generation": (
        "Raised by each restore from a backup, an integer; absent, which means 0, before the first. Compare it before "
        "the sequence: a lower one than yours is of a future that a restore has undone; with a higher one everything "
        "begins again."
    ),
    "ce_organisation": "The organisation that it belongs to.",
    "ce_changeid": "The change that it is part of: all events of one change share it.",
    "ce_causationid": "The event that it reacts to, if any.",
    "ce_actor": "Who did it: `user:`, `client:`, `service:` or `support:` and an id.",
    "ce_requestid": "The HTTP request that it comes from, however many events lie between, if known.",
    "ce_traceparent": "The W3C trace context, if any.",
}
"""The headers of every record: CloudEvents in Kafka's binary mode."""

OPTIONAL_HEADERS = frozenset({"ce_generation", "ce_causationid", "ce_requestid", "ce_traceparent"})


def publishers() -> list[str]:
    """The services that publish events."""
    return list(dict.fromkeys(topic.owner for topic in TOPICS))


def asyncapi(service: str) -> Document:
    """The document of one service, for subscribers: topics, messages, headers and bodies."""
    topics = [topic for topic in TOPICS if topic.owner == service]
    events = [event for event in EVENTS if event.topic in topics]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Carnet {service}: events",
            "version": "1.0.0",
            "description": (
                f"The events that {service} publishes on Kafka: CloudEvents in binary mode, JSON bodies of at "
                f"most {LARGEST_EVENT_BODY // 1024} KB, keyed by aggregate. Types are only ever extended: ignore the "
                "types, the fields and the values that you do not know."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic, events) for topic in topics},
        "operations": {f"publish.{topic.name}": _operation(topic) for topic in topics},
        "components": {
            "messages": {event.__name__: _message(event) for event in events},
            "schemas": {"Headers": _headers(), **_bodies(events)},
        },
    }


def _channel(topic: Topic, events: Sequence[type[Event]]) -> Document:
    made_with = settings_of(topic)
    configuration: Document = {"cleanup.policy": [made_with["cleanup.policy"]]}
    description = "State: each record is the full state of its aggregate, and the highest sequence wins. Compacted."
    if topic.kind == "facts":
        retention_ms = int(made_with["retention.ms"])
        configuration["retention.ms"] = retention_ms
        description = (
            "Facts: every event of an aggregate, in sequence without a gap. "
            f"Kept {timedelta(milliseconds=retention_ms).days} days."
        )
    if topic.personal:
        description += " Carries personal data; a tombstone erases it."
    return {
        "address": topic.name,
        "description": description,
        "messages": {
            event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}
            for event in events
            if event.topic == topic
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": configuration,
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operation(topic: Topic) -> Document:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "summary": f"{topic.owner} publishes what happened, in order per aggregate, at least once.",
    }


def _message(event: type[Event]) -> Document:
    schema = event_schema(event)
    return {
        "name": event.type_name(),
        "title": event.__name__,
        "summary": schema["description"].splitlines()[0],
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": "The id of the aggregate."},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _headers() -> Document:
    return {
        "type": "object",
        "properties": {name: {"type": "string", "description": text} for name, text in HEADERS.items()},
        "required": [name for name in HEADERS if name not in OPTIONAL_HEADERS],
    }


def _bodies(events: Sequence[type[Event]]) -> Document:
    """The bodies and their parts as components, which AsyncAPI refers to by another path than JSON Schema."""
    components: Document = {}
    for event in events:
        schema = event_schema(event)
        parts = schema.pop("$defs", {})
        body = {key: value for key, value in schema.items() if not key.startswith("$")}
        components |= {event.__name__: _as_component(body)} | {name: _as_component(parts[name]) for name in parts}
    return dict(sorted(components.items()))


def _as_component(part: Any) -> Any:
    if isinstance(part, list):
        return [_as_component(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        key: value.replace("#/$defs/", "#/components/schemas/") if key == "$ref" else _as_component(value)
        for key, value in part.items()
        # In AsyncAPI a discriminator is the name of a required field: another thing than OpenAPI's.
        if not (key == "discriminator" and isinstance(value, dict) and "mapping" in value)
    }
