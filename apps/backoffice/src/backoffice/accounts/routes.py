"""The pages of families."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from backoffice.accounts import history
from backoffice.accounts.calls import (
    ADDRESS,
    FIRST_PEOPLE,
    KINDS,
    LANGUAGES,
    METHODS,
    PER_PAGE,
    adults,
    family_of,
    name_of,
    owner_of,
    path_of,
    person_of,
    read_people,
    read_person,
    read_tags,
)
from backoffice.apis import Json, Problem, ServiceAwayError, part, quoted
from backoffice.contracts.calls import account_of
from backoffice.subscriptions.periods import status
from backoffice.web import Form, Visit, needs, pages

routes = pages()

Reads = Annotated[Visit, needs("accounts:read")]
Writes = Annotated[Visit, needs("accounts:read", "accounts:write")]
ReadsMethods = Annotated[Visit, needs("payments:read")]
KeepsMethods = Annotated[Visit, needs("payments:read", "payments:methods")]
WHOLE = "everybody"
Words = Annotated[str, Query(max_length=200)]


@routes.get("/accounts")
async def find_families(visit: Reads, q: Words = "", cursor: str | None = None) -> Response:
    """The families whose name or number begins like this."""
    words = q.strip()
    found = await part(visit.api.get(ADDRESS, q=words or None, limit=PER_PAGE, cursor=cursor))
    return await visit.page(
        "accounts/list.html", found=found, words=words, first=cursor is None, owner_of=owner_of, name_of=name_of
    )


@routes.get("/accounts/new")
async def begin_family(visit: Writes) -> Response:
    """The form of a new family."""
    return await _new_page(visit, visit.form())


@routes.post("/accounts/new")
async def create_family(visit: Writes) -> Response:
    """Create a family with its owner."""
    form = await visit.sent()
    owner = read_person(form, kind="adult")
    people = read_people(form)
    body = {"language": form.choice("language", LANGUAGES), "owner": owner, "members": people}
    if not form.wrong:
        try:
            answer = await visit.api.send(ADDRESS, body, key=form.key)
        except (Problem, ServiceAwayError) as fault:
            rows = {f"members[{i}].{name}": f"person-{i}-{name}" for i in range(FIRST_PEOPLE) for name in owner}
            form.refuse(fault, "EUR", {f"owner.{name}": name for name in owner} | rows)
        else:
            text = visit.gettext("The family is created.")
            if answer.body["similar"]:
                text = visit.gettext(
                    "The family is created. Another family has the same name: look whether it is this one."
                )
            return visit.to(f"/accounts/{answer.body['id']}", text)
    return await _new_page(visit, form, 422)


async def _new_page(visit: Visit, form: Form, status: int = 200) -> Response:
    kinds = visit.translated(KINDS)
    return await visit.page(
        "accounts/new.html",
        status,
        form=form,
        languages=visit.translated(LANGUAGES),
        kinds=kinds,
        places=range(FIRST_PEOPLE),
    )


@routes.get("/accounts/{account}")
async def show_family(visit: Reads, account: str) -> Response:
    """A family: its people, contracts, credits and payment methods."""
    family = await family_of(visit, account)
    return await visit.page(
        "accounts/family.html",
        family=family,
        account=family.account,
        owner=owner_of(family.account),
        name_of=name_of,
        kinds=KINDS,
        stands=lambda standing: status(standing, visit.language),
        methods=METHODS,
        languages=visit.translated(LANGUAGES),
        adults=adults(family.account),
    )


@routes.get("/accounts/{account}/journal")
async def show_journal(visit: Reads, account: str, cursor: str | None = None) -> Response:
    """Who changed the family, when and what."""
    found, page = await asyncio.gather(
        visit.api.get(path_of(account)),
        part(visit.api.get(f"{path_of(account)}/journal", limit=PER_PAGE, cursor=cursor)),
    )
    shown = history.entries(page["items"], visit, first=cursor is None) if isinstance(page, dict) else ()
    return await visit.page(
        "accounts/journal.html", account=found, page=page, entries=shown, family_name=name_of(owner_of(found))
    )


@routes.get("/accounts/{account}/edit")
async def begin_account(visit: Writes, account: str) -> Response:
    """The form of what belongs to the whole family: language, tags, notes."""
    return await _account_page(visit, await visit.api.get(path_of(account)), visit.form())


@routes.post("/accounts/{account}/edit")
async def edit_account(visit: Writes, account: str) -> Response:
    """Save what belongs to the whole family."""
    form = await visit.sent()
    body = {
        "language": form.choice("language", LANGUAGES),
        "tags": read_tags(form),
        "notes": form.text("notes", required=False, most=1000) or None,
    }
    sending = Sending("", body, visit.gettext("Saved."), _account_page, method="PUT")
    return await _send(visit, account, form, sending)


@routes.get("/accounts/{account}/owner")
async def begin_owner(visit: Writes, account: str) -> Response:
    """The form on which another adult becomes the owner (CON-13)."""
    return await _owner_page(visit, await visit.api.get(path_of(account)), visit.form())


@routes.post("/accounts/{account}/owner")
async def change_owner(visit: Writes, account: str) -> Response:
    """Make another adult the owner."""
    form = await visit.sent()
    body = {"member": form.text("member", most=64)}
    sending = Sending("/owner", body, visit.gettext("The owner is changed."), _owner_page)
    return await _send(visit, account, form, sending)


@routes.get("/accounts/{account}/erasure")
async def begin_erasure(visit: Writes, account: str) -> Response:
    """The form on which a person, or the whole family, is erased for ever (ORG-4)."""
    return await _erasure_page(visit, await visit.api.get(path_of(account)), visit.form())


@routes.post("/accounts/{account}/erasure")
async def erase(visit: Writes, account: str) -> Response:
    """Erase a person, or the whole family, once it is confirmed."""
    form = await visit.sent()
    whom = form.text("whom", most=64)
    if not form.ticked("sure"):
        form.error("sure", visit.gettext("Tick it: what is erased never comes back."))
    body = {"whole_account": True} if whom == WHOLE else {"member": whom}
    sending = Sending("/erasure", body, visit.gettext("It is erased."), _erasure_page)
    return await _send(visit, account, form, sending)


@dataclass(frozen=True, slots=True)
class Sending:
    """What a form asks of the API, below the account; what is said once it is done, and the page of the form."""

    path: str
    body: Json
    done: str
    page: Callable[[Visit, Json, Form, int], Awaitable[Response]]
    method: str = "POST"


async def _send(visit: Visit, account: str, form: Form, sending: Sending) -> Response:
    """Send what a form asks for to the account as it was seen; the form again with what is wrong."""
    address, seen = f"{path_of(account)}{sending.path}", form.whole("version", least=0, most=10**9)
    if not form.wrong:
        try:
            await visit.api.send(address, sending.body, key=form.key, version=seen, method=sending.method)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, "EUR")
        else:
            return visit.to(f"/accounts/{quoted(account)}", sending.done)
    return await sending.page(visit, await visit.api.get(path_of(account)), form, 422)


async def _account_page(visit: Visit, account: Json, form: Form, status: int = 200) -> Response:
    return await visit.page(
        "accounts/account.html",
        status,
        account=account,
        form=form,
        languages=visit.translated(LANGUAGES),
        family_name=name_of(owner_of(account)),
    )


async def _owner_page(visit: Visit, account: Json, form: Form, status: int = 200) -> Response:
    others = {each["id"]: name_of(each) for each in adults(account) if each["id"] != account["owner"]}
    return await visit.page(
        "accounts/owner.html",
        status,
        account=account,
        form=form,
        others=others,
        family_name=name_of(owner_of(account)),
    )


async def _erasure_page(visit: Visit, account: Json, form: Form, status: int = 200) -> Response:
    people = {each["id"]: name_of(each) for each in account["members"] if not each["erased"]}
    return await visit.page(
        "accounts/erasure.html",
        status,
        account=account,
        form=form,
        people={**people, WHOLE: visit.gettext("the whole family")},
        family_name=name_of(owner_of(account)),
    )


@routes.get("/accounts/{account}/methods")
async def show_methods(visit: ReadsMethods, account: str) -> Response:
    """The payment methods of a family: which is used first, and which is removed (PAY-12)."""
    found, methods = await asyncio.gather(
        account_of(visit, account), visit.api.read(f"/payments/v1/accounts/{quoted(account)}/payment-methods")
    )
    return await visit.page(
        "accounts/methods.html",
        account=account,
        family_name=name_of(owner_of(found)) if isinstance(found, dict) else None,
        methods=methods.body["methods"],
        version=methods.version,
        kinds=METHODS,
        form=visit.form(),
    )


@routes.post("/accounts/{account}/methods/{method}")
async def change_method(visit: KeepsMethods, account: str, method: str) -> Response:
    """Use a payment method first, or remove it."""
    form = await visit.sent()
    path = f"/payments/v1/accounts/{quoted(account)}/payment-methods/{quoted(method)}"
    version = form.whole("version", least=0, most=10**9)
    if form.value("do") == "remove":
        await visit.api.send(path, key=form.key, version=version, method="DELETE")
    else:
        await visit.api.send(f"{path}/default", key=form.key, version=version)
    return visit.to(f"/accounts/{quoted(account)}/methods", visit.gettext("Saved."))


@routes.get("/accounts/{account}/members/new")
async def begin_person(visit: Writes, account: str) -> Response:
    """The form of a new person."""
    found = await visit.api.get(path_of(account))
    return await _person_page(visit, found, None, visit.form())


@routes.post("/accounts/{account}/members/new")
async def add_person(visit: Writes, account: str) -> Response:
    """Add a person to a family."""
    return await _save(visit, account, None)


@routes.get("/accounts/{account}/members/{member}")
async def begin_edit(visit: Writes, account: str, member: str) -> Response:
    """The form of a person who is there already."""
    found = await visit.api.get(path_of(account))
    person = person_of(found, member)
    if name_of(person) is None:
        return visit.to(f"/accounts/{quoted(account)}")
    return await _person_page(visit, found, person, visit.form())


@routes.post("/accounts/{account}/members/{member}")
async def edit_person(visit: Writes, account: str, member: str) -> Response:
    """Save what is known of a person."""
    return await _save(visit, account, member)


async def _save(visit: Visit, account: str, member: str | None) -> Response:
    form = await visit.sent()
    found = await visit.api.get(path_of(account))
    before = person_of(found, member) if member else None
    body = read_person(form)
    seen = form.whole("version", least=0, most=10**9)
    if not form.wrong:
        path = f"{path_of(account)}/members"
        try:
            if member is None:
                await visit.api.send(path, body, key=form.key, version=seen)
            else:
                await visit.api.send(f"{path}/{quoted(member)}", body, key=form.key, version=seen, method="PUT")
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, "EUR")
        else:
            return visit.to(f"/accounts/{quoted(account)}", visit.gettext("Saved."))
    return await _person_page(visit, found, before, form, 422)


async def _person_page(visit: Visit, account: Json, person: Json | None, form: Form, status: int = 200) -> Response:
    return await visit.page(
        "accounts/person.html",
        status,
        account=account,
        person=person,
        form=form,
        family_name=name_of(owner_of(account)),
        name=name_of(person),
        kinds=visit.translated(KINDS),
    )
