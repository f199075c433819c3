"""What the law asks invoices to say: dated mentions, and why no VAT is charged on some kinds and products (INV-1)."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Json, Problem, ServiceAwayError, quoted
from backoffice.contracts.purchases import KINDS
from backoffice.invoices.calls import EXEMPTIONS, SETTINGS
from backoffice.languages import N_
from backoffice.web import Form, Visit, needs, pages

routes = pages()

Collects = Annotated[Visit, needs("payments:read", "payments:collect")]
Sells = Annotated[Visit, needs("catalog:read", "payments:read", "payments:collect")]

SOLD = {kind: words for kind, words in KINDS.items() if kind not in {"discount", "client_credit"}}
"""The kinds of product that are invoiced."""
ABOUT: Mapping[str, str] = {
    "": N_("anything"),
    "PMT": N_("what late payment costs a company at once"),
    "PMD": N_("penalties for late payment"),
    "AAB": N_("discount for early payment"),
}
"""What a mention may be about: those with a code replace the usual words."""
MOST, FREE = 20, 2
"""Mentions at most, and the empty ones that the form offers."""
MENTION: Mapping[str, str] = {
    "fr": N_("In French"),
    "en": N_("In English"),
    "since": N_("In force from"),
    "until": N_("In force up to"),
    "code": N_("It is about"),
}
"""The fields of a mention."""


def values_of(given: Json) -> dict[str, str]:
    """What the fields show of the settings that are saved."""
    values = {f"kind-{each['kind']}": each["exemption"]["code"] for each in given.get("exemptions", [])}
    for at, each in enumerate(given.get("mentions", [])):
        shown = {**each.get("text", {}), **{name: each.get(name) for name in ("since", "until", "code")}}
        values |= {f"mention-{at}-{name}": text for name in MENTION if (text := shown.get(name))}
        values |= {f"mention-{at}-companies": "yes"} if each.get("companies") else {}
    return values


def rows_of(form: Form, given: Json) -> range:
    """The places of the mentions that the form has: those that are saved, and some more."""
    known = len(given.get("mentions", []))
    sent = max((at + 1 for at in range(MOST) if form.has(f"mention-{at}-fr")), default=0)
    return range(min(MOST, max(sent, known + FREE)))


def body_of(form: Form, given: Json) -> Json:
    """All settings, with what the form says of the law; a mention without a text is left out."""
    reasons = reasons_of(given)
    kinds = [(kind, form.choice(f"kind-{kind}", reasons, required=False)) for kind in SOLD]
    kept = [each for each in given.get("exemptions", []) if each["kind"] not in SOLD]
    exemptions = [{"kind": kind, "exemption": _reason(given, code)} for kind, code in kinds if code]
    mentions = [mention for at in rows_of(form, given) if (mention := _mention(form, at, given))]
    return {**given, "exemptions": [*kept, *exemptions], "mentions": mentions}


def _mention(form: Form, at: int, given: Json) -> Json | None:
    read = f"mention-{at}-"
    text = {language: form.text(f"{read}{language}", required=False, most=2_000) or None for language in ("fr", "en")}
    since, until = (form.day(f"{read}{name}", required=False) for name in ("since", "until"))
    code = form.choice(f"{read}code", codes_of(given), required=False)
    if not any(text.values()):
        return None
    if since and until and until < since:
        form.error(f"{read}until", form.text_of(N_("The last day is before the first.")))
    companies = form.ticked(f"{read}companies")
    return {"text": text, "since": since, "until": until, "code": code or None, "companies": companies}


def codes_of(given: Json) -> dict[str, str]:
    """What mentions may be about, with what is saved beside that."""
    return {**{code: code for each in given.get("mentions", []) if (code := each.get("code"))}, **ABOUT}


def reasons_of(given: Json) -> dict[str, str]:
    """The reasons to choose from by their codes: those that are known, and those that are saved."""
    saved = {each["code"]: each["code"] for each in _saved(given)}
    return {**saved, **{code: words for code, words in EXEMPTIONS.items() if code}}


def _saved(given: Json) -> Iterator[Json]:
    yield from [given["exemption"]] if given.get("exemption") else []
    yield from (each["exemption"] for name in ("exemptions", "product_exemptions") for each in given.get(name, []))


def _reason(given: Json, code: str) -> Json:
    """The reason of that code, in the words that were given for it."""
    return next((each for each in _saved(given) if each["code"] == code), {"code": code})


@routes.get("/invoices/settings/law")
async def begin_law(visit: Collects) -> Response:
    """The mentions, and the reasons by kind of product."""
    saved = await visit.api.read(SETTINGS)
    given = saved.body["given"]
    if given is None:
        return visit.to("/invoices/settings", visit.gettext("Save the settings of invoices first."))
    return await _page(visit, given, saved.version, Form(visit.language, values_of(given)))


@routes.post("/invoices/settings/law")
async def save_law(visit: Collects) -> Response:
    """Save them, if they are still as they were seen."""
    form = await visit.sent()
    saved = await visit.api.read(SETTINGS)
    given = saved.body["given"] or {}
    body = body_of(form, given)
    version = form.whole("version", least=0, most=10**9)
    if not form.wrong:
        try:
            await visit.api.send(SETTINGS, body, key=form.key, version=version, method="PUT")
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
        else:
            return visit.to("/invoices/settings/law", visit.gettext("The mentions and reasons are saved."))
    return await _page(visit, given, version, form, 422)


async def _page(visit: Visit, given: Json, version: int | None, form: Form, status: int = 200) -> Response:
    usual = visit.gettext("as for everything")
    rows = list(rows_of(form, given))
    labels = visit.translated(MENTION)
    return await visit.page(
        "invoices/law.html",
        status,
        version=version,
        form=form,
        kinds=SOLD,
        reasons={"": usual, **visit.translated(reasons_of(given))},
        about=visit.translated(codes_of(given)),
        rows=rows,
        labels=labels,
        field_labels={f"mention-{at}-{name}": words for at in rows for name, words in labels.items()},
    )


@routes.get("/invoices/exemptions/{product}")
async def begin_exemption(visit: Sells, product: str) -> Response:
    """Why no VAT is charged on one product."""
    saved = await visit.api.read(SETTINGS)
    if saved.body["given"] is None:
        return visit.to("/invoices/settings", visit.gettext("Save the settings of invoices first."))
    return await _exemption(visit, product, saved.body["given"], saved.version, visit.form())


@routes.post("/invoices/exemptions/{product}")
async def save_exemption(visit: Sells, product: str) -> Response:
    """Save it, if the settings are still as they were seen."""
    form = await visit.sent()
    saved = await visit.api.read(SETTINGS)
    given = saved.body["given"] or {}
    code = form.choice("exemption", reasons_of(given), required=False)
    version = form.whole("version", least=0, most=10**9)
    others = [each for each in given.get("product_exemptions", []) if each["product"] != product]
    own = [{"product": product, "exemption": _reason(given, code)}] if code else []
    if not form.wrong:
        try:
            body = {**given, "product_exemptions": [*others, *own]}
            await visit.api.send(SETTINGS, body, key=form.key, version=version, method="PUT")
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
        else:
            done = visit.gettext("Saved: the next invoices say so.")
            return visit.to(f"/catalog/{quoted(product)}", done)
    return await _exemption(visit, product, given, version, form)


async def _exemption(visit: Visit, product: str, given: Json, version: int | None, form: Form) -> Response:
    found = await visit.api.get(f"/catalog/v1/products/{quoted(product)}")
    kept = (each["exemption"]["code"] for each in given.get("product_exemptions", []) if each["product"] == product)
    return await visit.page(
        "invoices/exemption.html",
        422 if form.wrong else 200,
        product=found,
        version=version,
        form=form,
        chosen=next(kept, ""),
        reasons={
            "": visit.gettext("as for its kind"),
            **visit.translated(reasons_of(given)),
        },
    )
