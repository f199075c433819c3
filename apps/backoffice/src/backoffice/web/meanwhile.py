"""What somebody else changed while a form was filled in: said field by field, so that it can be decided anew."""

from collections.abc import Mapping
from dataclasses import dataclass

from backoffice.apis import Problem

STALE = 412


@dataclass(frozen=True, slots=True)
class Difference:
    """A field whose saved value is not the one in the form; both as they are shown."""

    label: str
    saved: str
    entered: str


def is_stale(fault: Exception) -> bool:
    """Whether a change was refused because what it changes has moved since it was read (If-Match)."""
    return isinstance(fault, Problem) and fault.status == STALE


def differences(saved: Mapping[str, str], entered: Mapping[str, str]) -> list[Difference]:
    """The values that differ, by their labels, in the order of the form."""
    labels = [*entered, *(label for label in saved if label not in entered)]
    pairs = [(label, saved.get(label, ""), entered.get(label, "")) for label in labels]
    return [Difference(*each) for each in pairs if each[1] != each[2]]
