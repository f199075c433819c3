"""The OpenAPI documents: every route says who may call it and what it refuses."""

from collections.abc import Iterator
from typing import Any

import pytest

from carnet_operations.documents.publish import openapi
from carnet_operations.services import SERVICES

METHODS = {"get", "post", "put", "delete", "patch"}


def operations(service: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in openapi(service)["paths"].items():
        for method, operation in methods.items():
            assert method in METHODS
            yield f"{method.upper()} {path}", operation


@pytest.mark.parametrize("service", SERVICES)
def test_an_api_is_described_without_any_setting(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    described = openapi(service)
    monkeypatch.setenv("CARNET_ROOT_PATH", "/elsewhere")
    monkeypatch.setenv("CARNET_SERVICE", "another")
    assert openapi(service) == described
    assert described["servers"][0]["url"] == f"/{service}"


WEBHOOKS = "POST /v1/providers/{provider}/webhooks"
"""What whoever signs as the provider may call, and nobody else: with no token."""


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_is_described_and_says_who_may_call_it(service: str) -> None:
    found = dict(operations(service))
    assert found
    for name, operation in found.items():
        assert operation.get("summary") or operation.get("description"), name
        if name == WEBHOOKS:
            assert "signed by the provider" in operation["responses"]["400"]["description"]
            continue
        assert operation.get("security"), name
        assert {"401", "403"} <= operation["responses"].keys(), name


@pytest.mark.parametrize("service", SERVICES)
def test_no_two_operations_have_the_same_id(service: str) -> None:
    ids = [operation["operationId"] for _, operation in operations(service)]
    assert len(ids) == len(set(ids))
