"""What the pages of invoices ask of payments, and the words for what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from backoffice.apis import Api, Json, quoted
from backoffice.languages import N_, NP_
from backoffice.web import Form
from backoffice.web.periods import Period

INVOICES, SETTINGS, JOBS = "/payments/v1/invoices", "/payments/v1/invoice-settings", "/payments/v1/jobs"
PER_PAGE, LATEST_JOBS = 50, 20

KINDS: Mapping[str, tuple[str, str]] = {
    "": ("", NP_("invoices and credit notes", "All")),
    "invoice": ("", N_("Invoices")),
    "deposit_invoice": ("", N_("Deposit invoices")),
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which invoices a list is of; what is empty leaves out none."""

    words: str = ""
    """A number or its beginning, or the client's name."""
    kind: str = ""
    status: str = ""
    days: Period = field(default_factory=Period)

    @property
    def query(self) -> dict[str, Any]:
        """As the API takes it."""
        words = self.words
        is_number = "-" in words and any(each.isdigit() for each in words)
        named = {"number" if is_number else "name": words.upper() if is_number else words} if words else {}
        days = {"since": self.days.since or None, "until": self.days.until or None}
        return {**named, **days, "kind": self.kind or None, "status": self.status or None}

    def address(self, **others: str | None) -> str:
        """The page of the list, with something else."""
        days = {"from": self.days.since, "until": self.days.until}
        shown: dict[str, str | None] = {"q": self.words, "kind": self.kind, "status": self.status, **days, **others}
        query = urlencode({name: value for name, value in shown.items() if value})
        return f"/invoices?{query}" if query else "/invoices"


async def invoices(api: Api, wanted: Wanted, cursor: str | None) -> Json:
    """A page of invoices, the newest first."""
    return await api.get(INVOICES, limit=PER_PAGE, cursor=cursor, **wanted.query)


async def of_contract(api: Api, contract: str) -> Json:
    """The invoices of a contract, the newest first."""
    return await api.get(INVOICES, limit=PER_PAGE, contract=contract)


async def last_job(api: Api) -> Json | None:
    """The bulk job of invoices that was started last; None if there is none among the latest jobs."""
    found = await api.get(JOBS, limit=LATEST_JOBS)
    return next((each for each in found["items"] if each["kind"] == "issue-invoices"), None)


def company(form: Form) -> Json:
    """The company that an invoice is for, as the form has it."""
    streets = [line for line in (form.text("street", required=False, most=120),) if line]
    return {
        "kind": "company",
        "name": form.text("name", most=120),
        "siren": form.text("siren", required=False, most=20) or None,
        "order": form.text("order", required=False, most=120) or None,
        "address": {
            "lines": streets,
            "postcode": form.text("postcode", required=False, most=12) or None,
            "city": form.text("city", required=False, most=80) or None,
        },
    }


def path_of(invoice: str) -> str:
    """The address of an invoice in the API."""
    return f"{INVOICES}/{quoted(invoice)}"


def jobs_path(job: str) -> str:
    """The address of a bulk job in the API."""
    return f"{JOBS}/{quoted(job)}"
