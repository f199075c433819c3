"""Templates: Jinja2, everything escaped, one folder per subject, in the language of the person."""

import hashlib
import re
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from backoffice.languages import LANGUAGES, Language
from backoffice.languages.catalogues import folders
from backoffice.problems import service_name

STATIC = Path(__file__).resolve().parents[1] / "static"


class _Environment(Environment):
    """In a template, ``row.items`` of a row from an API is its field, not a method of dictionaries."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict):
            return self.getitem(obj, attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, dict):
            return obj[argument] if argument in obj else self.undefined(obj=obj, name=argument)
        return super().getitem(obj, argument)


class Templates:
    """The templates of all subjects: ``follow_up/list.html`` is ``templates/list.html`` of that subject."""

    def __init__(self) -> None:
        loader = PrefixLoader(
            {folder.name: FunctionLoader(partial(_source, folder / "templates")) for folder in folders()}
        )
        self._environments = {code: _environment(loader, Language.of(code)) for code in LANGUAGES}

    def answer(self, template: str, language: Language, status: int = 200, **context: Any) -> HTMLResponse:
        """A template as the answer to a request."""
        return HTMLResponse(self.text(template, language, **context), status)

    def text(self, template: str, language: Language, **context: Any) -> str:
        """A template with its values."""
        return self._environments[language.code].get_template(template).render(language=language, **context)


@cache
def templates() -> Templates:
    """The templates of the package, which are read once."""
    return Templates()


_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
"""What indents the lines of a template is for its authors: a long list is a tenth lighter without it."""


def _source(folder: Path, name: str) -> tuple[str, str, None] | None:
    path = folder / name
    return (_INDENT.sub("", path.read_text()), str(path), None) if path.is_file() else None


def _environment(loader: PrefixLoader, language: Language) -> Environment:
    environment = _Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: "" if value is None else value,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined] # the i18n extension adds it
        language.gettext,
        language.ngettext,
        newstyle=True,
        pgettext=language.pgettext,
        npgettext=language.npgettext,
    )
    environment.filters |= {
        "money": language.money,
        "typed_money": language.typed_money,
        "day": language.day,
        "instant": language.instant,
        "percent": language.percent,
        "number": language.number,
    }
    # What a page for somebody who is not signed in does not have.
    environment.globals |= {"visit": None, "organisation": None, "notice": None, "menu": ()}
    environment.globals |= {
        "asset": _asset,
        "service_name": lambda service: service_name(service, language),
        "languages": {"fr": "Français", "en": "English"},
    }
    environment.tests["away"] = lambda value: getattr(value, "is_away", False)
    return environment


def _asset(name: str) -> Markup:
    """The address of a file of ``static``, which changes with its content, so that browsers may keep it for ever."""
    return Markup(f"/static/{name}?v={_digest(STATIC / name)}")  # noqa: S704 # names of our own files


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
