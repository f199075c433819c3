"""The texts of the mails: the list, an editor in default and in own words, what going back loses."""

import json

import httpx

from notifications.api.views import names_of
from notifications.mails import KINDS
from tests.backoffice.front import FakeFront, problem
from tests.backoffice.registry import Page

ADDRESS = "/notifications/v1/templates"
OWN, UNTOUCHED = f"{ADDRESS}/contract_opened/fr", f"{ADDRESS}/payment_received/en"

PAGES = [
    Page("mail-texts", "/mail-texts", role="director"),
    Page("mail-text", "/mail-texts/contract_opened/fr", role="director", dark=True),
    Page("mail-text-for-a-secretary", "/mail-texts/contract_opened/fr"),
    Page("mail-text-given-up", "/mail-texts/contract_opened/fr/default", role="director"),
]

VARIABLES = [
    {"name": "organisation", "sort": "group", "parts": [{"name": "name", "sort": "text", "parts": []}]},
    {"name": "total", "sort": "amount", "parts": []},
    {
        "name": "instalments",
        "sort": "list",
        "parts": [{"name": "due", "sort": "date", "parts": []}, {"name": "amount", "sort": "amount", "parts": []}],
    },
]
WORDS = {
    "subject": "Votre contrat {{ contract.number }}",
    "body": "# Bienvenue\n\nLe total est de {{ total }}.\n\n{% for x in instalments %}\n- {{ x.due }}\n{% endfor %}\n",
}
MAIL = {
    "subject": "Votre contrat 2027-0042",
    "text": "Bienvenue\n=========\n\nLe total est de 300,00 €.\n",
    "html": '<!doctype html><html lang="fr"><head><title>Votre contrat</title></head>'
    '<body style="margin:0;padding:24px;background:#f4f4f2;"><h1 style="font-size:24px;">Bienvenue</h1>'
    "<p>Le total est de 300,00 €.</p></body></html>",
}


def template(kind: str, language: str, *, own: bool) -> dict[str, object]:
    return {
        "kind": kind,
        "language": language,
        "own": own,
        **WORDS,
        "variables": VARIABLES,
        "names": names_of(kind),
    }


def answers(front: FakeFront) -> None:
    owned = {("contract_opened", "fr")}
    front.answers[f"GET {ADDRESS}"] = {
        "items": [
            {
                "kind": kind,
                "language": code,
                "own": (kind, code) in owned,
                "subject": "…",
                "version": 0,
                "names": names_of(kind),
            }
            for kind in KINDS
            for code in ("en", "fr")
        ]
    }

    def previewed(request: httpx.Request) -> httpx.Response:
        words = (json.loads(request.content) or {}).get("words") or WORDS
        for number, line in enumerate(words["body"].split("\n"), 1):
            if "totl" in line:
                return problem(422, "template-unknown-variable", field="body", line=number, name="totl")
        return httpx.Response(200, json=MAIL)

    for path, own, version in ((OWN, True, 4), (UNTOUCHED, False, 0)):
        kind, language = path.split("/")[-2:]
        shown = template(kind, language, own=own)
        front.answers[f"GET {path}"] = lambda _, shown=shown, version=version: httpx.Response(
            200, json=shown, headers={"ETag": f'"{version}"'}
        )
        front.answers[f"POST {path}/preview"] = previewed
        front.answers[f"PUT {path}"] = shown
        front.answers[f"DELETE {path}"] = shown
