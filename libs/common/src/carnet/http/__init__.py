"""HTTP: what a service's ``api`` is written with.

``create_api`` wires an API; ``router`` makes its routes; ``reads`` and ``changes`` admit
callers; ``Body`` reads what they send; ``Reply`` and ``Page`` are what they get;
``Follows`` says where another service shows what comes of a command; ``within_patience``
waits a short while for its answer.
"""

from carnet.http.app import create_api
from carnet.http.bodies import Body, MoneyIn, PositiveMoneyIn
from carnet.http.calls import Call, Command, Reply, changes, reads
from carnet.http.following import Follows
from carnet.http.journals import JournalEntry, journal_page
from carnet.http.pages import Page, PageAsked
from carnet.http.problems import ProblemError
from carnet.http.routes import router
from carnet.http.waiting import within_patience

__all__ = [
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
    "changes",
    "create_api",
    "journal_page",
    "reads",
    "router",
    "within_patience",
]
