"""What of MongoDB's query and update language Carnet speaks, for documents in memory.

What is not understood raises, so that no test passes on a query that was not carried out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Document = dict[str, Any]
Query = Mapping[str, Any]


class NotSpokenError(NotImplementedError):
    """An operator that is not carried out in memory: add it here, or the test proves nothing."""


def matches(document: Document, query: Query) -> bool:
    """Whether a document is one that ``query`` finds."""
    return all(_matches_one(document, field, wanted) for field, wanted in query.items())


def _matches_one(document: Document, field: str, wanted: Any) -> bool:
    if field == "$and":
        return all(matches(document, part) for part in wanted)
    if field == "$or":
        return any(matches(document, part) for part in wanted)
    if field.startswith("$"):
        raise NotSpokenError(field)
    found = values_at(document, field.split("."))
    if isinstance(wanted, Mapping) and any(key.startswith("$") for key in wanted):
        return all(_holds(operator, found, operand) for operator, operand in wanted.items())
    return _equals(found, wanted)


def values_at(document: Any, path: Sequence[str]) -> list[Any]:
    """The values at a path; arrays on the way are looked into, as MongoDB does."""
    if not path:
        return [document]
    if isinstance(document, list):
        return [value for item in document for value in values_at(item, path)]
    if isinstance(document, Mapping) and path[0] in document:
        return values_at(document[path[0]], path[1:])
    return []


def _flat(found: list[Any]) -> list[Any]:
    return [*found, *(item for value in found if isinstance(value, list) for item in value)]


def _equals(found: list[Any], wanted: Any) -> bool:
    return wanted in _flat(found) if found else wanted is None


def _compared(test: Callable[[Any, Any], bool]) -> Callable[[list[Any], Any], bool]:
    def compared(found: list[Any], wanted: Any) -> bool:
        return any(type(value) is type(wanted) and test(value, wanted) for value in _flat(found))

    return compared


_TYPES: dict[str, type] = {"string": str, "array": list, "object": dict}
_OPERATORS: dict[str, Callable[[list[Any], Any], bool]] = {
    "$eq": _equals,
    "$ne": lambda found, wanted: not _equals(found, wanted),
    "$in": lambda found, wanted: any(_equals(found, each) for each in wanted),
    "$all": lambda found, wanted: bool(wanted) and all(_equals(found, each) for each in wanted),
    "$nin": lambda found, wanted: not any(_equals(found, each) for each in wanted),
    "$exists": lambda found, wanted: bool(found) == bool(wanted),
    "$type": lambda found, wanted: any(isinstance(value, _TYPES[wanted]) for value in found),
    "$gt": _compared(lambda value, wanted: value > wanted),
    "$gte": _compared(lambda value, wanted: value >= wanted),
    "$lt": _compared(lambda value, wanted: value < wanted),
    "$lte": _compared(lambda value, wanted: value <= wanted),
}


def _holds(operator: str, found: list[Any], operand: Any) -> bool:
    if operator == "$not":
        return not all(_holds(inner, found, wanted) for inner, wanted in operand.items())
    if operator not in _OPERATORS:
        raise NotSpokenError(operator)
    return _OPERATORS[operator](found, operand)


def in_order(documents: Iterable[Document], order: Sequence[tuple[str, int]]) -> list[Document]:
    """The documents sorted by these fields; what is missing or none comes first."""
    found = list(documents)
    for field, direction in reversed(order):
        found.sort(key=_by(field.split(".")), reverse=direction < 0)
    return found


def _by(path: Sequence[str]) -> Callable[[Document], tuple[bool, Any]]:
    def key(document: Document) -> tuple[bool, Any]:
        value = next(iter(values_at(document, path)), None)
        return (value is not None, value if value is not None else 0)

    return key


def projected(document: Document, projection: Any) -> Document:
    """The fields of a document that a projection names."""
    if not projection:
        return document
    wanted = {name for name, shown in dict(projection).items() if shown}
    if not wanted:
        return {name: value for name, value in document.items() if name not in projection}
    hidden = {name for name, shown in dict(projection).items() if not shown}
    tops = ({name.split(".")[0] for name in wanted} | {"_id"}) - hidden
    return {name: value for name, value in document.items() if name in tops}


def updated(document: Document, update: Mapping[str, Any], *, inserted: bool = False) -> Document:
    """The document once an update is carried out; ``document`` itself stays as it is."""
    after = _copy(document)
    for operator, fields in update.items():
        if operator == "$setOnInsert" and not inserted:
            continue
        if operator not in _UPDATES:
            raise NotSpokenError(operator)
        for path, value in fields.items():
            _at(after, path.split("."), _UPDATES[operator], value)
    return after


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(inner) for name, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


def _at(document: Any, path: list[str], change: Callable[[dict[str, Any], str, Any], None], value: Any) -> None:
    if any(part.startswith("$") for part in path):
        raise NotSpokenError(".".join(path))
    for part in path[:-1]:
        document = document.setdefault(part, {})
    change(document, path[-1], value)


def _set(document: dict[str, Any], name: str, value: Any) -> None:
    document[name] = _copy(value)


def _unset(document: dict[str, Any], name: str, _: Any) -> None:
    document.pop(name, None)


def _add(document: dict[str, Any], name: str, value: Any) -> None:
    document[name] = document.get(name, 0) + value


def _pull(document: dict[str, Any], name: str, query: Query) -> None:
    document[name] = [item for item in document.get(name, ()) if not matches(item, query)]


_UPDATES: dict[str, Callable[[dict[str, Any], str, Any], None]] = {
    "$set": _set,
    "$setOnInsert": _set,
    "$unset": _unset,
    "$inc": _add,
    "$pull": _pull,
}
