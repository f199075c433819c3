"""The page on which a client signs a mandate, by a link that its school sends (PAY-18).

Anyone who has the link may sign for that account, as anyone who has the letter may sign the paper. It asks for the
holder and the IBAN, shows the mandate, and takes the signature. The id of the mandate to be is on the page, so that a
page that is sent twice signs once.
"""

import tomllib
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from typing import Self
from urllib.parse import parse_qs
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from carnet.dates import Instant, utc_now
from carnet.decisions import Actor, Context
from carnet.http import Body, Reply, router
from carnet.http.papers import ANSWERS, gone, linked
from carnet.ids import Id, new_id
from carnet.links import Links, Paper, last_day
from carnet.mongo import Unit, look, transact
from carnet.organisations import context_for, organisation_of
from carnet.refusals import Refusal
from payments.access import InvitesToSign, StaffKeepsMethods, known_account
from payments.accounts.store import ACCOUNTS
from payments.invoices.domain.document import Language
from payments.payment_methods.domain import PaymentMethods
from payments.payment_methods.store import PAYMENT_METHODS
from payments.sepa.api.access import Keys, needed
from payments.sepa.api.signing import keep_mandate, origin_of, proof_of
from payments.sepa.domain.banking import checked_iban, ending
from payments.sepa.domain.invitations import MandateInvitation, invite
from payments.sepa.domain.mandates import BankAccount, GivenTo, Signature, refuse_currency, sign
from payments.sepa.domain.settings import Creditor
from payments.sepa.store.mandates import INVITATIONS, MANDATES, sepa_settings_in
from payments.sepa.vault import Vault
from payments.sepa.wording import mandate_text

KIND = "mandate"
"""The kind of link, about an account."""

LARGEST_FORM = 8_192
"""Bytes."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}
_FILES = files("payments.sepa.wording")
_PAGE = Template(_FILES.joinpath("page.html").read_text(encoding="utf-8"))
_WORDS: Mapping[str, Mapping[str, str]] = {
    language: tomllib.loads(_FILES.joinpath(f"{language}.toml").read_text(encoding="utf-8"))
    for language in ("fr", "en")
}

routes = router(tags=["direct debits"])


class MandateLinkBody(Body):
    """The language of the page."""

    language: Language = Field(description="The language in which the family reads and signs.")


class MandateLinkView(BaseModel):
    """A link by which a client signs a mandate."""

    address: str = Field(description="The page; only its path where the address of the front is not set.")
    until: Instant = Field(description="Until when it serves.")


@routes.post("/accounts/{account}/mandate-links", status_code=201, response_model=MandateLinkView)
async def write_mandate_link(
    account: Id, body: MandateLinkBody, call: StaffKeepsMethods, keys: Keys, request: Request
) -> MandateLinkView:
    """A link to the page on which the client of an account signs a mandate in its browser. It changes nothing."""
    needed(keys)
    await known_account(call, account)

    async def creditor(unit: Unit, _: Context) -> Creditor:
        refuse_currency((await organisation_of(unit, call.organisation)).currency)
        return (await sepa_settings_in(unit, call.organisation)).given

    await call.preview(creditor)
    links: Links = request.app.state.links
    link = links.written(Paper(KIND, call.organisation, (account,), body.language))
    address = f"{request.app.state.public_url}/payments/v1/mandate-links/{link}"
    return MandateLinkView(address=address, until=last_day(utc_now()))


class InvitationView(BaseModel):
    """An invitation that goes to the owner of an account by mail."""

    id: str
    account: str
    asked_at: Instant

    @classmethod
    def of(cls, invitation: MandateInvitation) -> Self:
        """The invitation, as it is shown."""
        return cls(id=invitation.id, account=invitation.account, asked_at=invitation.asked_at)


@routes.post("/accounts/{account}/mandate-invitations", status_code=201, response_model=InvitationView)
async def invite_to_sign(account: Id, command: InvitesToSign, keys: Keys) -> Response:
    """Send the owner of an account a mail with a link to the page on which a mandate is signed (PAY-18).

    The mail is in the owner's language, and so is the page. Its link is written when it is sent, and serves as long
    as one of `mandate-links`.
    """
    needed(keys)
    await known_account(command, account)

    async def work(unit: Unit, context: Context) -> Reply:
        refuse_currency((await organisation_of(unit, command.organisation)).currency)
        decision = invite(account, await sepa_settings_in(unit, command.organisation), context)
        return Reply(InvitationView.of(unit.decide(INVITATIONS, decision, context)))

    return await command.run(work, status=201)


@routes.get("/mandate-links/{link}", response_class=HTMLResponse, responses=ANSWERS)
async def begin_to_sign(link: str, request: Request) -> Response:
    """The page on which a client enters its bank account, to sign a mandate (PAY-18)."""
    found = await linked(request, link, (KIND,))
    if isinstance(found, Response):
        return found
    known = await _known(request, found)
    return await gone(request, 404, "unknown-link", found) if known is None else _asked(found.language, {})


@routes.post("/mandate-links/{link}", response_class=HTMLResponse, responses=ANSWERS)
async def sign_by_link(link: str, request: Request, keys: Keys) -> Response:
    """Show the mandate of the bank account that was entered; or take its signature (PAY-18)."""
    found = await linked(request, link, (KIND,))
    if isinstance(found, Response):
        return found
    creditor = await _known(request, found)
    if creditor is None:
        return await gone(request, 404, "unknown-link", found)
    form = await _form(request)
    try:
        return await _next(request, found, needed(keys), creditor, form)
    except Refusal as refusal:
        return _asked(found.language, form, refusal.slug, 422)


async def _next(request: Request, link: Paper, vault: Vault, creditor: Creditor, form: dict[str, str]) -> HTMLResponse:
    """The page after one that was sent: what is missing is asked for, and a mandate that was shown is signed."""
    iban = checked_iban(form.get("iban", ""))
    if not form.get("holder"):
        return _asked(link.language, form, "holder_missing", 422)
    language: Language = "fr" if link.language == "fr" else "en"
    text = mandate_text(creditor, form["holder"], ending(iban), language)
    shown = sha256(text.encode()).hexdigest()
    if form.get("shown") != shown or not _is_id(form.get("mandate", "")):
        return _shown(link.language, {**form, "mandate": new_id(), "shown": shown}, text)
    if not form.get("signer"):
        return _shown(link.language, form, text, "signer_missing", 422)
    await _signed(request, link, vault, {**form, "iban": iban}, text)
    return _page("done", link.language, {})


async def _signed(request: Request, link: Paper, vault: Vault, form: Mapping[str, str], text: str) -> None:
    (account,) = link.about

    async def work(unit: Unit) -> None:
        with unit.piece(link.organisation):
            context = await context_for(unit, link.organisation, Actor("client", account))
            mandate = form["mandate"]
            await unit.load(MANDATES, [mandate])
            if unit.get(MANDATES, mandate) is not None:
                return
            await unit.load_all([(ACCOUNTS, account), (PAYMENT_METHODS, account)])
            methods = unit.get(PAYMENT_METHODS, account)
            methods = methods or PaymentMethods(id=account, organisation=link.organisation)
            creditor = (await sepa_settings_in(unit, link.organisation)).given
            debited = BankAccount(form["holder"], vault.seal(mandate, form["iban"]), ending(form["iban"]))
            proof = proof_of(text, form["signer"], origin_of(request), context)
            signature = Signature(context.today, None, "online", proof=proof)
            given_to = GivenTo(link.organisation, account, creditor.identifier)
            signed = sign(mandate, given_to, debited, signature, context)
            await keep_mandate(unit, methods, signed, context, prefer=True)

    await transact(request.app.state.carnet.database, work)


async def _known(request: Request, link: Paper) -> Creditor | None:
    """The creditor of the mandate; None if the account or the school's settings are gone."""
    (account,) = link.about

    async def work(unit: Unit) -> Creditor | None:
        with unit.piece(link.organisation):
            await unit.load(ACCOUNTS, [account])
            kept = unit.get(ACCOUNTS, account)
            settings = await sepa_settings_in(unit, link.organisation)
            return None if kept is None or kept.names.owner is None else settings.creditor

    return await look(request.app.state.carnet.database, work)


