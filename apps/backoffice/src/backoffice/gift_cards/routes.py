"""The pages of gift cards."""

import asyncio
from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Json, Problem, ServiceAwayError, quoted
from backoffice.changes import meantime, previews
from backoffice.changes.confirming import ask_again
from backoffice.changes.seeing import asked_by, previewed, refuse_moved
from backoffice.contracts.calls import dossier
from backoffice.credits.acts import ACTS, DIRECTIONS
from backoffice.gift_cards.calls import CHECK, WHY_NOT, most_of, uses_of
from backoffice.languages import N_
from backoffice.vouchers.given import Given
from backoffice.web import Form, Visit, needs, pages

routes = pages()

Reads = Annotated[Visit, needs("credits:read")]
Adjusts = Annotated[Visit, needs("credits:read", "credits:adjust")]
Uses = Annotated[Visit, needs("contracts:read", "payments:read", "payments:collect", "credits:read")]
CARDS = Given("gift-cards", "gift_cards/gift_card.html", "card", N_("gift-card"), N_("The gift card is sent."))
ADJUSTMENT = ACTS["adjustment"]
FIELDS = {"amount.amount": "amount"}
"""The names in the forms of the fields of the requests."""


@routes.get("/codes")
async def begin_look_up(visit: Reads) -> Response:
    """The form in which the code of a gift card or a gift voucher is looked up."""
    return await visit.page("gift_cards/code.html", form=visit.form(), found=None, why_not=WHY_NOT)


@routes.post("/codes")
async def look_up(visit: Reads) -> Response:
    """What the code that somebody presents is good for: the balance of a gift card, the right of a voucher (CRE-8)."""
    form = await visit.sent()
    found = await _checked(visit, form)
    return await visit.page("gift_cards/code.html", 422 if form.wrong else 200, form=form, found=found, why_not=WHY_NOT)


@routes.get("/gift-cards/{card}")
async def show_gift_card(visit: Reads, card: str) -> Response:
    """A gift card: its code while nothing of it is used, and to whom it is given, not what is left (CRE-8)."""
    return await CARDS.show(visit, card, visit.form())


@routes.post("/gift-cards/{card}")
async def send(visit: Adjusts, card: str) -> Response:
    """Send it to its recipient now, once more, or on another day."""
    return await CARDS.send(visit, card)


@routes.get("/gift-cards/{card}/adjustment")
async def begin_adjustment(visit: Adjusts, card: str) -> Response:
    """The form in which staff adds to what is left of a gift card, or takes off it (CRE-7)."""
    return await _adjust_page(visit, card, visit.form())


@routes.post("/gift-cards/{card}/adjustment")
async def adjust(visit: Adjusts, card: str) -> Response:
    """Adjust it, if it is still as it was seen."""
    form, currency = await visit.sent(), await visit.currency()
    body = ADJUSTMENT.body(form, currency)
    version = form.whole("version", least=0, most=10**9)
    if not form.wrong:
        path = f"{CARDS.path(card)}/{ADJUSTMENT.path}"
        try:
            await visit.api.send(path, body, key=form.key, version=version)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, currency, FIELDS)
        else:
            return visit.to(f"/gift-cards/{quoted(card)}", visit.gettext("The gift card is adjusted."))
    return await _adjust_page(visit, card, form)


async def _adjust_page(visit: Visit, card: str, form: Form) -> Response:
    found = await visit.api.read(CARDS.path(card))
    return await visit.page(
        "gift_cards/adjust.html",
        422 if form.wrong else 200,
        card=found.body,
        version=found.version,
        form=form,
        directions=visit.translated(DIRECTIONS),
    )


@routes.get("/gift-cards/{card}/pdf")
async def print_gift_card(visit: Reads, card: str) -> Response:
    """The gift card to print and to hand over, in the language of the family's mails."""
    return await CARDS.print(visit, card)


@routes.get("/contracts/{contract}/use-gift-card")
async def begin_use(visit: Uses, contract: str) -> Response:
    """The form in which the code of a gift card is typed that pays a part of the contract (CRE-8)."""
    return await _use_page(visit, contract, visit.form(), None)


@routes.post("/contracts/{contract}/use-gift-card")
async def use(visit: Uses, contract: str) -> Response:
    """Show what is left of the card and what paying with it would do; do it once that was seen."""
    form = await visit.sent()
    checked = await _checked(visit, form)
    card = checked["gift_card"] if checked else None
    if checked and not card:
        form.error(
            "code", visit.gettext("This is the code of a gift voucher: present it where you add what it covers.")
        )
    elif checked and not checked["usable"]:
        form.error("code", visit.gettext(WHY_NOT.get(checked["why"], checked["detail"])))
    amount = form.money("amount", await visit.currency(), required=False)
    if form.wrong or not card or not amount:
        return await _use_page(visit, contract, form, card)
    body = {"credit": card["id"], "code": form.value("code"), "amount": amount}
    asked, confirmed = asked_by(form, body)
    if not confirmed:
        return await _use_page(visit, contract, form, card, asked)
    version = form.whole("schedule_version", least=0, most=10**9)
    try:
        done = await visit.api.send(uses_of(contract), body, key=form.key, version=version)
    except ServiceAwayError as fault:
        return await ask_again(visit, form, fault)
    except Problem as fault:
        await refuse_moved(visit, form, fault, FIELDS)
        return await _use_page(visit, contract, form, card, asked)
    text = (
        visit.gettext("The gift card is asked for: the schedule shows it as being paid until the answer is here.")
        if done.status == 202
        else visit.gettext("The gift card has paid.")
    )
    return visit.to(f"/contracts/{quoted(contract)}/schedule", text)


async def _checked(visit: Visit, form: Form) -> Json | None:
    """What the code that was typed is good for; None if nobody can say: then the form says why."""
    code = form.code("code")
    if form.wrong:
        return None
    try:
        found: Json = await visit.api.preview(CHECK, {"code": code})
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency())
        return None
    return found


async def _use_page(visit: Visit, contract: str, form: Form, card: Json | None, asked: str | None = None) -> Response:
    """The form, with what is left of the card; and below it what was asked for would do."""
    found, seen = await asyncio.gather(
        dossier(visit, contract), previewed(visit, form, f"{uses_of(contract)}/preview", asked, FIELDS)
    )
    schedule = found.known_schedule
    if schedule is None:
        return visit.to(f"{found.path}/schedule")
    return await visit.page(
        "gift_cards/use.html",
        422 if form.wrong else 200,
        found=found,
        contract=found.contract,
        card=card,
        most=most_of(card["left"], schedule) if card else None,
        form=form,
        asked=asked,
        preview=seen,
        seen_before=meantime.seen(seen["before"]) if seen else "",
        meantime=meantime.moved(form.value(meantime.SEEN), seen["before"]) if seen and form.wrong else None,
        rows=previews.rows(seen) if seen else [],
    )
