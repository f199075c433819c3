"""Which language a person gets: the one that they chose, else the browser's, else the organisation's."""

from collections.abc import Sequence

from backoffice.languages.language import LANGUAGES, Language

COOKIE = "carnet_language"


def chosen(cookie: str | None, header: str, of_organisation: Sequence[str] = ()) -> Language:
    """The language of a request.

    Args:
        cookie: What the person chose, if they did.
        header: Accept-Language.
        of_organisation: The languages of their organisation, the first by default.
    """
    if cookie in LANGUAGES:
        return Language.of(cookie)
    for code in [*_preferred(header), *of_organisation]:
        if code in LANGUAGES:
            return Language.of(code)
    return Language.of(LANGUAGES[0])


def _preferred(header: str) -> list[str]:
    """The codes of an Accept-Language header, the most wanted first."""
    weighed = []
    for place, one in enumerate(header[:500].split(",")):
        tag, _, weight = one.partition(";")
        try:
            wanted = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            wanted = 0.0
        weighed.append((-wanted, place, tag.strip().lower().partition("-")[0]))
    return [code for wanted, _, code in sorted(weighed) if wanted < 0]
