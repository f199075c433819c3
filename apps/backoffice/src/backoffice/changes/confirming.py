"""Preview and confirm: the same for every change."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from backoffice.apis import Json, Problem, ServiceAwayError, quoted
from backoffice.changes import fees, meantime, previews
from backoffice.contracts.calls import Dossier, dossier
from backoffice.contracts.waiting import asked_about
from backoffice.languages import N_
from backoffice.scholarships.using import WHY_NOT
from backoffice.web import Visit
from backoffice.web.forms import Form

STALE = {"contract-moved", "schedule-moved", "version-moved", "schedule-behind"}
"""Refusals that call for a new preview: something has moved since the one that was shown."""

ADVICE: Mapping[str, str] = {
    "open-another-contract": N_("This contract is paid in full online: better open a new contract for the course."),
    "within-minimum-term": N_(
        "The date is within the minimum term: the family agreed to pay until its end. You can cancel all the same."
    ),
}
"""Advice in words (CON-5); advice of a newer release is shown as the API says it."""

NOT_COVERED: Mapping[str, str] = {
    "unknown": N_("There is no gift voucher of this code: compare the code with the mail."),
    "redeemed": N_("It is redeemed already."),
    "removed": N_("Its sale was cancelled."),
    "suspended": N_("Its sale is not paid any more: it can be redeemed once it is paid again."),
    "other-product": N_("It is a right to something else: choose what it names."),
    "gift-card": N_("It is a gift card, which is an amount: pay with it on the schedule of the contract."),
}
"""Why a gift voucher does not cover a line (CRE-9); a reason of a newer release is shown as the API says it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One way of changing a contract.

    Attributes:
        path: Of the API, below the contract.
        title: Of the preview.
        action: On the button that confirms.
        done: What is said once it is done.
    """

    path: str
    title: str
    action: str
    done: str


ADDING = Kind("changes", N_("Add: check"), N_("Confirm the addition"), N_("Added."))
CANCELLING = Kind("changes", N_("Cancel: check"), N_("Confirm the cancellation"), N_("Cancelled."))
EDITING = Kind("changes", N_("Edit: check"), N_("Confirm the change"), N_("Changed."))
ENDING = Kind(
    "cancellation", N_("Cancel the contract: check"), N_("Cancel the contract"), N_("The contract is cancelled.")
)
DELETING = Kind("changes", N_("Delete: check"), N_("Delete the purchase"), N_("Deleted. The journal keeps it."))
UNSUBSCRIBING = Kind(
    "subscription/cancellation",
    N_("Cancel the subscription: check"),
    N_("Cancel the subscription"),
    N_("The subscription is cancelled."),
)
PAUSING = Kind(
    "subscription/pause",
    N_("Pause the subscription: check"),
    N_("Pause the subscription"),
    N_("The subscription is paused."),
)
LIFTING = Kind(
    "subscription/pause/lifting", N_("Lift the pause: check"), N_("Lift the pause"), N_("The pause is lifted.")
)
PRICING = Kind(
    "subscription/price",
    N_("Change the price: check"),
    N_("Change the price"),
    N_("The price is changed."),
)
PLANNING = Kind("changes", N_("Change plan: check"), N_("Confirm the change of plan"), N_("The plan is changed."))
KINDS = {
    "add": ADDING,
    "cancel": CANCELLING,
    "delete": DELETING,
    "edit": EDITING,
    "end": ENDING,
    "unsubscribe": UNSUBSCRIBING,
    "pause": PAUSING,
    "lift": LIFTING,
    "price": PRICING,
    "plan": PLANNING,
}


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants.

    Attributes:
        contract: The contract.
        kind: The kind of change.
        body: What the API is asked for.
        back: The page on which it was chosen.
        chosen: What was chosen there, as its form carries it: a person who goes back finds it again.
    """

    contract: str
    kind: str
    body: Json
    back: str
    chosen: Sequence[tuple[str, str]] = ()


CHOSEN = (
    *("basket", "line", "again", "price", "until", "notes", "to"),
    *fees.FIELDS,
    *("aid-plan", "aid-amount-plan", "aid-rate-plan"),
    *("on", "by_days", "fee", "months", "open", "take_back"),
)
"""The fields of the pages on which changes are chosen."""


def chosen_in(form: Form) -> Sequence[tuple[str, str]]:
    """What was chosen, of the form that carries it."""
    return [(name, value) for name in CHOSEN for value in form.values(name)]


