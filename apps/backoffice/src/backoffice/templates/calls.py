"""What the pages of mail texts ask, and how their words travel to the frame in which a mail is tried."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backoffice.apis import Answer, Api, Json, Problem, ServiceAwayError, quoted
from backoffice.languages import N_
from backoffice.web import Form
from backoffice.web.sealing import Sealer

TEMPLATES = "/notifications/v1/templates"
LANGUAGES = {"fr": N_("French"), "en": N_("English")}
LONGEST_SUBJECT, LONGEST_BODY = 300, 20_000

LASTS = 3_600
"""Seconds for which the words of a try can be shown."""

LONGEST_ADDRESS = 12_000
"""Characters of sealed words that an address can carry."""

SORTS: Mapping[str, str] = {
    "text": N_("text"),
    "amount": N_("amount"),
    "date": N_("date"),
    "yes or no": N_("yes or no"),
    "group": N_("group"),
    "list": N_("list"),
}
"""What a value of a mail is."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value that the words may use: how it is written, and what it is."""

    written: str
    sort: str


def path_of(kind: str, language: str) -> str:
    """The address of a template in the API."""
    return f"{TEMPLATES}/{quoted(kind)}/{quoted(language)}"


async def by_kind(api: Api) -> dict[str, dict[str, Json]]:
    """The templates of every kind by language."""
    found: dict[str, dict[str, Json]] = {}
    for each in (await api.get(TEMPLATES))["items"]:
        found.setdefault(each["kind"], {})[each["language"]] = each
    return found


async def template(api: Api, kind: str, language: str) -> Answer:
    """The words in use, with their version; 0 is that of the default words."""
    return await api.read(path_of(kind, language))


async def tried(api: Api, kind: str, language: str, words: Json | None) -> Json | Problem | ServiceAwayError:
    """The mail with sample data, in these words or in those in use; or why it cannot be written."""
    try:
        return await api.preview(f"{path_of(kind, language)}/preview", {"words": words} if words else {})
    except (Problem, ServiceAwayError) as fault:
        return fault


def read(form: Form) -> Json:
    """The words of a form; what is wrong is kept with it."""
    return {
        "subject": form.text("subject", most=LONGEST_SUBJECT),
        "body": form.text("body", most=LONGEST_BODY).replace("\r\n", "\n"),
    }


def sealed(sealer: Sealer, words: Json) -> str | None:
    """The words as a part of an address that only these pages can make; None if it would be too long."""
    text = sealer.seal(words)
    return text if len(text) <= LONGEST_ADDRESS else None


def opened(sealer: Sealer, text: str) -> Json | None:
    """The words of such a part; None if it is too old or was made by somebody else."""
    return sealer.open(text, LASTS)


def line_of(words: Json, problem: Problem) -> str | None:
    """The line of the words that a refusal names."""
    lines = str(words.get(str(problem.params.get("field")), "")).split("\n")
    line = problem.params.get("line")
    return lines[line - 1] if isinstance(line, int) and 0 < line <= len(lines) else None


def values(variables: list[Json], of: str = "") -> Iterator[Value]:
    """The variables as they are written in the words."""
    for each in variables:
        name = f"{of}.{each['name']}" if of else each["name"]
        if each["sort"] == "list":
            yield Value(f"{{% for x in {name} %}} … {{% endfor %}}", "list")
            yield from values(each["parts"], "x")
        elif each["sort"] == "group":
            yield from values(each["parts"], name)
        else:
            yield Value(f"{{{{ {name} }}}}", each["sort"])
