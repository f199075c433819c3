"""The mails of the organisation as pages, and the bulk job that sends again what was not sent (NOT-3)."""

import asyncio
from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Json, Problem, part, quoted
from backoffice.mails import calls
from backoffice.mails.words import STATES, kind_of
from backoffice.problems import sentence
from backoffice.web import Visit, framed, needs, pages
from backoffice.web.waiting import JOB_STATES, job_page

routes = pages()

Reads = Annotated[Visit, needs("notifications:read")]
Sends = Annotated[Visit, needs("notifications:write")]


@routes.get("/mails")
async def show_mails(visit: Reads, status: str = "", cursor: str | None = None) -> Response:
    """The mails, newest first: all of them, those that were not sent, or those that wait."""
    wanted = status if status in calls.FILTERS else ""
    found, last = await asyncio.gather(part(calls.mails(visit.api, wanted, cursor)), part(calls.last_job(visit.api)))
    return await visit.page(
        "mails/list.html",
        found=found,
        last=last,
        wanted=wanted,
        filters=calls.FILTERS,
        reasons=calls.REASONS,
        kind_of=kind_of,
        states=STATES,
        job_states=JOB_STATES,
        first=cursor is None,
        form=visit.form(),
    )


@routes.post("/mails/send-failed-again")
async def send_failed_again(visit: Sends) -> Response:
    """Begin to send again whatever was not sent."""
    form = await visit.sent()
    job = await calls.send_failed_again(visit.api, form.key)
    return visit.to(f"/mails/jobs/{quoted(job['id'])}")


@routes.post("/mails/{mail}/send-again")
async def send_mail_again(visit: Sends, mail: str) -> Response:
    """Send one mail once more."""
    form = await visit.sent()
    await calls.send_again(visit.api, mail, form.key)
    back = form.value("back")
    return visit.to(back if back.startswith("/mails") else "/mails", visit.gettext("The mail is sent once more."))


@routes.get("/mails/{mail}")
async def show_mail(visit: Reads, mail: str) -> Response:
    """A mail, with the words in which it was sent."""
    found, letter = await asyncio.gather(calls.mail(visit.api, mail), calls.letter(visit.api, mail))
    return await visit.page(
        "mails/mail.html",
        mail=found,
        letter=letter,
        reasons=calls.REASONS,
        kind_of=kind_of,
        states=STATES,
        form=visit.form(),
    )


@routes.get("/mails/{mail}/shown")
async def show_letter(visit: Reads, mail: str) -> Response:
    """The HTML of a mail as it was sent, for the frame of its page."""
    letter = await calls.letter(visit.api, mail)
    if letter["html"] is None:
        raise Problem(404, "unknown-object")
    return framed(letter["html"])


@routes.get("/mails/jobs/{job}")
async def show_job(visit: Reads, job: str) -> Response:
    """How far a bulk job is, and what it could not do. The page reloads itself until the job has ended."""
    found, report = await asyncio.gather(calls.job(visit.api, job), calls.report(visit.api, job))
    currency = await visit.currency()

    def why(line: Json) -> str:
        return sentence(Problem(409, line["problem"].rpartition(":")[2]), visit.language, currency)

    return await job_page(
        visit,
        "mails/job.html",
        found,
        report=report,
        why=why,
    )


@routes.post("/mails/jobs/{job}/cancel")
async def cancel_job(visit: Sends, job: str) -> Response:
    """Stop a bulk job."""
    form = await visit.sent()
    await calls.cancel(visit.api, job, form.key)
    return visit.to(f"/mails/jobs/{quoted(job)}")
