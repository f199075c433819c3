"""``python -m backoffice.languages``: write into every catalogue what the templates and the code say by now."""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from backoffice.languages.catalogues import CATALOGUE, SHELL, folders, saved, texts_of


def main() -> int:
    """Write the catalogues and say what is not translated; the exit code is 1 if something is not."""
    missing = []
    for folder, catalog in up_to_date():
        path = folder / CATALOGUE
        if len(catalog):
            path.write_bytes(written(catalog))
        else:
            path.unlink(missing_ok=True)
        missing += [f"{folder.name}/{CATALOGUE}: {message.id!r}" for message in catalog if untranslated(message)]
    print("\n".join([*missing, f"{len(missing)} texts are not translated."]))  # noqa: T201 # a command for developers
    return 1 if missing else 0


def up_to_date() -> list[tuple[Path, Catalog]]:
    """Every folder with its catalogue as it should be: every text of the folder, translated as it was.

    A text that is new in a folder is translated as in another one: the same English has the same French everywhere.
    """
    shared: set[object] = set()
    elsewhere = {(each.id, each.context): each.string for folder in folders() for each in saved(folder) if each.string}
    made = []
    for folder in folders():
        before = saved(folder)
        catalog = Catalog(locale="fr", fuzzy=False)
        for text, context in texts_of(folder):
            identity = (text if isinstance(text, str) else text[0], context)
            if identity in shared:
                continue
            known = before.get(identity[0], context)
            translated = known.string if known else ""
            catalog.add(text, translated or elsewhere.get((text, context), ""), context=context)
        if folder.name == SHELL:
            ids = ((message.id, message.context) for message in catalog)
            shared = {(text if isinstance(text, str) else text[0], context) for text, context in ids}
        made.append((folder, catalog))
    return made


def untranslated(message: object) -> bool:
    """Whether a text, or one of its plural forms, has no translation."""
    identity, string = getattr(message, "id", ""), getattr(message, "string", "")
    if not identity:
        return False
    return not string or (not isinstance(string, str) and not all(string))


def written(catalog: Catalog) -> bytes:
    """A catalogue as it is saved: without dates and places, so that it changes only with its texts."""
    out = BytesIO()
    write_po(out, catalog, width=120, no_location=True, omit_header=True)
    header = b'msgid ""\nmsgstr ""\n"Language: fr\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    return header + b'"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n' + out.getvalue().lstrip()


if __name__ == "__main__":
    sys.exit(main())
