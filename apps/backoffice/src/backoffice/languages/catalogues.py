"""The catalogues: one ``fr.po`` in each folder of the package, read at the start and joined; nothing is built before.

``python -m backoffice.languages`` writes into each what its folder's templates and code say, and keeps what is
translated. The sources are English, so English has no catalogue. A text that the shell (``web``) has already is not
repeated in the catalogues of the subjects.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from carnet.texts import typeset

PACKAGE = Path(__file__).resolve().parents[1]
SHELL = "web"
CATALOGUE = "fr.po"
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}

_KEYWORDS = {**DEFAULT_KEYWORDS, "NP_": ((1, "c"), 2)}
APART = "\x04"
"""The separator between a context and its text, as in compiled catalogues."""

_Message = tuple[str | tuple[str, ...], str | None]
"""What a text is (singular and plural if it counts), and the context that sets it apart from one of equal letters."""


def N_(text: str) -> str:  # noqa: N802 # as gettext calls it
    """Mark a text for the catalogues; it is translated where it is shown."""
    return text


def NP_(context: str, text: str) -> str:  # noqa: N802 # likewise
    """Mark a text of which other nouns have another French word: ``NP_("invoice", "paid")`` is *payée*.

    What it returns is translated by ``Language.gettext`` as any other text.
    """
    return f"{context}{APART}{text}"


def folders() -> list[Path]:
    """The folders that have a catalogue of their own, the shell first."""
    found = sorted(path for path in PACKAGE.iterdir() if (path / "__init__.py").exists())
    return sorted(found, key=lambda path: path.name != SHELL)


def texts_of(folder: Path) -> Iterator[_Message]:
    """Every text of a folder's templates and code, in their order."""
    for _, _, text, _, context in extract_from_dir(folder, _METHODS, _OPTIONS, _KEYWORDS):
        yield text, context


def saved(folder: Path) -> Catalog:
    """The catalogue of a folder; an empty one if it has none."""
    path = folder / CATALOGUE
    if not path.exists():
        return Catalog(locale="fr")
    with path.open("rb") as file:
        return read_po(file, locale="fr", domain=None, ignore_obsolete=True, abort_invalid=True)


def translations() -> Translations:
    """The French of the whole package."""
    together = Catalog(locale="fr")
    for folder in folders():
        for message in saved(folder):
            if message.id and message.string:
                together.add(message.id, _printed(message.string), context=message.context)
    return _readable(together)


def _printed(text: str | tuple[str, ...] | list[str]) -> str | tuple[str, ...]:
    return typeset(text) if isinstance(text, str) else tuple(map(typeset, text))


def _readable(catalog: Catalog) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
