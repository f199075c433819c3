"""The pages of client credits."""

import asyncio
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from backoffice.accounts.calls import ADDRESS as FAMILIES
from backoffice.accounts.calls import name_of, owner_of
from backoffice.apis import Json, Problem, ServiceAwayError, part, quoted
from backoffice.changes import meantime, previews
from backoffice.changes.confirming import ask_again
from backoffice.changes.seeing import asked_by, previewed, refuse_moved
from backoffice.contracts.amounts import METHODS, RECEIVED
from backoffice.contracts.calls import account_of, dossier
from backoffice.credits.acts import ACTS, DIRECTIONS, LONGEST_REASON, SETTLED, Act
from backoffice.credits.calls import (
    ACCOUNTS,
    CREDITS,
    MOST_SHOWN,
    MOVEMENTS,
    ORIGINS,
    most_of,
    offers,
    path_of,
    purse_of,
    usable_now,
)
from backoffice.moves.kinds import REVERSALS
from backoffice.web import Form, Visit, needs, pages

routes = pages()

Reads = Annotated[Visit, needs("credits:read")]
Adjusts = Annotated[Visit, needs("credits:read", "credits:adjust")]
Uses = Annotated[Visit, needs("contracts:read", "payments:read", "payments:collect", "credits:read")]
Words = Annotated[str, Query(max_length=100)]
PER_PAGE = 20
GIVEN = ("staff", "deposit")
FIELDS = {"amount.amount": "amount"}
"""The names in the forms of the fields of the requests."""


@routes.get("/credits")
async def show_credits(visit: Reads, q: Words = "") -> Response:
    """Find the credits of a family; and the deposits that the bank took back and that are due (CRE-2)."""
    words = q.strip()
    looked_for = words and visit.may("accounts:read")
    due, found = await asyncio.gather(
        part(visit.api.get(f"{CREDITS}/due", limit=MOST_SHOWN)),
        part(visit.api.get(FAMILIES, q=words, limit=PER_PAGE)) if looked_for else asyncio.sleep(0),
    )
    return await visit.page("credits/list.html", due=due, found=found, words=words, name_of=name_of, owner_of=owner_of)


@routes.get("/accounts/{account}/credits")
async def show_purse(visit: Reads, account: str) -> Response:
    """The credits of a family."""
    purse = await purse_of(visit, account)
    today = await visit.today()
    return await visit.page(
        "credits/family.html", purse=purse, today=today, origins=ORIGINS, name_of=name_of, owner_of=owner_of
    )


@routes.get("/accounts/{account}/credits/new")
async def begin_grant(visit: Adjusts, account: str, origin: str = "staff") -> Response:
    """The form of a credit that the school grants, or of a deposit without a contract."""
    return await _grant_page(visit, account, origin if origin in GIVEN else "staff", visit.form())


@routes.post("/accounts/{account}/credits/new")
async def grant(visit: Adjusts, account: str) -> Response:
    """Grant a credit, or record a deposit without a contract (PAY-7)."""
    form = await visit.sent()
    currency, origin = await visit.currency(), form.choice("origin", GIVEN) or "staff"
    body: Json = {
        "origin": origin,
        "amount": form.money("amount", currency),
        "reason": form.text("reason", most=LONGEST_REASON),
    }
    if origin == "deposit":
        body |= {"method": form.choice("method", RECEIVED), "received_on": form.day("received_on")}
    if not form.wrong:
        try:
            done = await visit.api.send(f"{ACCOUNTS}/{quoted(account)}/credits", body, key=form.key)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, currency, FIELDS)
        else:
            return visit.to(f"/credits/{done.body['id']}", visit.gettext("The credit is granted."))
    return await _grant_page(visit, account, origin, form, 422)


async def _grant_page(visit: Visit, account: str, origin: str, form: Form, status: int = 200) -> Response:
    family, today = await asyncio.gather(account_of(visit, account), visit.today())
    return await visit.page(
        "credits/grant.html",
        status,
        account=account,
        family=family,
        origin=origin,
        form=form,
        today=today,
        name_of=name_of,
        owner_of=owner_of,
        methods={name: visit.gettext(METHODS[name]) for name in RECEIVED},
    )


@routes.get("/credits/{credit}")
async def show_credit(visit: Reads, credit: str) -> Response:
    """A credit with its movements and the contracts that it pays."""
    found = await visit.api.get(path_of(credit))
    return await visit.page(
        "credits/credit.html",
        credit=found,
        family=await account_of(visit, found["account"]),
        origins=ORIGINS,
        movements=MOVEMENTS,
        methods=METHODS,
        acts=[act for act in ACTS.values() if act.possible(found)],
        name_of=name_of,
        owner_of=owner_of,
        usable=usable_now(found),
    )


