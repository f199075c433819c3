"""The pages that a person sees after opening a link of a mail that leads to no paper, in French and in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

_WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "link-expired": {
        "en": (
            "This link has expired",
            "Links in our mails serve for 30 days. Write to your school and ask for the mail to be sent again: "
            "it brings a new link.",
        ),
        "fr": (
            "Ce lien a expiré",
            "Les liens de nos courriels sont valables 30 jours. Écrivez à votre école pour qu'elle vous renvoie le "
            "courriel : il contiendra un nouveau lien.",
        ),
    },
    "unknown-link": {
        "en": (
            "This link leads to nothing",
            "Perhaps a part of it was lost. Open it from the mail again, or copy it whole. If that does not help, "
            "write to your school.",
        ),
        "fr": (
            "Ce lien ne mène nulle part",
            "Il en manque peut-être une partie. Ouvrez-le de nouveau depuis le courriel, ou copiez-le en entier. Si "
            "cela ne suffit pas, écrivez à votre école.",
        ),
    },
    "stop-reminders": {
        "en": (
            "No more payment reminders?",
            "Your school reminds you by mail of payments that are due. If you stop that, it sends you no more of them "
            "automatically. What is due stays due.",
        ),
        "fr": (
            "Ne plus recevoir de rappels ?",
            "Votre école vous rappelle par courriel les paiements à effectuer. Si vous arrêtez ces rappels, elle ne "
            "vous en enverra plus automatiquement. Les sommes dues le restent.",
        ),
    },
    "reminders-stopped": {
        "en": (
            "You get no more reminders",
            "Your school sends you no more automatic payment reminders. Write to it if you wish them again.",
        ),
        "fr": (
            "Vous ne recevrez plus de rappels",
            "Votre école ne vous enverra plus de rappels de paiement automatiques. Écrivez-lui si vous souhaitez en "
            "recevoir de nouveau.",
        ),
    },
}

_BUTTONS: Mapping[str, Mapping[str, str]] = {
    "stop-reminders": {"en": "Stop the reminders", "fr": "Arrêter les rappels"},
}
"""The pages that ask something: the button sends the form to the address of the page."""

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0; font: 1.05rem/1.55 system-ui, sans-serif; color: light-dark(#1d2430, #e9ecf1);
  background: light-dark(#f6f4ef, #14181f); }}
main {{ max-width: 32rem; margin: 18vh auto 0; padding: 0 1.5rem; }}
h1 {{ font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem; }}
p {{ margin: 0; }}
address {{ margin-top: 1.5rem; font-style: normal; }}
a {{ color: inherit; }}
button {{ margin-top: 1.5rem; font: inherit; font-weight: 600; padding: .6rem 1.1rem; border: 0; border-radius: .5rem;
  cursor: pointer; color: light-dark(#fff, #14181f); background: light-dark(#1d2430, #e9ecf1); }}
</style>
</head>
<body><main><h1>{title}</h1><p>{text}</p>{button}{school}</main></body>
</html>
"""


@dataclass(frozen=True, slots=True)
class School:
    """Whom the reader of such a page can ask: what the organisation says of itself."""

    name: str
    email: str
    phone: str | None = None


def page(slug: str, language: str, school: School | None = None) -> str:
    """The page of that name, in French or else in English. It holds nothing of the request but whose link it is."""
    spoken = language if language in _WORDS[slug] else "en"
    title, text = _WORDS[slug][spoken]
    asked = _BUTTONS.get(slug)
    button = f'<form method="post"><button>{asked[spoken]}</button></form>' if asked else ""
    return _PAGE.format(language=spoken, title=title, text=text, button=button, school=_shown(school) if school else "")


def _shown(school: School) -> str:
    email, phone = escape(school.email), escape(school.phone or "")
    lines = (f"<strong>{escape(school.name)}</strong>", f'<a href="mailto:{email}">{email}</a>', phone)
    return f"<address>{'<br>'.join(line for line in lines if line)}</address>"
