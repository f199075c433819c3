"""The pages of families."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from backoffice.accounts.calls import (
    ADDRESS,
    KINDS,
    LANGUAGES,
    METHODS,
    PER_PAGE,
    family_of,
    name_of,
    owner_of,
    path_of,
    person_of,
    read_person,
)
from backoffice.apis import Json, Problem, ServiceAwayError, part, quoted
from backoffice.web import Form, Visit, needs, pages

routes = pages()

Reads = Annotated[Visit, needs("accounts:read")]
Writes = Annotated[Visit, needs("accounts:read", "accounts:write")]
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
    return await visit.page("accounts/new.html", form=visit.form(), languages=LANGUAGES)


@routes.post("/accounts/new")
async def create_family(visit: Writes) -> Response:
    """Create a family with its owner."""
    form = await visit.sent()
    owner = read_person(form, kind="adult")
    body = {"language": form.choice("language", LANGUAGES), "owner": owner}
    if not form.wrong:
        try:
            answer = await visit.api.send(ADDRESS, body, key=form.key)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, "EUR", {f"owner.{name}": name for name in owner})
        else:
            text = visit.gettext("The family is created. Now add its other people.")
            if answer.body["similar"]:
                text = visit.gettext(
                    "The family is created. Another family has the same name: look whether it is this one."
                )
            return visit.to(f"/accounts/{answer.body['id']}", text)
    return await visit.page("accounts/new.html", 422, form=form, languages=LANGUAGES)


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
        methods=METHODS,
        languages=LANGUAGES,
    )


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
    body = read_person(form, before=before)
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
        kinds={kind: visit.gettext(words) for kind, words in KINDS.items()},
    )
