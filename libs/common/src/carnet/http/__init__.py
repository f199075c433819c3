"""HTTP: what a service's ``api`` is written with.

``create_api`` wires an API; ``router`` makes its routes; ``reads`` and ``changes`` admit
callers; ``Body`` reads what they send; ``Reply`` and ``Page`` are what they get;
``Follows`` says where another service shows what comes of a command; ``with_outcome`` waits a short while for what
another service answers to one.
"""

from carnet.http.app import create_api
from carnet.http.bodies import Body, MoneyIn, PositiveMoneyIn
from carnet.http.calls import Call, Command, Reply, changes, reads
from carnet.http.following import Follows
from carnet.http.journals import JournalEntry, journal_page
from carnet.http.openapi import TOO_MANY
from carnet.http.pages import Page, PageAsked
from carnet.http.problems import ProblemError
from carnet.http.requests import RequestView, ServiceRefusalView, waits, with_outcome
from carnet.http.routes import router
from carnet.http.waiting import within_patience

__all__ = [
    "TOO_MANY",
    "Body",
    "Call",
    "Command",
    "Follows",
    "JournalEntry",
    "MoneyIn",
    "Page",
    "PageAsked",
    "PositiveMoneyIn",
    "ProblemError",
    "Reply",
    "RequestView",
    "ServiceRefusalView",
    "changes",
    "create_api",
    "journal_page",
    "reads",
    "router",
    "waits",
    "with_outcome",
    "within_patience",
]
