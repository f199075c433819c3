"""The page that a person sees whose link no longer serves, in French and in English."""

from collections.abc import Mapping

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
}

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
</style>
</head>
<body><main><h1>{title}</h1><p>{text}</p></main></body>
</html>
"""


def page(slug: str, language: str) -> str:
    """The page for that problem, in French or else in English. It holds nothing of the request."""
    title, text = _WORDS[slug].get(language, _WORDS[slug]["en"])
    return _PAGE.format(language=language if language in _WORDS[slug] else "en", title=title, text=text)
