"""The documents of the events say what is really published."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from carnet.envelope import Envelope
from carnet.events import BY_TYPE, EVENTS, TOPICS
from carnet.events.contracts import ProductAdded
from carnet.ids import new_id
from carnet.tolerance import STRICT
from carnet_operations.documents.asyncapi import HEADERS, OPTIONAL_HEADERS, asyncapi, publishers
from carnet_operations.documents.event_schemas import event_schema, event_schemas
from tests.records import to_record


def headers(**optional: Any) -> set[str]:
    envelope = Envelope(
        id=new_id(),
        type="carnet.payments.ContractPaid.v1",
        aggregate=new_id(),
        sequence=1,
        organisation=new_id(),
        time=datetime(2027, 1, 1, tzinfo=UTC),
        change=new_id(),
        actor="user:anna",
        **optional,
    )
    return {name for name, _ in to_record(envelope, b"{}")[2]}


def test_the_documented_headers_are_those_of_a_record() -> None:
    assert headers() == HEADERS.keys() - OPTIONAL_HEADERS
    optional = {"causation": new_id(), "request": new_id(), "traceparent": "00-1-2-01", "generation": 1}
    assert headers(**optional) == HEADERS.keys()


def test_every_event_has_a_schema_and_is_documented_by_its_owner_alone() -> None:
    assert event_schemas().keys() == BY_TYPE.keys()
    documented = [
        message["name"] for service in publishers() for message in asyncapi(service)["components"]["messages"].values()
    ]
    assert sorted(documented) == sorted(BY_TYPE)
    channels = [name for service in publishers() for name in asyncapi(service)["channels"]]
    assert sorted(channels) == sorted(topic.name for topic in TOPICS)


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for item in part:
            yield from references(item)


@pytest.mark.parametrize("service", publishers())
def test_every_reference_of_an_asyncapi_document_leads_somewhere(service: str) -> None:
    document = asyncapi(service)
    for reference in references(document):
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
        assert part


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_every_published_field_and_event_is_described(event: Any) -> None:
    schema = event_schema(event)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["description"]
    assert all(part.get("description") for part in schema.get("$defs", {}).values())


def body(**changes: Any) -> dict[str, Any]:
    purchase = {
        "line": new_id(),
        "product": new_id(),
        "kind": "client_credit",
        "name": "Credit of 50 euros",
        "price": 5000,
        "vat_rate": 0,
        "bought_on": "2027-01-01",
        "details": {"kind": "client_credit", "value": 5000},
    }
    return {
        "contract": new_id(),
        "account": new_id(),
        "currency": "EUR",
        "effective_on": "2027-01-01",
        "purchase": purchase | changes,
    }


def test_a_record_of_a_later_release_still_fits_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(event_schema(ProductAdded))
    validator.validate(ProductAdded.model_validate(body()).model_dump(mode="json"))
    validator.validate(body() | {"added_later": 1})


@pytest.mark.parametrize(
    "changes", [{"price": 50.5}, {"price": -1}, {"line": "1"}, {"details": {"kind": "course"}, "kind": "x"}]
)
def test_the_schema_refuses_what_the_code_refuses(changes: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(event_schema(ProductAdded)).validate(body(**changes))
    with pytest.raises(ValueError, match="validation error"):
        ProductAdded.model_validate(body(**changes), context=STRICT)


def test_every_field_of_every_event_says_what_it_means() -> None:
    silent = {
        f"{model}.{field}"
        for event in EVENTS
        for schema in [event_schema(event)]
        for model, part in [(event.__name__, schema), *schema.get("$defs", {}).items()]
        for field, described in part.get("properties", {}).items()
        if "description" not in described
    }
    assert silent == set()
