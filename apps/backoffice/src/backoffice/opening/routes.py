"""The pages on which a contract is opened."""

import asyncio
import json
from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Json, Problem, ServiceAwayError, part, quoted
from backoffice.changes import adding
from backoffice.changes.basket import Basket
from backoffice.changes.confirming import Mails, ask_again, asked_path, read_body, shown
from backoffice.contracts.calls import names_of
from backoffice.opening.sales import FIELDS, MODES, WAYS, sale_of
from backoffice.web import Visit, needs, pages
from backoffice.web.forms import Form

routes = pages()

Opens = Annotated[Visit, needs("contracts:write", "accounts:read", "payments:read")]
PATH = "/open-contract"
FAMILIES = 12
"""How many families are shown at once; others are found by searching."""


@routes.get(PATH)
async def choose_family(visit: Opens, search: str = "") -> Response:
    """Search the family for which a contract is opened."""
    query = search.strip()[:200] or None
    found = await part(visit.api.get("/contracts/v1/accounts", q=query, limit=FAMILIES))
    return await visit.page("opening/family.html", found=found, search=search)


@routes.get(PATH + "/{account}")
async def choose(visit: Opens, account: str) -> Response:
    """Choose what the family buys and how it pays."""
    return await _choosing(visit, account, visit.form(), Basket())


@routes.post(PATH + "/{account}")
async def go_on(visit: Opens, account: str) -> Response:
    """Put something on the list, take it off again, or show what the contract would be."""
    form = await visit.sent()
    basket = adding.basket_of(form)
    step, _, what = form.value("do").partition(" ")
    if step == "off" and what.isdecimal():
        basket = basket.without(int(what))
    if step == "preview" and basket.items:
        body = {"account": account, **sale_of(form, await visit.currency()), **basket.body}
        if not form.wrong:
            try:
                return await _previewed(visit, account, body, form)
            except (Problem, ServiceAwayError) as fault:
                form.refuse(fault, await visit.currency(), {"sale.deposit": "deposit", "sale.first_due": "first_due"})
    return await _choosing(visit, account, form, basket, put=what if step == "put" else "")


@routes.post(PATH + "/{account}/opening")
async def open_contract(visit: Opens, account: str) -> Response:
    """Open the contract that a preview showed."""
    form = await visit.sent()
    body = read_body(form.value("body"))
    if body is None or body.get("account") != account:
        return visit.to(f"{PATH}/{quoted(account)}")
    try:
        answer = await visit.api.send("/contracts/v1/contracts", body, key=form.key)
    except ServiceAwayError as fault:
        return await ask_again(visit, form, fault)
    except Problem as fault:
        form.refuse(fault, await visit.currency())
        return await _choosing(visit, account, form, adding.basket_of(form))
    if answer.status == 202:
        return visit.to(asked_path(answer.body, opening=True))
    return visit.to(f"/contracts/{quoted(answer.body['id'])}/purchases", visit.gettext("The contract is opened."))


async def _family(visit: Visit, account: str) -> Json:
    return await visit.api.get(f"/contracts/v1/accounts/{quoted(account)}")


async def _choosing(visit: Visit, account: str, form: Form, basket: Basket, put: str = "") -> Response:
    family, scholarships, products, product, families, untaxed = await asyncio.gather(
        _family(visit, account),
        adding.scholarships(visit, account),
        *(part(call) for call in adding.asked(visit, form, put)),
    )
    names, currency = names_of(family), await visit.currency()
    offered = adding.labelled(visit, scholarships, names)
    chosen = adding.Chosen(products, product, families, untaxed, names, currency, scholarships=offered)
    shown = adding.choosing(visit, form, basket, chosen, put)
    return await visit.page(
        "opening/choose.html",
        422 if form.wrong else 200,
        family=family,
        path=f"{PATH}/{account}",
        ways=visit.translated(WAYS),
        modes=visit.translated(MODES),
        **shown,
    )


async def _previewed(visit: Visit, account: str, body: Json, form: Form) -> Response:
    family, preview = await asyncio.gather(
        _family(visit, account), visit.api.preview("/contracts/v1/contracts/preview", body)
    )
    names = names_of(family)
    owner = next((each for each in family["members"] if each["id"] == family["owner"]), None)
    return await visit.page(
        "opening/preview.html",
        family=family,
        path=f"{PATH}/{account}",
        body=json.dumps(body),
        form=visit.form(),
        chosen=[(name, form.value(name)) for name in ("basket", *FIELDS)],
        mails=Mails(names.get(family["owner"]), owner["email"] if owner else None, support=False),
        **shown(visit, preview, names),
    )
