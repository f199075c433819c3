"""The variables of a kind of mail, described for the authors of templates."""

from dataclasses import is_dataclass
from datetime import date
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from notifications.mails import MAILS, Kind
from notifications.templates.values import Sum, surely

Sort = Literal["text", "amount", "date", "yes or no", "group", "list"]


class Variable(BaseModel):
    """A variable or a part of one. The parts of a list are those of each of its elements."""

    name: str
    sort: Sort
    parts: list["Variable"] = []


def variables_of(kind: Kind) -> list[Variable]:
    """The variables that a template of that kind may use."""
    return _parts(MAILS[kind].view)


def _parts(owner: type) -> list[Variable]:
    return [_variable(name, surely(hint)) for name, hint in get_type_hints(owner).items()]


def _variable(name: str, hint: Any) -> Variable:
    if get_origin(hint) is tuple:
        return Variable(name=name, sort="list", parts=_parts(get_args(hint)[0]))
    if hint is Sum:
        return Variable(name=name, sort="amount")
    if is_dataclass(hint) and isinstance(hint, type):
        return Variable(name=name, sort="group", parts=_parts(hint))
    return Variable(name=name, sort="date" if hint is date else "yes or no" if hint is bool else "text")
