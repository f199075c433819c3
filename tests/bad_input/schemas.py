"""Wrong values that a schema of OpenAPI excludes, each by one of its terms: type, bound, choices, form."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.bad_input.routes import Json

FORMS = {
    "date": ("2027-02-30", "31/12/2027", "tomorrow"),
    "date-time": ("2027-02-30T00:00:00Z", "2027-09-01T09:00:00", "tomorrow"),
}
"""Texts that are not of a format."""

OF_ANOTHER_TYPE: dict[str, tuple[Any, ...]] = {
    "string": (12, True, ["x"], {"text": "x"}),
    "integer": ("1", 1.5, True, ["x"]),
    "boolean": ("yes", 1, ["x"]),
    "array": ("x", 12, {"0": "x"}),
    "object": ("x", 12, ["x"]),
}


def choices_of(schema: Json) -> list[Json]:
    """The alternatives of a schema, without null."""
    alternatives = schema.get("anyOf") or schema.get("oneOf") or [schema]
    flat = [choice for each in alternatives for choice in (choices_of(each) if each is not schema else [each])]
    return [each for each in flat if each.get("type") != "null"]


def takes_null(schema: Json) -> bool:
    """Whether null is a value of it."""
    return any(each.get("type") == "null" for each in schema.get("anyOf", ()))


def wrong_values(schema: Json) -> Iterator[tuple[str, Any]]:
    """Values that are none of the schema's, by what is wrong with each."""
    choices = choices_of(schema)
    if not takes_null(schema) and any("type" in choice for choice in choices):
        yield "null", None
    types = {choice.get("type") for choice in choices}
    if len(types) > 1 or None in types:
        return
    [kind] = types
    for other in OF_ANOTHER_TYPE.get(str(kind), ()):
        yield f"{type(other).__name__} for {kind}", other
    if len(choices) == 1:
        yield from _beyond(choices[0])


def wrong_texts(schema: Json) -> Iterator[tuple[str, str]]:
    """The same for a parameter, whose values are texts."""
    for choice in choices_of(schema):
        kind = choice.get("type")
        if kind in ("integer", "boolean"):
            yield "words", "nonsense"
        if kind == "integer":
            yield "a fraction", "1.5"
        for what, value in _beyond(choice):
            yield what, str(value)


def _beyond(schema: Json) -> Iterator[tuple[str, Any]]:
    """Values of the right type that its terms exclude."""
    if "enum" in schema:
        yield "no choice", "nonsense"
    for term, what, made in _TERMS.get(str(schema.get("type")), ()):
        if term in schema:
            for value in made(schema[term]):
                yield what, value


_TERMS: dict[str, tuple[tuple[str, str, Callable[[Any], tuple[Any, ...]]], ...]] = {
    "integer": (
        ("minimum", "too small", lambda least: (least - 1,)),
        ("exclusiveMinimum", "too small", lambda below: (below,)),
        ("maximum", "too large", lambda most: (most + 1,)),
    ),
    "string": (
        ("maxLength", "too long", lambda most: ("x" * (most + 1),)),
        ("minLength", "too short", lambda least: ("x" * (least - 1),) if least else ()),
        (
            "pattern",
            "not of its pattern",
            lambda pattern: tuple(t for t in ("?", "? ?") if not re.search(pattern, t))[:1],
        ),
        ("format", "not of its format", lambda form: FORMS.get(form, ())),
    ),
    "array": (
        ("maxItems", "too many", lambda most: ([None] * (most + 1),)),
        ("minItems", "too few", lambda least: ([],) if least else ()),
    ),
}


def along(schema: Json, value: Any, where: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """The schema of each part of a value that is right: of objects also the fields that it leaves out."""
    yield where, schema
    for choice in choices_of(schema):
        if isinstance(value, dict) and choice.get("type") == "object" and _is_of(choice, value):
            for name, inner in choice.get("properties", {}).items():
                if "const" in inner:
                    continue  # it says which of the alternatives is meant
                yield from along(inner, value.get(name), (*where, name))
        if isinstance(value, list) and choice.get("type") == "array" and value:
            yield from along(choice.get("items", {}), value[0], (*where, 0))


def lacking(schema: Json, value: Any, where: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The fields that each object in a value that is right must have, with its place; but for what names its kind."""
    for choice in choices_of(schema):
        if isinstance(value, dict) and choice.get("type") == "object" and _is_of(choice, value):
            for name in choice.get("required", ()):
                if "const" not in choice["properties"][name]:
                    yield where, name
            for name, inner in choice.get("properties", {}).items():
                yield from lacking(inner, value.get(name), (*where, name))
        if isinstance(value, list) and choice.get("type") == "array" and value:
            yield from lacking(choice.get("items", {}), value[0], (*where, 0))


def _is_of(choice: Json, value: Json) -> bool:
    """Whether an object is of this alternative: it has its constants, and no field that it does not know."""
    properties = choice.get("properties", {})
    if not set(value) <= set(properties):
        return False
    return all(
        value.get(name, inner["const"]) == inner["const"] for name, inner in properties.items() if "const" in inner
    )
