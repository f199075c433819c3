"""The mails over HTTP: a client's, an organisation's by status, one of them, and sending it again (NOT-3)."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from carnet.dates import write_instant
from carnet.decisions import Context
from carnet.http import Call, Page, PageAsked, Reply, router
from carnet.http.jobs import JobView, started
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.refusals import unknown
from notifications.api.access import Reads, StaffReads, Starts, Writes
from notifications.api.views import LetterView, MailView
from notifications.domain.mails import Mail, Status, send_again
from notifications.sending_again import SENDING_AGAIN
from notifications.store import (
    ACCOUNTS,
    MAILS,
    find_mail,
    knows_account,
    letter_of,
    mails_of_organisation,
    mails_to_client,
)

routes: APIRouter = router(tags=["mails"])


@routes.get("/accounts/{account}/mails")
async def list_mails_of_client(
    account: Id,
    call: Reads,
    page: PageAsked,
    contract: Annotated[Id | None, Query(description="Only mails about this contract.")] = None,
) -> Page[MailView]:
    """List the mails to an account's owner, newest first. A client reads those to its own account."""
    if not call.principal.sees(account) or not await knows_account(call.database, call.organisation, account):
        raise unknown("account", account)
    found = await mails_to_client(
        call.database, call.organisation, account, contract=contract, before=page.after(str, str), limit=page.fetch
    )
    staff = call.principal.actor.kind != "client"
    return page.of(found, place=_place, show=lambda mail: MailView.of(mail, staff=staff))


@routes.get("/mails")
async def list_mails(
    call: StaffReads,
    page: PageAsked,
    status: Annotated[Status | None, Query(description="Only mails of this status.")] = None,
) -> Page[MailView]:
    """List the mails of the organisation, newest first, optionally of one status."""
    found = await mails_of_organisation(
        call.database, call.organisation, status, before=page.after(str, str), limit=page.fetch
    )
    return page.of(found, place=_place, show=MailView.of)


@routes.post("/mails/send-failed-again", status_code=202, response_model=JobView)
async def send_failed_mails_again(command: Starts) -> Response:
    """Send every mail again that has failed, as a bulk job: follow it at the Location of the answer (NOT-3)."""

    async def work(unit: Unit, context: Context) -> Reply:
        return started(SENDING_AGAIN, {}, command, unit, context)

    return await command.run(work)


@routes.get("/mails/{mail}", response_model=MailView)
async def read_mail(mail: Id, call: Reads) -> Response:
    """Read a mail. A client reads those to its own account."""
    found = await _seen(mail, call)
    return call.show(MailView.of(found, staff=call.principal.actor.kind != "client"), version=found.version)


@routes.get("/mails/{mail}/letter", response_model=LetterView)
async def read_letter(mail: Id, call: Reads) -> Response:
    """Read the words of a mail as it was sent last. A client reads those to its own account."""
    found = await _seen(mail, call)
    return call.show(LetterView.of(found, await letter_of(call.database, call.organisation, mail)))


@routes.post("/mails/{mail}/send-again", response_model=MailView)
async def send_mail_again(mail: Id, command: Writes) -> Response:
    """Send a failed or sent mail again, with the present template and to the present address (NOT-3)."""

    async def work(unit: Unit, context: Context) -> Reply:
        found = await unit.one(MAILS, mail, what="mail")
        command.must_match(found.version)
        await unit.load(ACCOUNTS, [found.account])
        account = unit.get(ACCOUNTS, found.account)
        decision = send_again(found, context, erased=account is not None and account.erased)
        queued = unit.decide(MAILS, decision, context)
        return Reply(MailView.of(queued), queued.version)

    return await command.run(work)


async def _seen(mail: str, call: Call) -> Mail:
    """The mail, if the caller may see it; any other is answered as an unknown one (ORG-1, ORG-2)."""
    found = await find_mail(call.database, call.organisation, mail)
    staff = call.principal.actor.kind != "client"
    if found is None or not (staff or (call.principal.sees(found.account) and not found.to_support)):
        raise unknown("mail", mail)
    return found


def _place(mail: Mail) -> tuple[str, str]:
    return write_instant(mail.created_at), mail.id
