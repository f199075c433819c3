"""Records as a newer release would publish them, made from the event types themselves so that no field is forgotten."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from carnet.events.base import Event
from carnet.ids import Id, new_id
from carnet.money import Currency

NEWER = "of_a_newer_release"
"""A value, a kind and a field that this release does not know."""

Json = dict[str, Any]
Path = tuple[str | int, ...]

_TEXTS = {"time_zone": "Europe/Paris", "starts": "10:00", "ends": "11:00", "email": "anna@example.org"}
_TEXTS |= {"course": "harmony-1", "language": "fr"}
_TEXTS["support_email"] = _TEXTS["email"]
_SAME_AS = {"owner": "id", "recipient": "id"}
"""The owner of an account, and whom a voucher is given to, are among its members."""


@dataclass(frozen=True)
class Place:
    """Where a body can hold what this release does not know: an enumeration, a union's alternative, an object."""

    path: Path
    what: Literal["value", "alternative", "field"]


class Sample:
    """Bodies of events, with the same id wherever a field of that name is, and all places in them that can grow."""

    def __init__(self, *, without: Collection[str] = ()) -> None:
        self.ids: dict[str, str] = {}
        self._without = without
        """The fields that are left out, since the story has something else instead."""

    def body(self, event: type[Event]) -> tuple[Json, list[Place]]:
        """A body with every field, optional ones too, and where it can grow."""
        places: list[Place] = []
        return self._object(event, (), places), places

    def older(self, event: type[Event]) -> Json:
        """The body without any field that has a default."""
        body, _ = self.body(event)
        return {name: body[name] for name, field in event.model_fields.items() if field.is_required()}

    def id_of(self, name: str) -> str:
        """The id in every field of this name."""
        return self.ids.setdefault(_SAME_AS.get(name, name), new_id())

    def _object(self, model: type[BaseModel], path: Path, places: list[Place]) -> Json:
        places.append(Place(path, "field"))
        hints = get_type_hints(model, include_extras=True)
        return {
            name: self._value(hints[name], (*path, name), places)
            for name in model.model_fields
            if name not in self._without
        }

    def _value(self, hint: Any, path: Path, places: list[Place]) -> Any:  # noqa: C901, PLR0911 # one for each kind of type
        origin, arguments = get_origin(hint), get_args(hint)
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            return self._object(hint, path, places)
        if hint == Id:
            return self.id_of(str(next(part for part in reversed(path) if isinstance(part, str))))
        if hint == Currency:
            return "EUR"
        if origin is Annotated:
            if any(getattr(extra, "discriminator", None) for extra in arguments[1:]):
                places.append(Place(path, "alternative"))
            return self._value(arguments[0], path, places)
        if origin is Literal:
            if len(arguments) > 1:
                places.append(Place(path, "value"))
            return arguments[0]
        if origin in {Union, UnionType}:
            return self._value(next(one for one in arguments if one is not NoneType), path, places)
        if origin is dict:
            return {"some": 1}
        if origin is tuple:
            return [self._value(arguments[0], (*path, 0), places)]
        simple: dict[Any, Any] = {int: 1, bool: False, date: "2027-01-05", datetime: "2027-01-05T10:00:00Z"}
        return simple[hint] if hint in simple else _TEXTS.get(str(path[-1]), "a text")


def grown(body: Json, place: Place) -> Json:
    """The body with something newer in one place."""
    if place.what == "field":
        return _with(body, (*place.path, NEWER), {"some": ["thing", 1]})
    newer = NEWER if place.what == "value" else {"kind": NEWER, "start": NEWER, "some": [1, {"thing": None}]}
    return _with(body, place.path, newer)


def at(body: Any, path: Path) -> Any:
    """What a body holds in a place."""
    for part in path:
        body = body[part]
    return body


def _with(body: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(body, list):
        return [_with(each, rest, value) if index == first else each for index, each in enumerate(body)]
    return {**body, first: _with(body.get(first, {}), rest, value)}
