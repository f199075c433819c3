"""Names in the OpenAPI document: every body is a component of its own, so that generated clients have a type for it."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.routing import BaseRoute

_COMPONENTS = "#/components/schemas/"


def name_bodies(document: dict[str, Any], routes: Iterable[BaseRoute]) -> None:
    """Refer to components where a body, or a part of one, is written out.

    FastAPI writes out those models that read themselves from the request (``carnet.http.Body``).
    """
    _rename(document)
    schemas = document["components"]["schemas"]
    for route in routes:
        if isinstance(route, APIRoute) and route.body_field is not None:
            model = route.body_field.field_info.annotation
            if isinstance(model, type) and issubclass(model, BaseModel):
                _name_body(document, route, model.__name__)
    document["paths"] = _referring(document["paths"], schemas)
    for name, schema in schemas.items():
        schemas[name] = {key: _referring(part, schemas) for key, part in schema.items()}


def _rename(document: dict[str, Any]) -> None:
    """Call components by their titles, which are the names of their models, where FastAPI calls them otherwise.

    It has ``Page_ProductView_`` for what is called ``ProductPage``.
    """
    schemas = document["components"]["schemas"]
    titles = {name: schema.get("title", name) for name, schema in schemas.items()}
    renamed = {name: title for name, title in titles.items() if title != name and title not in schemas}
    document["components"]["schemas"] = {renamed.get(name, name): schema for name, schema in schemas.items()}
    _rename_references(document, {_COMPONENTS + name: _COMPONENTS + title for name, title in renamed.items()})


def _rename_references(part: Any, renamed: Mapping[str, str]) -> None:
    if isinstance(part, dict):
        if part.get("$ref") in renamed:
            part["$ref"] = renamed[part["$ref"]]
        for each in part.values():
            _rename_references(each, renamed)
    elif isinstance(part, list):
        for each in part:
            _rename_references(each, renamed)


def _name_body(document: dict[str, Any], route: APIRoute, name: str) -> None:
    for method in route.methods or ():
        content = document["paths"][route.path_format][method.lower()]["requestBody"]["content"]["application/json"]
        if "$ref" not in content["schema"]:
            document["components"]["schemas"].setdefault(name, {**content["schema"], "title": name})
            content["schema"] = {"$ref": _COMPONENTS + name}


def _referring(part: Any, schemas: Mapping[str, Any]) -> Any:
    if isinstance(part, list):
        return [_referring(each, schemas) for each in part]
    if not isinstance(part, dict):
        return part
    title = part.get("title")
    if isinstance(title, str) and title in schemas and part.get("type") == "object" and "properties" in part:
        return {"$ref": _COMPONENTS + title}
    return {key: _referring(value, schemas) for key, value in part.items()}
