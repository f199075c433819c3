"""``integration/mails.md``: which mail is sent when, from the folders of the mails."""

import inspect
import re
from importlib import import_module

import notifications.mails
from notifications.domain.dossiers import MAILS_OF_CHANGES
from notifications.mails import MAILS
from notifications.mails.definition import MailKind
from notifications.mails.words import name_of

_TO = {"client": "the client", "support": "support"}


def mails_sent() -> str:
    """The page."""
    lines = [
        "# Mails",
        "",
        "Made from the code by `carnet docs`. Which mails are sent, once per event or change (NOT-1): to the client,",
        "that is the owner of the account or the person who is given what the mail is about, or to the support address",
        "of the organisation.",
        "[How they are sent, and what their templates may say](../../services/notifications/README.md).",
        "",
        "| kind | name | goes to | due by | when |",
        "|---|---|---|---|---|",
        *(_row(kind, mail) for kind, mail in sorted(MAILS.items())),
    ]
    return "\n".join(lines) + "\n"


def _row(kind: str, mail: MailKind) -> str:
    cells = (f"`{kind}`", name_of(kind, "en"), _TO[mail.to], _due_by(kind, mail), _when(kind))
    return f"| {' | '.join(cells)} |"


def _due_by(kind: str, mail: MailKind) -> str:
    if kind in MAILS_OF_CHANGES:
        return "all events of a change, and the schedule that answers it"
    return ", ".join(f"`{event.__name__}`" for event in mail.due) or "moves by staff, gathered"


def _when(kind: str) -> str:
    docstring = inspect.getdoc(import_module(f"{notifications.mails.__name__}.{kind}")) or ""
    return re.sub(r"``(.*?)``", r"`\1`", " ".join(docstring.split()))
