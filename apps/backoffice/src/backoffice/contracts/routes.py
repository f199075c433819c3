"""The pages of a contract."""

from collections.abc import Awaitable
from typing import Annotated, Any

from starlette.responses import Response

from backoffice.apis import Away, Json, part, quoted
from backoffice.contracts import amounts, journal, purchases
from backoffice.contracts.calls import PER_PAGE, Dossier, dossier, journal_of
from backoffice.contracts.waiting import asked_about, why_refused
from backoffice.invoices.matching import invoices_of
from backoffice.mails.calls import about, send_again
from backoffice.mails.words import STATES, kind_of
from backoffice.web import Visit, needs, pages

routes = pages()

Reads = Annotated[Visit, needs("contracts:read")]
ReadsPayments = Annotated[Visit, needs("contracts:read", "payments:read")]
ReadsMails = Annotated[Visit, needs("contracts:read", "notifications:read")]
SendsMails = Annotated[Visit, needs("notifications:write")]


@routes.get("/contracts")
async def find_contracts(visit: Reads, number: str = "", asked_to_cancel: str = "") -> Response:
    """A contract by its number; without one, those whose client asks for a cancellation, or that wait for an answer."""
    wanted = number.strip()[:40]
    asked = bool(asked_to_cancel) and not wanted
    query = {"number": wanted} if wanted else {"asked_to_cancel": "true"} if asked else {"pending": "true"}
    found = await part(visit.api.get("/contracts/v1/contracts", limit=PER_PAGE, **query))
    return await visit.page("contracts/list.html", found=found, number=wanted, asked=asked)


@routes.get("/contracts/{contract}")
async def show_contract(visit: Reads, contract: str) -> Response:
    """A contract begins with its purchases."""
    return visit.to(f"/contracts/{quoted(contract)}/purchases")


@routes.get("/contracts/{contract}/purchases")
async def show_purchases(visit: Reads, contract: str) -> Response:
    """The lines, by member, with what is paid of each."""
    found = await dossier(
        visit,
        contract,
        invoices_of(visit, contract),
        then=lambda account: (purchases.of_account(visit.api, account),),
    )
    return await _tab(
        visit,
        found,
        "purchases",
        invoiced={} if isinstance(found.more[0], Away) else found.more[0],
        groups=list(purchases.grouped(found.contract, found.members)),
        reductions=purchases.reductions(found.contract),
        kinds=purchases.KINDS,
        payments=purchases.payment_states(found.more[1], contract),
        packs=purchases.packs(found.more[1], contract),
    )


@routes.get("/contracts/{contract}/schedule")
async def show_schedule(visit: ReadsPayments, contract: str) -> Response:
    """What is paid, being attempted, to come, on no date and to refund."""
    found = await dossier(visit, contract, _received(visit, contract))
    today = await visit.today()
    return await _tab(
        visit,
        found,
        "schedule",
        paid=found.more[0],
        form=visit.form(),
        methods=amounts.METHODS,
        states=lambda instalment: amounts.states(instalment, today),
        line_names={line["id"]: line["name"] for line in found.contract["lines"]},
    )


@routes.get("/contracts/{contract}/sheet")
async def show_sheet(visit: ReadsPayments, contract: str) -> Response:
    """Purchases and schedule together, as they are printed for a family: one page of A4."""
    received = _received(visit, contract)
    found = await dossier(visit, contract, received, then=lambda account: (purchases.of_account(visit.api, account),))
    today = await visit.today()
    return await show_tab(
        visit,
        found,
        "contracts/sheet.html",
        groups=list(purchases.grouped(found.contract, found.members)),
        reductions=purchases.reductions(found.contract),
        payments=purchases.payment_states(found.more[1], contract),
        received=found.more[0],
        methods=amounts.METHODS,
        states=lambda instalment: amounts.states(instalment, today),
        today=today,
    )


@routes.get("/contracts/{contract}/payments")
async def show_payments(visit: ReadsPayments, contract: str) -> Response:
    """What was received, what was attempted, and what went back."""
    path = f"/payments/v1/schedules/{quoted(contract)}"
    lists = (visit.api.get(f"{path}/{of}", limit=200) for of in ("payments", "attempts", "settlements"))
    found = await dossier(visit, contract, *lists)
    return await _tab(
        visit,
        found,
        "payments",
        lists=dict(zip(("payments", "attempts", "settlements"), found.more, strict=True)),
        methods=amounts.METHODS,
        reasons=amounts.REASONS,
        settled=journal.SETTLED,
        who=lambda actor: journal.who(actor, visit.language),
    )


@routes.get("/contracts/{contract}/mails")
async def show_mails(visit: ReadsMails, contract: str) -> Response:
    """What was written to the family, newest first."""
    found = await dossier(visit, contract, then=lambda account: (about(visit.api, account, contract),))
    return await _tab(visit, found, "mails", sent=found.more[0], kind_of=kind_of, states=STATES, form=visit.form())


@routes.post("/contracts/{contract}/mails/{mail}")
async def send_mail_again(visit: SendsMails, contract: str, mail: str) -> Response:
    """Send a mail once more."""
    form = await visit.sent()
    await send_again(visit.api, mail, form.key)
    return visit.to(f"/contracts/{quoted(contract)}/mails", visit.gettext("The mail is sent once more."))


@routes.get("/contracts/{contract}/journal")
async def show_journal(
    visit: ReadsPayments, contract: str, cursor: str | None = None, money: str | None = None
) -> Response:
    """Who did what and when: to the contract, and to its schedule."""
    of_contract = journal_of(visit.api, "contracts", "contracts", contract, cursor)
    of_schedule = journal_of(visit.api, "payments", "schedules", contract, money)
    found = await dossier(visit, contract, of_contract, of_schedule)
    return await _tab(
        visit,
        found,
        "journal",
        journals=found.more,
        entries=lambda page: journal.entries(page["items"], visit.language, found.names),
    )


def _received(visit: Visit, contract: str) -> Awaitable[Json]:
    """What was received on a contract."""
    return visit.api.get(f"/payments/v1/schedules/{quoted(contract)}/payments", limit=200)


async def _tab(visit: Visit, found: Dossier, tab: str, **context: Any) -> Response:
    return await show_tab(visit, found, f"contracts/{tab}.html", **context)


async def show_tab(visit: Visit, found: Dossier, template: str, **context: Any) -> Response:
    """A page of a contract, below the head that all of them have."""
    contract = found.contract
    return await visit.page(
        template,
        found=found,
        contract=contract,
        asked_about=asked_about(visit, (contract["pending"] or {}).get("requests", ())),
        refusals=await why_refused(visit, contract["not_made"]["refusals"]) if contract["not_made"] else [],
        **context,
    )