async def _form(request: Request) -> dict[str, str]:
    """The fields that were sent, each of one line of 120 characters at most; a form that is too long has none."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > LARGEST_FORM:
            return {}
    sent = parse_qs(content.decode("utf-8", errors="replace"), max_num_fields=10)
    return {name: " ".join(values[0].split())[:120] for name, values in sent.items()}


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _asked(language: str, form: Mapping[str, str], wrong: str | None = None, status: int = 200) -> HTMLResponse:
    """The page that asks for the bank account."""
    fields = _field(language, "holder", form, "name") + _field(language, "iban", form, "off")
    return _page("ask", language, {"fields": fields}, wrong, status)


def _shown(
    language: str, form: Mapping[str, str], text: str, wrong: str | None = None, status: int = 200
) -> HTMLResponse:
    """The page that shows the mandate and asks for the signature."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(form[name])}">'
        for name in ("holder", "iban", "mandate", "shown")
    )
    paragraphs = "".join(f"<p>{escape(each)}</p>" for each in text.split("\n\n"))
    fields = f"<section>{paragraphs}</section>{hidden}{_field(language, 'signer', form, 'name')}"
    return _page("sign", language, {"fields": fields.replace("\n", "<br>")}, wrong, status)


def _field(language: str, name: str, form: Mapping[str, str], complete: str) -> str:
    label, value = _WORDS[_spoken(language)][name], escape(form.get(name, ""))
    return (
        f'<label for="{name}">{label}</label>'
        f'<input id="{name}" name="{name}" value="{value}" autocomplete="{complete}" required maxlength="120">'
    )


def _page(
    step: str, language: str, parts: Mapping[str, str], wrong: str | None = None, status: int = 200
) -> HTMLResponse:
    words = _WORDS[_spoken(language)]
    error = words.get(wrong, words["refused"]) if wrong else ""
    form = f'<form method="post">{parts["fields"]}<button>{words[f"{step}_button"]}</button></form>' if parts else ""
    body = _PAGE.substitute(
        language=_spoken(language),
        title=words[f"{step}_title"],
        text=words[f"{step}_text"],
        error=f'<p class="error" role="alert">{error}</p>' if error else "",
        form=form,
    )
    return HTMLResponse(body, status, headers=_HEADERS)


def _spoken(language: str) -> str:
    return language if language in _WORDS else "en"
