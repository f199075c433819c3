"""The JSON Schema of every published event, made from the code."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from carnet.events import EVENTS, Event
from carnet.events.vocabulary import FIELDS

Document = dict[str, Any]


class _Plain(GenerateJsonSchema):
    """Schemas without a title on every field, which would only repeat the field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 # the signature is pydantic's
        return False


def event_schemas() -> dict[str, Document]:
    """The schema of every event by its type name, in the order of the published language."""
    return {event.type_name(): event_schema(event) for event in EVENTS}


def event_schema(event: type[Event]) -> Document:
    """The schema of an event's body as the records on its topic have it.

    A field with a default may be missing: records published before it was added lack it. The
    personal part is left out where the topic carries none, and a tombstone has no body.
    """
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:carnet:event:{event.type_name()}",
        "x-topic": event.topic.name,
    }
    body = event.model_json_schema(schema_generator=_Plain)
    _describe(event.__name__, body)
    for name, part in body.get("$defs", {}).items():
        _describe(name, part)
    if event.tombstone:
        return {**head, "title": body["title"], "description": body["description"], "type": "null"}
    if not event.topic.personal:
        body.get("properties", {}).pop("personal", None)
    return {**head, **_without_unused(body)}


def _describe(model: str, schema: Document) -> None:
    """Say what each field means that does not say so itself."""
    for name, field in schema.get("properties", {}).items():
        meaning = FIELDS.get(f"{model}.{name}", FIELDS.get(name))
        if "description" not in field and meaning is not None:
            field["description"] = meaning


def _without_unused(body: Document) -> Document:
    """``body`` without the definitions that nothing refers to any more."""
    definitions = body.pop("$defs", {})
    used: set[str] = set()
    waiting = _references(body)
    while waiting:
        name = waiting.pop()
        used.add(name)
        waiting |= _references(definitions[name]) - used
    return {**body, "$defs": {name: definitions[name] for name in sorted(used)}} if used else body


def _references(part: object) -> set[str]:
    """The names of the definitions that ``part`` refers to itself."""
    if isinstance(part, list):
        return set[str]().union(*map(_references, part))
    if not isinstance(part, dict):
        return set()
    own = {part["$ref"].rsplit("/", 1)[1]} if isinstance(part.get("$ref"), str) else set()
    return own.union(*map(_references, part.values()))
