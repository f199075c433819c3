"""The routes of a suite as its OpenAPI documents list them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from carnet_operations.services import SERVICES

Json = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True)
class Route:
    """One operation behind the front address."""

    service: str
    method: str
    path: str
    """The template within the service: ``/v1/products/{product}``."""
    operation: Mapping[str, Any]

    @property
    def name(self) -> str:
        """How its case is called: ``POST /catalog/v1/products``."""
        return f"{self.method} /{self.service}{self.path}"

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes of which its token must carry one."""
        return frozenset(scope for each in self.operation["security"] for scope in each["token"])

    def parameters(self, place: str) -> dict[str, Json]:
        """Its parameters in the path, the query or the headers: their schemas by name."""
        return {each["name"]: each["schema"] for each in self.operation.get("parameters", ()) if each["in"] == place}

    @property
    def body(self) -> Json | None:
        """The schema of its body."""
        content = self.operation.get("requestBody", {}).get("content", {})
        schema: Json | None = content.get("application/json", {}).get("schema")
        return schema

    @property
    def keyed(self) -> bool:
        """Whether it takes an Idempotency-Key, and a POST must have one."""
        return "Idempotency-Key" in self.parameters("header")

    @property
    def matched(self) -> bool:
        """Whether it asks for If-Match."""
        return "If-Match" in self.parameters("header")


async def routes_of(client: httpx.AsyncClient) -> tuple[list[Route], list[str]]:
    """Every documented operation that asks for a token, and the names of those that ask for none."""
    found: list[Route] = []
    for service in SERVICES:
        document: Json = (await client.get(f"/{service}/openapi.json")).raise_for_status().json()
        for path, item in document["paths"].items():
            found += [
                Route(service, method.upper(), path, _resolved(operation, document))
                for method, operation in item.items()
                if method in METHODS
            ]
    guarded = [route for route in found if "security" in route.operation]
    return guarded, [route.name for route in found if "security" not in route.operation]


def _resolved(part: Any, document: Json, depth: int = 0) -> Any:
    """The part of a document with its references followed; the bodies are not recursive, and no deeper than this."""
    if depth > 20:
        return part
    if isinstance(part, Mapping):
        if "$ref" in part:
            target: Any = document
            for name in str(part["$ref"]).removeprefix("#/").split("/"):
                target = target[name]
            return _resolved(target, document, depth + 1)
        return {name: _resolved(value, document, depth + 1) for name, value in part.items()}
    if isinstance(part, Sequence) and not isinstance(part, str):
        return [_resolved(value, document, depth + 1) for value in part]
    return part