async def show_preview(visit: Visit, change: Change, form: Form | None = None) -> Response:
    """The page that shows what would be done, to the cent; nothing is saved. Raises ``Problem`` if it is refused.

    ``form`` is that of a confirmation that was refused, or of a preview that is asked for with something else.
    """
    way, contract, body = KINDS[change.kind], change.contract, change.body
    preview, found = await asyncio.gather(
        visit.api.preview(f"/contracts/v1/contracts/{quoted(contract)}/{way.path}/preview", body),
        dossier(visit, contract),
    )
    return await visit.page(
        "changes/preview.html",
        422 if form and form.wrong else 200,
        found=found,
        contract=found.contract,
        change=change,
        way=way,
        body=json.dumps(body),
        form=form or visit.form(),
        difference=previews.difference(preview),
        mails=_mails(found, preview),
        seen_before=meantime.seen(preview["schedule"]["before"], preview["lines"]["before"]),
        meantime=_moved(form, preview) if form else None,
        fee_fields=fees.labels(visit),
        fee_seen=fees.seen(form) if form and "free" in change.body else "",
        rates=fees.proposed(found.contract, visit, untaxed=False),
        **shown(visit, preview, found.names),
    )


def _moved(form: Form, preview: Json) -> meantime.Meantime | None:
    """What moved since the preview that a form carries."""
    return meantime.moved(form.value(meantime.SEEN), preview["schedule"]["before"], preview["lines"]["before"])


def shown(visit: Visit, preview: Json, names: Mapping[str, str]) -> Json:
    """What ``changes/shown.html`` takes of a preview. ``names`` are those of the members by their ids."""
    return {
        "preview": preview,
        "asked_about": asked_about(visit, preview["asks"]),
        "names": names,
        "advice": ADVICE,
        "not_covered": NOT_COVERED,
        "not_aided": WHY_NOT,
        "lines": previews.lines(preview["lines"]),
        "rows": previews.rows(preview["schedule"]),
        "before": previews.sum_of(preview["schedule"]["before"]),
        "after": previews.sum_of(preview["schedule"]["after"]),
    }


async def confirm(visit: Visit, contract: str, form: Form) -> Response:
    """Do what a preview showed, or show the new preview if something has moved meanwhile."""
    kind, back = form.value("kind"), form.value("back")
    way = KINDS.get(kind)
    body = read_body(form.value("body"))
    path = f"/contracts/{quoted(contract)}"
    if way is None or body is None or not back.startswith(path):
        return visit.to(f"{path}/purchases")
    change = Change(contract, kind, body, back, () if kind == "end" else chosen_in(form))
    versions = {name: form.whole(name, least=0, most=10**9) for name in ("version", "schedule_version")}
    try:
        answer = await visit.api.send(
            f"/contracts/v1/contracts/{quoted(contract)}/{way.path}",
            {**body, "schedule_version": versions["schedule_version"]},
            key=form.key,
            version=versions["version"],
        )
    except ServiceAwayError as fault:
        # Perhaps it was done and the answer was lost: the very same request does it once.
        return await ask_again(visit, form, fault)
    except Problem as fault:
        form.refuse(fault, await visit.currency())
        if fault.status == 412 or fault.slug in STALE:
            form.refusal = visit.gettext("Something has moved since you looked. Nothing is saved: check again below.")
        return await show_preview(visit, change, form)
    if answer.status == 202:
        return visit.to(asked_path(answer.body))
    return visit.to(f"{path}/purchases", visit.gettext(way.done))


def asked_path(asked: Json, *, opening: bool = False) -> str:
    """The page of a change, or an opening, that waits for other services."""
    path = f"/contracts/{quoted(asked['contract'])}/asked/{quoted(asked['change'])}"
    return f"{path}?opening=true" if opening else path


async def ask_again(visit: Visit, form: Form, fault: ServiceAwayError) -> Response:
    """A page from which the same form is sent once more: the same request, under the same key."""
    form.refuse(fault, await visit.currency())
    return await visit.page(
        "changes/again.html", 503, form=form, fields=form.sent_fields(), address=visit.request.url.path
    )


def read_body(text: str) -> Json | None:
    """The change that a preview carries; None if somebody has changed it by hand."""
    try:
        body: Any = json.loads(text)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


@dataclass(frozen=True, slots=True)
class Mails:
    """Who gets a mail about a change: the owner, and support where an online refund line appears or grows."""

    owner: str | None
    address: str | None
    support: bool


def _mails(found: Dossier, preview: Json) -> Mails:
    owner = found.owner
    before, after = preview["schedule"]["before"], preview["schedule"]["after"]
    owed = before["balance"]["refund_due"]["amount"] if before else 0
    return Mails(
        found.names.get(owner["id"]) if owner else None,
        owner["email"] if owner else None,
        found.contract["mode"] == "online" and after["balance"]["refund_due"]["amount"] > owed,
    )
