"""What the pages of mails ask of notifications, and what a bulk job says of itself."""

from collections.abc import Mapping

from backoffice.apis import Api, Json, quoted
from backoffice.languages import N_

MAILS, JOBS, PER_PAGE, RECENT, LONGEST_REPORT = "/notifications/v1/mails", "/notifications/v1/jobs", 50, 1, 100

FILTERS: Mapping[str, str] = {
    "": N_("All mails"),
    "failed": N_("Not sent"),
    "queued": N_("Waiting"),
}
"""Which mails, by the status that the API takes."""

REASONS: Mapping[str, str] = {
    "refused": N_("The mail server refused it."),
    "not-taken": N_("The mail server could not take it."),
    "no-address": N_("The family has no address."),
    "bad-address": N_("The address cannot be written to."),
    "erased": N_("The person was erased."),
    "unwritable": N_("The mail could not be written with its template."),
    "no-paper": N_("Its PDF could not be read."),
    "no-answer": N_("What it recalls could not be read."),
}
"""Why a mail was not sent."""


async def mails(api: Api, status: str, cursor: str | None) -> Json:
    """A page of the organisation's mails, newest first."""
    return await api.get(MAILS, status=status or None, limit=PER_PAGE, cursor=cursor)


async def last_job(api: Api) -> Json | None:
    """The bulk job that was started last; None if there was none yet."""
    found = await api.get(JOBS, limit=RECENT)
    return found["items"][0] if found["items"] else None


async def job(api: Api, id_: str) -> Json:
    """A bulk job as it is now."""
    return await api.get(f"{JOBS}/{quoted(id_)}")


async def report(api: Api, id_: str) -> Json:
    """What a bulk job could not do, and why."""
    return await api.get(f"{JOBS}/{quoted(id_)}/report", limit=LONGEST_REPORT)


async def send_failed_again(api: Api, key: str) -> Json:
    """Start the bulk job that sends again whatever was not sent."""
    return (await api.send(f"{MAILS}/send-failed-again", key=key)).body


async def cancel(api: Api, id_: str, key: str) -> None:
    """Stop a bulk job: what is sent stays sent."""
    await api.send(f"{JOBS}/{quoted(id_)}/cancel", key=key)


async def about(api: Api, account: str, contract: str) -> Json:
    """The mails to the family about a contract, newest first."""
    return await api.get(f"/notifications/v1/accounts/{quoted(account)}/mails", contract=contract, limit=100)


async def send_again(api: Api, mail: str, key: str) -> None:
    """Send a mail once more, with its present words."""
    address = f"{MAILS}/{quoted(mail)}"
    seen = await api.read(address)
    await api.send(f"{address}/send-again", key=key, version=seen.version)


async def mail(api: Api, id_: str) -> Json:
    """A mail as it is now."""
    return await api.get(f"{MAILS}/{quoted(id_)}")


async def letter(api: Api, id_: str) -> Json:
    """The words of a mail as it was sent; ``text`` is None if they are not kept."""
    return await api.get(f"{MAILS}/{quoted(id_)}/letter")
