"""What an access is, and what happened to it, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backoffice.apis import Json
from backoffice.catalogue.kinds import Known
from backoffice.catalogue.kinds.online_plan import SETTINGS
from backoffice.contracts.journal import who
from backoffice.languages import N_, Language
from backoffice.web import Visit

WHY: Mapping[str, str] = {
    "cancelled": N_("no plan any more"),
    "expired": N_("over"),
    "erased": N_("person erased"),
    "late": N_("payment late"),
}
"""Why an access was revoked."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal: when (an instant), who and what, in words."""

    at: str
    who: str
    what: Sequence[str]


def state_of(access: Json) -> tuple[str, str]:
    """The colour and the words for whether it is open."""
    if access["open"]:
        return "ok", N_("open")
    if access["why"] == "late":
        return "late", WHY["late"]
    return "calm", WHY.get(access["why"] or "", N_("closed"))


def facts(access: Json, language: Language) -> dict[str, str]:
    """Its settings and its end, by labels in the language of the person; ``access`` is a view or an event."""
    known = Known(language, "")
    end = access["last_day"]
    return {
        language.gettext(N_("Open until")): language.day(end) if end else language.gettext(N_("without an end")),
        **{language.gettext(each.label): each.shown(access, known) for each in SETTINGS},
    }


def entries(items: Sequence[Json], visit: Visit) -> list[Entry]:
    """The entries of a page of the journal; each change beside the entry before it."""
    found, before = [], None
    for each in items:
        found.append(Entry(each["at"], who(each["actor"], visit.language), _what(before, each, visit)))
        before = each["data"]
    return found


def _what(before: Json | None, entry: Json, visit: Visit) -> list[str]:
    data, gettext = entry["data"], visit.gettext
    if entry["type"] == "AccessRevoked":
        return [gettext("Closed: {why}.").format(why=gettext(WHY.get(data["why"], data["why"])))]
    what = [gettext("Opened.")] if entry["type"] == "AccessGranted" else []
    if before is not None and before["line"] != data["line"]:
        what.append(gettext("Another plan gives it now."))
    old = facts(before, visit.language) if before else {}
    what += [
        f"{label}{gettext(': ')}{text or '–'}."
        for label, text in facts(data, visit.language).items()
        if text != old.get(label)
    ]
    reason = (entry.get("personal") or {}).get("reason")
    return [*what, reason] if reason else what
