"""The page of the settings of reminders of session packs (CRE-10)."""

from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Answer, Json, Problem, ServiceAwayError
from backoffice.pack_reminders.calls import HIGHEST, LABELS, MOST_DAYS, REMINDERS, in_words
from backoffice.web import Form, Visit, needs, pages
from backoffice.web.meanwhile import Difference, differences, is_stale

routes = pages()

Adjusts = Annotated[Visit, needs("credits:read", "credits:adjust")]


@routes.get("/settings/packs")
async def begin_pack_reminders(visit: Adjusts) -> Response:
    """The form of the settings."""
    return await _page(visit, visit.form(), await visit.api.read(REMINDERS))


@routes.post("/settings/packs")
async def save_pack_reminders(visit: Adjusts) -> Response:
    """Save them."""
    form = await visit.sent()
    days = form.whole("days_before", least=1, most=MOST_DAYS, required=False)
    body: Json = {"days_before": days, "hour": form.whole("hour", least=0, most=23)}
    version = form.whole("version", least=0, most=HIGHEST)
    moved = None
    if not form.wrong:
        try:
            await visit.api.send(REMINDERS, body, key=form.key, version=version, method="PUT")
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
            if is_stale(fault):
                now = await visit.api.read(REMINDERS)
                moved = differences(in_words(now.body, visit.language), in_words(body, visit.language))
                return await _page(visit, form, now, moved, 422)
        else:
            return visit.to("/settings", visit.gettext("Saved. It counts from now on."))
    return await _page(visit, form, await visit.api.read(REMINDERS), moved, 422)


async def _page(
    visit: Visit, form: Form, saved: Answer, moved: list[Difference] | None = None, status: int = 200
) -> Response:
    return await visit.page(
        "pack_reminders/settings.html",
        status,
        form=form,
        saved=saved.body,
        version=saved.version,
        labels=visit.translated(LABELS),
        moved=moved,
    )
