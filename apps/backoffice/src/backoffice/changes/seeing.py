"""A form that is looked at before it is done: what it asks for is previewed, and done once it was seen like that."""

import json
from collections.abc import Mapping

from backoffice.apis import Json, Problem, ServiceAwayError
from backoffice.web import Form, Visit

NO_FIELDS: Mapping[str, str] = {}


def asked_by(form: Form, body: Json) -> tuple[str, bool]:
    """What a form asks for, as its page carries it; and whether that was seen and is confirmed now."""
    asked = json.dumps(body, sort_keys=True)
    return asked, form.value("do") == "confirm" and form.value("seen") == asked


async def previewed(
    visit: Visit, form: Form, path: str, asked: str | None, fields: Mapping[str, str] = NO_FIELDS
) -> Json | None:
    """What it would do, by the API; None if nothing is asked for yet, or if it is refused: then the form says why.

    ``fields`` are the form's names of the fields of the request, where they differ.
    """
    if asked is None:
        return None
    try:
        return await visit.api.preview(path, json.loads(asked) or None)
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency(), fields)
        return None


async def refuse_moved(visit: Visit, form: Form, fault: Problem, fields: Mapping[str, str]) -> None:
    """Say why a move of a schedule was not done: refused, or the schedule is not the one that was seen."""
    form.refuse(fault, await visit.currency(), fields)
    if fault.status == 412:
        form.refusal = visit.gettext("The schedule has moved since you looked. Nothing is saved: check again below.")
