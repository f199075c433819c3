"""Examples of request bodies in the OpenAPI documents: made from the schemas, with values that people would send."""

from collections.abc import Mapping
from typing import Any

VALUES: Mapping[str, Any] = {
    "first_name": "Camille",
    "last_name": "Morel",
    "email": "camille.morel@famille.example",
    "support_email": "bureau@ecole.example",
    "time_zone": "Europe/Paris",
    "currency": "EUR",
    "amount": 30000,
    "count": 3,
    "price": {"amount": 30000, "currency": "EUR"},
    "number": "706000",
    "total": {"amount": 30000, "currency": "EUR"},
    "vat_rate": 2000,
    "rate": 1000,
    "starts": "17:30",
    "ends": "18:30",
    "reason": "Agreed by telephone",
    "bank": "Banque du Nord",
    "holder": "Camille Morel",
    "iban": "FR76 3000 6000 0112 3456 7890 189",
    "creditor": "FR72ZZZ123456",
    "token": "tok_success",
    "provider": "sandbox",
    "code": "7K3M-Q2XA-V9TB-4HDN-C6RX",
    "subject": "Thank you, {{ client.first_name }}",
    "body": "# Thank you\n\nWe have received your payment.",
}
"""By the name of the field; the others take one from what their schema allows."""

SHOWN = frozenset({"add", "email", "members", "formats", "tariffs"})
"""Fields that an example has though they may be left out."""

ID = "01900000-0000-7000-8000-000000000003"


def body_example(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    """A value that ``schema`` takes: required fields, and the ones of ``SHOWN``."""
    schema = _chosen(schema, components)
    match schema.get("type"):
        case _ if "const" in schema or "enum" in schema:
            return schema["const"] if "const" in schema else schema["enum"][0]
        case "object":
            return _object(schema, components)
        case "array":
            return [body_example(schema["items"], components)]
        case "boolean":
            return schema.get("default", True)
        case "integer":
            return int(schema.get("minimum", 1))
    return _text(schema)


def _chosen(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself: the one referred to, the first of several."""
    while True:
        several = next((schema[name] for name in ("oneOf", "anyOf", "allOf") if name in schema), None)
        if "$ref" in schema:
            schema = components[schema["$ref"].rsplit("/", 1)[1]]
        elif several is not None:
            schema = several[0]
        else:
            return schema


def _object(schema: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    if schema.get("examples"):
        return dict(schema["examples"][0])
    wanted = {*schema.get("required", ()), *SHOWN}
    return {
        name: VALUES[name] if name in VALUES and _takes(field, VALUES[name]) else body_example(field, components)
        for name, field in schema.get("properties", {}).items()
        if name in wanted or "const" in field
    }


def _takes(field: Mapping[str, Any], value: Any) -> bool:
    """Whether the value is of the field's kind: a free text, a number, an amount of money."""
    kinds = {field.get("type"), *(each.get("type") for each in field.get("anyOf", ()))}
    kind = {str: "string", int: "integer", dict: None}[type(value)]
    return kind in kinds and "enum" not in field


def _text(schema: Mapping[str, Any]) -> str:
    if schema.get("examples"):
        return str(schema["examples"][0])
    if "[0-9a-f]" in schema.get("pattern", ""):
        return ID
    match schema.get("format"):
        case "date":
            return "2027-09-05"
        case "date-time":
            return "2027-09-05T09:00:00Z"
        case "time":
            return "17:30"
    return "Jazz"


def show_examples(document: Mapping[str, Any]) -> None:
    """Give every request body of an OpenAPI document an example."""
    components = document["components"]["schemas"]
    for path in document["paths"].values():
        for operation in path.values():
            content = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            for body in content.values():
                body.setdefault("example", body_example(body["schema"], components))
