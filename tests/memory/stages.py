"""What of MongoDB's aggregations Carnet uses, for documents in memory. What is not understood raises."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tests.memory.queries import Document, NotSpokenError, in_order, matches, values_at

Documents = list[Document]


def aggregated(documents: Iterable[Document], stages: Sequence[Mapping[str, Any]]) -> Documents:
    """What the stages make of the documents."""
    found = list(documents)
    for stage in stages:
        [(name, asked)] = stage.items()
        if name not in _STAGES:
            raise NotSpokenError(name)
        found = _STAGES[name](found, asked)
    return found


def _with_fields(documents: Documents, fields: Mapping[str, Any]) -> Documents:
    return [{**each, **{name: _value(each, value) for name, value in fields.items()}} for each in documents]


def _unwound(documents: Documents, path: str) -> Documents:
    field = path.removeprefix("$")
    return [{**document, field: item} for document in documents for item in document.get(field) or ()]


def _grouped(documents: Documents, asked: Mapping[str, Any]) -> Documents:
    groups: dict[Any, Documents] = {}
    for document in documents:
        groups.setdefault(_value(document, asked["_id"]), []).append(document)
    return [
        {"_id": key} | {name: _summed(members, how) for name, how in asked.items() if name != "_id"}
        for key, members in groups.items()
    ]


def _summed(members: Documents, how: Mapping[str, Any]) -> Any:
    [(operator, of)] = how.items()
    if operator != "$sum":
        raise NotSpokenError(operator)
    values = [_value(member, of) for member in members]
    return sum(value for value in values if isinstance(value, int))


def _value(document: Document, asked: Any) -> Any:
    if isinstance(asked, str) and asked.startswith("$"):
        return next(iter(values_at(document, asked[1:].split("."))), None)
    if not isinstance(asked, Mapping):
        return asked
    [(operator, operands)] = asked.items()
    if operator not in _EXPRESSIONS:
        raise NotSpokenError(operator)
    return _EXPRESSIONS[operator](*(_value(document, operand) for operand in operands))


_EXPRESSIONS: Mapping[str, Callable[..., Any]] = {
    "$concat": lambda *texts: "".join(texts),
    "$add": lambda *values: sum(values),
    "$subtract": lambda value, less: value - less,
    "$ifNull": lambda value, instead: instead if value is None else value,
    "$substrBytes": lambda text, start, count: text.encode()[start : start + count].decode(),
}
_STAGES: Mapping[str, Callable[[Documents, Any], Documents]] = {
    "$match": lambda documents, query: [document for document in documents if matches(document, query)],
    # Fields that are not wanted may stay: nobody reads them.
    "$project": lambda documents, _: documents,
    "$set": _with_fields,
    "$unwind": _unwound,
    "$group": _grouped,
    "$sort": lambda documents, order: in_order(documents, list(order.items())),
    "$limit": lambda documents, most: documents[:most],
}
