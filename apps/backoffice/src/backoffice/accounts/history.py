"""What happened to a family, in words: each state of the account beside the one before (ORG-4)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from backoffice.apis import Json
from backoffice.contracts.journal import who
from backoffice.languages import N_
from backoffice.web import Visit

FIELDS: Mapping[str, str] = {
    "kind": N_("adult or child"),
    "tags": N_("tags"),
    "first_name": N_("first name"),
    "last_name": N_("last name"),
    "email": N_("email"),
    "phone": N_("phone"),
    "birth_date": N_("date of birth"),
    "notes": N_("notes"),
}
"""The fields of a person."""

OWN: Mapping[str, str] = {"language": N_("language of the mails"), "tags": N_("tags")}
"""The fields of the whole family."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal: when (an instant), who and what, in words."""

    at: str
    who: str
    what: Sequence[str]


def entries(items: Sequence[Json], visit: Visit, *, first: bool) -> list[Entry]:
    """The entries of a page, in words. ``first`` says that it begins with the creation of the account."""
    found = []
    before: Json | None = None
    for place, each in enumerate(items):
        if each["type"] == "AccountErased":
            what = [visit.gettext("The whole family was erased.")]
        elif before is None:
            created = first and place == 0
            what = [visit.gettext("The family was created.") if created else visit.gettext("The family was changed.")]
        else:
            what = list(_differences(before, each, visit)) or [visit.gettext("Saved without a change.")]
        found.append(Entry(each["at"], who(each["actor"], visit.language), what))
        before = each if each["type"] == "AccountChanged" else None
    return found


def _differences(before: Json, after: Json, visit: Visit) -> Iterator[str]:
    old, new = before["data"], after["data"]
    people = _people(before), _people(after)
    for id_, person in people[1].items():
        name = _name(person) or visit.gettext("erased person")
        known = people[0].get(id_)
        if known is None:
            yield visit.gettext("{name} was added.").format(name=name)
        elif person["erased"] and not known["erased"]:
            yield visit.gettext("A person was erased.")
        else:
            moved = [visit.gettext(words) for field, words in FIELDS.items() if known.get(field) != person.get(field)]
            if moved and not person["erased"] and not _forgotten(before, after):
                yield visit.gettext("{name}: {fields}.").format(name=name, fields=", ".join(moved))
    if old["owner"] != new["owner"]:
        owner = _name(people[1].get(new["owner"], {})) or visit.gettext("erased person")
        yield visit.gettext("{name} is the owner now.").format(name=owner)
    moved = [visit.gettext(words) for field, words in OWN.items() if old.get(field) != new.get(field)]
    if (before.get("personal") or {}).get("notes") != (after.get("personal") or {}).get("notes"):
        moved += [] if _forgotten(before, after) else [visit.gettext("notes")]
    if moved:
        yield visit.gettext("Of the family: {fields}.").format(fields=", ".join(moved))


def _forgotten(before: Json, after: Json) -> bool:
    """Whether the personal part of one of them was erased: then nobody can say what differed."""
    return before.get("personal") is None or after.get("personal") is None


def _people(entry: Json) -> dict[str, Json]:
    personal = {each["id"]: each for each in (entry.get("personal") or {}).get("members", ())}
    return {each["id"]: {**each, **personal.get(each["id"], {})} for each in entry["data"]["members"]}


def _name(person: Json) -> str | None:
    return f"{person['first_name']} {person['last_name']}" if person.get("first_name") else None
