"""What each kind of product has of its own, a module per kind, found by its name: there is no list to extend.

A module has ``PART``: what the kind is for, and its fields in the ``details`` of the product. What a kind is called is
in ``backoffice.contracts.purchases.KINDS``.
"""

import importlib
import pkgutil
from collections.abc import Mapping

from backoffice.catalogue.kinds.fields import Field, Known, Part


def _found() -> dict[str, Part]:
    names = [found.name for found in pkgutil.iter_modules(__path__) if found.name not in {"fields", "occurrences"}]
    parts = [importlib.import_module(f"{__name__}.{name}").PART for name in names]
    return {part.kind: part for part in sorted(parts, key=lambda part: part.place)}


PARTS: Mapping[str, Part] = _found()
"""By kind, in the order in which they are offered."""

__all__ = ["PARTS", "Field", "Known", "Part"]
