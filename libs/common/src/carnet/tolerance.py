"""Readers that keep what they don't know: fields, values and alternatives that a newer release has added.

While releases change over, a service reads what a newer one has published or saved. An unknown field
stays with its part, also in every copy of the part. An unknown value of an enumeration is kept as a string. An unknown
alternative of a union is kept raw, as an ``Unknown`` with all its fields. All are written again as they were read.

A part that is made anew, instead of copied, has no such fields: ``keeping`` takes them over from the part that it
replaces, and ``stripped`` leaves them out, since what is erased may be among them (ORG-4).

Request bodies are read by ``STRICT``: a client is refused what this release does not know.
"""

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
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
M = TypeVar("M", bound=BaseModel)
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


class _Open:
    """Marks an enumeration in a model that is not tolerant: an unknown value of it is kept as a string."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        opened: CoreSchema = _opened(handler(source))
        return opened


OPEN = _Open()
"""``Annotated[Status, OPEN]``, in a body that also shows what is kept; in a request unknown values are refused."""


def _forget_computed(part: M) -> M:
    """Drop what was written of computed fields: it is computed again, and no field of a newer release."""
    for name in type(part).__pydantic_decorators__.computed_fields:
        if part.model_extra:
            part.model_extra.pop(name, None)
    return part


class Tolerant(BaseModel):
    """A frozen model that keeps fields, values of enumerations and alternatives of unions that it doesn't know.

    Its JSON Schema names the known fields and values only. A literal of one value marks an alternative of a union, and
    stays strict. Its validator is made when it is first used: no process needs those of all events and states.
    """

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """The same with these fields changed, as pydantic copies, but in a third of the time: decisions copy a lot."""
        fields = {**self.__dict__, **(update or {})}
        if deep or len(fields) > len(self.__dict__):  # what is no field of it is an unknown one, which pydantic places
            return super().model_copy(update=update, deep=deep)
        copied = object.__new__(type(self))
        object.__setattr__(copied, "__dict__", fields)
        unknown, named = self.__pydantic_extra__, self.__pydantic_fields_set__
        object.__setattr__(copied, "__pydantic_extra__", dict(unknown) if unknown else {})
        object.__setattr__(copied, "__pydantic_fields_set__", named.union(update) if update else set(named))
        object.__setattr__(copied, "__pydantic_private__", None)
        return copied

    def keeping(self, before: "Tolerant | None") -> Self:
        """This part with the unknown fields of the part of the same type that it replaces; its own go first."""
        if before is None or type(before) is not type(self):
            return self
        unknown = {**(before.model_extra or {}), **(self.model_extra or {})}
        return self.model_copy(update=unknown) if unknown else self

    def stripped(self) -> Self:
        """This part without the fields that this release doesn't know; the parts within it stay as they are."""
        bare = self.model_copy()
        if bare.model_extra:
            bare.model_extra.clear()
        return bare

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        own: Any = handler.resolve_ref_schema(schema)
        while own["type"] != "model":  # the validators of a whole model are around it
            own = own["schema"]
        _open(own)
        if cls.__pydantic_decorators__.computed_fields:
            return core_schema.no_info_after_validator_function(_forget_computed, schema)
        return schema

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made = handler(schema)
        handler.resolve_ref_schema(made).pop("additionalProperties", None)
        return made