@routes.get("/credits/{credit}/{name}")
async def begin_act(visit: Adjusts, credit: str, name: str) -> Response:
    """The form of what staff does with a credit."""
    return await _act_page(visit, credit, _act(name), visit.form())


@routes.post("/credits/{credit}/{name}")
async def do_act(visit: Adjusts, credit: str, name: str) -> Response:
    """Do it, if the credit is still as it was seen."""
    form, act = await visit.sent(), _act(name)
    currency = await visit.currency()
    body = act.body(form, currency)
    version = form.whole("version", least=0, most=10**9)
    if not form.wrong:
        try:
            await visit.api.send(f"{path_of(credit)}/{act.path}", body, key=form.key, version=version)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, currency, FIELDS)
        else:
            return visit.to(f"/credits/{quoted(credit)}", visit.gettext(act.done))
    return await _act_page(visit, credit, act, form, 422)


def _act(name: str) -> Act:
    if name not in ACTS:
        raise Problem(404, "unknown-object")
    return ACTS[name]


async def _act_page(visit: Visit, credit: str, act: Act, form: Form, status: int = 200) -> Response:
    found = await visit.api.read(path_of(credit))
    return await visit.page(
        "credits/act.html",
        status,
        credit=found.body,
        version=found.version,
        act=act,
        form=form,
        directions=visit.translated(DIRECTIONS),
        reversals=visit.translated(REVERSALS),
        settled=visit.translated(SETTLED),
    )


@routes.get("/contracts/{contract}/use-credit")
async def begin_use(visit: Uses, contract: str, credit: str = "") -> Response:
    """The form on which a credit is chosen that pays a part of the contract (CRE-3)."""
    return await _use_page(visit, contract, Form(visit.language, {"credit": credit} if credit else {}))


@routes.post("/contracts/{contract}/use-credit")
async def use(visit: Uses, contract: str) -> Response:
    """Show what paying with a credit would do; do it once it was seen as it is asked for now."""
    form = await visit.sent()
    currency = await visit.currency()
    body = {"credit": form.text("credit", most=64), "amount": form.money("amount", currency)}
    if form.wrong:
        return await _use_page(visit, contract, form)
    asked, confirmed = asked_by(form, body)
    if not confirmed:
        return await _use_page(visit, contract, form, asked)
    version = form.whole("schedule_version", least=0, most=10**9)
    try:
        done = await visit.api.send(_uses(contract), body, key=form.key, version=version)
    except ServiceAwayError as fault:
        return await ask_again(visit, form, fault)
    except Problem as fault:
        await refuse_moved(visit, form, fault, FIELDS)
        return await _use_page(visit, contract, form, asked)
    waits = done.status == 202
    text = (
        visit.gettext("The credit is asked for: the schedule shows it as being paid until the answer is here.")
        if waits
        else visit.gettext("The credit has paid.")
    )
    return visit.to(f"/contracts/{quoted(contract)}/schedule", text)


def _uses(contract: str) -> str:
    return f"/payments/v1/schedules/{quoted(contract)}/credit-uses"


async def _use_page(visit: Visit, contract: str, form: Form, asked: str | None = None) -> Response:
    """The form, and below it what was asked for would do."""
    found, seen = await asyncio.gather(
        dossier(
            visit,
            contract,
            then=lambda account: [
                visit.api.get(f"{ACCOUNTS}/{quoted(account)}/credits", status="granted", limit=MOST_SHOWN)
            ],
        ),
        previewed(visit, form, f"{_uses(contract)}/preview", asked, FIELDS),
    )
    schedule = found.known_schedule
    if schedule is None:
        return visit.to(f"{found.path}/schedule")
    (theirs,) = found.more
    offered = offers(found.contract["id"], theirs["items"]) if isinstance(theirs, dict) else []
    return await visit.page(
        "credits/use.html",
        422 if form.wrong else 200,
        found=found,
        contract=found.contract,
        schedule=schedule,
        theirs=theirs,
        offers=offered,
        most=most_of(offered[0], schedule) if offered and not offered[0].why_not else None,
        origins=ORIGINS,
        form=form,
        asked=asked,
        preview=seen,
        seen_before=meantime.seen(seen["before"]) if seen else "",
        meantime=meantime.moved(form.value(meantime.SEEN), seen["before"]) if seen and form.wrong else None,
        rows=previews.rows(seen) if seen else [],
    )
