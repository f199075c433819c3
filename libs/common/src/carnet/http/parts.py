"""A part of an event as a part of a request: amounts as money, bounds where it has none, and no field defined twice.

What one service publishes and another one is asked about is defined once, as the part of the events. The body of the
question is made from it, so a new field of the part is one of the body too. A field with its default value is left out
of a question: an older release refuses a field that it does not know, and rightly, since it would answer without regard
to it.
"""

from collections.abc import Callable, Container, Mapping
from datetime import date
from types import GenericAlias
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from carnet.dates import Day
from carnet.events.base import Part
from carnet.http.bodies import Body, MoneyIn
from carnet.money import Amount, PositiveAmount
from carnet.organisations import amount_in

B = TypeVar("B", bound=Body)
P = TypeVar("P", bound=Part)


def with_fields_of(
    part: type[Part],
    *,
    without: Container[str] = (),
    nested: Mapping[str, type[Body]] = {},
    bounds: Mapping[str, Any] = {},
) -> Callable[[type[B]], type[B]]:
    """Give a body the fields of ``part``, ``without`` some.

    ``nested`` has the bodies of the parts of which it has lists, ``bounds`` a ``Field`` with the limits of what has
    none in the part.
    """
    hints = get_type_hints(part, include_extras=True)
    fields: dict[str, Any] = {}
    for field, known in part.model_fields.items():
        if field in without:
            continue
        kind: Any = GenericAlias(tuple, (nested[field], ...)) if field in nested else _asked_as(hints[field], known)
        optional_amount = _is_amount(hints[field]) and not known.is_required()
        default: Any = None if optional_amount else known.default
        limited = Annotated[kind, bounds[field]] if field in bounds else kind
        fields[field] = (limited, Field(default=default, description=_described(known)))

    def give(body: type[B]) -> type[B]:
        return create_model(body.__name__, __base__=body, __module__=body.__module__, __doc__=body.__doc__, **fields)

    return give


def part_of(body: Body, part: type[P], currency: str, **given: Any) -> P:
    """The part of this body, with what is ``given`` beside it; of its lists without what brings nothing.

    Raises:
        Refusal: an amount is in another currency.
    """
    hints = get_type_hints(part, include_extras=True)
    values: dict[str, Any] = dict(given)
    for field in type(body).model_fields.keys() & part.model_fields.keys():
        value = getattr(body, field)
        if _is_amount(hints[field]):
            if value is None:
                continue
            value = amount_in(value, currency)
        elif get_origin(hints[field]) is tuple:
            of = get_args(hints[field])[0]
            value = tuple(part_of(each, of, currency) for each in value if _brings_something(each, of))
        values[field] = value
    return part(**values)


def asked_of(part: Part, currency: str, *, without: Container[str] = ()) -> dict[str, Any]:
    """The part as JSON that asks about it, ``without`` some fields and what is as by default."""
    hints = get_type_hints(type(part), include_extras=True)
    asked: dict[str, Any] = {}
    for field, known in type(part).model_fields.items():
        value = getattr(part, field)
        if field in without or (not known.is_required() and value == known.default):
            continue
        if _is_amount(hints[field]):
            asked[field] = {"amount": value, "currency": currency}
        elif get_origin(hints[field]) is tuple:
            asked[field] = [asked_of(each, currency) for each in value]
        else:
            asked[field] = value.isoformat() if isinstance(value, date) else value
    return asked


def _brings_something(body: Body, part: type[Part]) -> bool:
    """Whether all amounts that have to be above zero are."""
    hints = get_type_hints(part, include_extras=True)
    return all(getattr(body, field).amount for field in type(body).model_fields if hints[field] is PositiveAmount)


def _is_amount(hint: Any) -> bool:
    return hint is Amount or hint is PositiveAmount


def _asked_as(hint: Any, field: FieldInfo) -> Any:
    if _is_amount(hint):
        return MoneyIn if field.is_required() else MoneyIn | None
    return Day if hint is date else hint


def _described(field: FieldInfo) -> str | None:
    """The description of a field of an event, in the markup of the API's documents."""
    return field.description and " ".join(field.description.split()).replace("``", "`")
