"""An older API beside newer processes: what they have saved is shown, also values that it does not know."""

import importlib
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal, get_args, get_origin, get_type_hints

import orjson
import pytest
from pydantic import BaseModel, ValidationError

from carnet.http.bodies import RawJson
from carnet.http.requests import RequestView
from carnet.tolerance import OPEN, Tolerant
from carnet_operations.services import SERVICES
from notifications.templates.variables import Variable
from payments.invoices.api.settings import InvoiceSettingsBody, InvoiceSettingsView
from payments.invoices.domain.settings import InvoiceFields, InvoiceSettings, settings_id
from tests.newer import NEWER

NOT_KEPT = (RequestView, Variable)
"""What these show of an enumeration is worked out by the API itself."""


def answers(service: str) -> set[type[BaseModel]]:
    """The models of everything that an API answers, the models within them too."""
    app = importlib.import_module(f"{service}.app")
    found: set[type[BaseModel]] = set()
    for route in app.build_api(get_type_hints(app.build_api)["settings"].model_construct()).routes:
        _gather(getattr(route, "response_model", None), found)
    return found


def _gather(hint: Any, found: set[type[BaseModel]]) -> None:
    if not is_model(hint):
        for part in get_args(hint):
            _gather(part, found)
    elif hint not in found:
        found.add(hint)
        for field in hint.model_fields.values():
            _gather(field.annotation, found)


def is_model(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, BaseModel)


def enumerations(hint: Any) -> Iterator[Any]:
    """The enumerations in the type of a field, but for those that keep what they don't know."""
    parts = get_args(hint)
    if get_origin(hint) is Literal and len(parts) > 1:
        yield hint
    elif OPEN not in parts and not is_model(hint):
        for part in parts:
            yield from enumerations(part)


@pytest.mark.parametrize("service", SERVICES)
def test_answers_show_values_that_only_a_newer_release_knows(service: str) -> None:
    shown = answers(service)
    assert shown
    strict = [
        f"{model.__name__}.{name}"
        for model in shown
        if not issubclass(model, (Tolerant, *NOT_KEPT))
        for name, hint in get_type_hints(model, include_extras=True).items()
        if name in model.model_fields and any(enumerations(hint))
    ]
    assert strict == []


SETTINGS = {
    "seller": {"name": "École", "address": {"country": "FR"}},
    "exemptions": [{"kind": NEWER, "exemption": {"code": "VATEX-FR-FRANCHISE"}}],
    "mentions": [{"code": NEWER, "text": {"fr": "Une mention."}}],
}


def test_invoice_settings_of_a_newer_release_are_shown_and_sent_back_are_refused() -> None:
    kept = InvoiceSettings(
        id=settings_id("1"),
        organisation="1",
        fields=InvoiceFields.model_validate(SETTINGS),
        automatic_since=date(2027, 1, 5),
    )
    shown = InvoiceSettingsView.of(kept).model_dump(mode="json")["given"]
    assert (shown["exemptions"][0]["kind"], shown["mentions"][0]["code"]) == (NEWER, NEWER)
    with pytest.raises(ValidationError) as refused:
        InvoiceSettingsBody.model_validate(RawJson(orjson.dumps(SETTINGS)))
    assert [error["loc"] for error in refused.value.errors()] == [("exemptions", 0, "kind"), ("mentions", 0, "code")]
