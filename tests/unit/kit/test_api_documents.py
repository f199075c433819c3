"""The OpenAPI documents: every route says who may call it and what it refuses."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest

from carnet_operations.documents.publish import openapi
from carnet_operations.services import SERVICES

METHODS = {"get", "post", "put", "delete", "patch"}

document_of = cache(openapi)
"""The document of a service, made once: making one takes a second."""


def operations(service: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document_of(service)["paths"].items():
        for method, operation in methods.items():
            assert method in METHODS
            yield f"{method.upper()} {path}", operation


WITHOUT_A_SHAPE = frozenset(
    {"application/jsonl", "text/csv", "text/html", "text/plain", "application/pdf", "application/octet-stream"}
)
"""Answers that are files."""


@pytest.mark.parametrize("service", SERVICES)
def test_an_api_is_described_without_any_setting(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    described = document_of(service)
    monkeypatch.setenv("CARNET_ROOT_PATH", "/elsewhere")
    monkeypatch.setenv("CARNET_SERVICE", "another")
    assert openapi(service) == described
    assert described["servers"][0]["url"] == f"/{service}"


OPEN = {
    "POST /v1/providers/{provider}/webhooks": ("400", "signed by the provider"),
    "GET /v1/papers/{link}": ("410", "expired"),
    "GET /v1/pack-reminder-links/{link}": ("410", "expired"),
    "GET /v1/late-links/{link}": ("410", "expired"),
    "GET /v1/reminder-links/{link}": ("410", "expired"),
    "POST /v1/reminder-links/{link}": ("410", "expired"),
    "GET /v1/mandate-links/{link}": ("410", "expired"),
    "POST /v1/mandate-links/{link}": ("410", "expired"),
}
"""What needs no token: the provider by its signature may call the one, anyone who has a link the other."""


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_is_described_and_says_who_may_call_it(service: str) -> None:
    found = dict(operations(service))
    assert found
    for name, operation in found.items():
        assert operation.get("summary") or operation.get("description"), name
        if name in OPEN:
            status, words = OPEN[name]
            assert words in operation["responses"][status]["description"]
            continue
        assert operation.get("security"), name
        assert {"401", "403", "404", "409", "422", "500", "503"} <= operation["responses"].keys(), name
        assert "**Who may call it:** staff" in operation["description"], name
        assert isinstance(operation["x-clients"], bool), name


@pytest.mark.parametrize("service", SERVICES)
def test_what_takes_a_body_may_say_that_it_cannot_be_read_or_is_too_large(service: str) -> None:
    for name, operation in operations(service):
        if "requestBody" in operation:
            assert {"400", "413"} <= operation["responses"].keys(), name


@pytest.mark.parametrize("service", SERVICES)
def test_every_body_is_a_type_with_a_name(service: str) -> None:
    document = document_of(service)
    for name, operation in operations(service):
        bodies = [content for content in (operation.get("requestBody"),) if content]
        bodies += [answer for status, answer in operation["responses"].items() if "content" in answer]
        for body in bodies:
            for kind, content in body["content"].items():
                assert kind in WITHOUT_A_SHAPE or "$ref" in content["schema"], (
                    name,
                    content,
                )
    for name, schema in document["components"]["schemas"].items():
        assert name.isidentifier(), name
        assert "_" not in name, f"{name} is the name of no model"
        assert list(written_out(schema)) == [], f"a part of {name} is written out, though it has a name"


@pytest.mark.parametrize("service", SERVICES)
def test_every_field_of_every_body_says_what_it_means(service: str) -> None:
    """Where one fails here: describe the field in its model, or the word in ``carnet.http.vocabulary``."""
    for model, schema in document_of(service)["components"]["schemas"].items():
        for name, part in schema.get("properties", {}).items():
            assert part.get("description", "").endswith((".", "`", ")")), f"{model}.{name} is not described"


@pytest.mark.parametrize("service", SERVICES)
def test_every_body_of_a_request_has_an_example_that_its_schema_takes(service: str) -> None:
    document = document_of(service)
    for name, operation in operations(service):
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            schema = {**content["schema"], "components": document["components"]}
            faults = [
                fault.message for fault in jsonschema.Draft202012Validator(schema).iter_errors(content["example"])
            ]
            assert faults == [], (name, kind, content["example"])


def written_out(part: Any, depth: int = 0) -> Iterator[Any]:
    """The objects with fields that are written out inside others."""
    if isinstance(part, list):
        for each in part:
            yield from written_out(each, depth + 1)
    elif isinstance(part, dict):
        if depth and part.get("type") == "object" and "properties" in part:
            yield part
        for each in part.values():
            yield from written_out(each, depth + 1)


@pytest.mark.parametrize("service", SERVICES)
def test_the_ids_of_operations_are_short(service: str) -> None:
    for name, operation in operations(service):
        assert re.fullmatch(r"[a-z]+(_[a-z]+){1,5}", operation["operationId"]), name


@pytest.mark.parametrize("service", SERVICES)
def test_no_two_operations_have_the_same_id(service: str) -> None:
    ids = [operation["operationId"] for _, operation in operations(service)]
    assert len(ids) == len(set(ids))
