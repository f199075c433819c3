"""What mails are about and their status, in words."""

from collections.abc import Mapping

from backoffice.apis import Json
from backoffice.languages import N_, Language

STATES: Mapping[str, tuple[str, str]] = {
    "queued": ("calm", N_("waiting")),
    "sending": ("calm", N_("being sent")),
    "sent": ("ok", N_("sent")),
    "failed": ("late", N_("not sent")),
    "dropped": ("calm", N_("no longer needed")),
}
"""The status of a mail: its colour and its words."""


def kind_of(mail: Json, language: Language) -> str:
    """What the kind of a mail, or of a template, is called, as notifications says; its code if that does not say it."""
    return str(mail.get("names", {}).get(language.code) or mail["kind"])
