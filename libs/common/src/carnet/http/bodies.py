"""Request bodies: read once, as strict JSON, and refused field by field."""

import warnings
from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidatorFunctionWrapHandler
from pydantic.warnings import UnsupportedFieldAttributeWarning
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from carnet.http.problems import ProblemError
from carnet.money import Amount, Money, PositiveAmount
from carnet.tolerance import STRICT

# FastAPI ignores it while it declares a body, whose validator is made later now.
warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)

MOST_ERRORS = 20


class RawJson(bytes):
    """A body that was sent as JSON and not yet read."""


class Body(BaseModel):
    """A request body, or a part of one.

    It is read as strict JSON: an integer is no float, no string and no boolean, a date is
    ``YYYY-MM-DD``. Fields that it does not know are refused, in every model inside it too. A
    route takes one body, which is one such model; alternatives go in a field of it.
    """

    # Made late in every process, also where the API's document is written: it would have other words for some fields.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        # JSON is read as it is: a validator around the model would first turn it into Python values, of which
        # strict wants dates rather than texts.
        schema = handler(source)
        return core_schema.json_or_python_schema(
            json_schema=schema,
            python_schema=core_schema.no_info_wrap_validator_function(cls._from_request, schema),
        )

    @classmethod
    def _from_request(cls, value: Any, read: ValidatorFunctionWrapHandler) -> Any:
        if not isinstance(value, bytes):
            return read(value)
        if not isinstance(value, RawJson):
            raise PydanticCustomError("not_json", "Send the body as JSON, with Content-Type: application/json")
        return cls.model_validate_json(value, strict=True, extra="forbid", context=STRICT)


class MoneyIn(Money):
    """An amount of minor units, zero or more, in the organisation's currency (``organisations.amount_in``)."""

    amount: Amount


class PositiveMoneyIn(Money):
    """An amount of minor units above zero, in the organisation's currency (``organisations.amount_in``)."""

    amount: PositiveAmount


def problem_of_fields(error: RequestValidationError) -> ProblemError:
    """The problem that says, field by field, what is wrong with a request, and never what it held."""
    found = error.errors()
    unreadable = next((one for one in found if one["type"] in {"json_invalid", "not_json"}), None)
    if unreadable is not None:
        return ProblemError(
            400, "not-json", f"The body can't be read: {unreadable['msg']}. Send it as JSON (application/json)."
        )
    errors = [
        {"field": _path(one["loc"][1:]), "place": str(one["loc"][0]), "problem": _sentence(one)}
        for one in found[:MOST_ERRORS]
    ]
    first = errors[0]
    more = f" And {len(found) - 1} more, listed in 'errors'." if len(found) > 1 else ""
    where = f"{first['place']} field {first['field']}" if first["field"] else first["place"]
    return ProblemError(422, "request-invalid", f"The {where}: {first['problem']}.{more}", errors=errors)


def _path(location: tuple[int | str, ...]) -> str:
    """``lines[0].price.amount``."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part[:80]}" if path else part[:80]
    return path


_SENTENCES = {
    "missing": "it is missing, add it",
    "extra_forbidden": "there is no such field here, remove it",
    "int_type": "write a whole number, such as 30000, without quotes and without a decimal point",
    "int_from_float": "write a whole number, such as 30000, without quotes and without a decimal point",
    "int_parsing": "write a whole number, such as 30000, without quotes and without a decimal point",
    "int_parsing_size": "the number is too large",
    "bool_type": "write true or false, without quotes",
    "string_type": "write a text, in quotes",
    "date_type": "write a date as YYYY-MM-DD, in quotes",
    "date_parsing": "write a date that exists as YYYY-MM-DD",
    "date_from_datetime_parsing": "write a date that exists as YYYY-MM-DD",
    "date_from_datetime_inexact": "write a date without a time, as YYYY-MM-DD",
    "datetime_type": "write an instant with its zone, such as 2027-01-31T09:00:00Z",
    "datetime_parsing": "write an instant with its zone, such as 2027-01-31T09:00:00Z",
    "datetime_from_date_parsing": "write an instant with its zone, such as 2027-01-31T09:00:00Z",
    "timezone_aware": "write an instant with its zone, such as 2027-01-31T09:00:00Z",
    "model_type": "write an object, in braces",
    "model_attributes_type": "write an object, in braces",
    "dict_type": "write an object, in braces",
    "list_type": "write a list, in brackets",
    "tuple_type": "write a list, in brackets",
    "union_tag_not_found": "it lacks the field {discriminator}, which says which kind it is",
    "union_tag_invalid": "its {discriminator} is to be one of {expected_tags}",
    "greater_than": "it is to be above {gt}",
    "greater_than_equal": "it is to be {ge} at least",
    "less_than": "it is to be below {lt}",
    "less_than_equal": "it is to be {le} at most",
    "literal_error": "write one of {expected}",
    "enum": "write one of {expected}",
}
_ID_PATTERN = "[0-9a-f]{8}-"


def _sentence(error: Mapping[str, Any]) -> str:
    context: Mapping[str, Any] = error.get("ctx") or {}
    kind = error["type"]
    if kind == "string_pattern_mismatch" and _ID_PATTERN in str(context.get("pattern")):
        return "write an id, which is a UUID in lower case"
    if kind in _SENTENCES:
        return _SENTENCES[kind].format_map({name: str(value) for name, value in context.items()})
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ").rstrip(".")
    return message[:1].lower() + message[1:]
