"""What the pages of invoices ask of payments, and the words for what it answers."""

from collections.abc import Mapping
from typing import Any

from backoffice.apis import Api, Json, quoted
from backoffice.languages import N_

INVOICES, SETTINGS, JOBS = "/payments/v1/invoices", "/payments/v1/invoice-settings", "/payments/v1/jobs"
PER_PAGE = 50

KINDS: Mapping[str, tuple[str, str]] = {
    "": ("", N_("All")),
    "invoice": ("", N_("Invoices")),
    "credit_note": ("", N_("Credit notes")),
}
"""The filters of the list, and their words."""

EXEMPTIONS: Mapping[str, str] = {
    "": N_("none: everything is sold with VAT"),
    "VATEX-FR-CGI261-7": N_("non-profit association (CGI 261-7)"),
    "VATEX-FR-CGI261-4": N_("teaching (CGI 261-4)"),
    "VATEX-FR-FRANCHISE": N_("small business without VAT (franchise)"),
}
"""The reasons for which no VAT is charged."""


async def invoices(api: Api, words: str, kind: str, cursor: str | None) -> Json:
    """Invoices by their number or the client's name, the newest first."""
    is_number = "-" in words and any(each.isdigit() for each in words)
    query: dict[str, Any] = {"number" if is_number else "name": words.upper() if is_number else words} if words else {}
    return await api.get(INVOICES, limit=PER_PAGE, kind=kind or None, cursor=cursor, **query)


async def of_contract(api: Api, contract: str) -> Json:
    """The invoices of a contract, the newest first."""
    return await api.get(INVOICES, limit=PER_PAGE, contract=contract)


async def last_job(api: Api) -> Json | None:
    """The bulk job that was started last; None if there is none."""
    found = await api.get(JOBS, limit=1)
    return found["items"][0] if found["items"] else None


def path_of(invoice: str) -> str:
    """The address of an invoice in the API."""
    return f"{INVOICES}/{quoted(invoice)}"


def jobs_path(job: str) -> str:
    """The address of a bulk job in the API."""
    return f"{JOBS}/{quoted(job)}"
