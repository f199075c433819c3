"""The router of a subject, and finding all of them."""

import importlib
import pkgutil
from collections.abc import Iterator

from fastapi import APIRouter

import backoffice

_SHELL = {"web", "apis", "languages", "problems"}


def pages() -> APIRouter:
    """A router of pages: they are no API, so no document describes them."""
    return APIRouter(include_in_schema=False)


def subjects() -> Iterator[APIRouter]:
    """The ``routes`` of each subject: of each folder of the package that has a module of that name."""
    for found in pkgutil.iter_modules(backoffice.__path__):
        if found.ispkg and found.name not in _SHELL:
            yield importlib.import_module(f"backoffice.{found.name}.routes").routes
