"""Readers that keep what they don't know: values and alternatives that a newer release has added.

While releases change over, a service reads what a newer one has published or saved. Fields that it does not know are
ignored; a value that an enumeration does not have yet is kept as the string that it is, and an alternative of a union
that its discriminator does not name yet is kept raw, as an ``Unknown`` with all its fields. Both are written again as
they were read.

Request bodies are read by ``STRICT``: a client is refused what this release does not know.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, core_schema

STRICT: Mapping[str, bool] = {"strict": True}
"""The context of a validation that refuses what this release does not know."""

_INSIDE = (
    "schema",
    "fields",
    "items_schema",
    "keys_schema",
    "values_schema",
    "choices",
    "json_schema",
    "python_schema",
    "lax_schema",
    "strict_schema",
)
_DELAYED = "pydantic_internal_union_discriminator"
_AS_IT_IS = core_schema.simple_ser_schema("any")


class Unknown(BaseModel):
    """An alternative of a union that this release does not know, with its fields as they were read."""

    model_config = ConfigDict(frozen=True, extra="allow")


def _open(schema: Any) -> None:
    """Replace, in place, every enumeration and discriminated union below a core schema by a tolerant one."""
    for name in _INSIDE:
        inner = schema.get(name)
        if isinstance(inner, list):
            inner[:] = [_opened(one) for one in inner]
        elif name == "fields" and inner is not None:
            inner.update({field: _opened(one) for field, one in inner.items()})
        elif isinstance(inner, dict):
            schema[name] = _opened(inner)


def _opened(schema: Any) -> Any:
    if isinstance(schema, tuple):  # a choice with its label
        return (_opened(schema[0]), *schema[1:])
    kind = schema.get("type")
    if kind in {"model", "dataclass", "definition-ref"}:  # a model of its own
        return schema
    if kind == "literal":
        if len(schema["expected"]) == 1 or not all(isinstance(value, str) for value in schema["expected"]):
            return schema
        return core_schema.with_info_wrap_validator_function(_read_value, schema, serialization=_AS_IT_IS)
    discriminator = schema.get("discriminator") or schema.get("metadata", {}).get(_DELAYED)
    if isinstance(discriminator, str):
        return core_schema.with_info_wrap_validator_function(_read_alternative, schema, serialization=_AS_IT_IS)
    if not (kind == "function-wrap" and schema.get("serialization") is _AS_IT_IS):
        _open(schema)
    return schema


def _read_value(
    value: Any, read: core_schema.ValidatorFunctionWrapHandler, info: core_schema.ValidationInfo[Any]
) -> Any:
    if info.context is STRICT or not isinstance(value, str):
        return read(value)
    try:
        return read(value)
    except ValidationError:
        return value


def _read_alternative(
    value: Any, read: core_schema.ValidatorFunctionWrapHandler, info: core_schema.ValidationInfo[Any]
) -> Any:
    if info.context is STRICT:
        return read(value)
    if isinstance(value, Unknown):
        return value
    try:
        return read(value)
    except ValidationError as error:
        if isinstance(value, dict) and [one["type"] for one in error.errors()] == ["union_tag_invalid"]:
            return Unknown.model_validate(value)
        raise


class Tolerant(BaseModel):
    """A model whose enumerations and unions keep what they don't know.

    Its JSON Schema names the known values only. A literal of one value marks an alternative of a union, and
    stays strict.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        own: Any = handler.resolve_ref_schema(schema)
        while own["type"] != "model":  # the validators of a whole model stand around it
            own = own["schema"]
        _open(own)
        return schema
