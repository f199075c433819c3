"""The menu: every part of the back office, in the order of the day. A part without a page yet is left out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from backoffice.languages import N_
from backoffice.web.people import Person


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu, and the scope without which it shows a reason instead."""

    label: str
    path: str
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under a heading; the first group has none."""

    heading: str
    entries: Sequence[Entry]


MENU = (
    Group("", (Entry(N_("Today"), "/today"),)),
    Group(
        N_("Finances"),
        (
            Entry(N_("Payment follow-up"), "/follow-up", "payments:read"),
            Entry(N_("Payments received"), "/receipts", "payments:read"),
            Entry(N_("Payment reminders"), "/reminders", "payments:read"),
            Entry(N_("Refunds"), "/refunds", "payments:read"),
            Entry(N_("Cheques to deposit"), "/cheques", "payments:read"),
            Entry(N_("Bank deposits"), "/bank-deposits", "payments:read"),
            Entry(N_("Direct debits"), "/debits", "payments:read"),
            Entry(N_("Credits"), "/credits", "credits:read"),
            Entry(N_("Scholarships"), "/scholarships", "scholarships:read"),
            Entry(N_("Invoices"), "/invoices", "payments:read"),
            Entry(N_("Accounting"), "/books", "payments:read"),
        ),
    ),
    Group(
        N_("Members"),
        (
            Entry(N_("Families"), "/accounts", "accounts:read"),
            Entry(N_("At the door"), "/door", "credits:read"),
            Entry(N_("Contracts"), "/contracts", "contracts:read"),
        ),
    ),
    Group(
        N_("School"),
        (
            Entry(N_("Catalogue"), "/catalog", "catalog:read"),
            Entry(N_("Mails"), "/mails", "notifications:read"),
            Entry(N_("Texts of the mails"), "/mail-texts", "notifications:read"),
            Entry(N_("Families from other software"), "/imports", "contracts:import"),
            Entry(N_("All your data"), "/export", "export:all"),
            Entry(N_("Settings"), "/settings", "catalog:read"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as it is shown to somebody."""

    label: str
    path: str
    current: bool
    possible: bool


def menu_for(person: Person, path: str, served: Collection[str]) -> list[tuple[str, list[Shown]]]:
    """The menu of a person on a page, by heading. ``served`` are the paths that have a page."""
    shown = []
    for group in MENU:
        entries = [
            Shown(entry.label, entry.path, f"{path}/".startswith(f"{entry.path}/"), person.may(entry.scope))
            for entry in group.entries
            if entry.path in served
        ]
        if entries:
            shown.append((group.heading, entries))
    return shown


def home_of(served: Collection[str]) -> str:
    """The page with which a day begins."""
    return "/today" if "/today" in served else "/follow-up"
