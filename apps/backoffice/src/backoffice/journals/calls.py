"""What journals of states say: each state beside the one before, label by label (ORG-4)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from backoffice.apis import Json
from backoffice.catalogue import writing
from backoffice.catalogue.calls import STATES, path_of
from backoffice.catalogue.kinds import PARTS, Known
from backoffice.contracts.journal import who
from backoffice.languages import N_, Language
from backoffice.pack_reminders import calls as pack_reminders
from backoffice.reminders import calls as reminders
from backoffice.settings import calls as settings
from backoffice.web import Visit

PER_PAGE = 50
DAY, HOUR = 86_400, 3_600

InWords = Callable[[Json], Mapping[str, str]]
"""The data of an entry in words, by labels."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal: when (an instant), who and what, in words."""

    at: str
    who: str
    what: Sequence[str]


@dataclass(frozen=True, slots=True)
class Journal:
    """One of the journals of settings.

    Attributes:
        name: In the address of its next page.
        title: What it is about, marked by ``N_``.
        path: Its address in the APIs.
        needs: The scope that reads it.
        in_words: What its entries say.
    """

    name: str
    title: str
    path: str
    needs: str
    in_words: Callable[[Json, Language], Mapping[str, str]]


def entries(page: Json, visit: Visit, in_words: InWords, *, first: bool) -> list[Entry]:
    """The entries of a page, in words. ``first`` says that it begins with the very first entry."""
    found: list[Entry] = []
    before: Mapping[str, str] | None = None
    for place, each in enumerate(page["items"]):
        if each["type"] == "CollectionAsked":
            day = visit.language.day(each["data"]["on"])
            what = [visit.gettext("What is due until {day} was to be collected at once.").format(day=day)]
        else:
            now = in_words(each["data"])
            begins = first and place == 0
            what = list(_differences(before, now, visit, begins=begins)) or [visit.gettext("Saved without a change.")]
            before = now
        found.append(Entry(each["at"], who(each["actor"], visit.language), what))
    return found


def _differences(
    before: Mapping[str, str] | None, now: Mapping[str, str], visit: Visit, *, begins: bool
) -> Iterator[str]:
    if before is None:
        yield visit.gettext("Set up.") if begins else visit.gettext("Changed.")
        yield from (f"{label}{visit.gettext(': ')}{_short(text)}" for label, text in now.items() if text)
        return
    for label in [*now, *(label for label in before if label not in now)]:
        old, new = before.get(label, ""), now.get(label, "")
        if old != new:
            sentence = visit.gettext("{label}: {before}, then {after}")
            yield sentence.format(label=label, before=_short(old) or "–", after=_short(new) or "–")


LONGEST = 120


def _short(text: str) -> str:
    """A value on one line; the beginning of a long one."""
    line = ", ".join(part.strip() for part in text.splitlines() if part.strip())
    return line if len(line) <= LONGEST else f"{line[:LONGEST].rstrip()}…"


# Of a product


def product_path(product: str) -> str:
    """The journal of a product in the API."""
    return f"{path_of(product)}/journal"


def refers_to(page: Json) -> list[str]:
    """The ids of the products that its entries name."""
    ids = {id_: None for each in page["items"] for id_ in each["data"].get("details", {}).get("products", ())}
    return list(ids)


def product_in_words(data: Json, known: Known) -> Mapping[str, str]:
    """A product as an event says it: like the product itself, and its status."""
    language = known.language
    kind = data["details"]["kind"]

    def money(amount: int) -> Json:
        return {"amount": amount, "currency": known.currency}

    formats = [
        {**each, "tariffs": [{**tariff, "price": money(tariff["price"])} for tariff in each["tariffs"]]}
        for each in data.get("formats", ())
    ]
    details = dict(data["details"])
    for field in PARTS[kind].fields if kind in PARTS else ():
        if field.kind == "money" and isinstance(details.get(field.name), int):
            details[field.name] = money(details[field.name])
    stands = data["status"]
    status = language.gettext(STATES[stands][1]) if stands in STATES else stands
    product = {"description": "", **data, "formats": formats, "details": details}
    return {language.gettext(N_("State")): status, **writing.facts(product, known)}


# Of the settings


def organisation_in_words(data: Json, language: Language) -> Mapping[str, str]:
    """The profile as an event says it, and how far the clock of a test organisation is ahead."""
    ahead = int(data.get("clock_ahead", 0))
    days, hours = ahead // DAY, ahead % DAY // HOUR
    clock = language.gettext("{days} d {hours} h ahead").format(days=days, hours=hours) if ahead else ""
    return {**settings.in_words(data, language), language.gettext(N_("Test clock")): clock}


def _invoices_in_words(data: Json, language: Language) -> Mapping[str, str]:
    by_itself = language.gettext("yes") if data["automatic"] else language.gettext("no")
    return {language.gettext(N_("What is paid is invoiced automatically")): by_itself}


def _debits_in_words(data: Json, language: Language) -> Mapping[str, str]:
    return {
        language.gettext(N_("Creditor identifier")): data["creditor"],
        language.gettext(N_("Bank account")): f"… {data['account_ending']}",
        language.gettext(N_("Days before the collection")): language.number(data["lead_days"]),
    }


def _reminders_in_words(data: Json, language: Language) -> Mapping[str, str]:
    steps = {part: [{"days": days} for days in data[of]] for part, of in _STEPS.items()}
    return reminders.in_words({**data, **steps}, language)


_STEPS = {"steps": "days", "order_steps": "order_days"}
"""The parts of a reminder calendar in the API, by what an event calls them."""

JOURNALS: Sequence[Journal] = (
    Journal("school", N_("The school"), f"{settings.ORGANISATION}/journal", "catalog:read", organisation_in_words),
    Journal(
        "collection",
        N_("Collection of instalments"),
        f"{settings.CALENDAR}/journal",
        "payments:read",
        settings.calendar_in_words,
    ),
    Journal("invoices", N_("Invoices"), "/payments/v1/invoice-settings/journal", "payments:read", _invoices_in_words),
    Journal("reminders", N_("Reminders"), f"{reminders.CALENDAR}/journal", "payments:read", _reminders_in_words),
    Journal(
        "packs",
        N_("Reminders of session packs"),
        f"{pack_reminders.REMINDERS}/journal",
        "credits:read",
        pack_reminders.in_words,
    ),
    Journal("debits", N_("Direct debits"), "/payments/v1/sepa-settings/journal", "payments:read", _debits_in_words),
)
"""Those of the settings, in the order of their page."""
