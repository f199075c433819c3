"""An organisation's own words for a kind of mail in one language (NOT-2)."""

from uuid import UUID, uuid5

from carnet.decisions import Decision, State
from carnet.events.catalog import Language
from carnet.events.notifications import TemplateChanged, TemplateRestored
from carnet.tolerance import Tolerant
from notifications.mails import Kind

_TEMPLATES = UUID("0c7f0b2a-3c1d-5e6b-8a52-0b1f6d1c2e37")


class Words(Tolerant):
    """The source of a mail: one line of subject and a body, from which text and HTML are made."""

    subject: str
    body: str


class Template(State):
    """The organisation's own words; None if it went back to the default ones.

    Version 0 is the default words, never changed. The state is kept when the default is
    restored, so that its version goes on rising.
    """

    kind: Kind
    language: Language
    words: Words | None = None


def template_id(organisation: str, kind: Kind, language: Language) -> str:
    """The id of the organisation's template of that kind and language."""
    return str(uuid5(_TEMPLATES, f"{organisation}/{kind}/{language}"))


def untouched(organisation: str, kind: Kind, language: Language) -> Template:
    """The template of an organisation that never changed it."""
    return Template(
        id=template_id(organisation, kind, language), organisation=organisation, kind=kind, language=language
    )


def change_words(template: Template, words: Words) -> Decision[Template]:
    """Replace the words by the organisation's own, which were checked before."""
    if template.words == words:
        return Decision(template)
    event = TemplateChanged(template=template.id, kind=template.kind, language=template.language)
    return Decision(template.model_copy(update={"words": words}), (event,))


def restore_default(template: Template) -> Decision[Template]:
    """Go back to the default words."""
    if template.words is None:
        return Decision(template)
    event = TemplateRestored(template=template.id, kind=template.kind, language=template.language)
    return Decision(template.model_copy(update={"words": None}), (event,))
