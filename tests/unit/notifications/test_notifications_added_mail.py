"""A mail is one folder: one that is added to a copy of the service is made due, written, listed, called and proved."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import notifications
from tests.pages import ROOT

FOLDER = {
    "__init__.py": '''
        """A mandate has ended: the family is asked for another (PAY-18)."""

        from dataclasses import dataclass
        from datetime import date
        from typing import Literal

        from carnet.events.payments import MandateEnded
        from carnet.ids import Id
        from carnet.money import Currency
        from notifications.mails.composing import Known
        from notifications.mails.definition import MailKind
        from notifications.mails.facts import Facts as BaseFacts
        from notifications.mails.samples import STATEMENT, TODAY
        from notifications.mails.views import ContractView


        class Facts(BaseFacts):
            """A mandate has ended."""

            kind: Literal["mandate_ended"] = "mandate_ended"
            contract: Id | None = None
            currency: Currency = "XXX"
            mandate: Id
            ended_on: date


        @dataclass(frozen=True, slots=True)
        class View(ContractView):
            """The variables of its templates."""

            ended_on: date


        def compose(facts: Facts, known: Known) -> View:
            """The variables."""
            return known.view(View, facts)


        def was_not_removed(event: MandateEnded) -> bool:
            """Whether it ended by itself."""
            return event.why != "removed"


        def sample(_currency: str) -> Facts:
            """The facts that the templates are previewed with."""
            return Facts(mandate=STATEMENT, ended_on=TODAY)


        MAIL = MailKind(
            to="client",
            facts=Facts,
            view=View,
            compose=compose,
            sample=sample,
            due={MandateEnded: Facts.of},
            when=was_not_removed,
            about="mandate",
        )
    ''',
    "en.md": """
        Name: Mandate ended
        Subject: Your mandate has ended

        Your mandate ended on {{ ended_on }}.

        @signature
    """,
    "fr.md": """
        Name: Mandat expiré
        Subject: Votre mandat a expiré

        Votre mandat a expiré le {{ ended_on }}.

        @signature
    """,
}

PROGRAM = """
import asyncio, json
from datetime import date

from carnet.batches import Batches
from carnet.events.payments import MandateEnded
from carnet.ids import new_id
from carnet_operations.documents.mails import mails_sent
from carnet_operations.verify.informed import mails as verified
from carnet_operations.verify.report import Report
from notifications.api.views import summary_of
from notifications.domain.templates import untouched
from notifications.mails.words import default_words
from notifications.reactions import REACTIONS
from notifications.store import COLLECTIONS
from notifications.templates.render import try_out
from tests.memory.mongo import MemoryDatabase
from tests.records import record
from tests.unit.notifications.notification_builders import ACCOUNT, sample, variables

KIND, MANDATE, ORGANISATION = "mandate_ended", new_id(), new_id()


async def received(*events):
    database = MemoryDatabase("notifications", COLLECTIONS)
    (table,) = [table for table in REACTIONS if table.topic == MandateEnded.topic]
    for sequence, (event, id_) in enumerate(zip(events, event_ids, strict=True), 1):
        given = record(event, aggregate=MANDATE, sequence=sequence, organisation=ORGANISATION, event_id=id_)
        await Batches("notifications", database, table).apply([given])
    return await database["mails"].find({}).to_list(None)


def found_by_verify(mails):
    report = Report()
    verified.check_beside(MANDATE, rows, mails, report)
    return [(finding.rule, "mandate" in finding.where) for finding in report.findings]


events = [
    MandateEnded(account=ACCOUNT, mandate=MANDATE, why=why, ended_on=date(2027, 1, 5)) for why in ("removed", "lapsed")
]
event_ids = [new_id() for _ in events]
rows = [
    {"_id": id_, "type": event.type_name(), "data": event.model_dump(mode="json")}
    for id_, event in zip(event_ids, events, strict=True)
]
made = asyncio.run(received(*events))
other = [{**mail, "content": {**mail["content"], "ended_on": "2027-01-06"}} for mail in made]
words = {each: default_words(KIND, each) for each in ("en", "fr")}
listed = summary_of(untouched(ORGANISATION, KIND, "fr"))
print(json.dumps({
    "made": [[mail["kind"], mail["cause"] == event_ids[1], mail["content"]["ended_on"]] for mail in made],
    "written": [try_out(words[each], variables(sample(KIND)), KIND, each).text for each in words],
    "listed": [listed.subject, listed.names],
    "on the page": [line for line in mails_sent().splitlines() if KIND in line],
    "beside mandates": KIND in verified.kinds_about("mandate")["$in"],
    "verified": [found_by_verify(made), found_by_verify([]), found_by_verify(other)],
}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process sees that runs a copy of the service with one folder more."""
    copy = tmp_path_factory.mktemp("added")
    shutil.copytree(Path(notifications.__path__[0]), copy / "notifications")
    folder = copy / "notifications" / "mails" / "mandate_ended"
    folder.mkdir()
    for name, text in FOLDER.items():
        (folder / name).write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(copy), str(ROOT)))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_not_1_its_event_makes_it_due_unless_its_folder_says_that_there_is_nothing_to_say(seen: dict[str, Any]) -> None:
    assert seen["made"] == [["mandate_ended", True, "2027-01-05"]]


def test_it_is_written_in_both_languages(seen: dict[str, Any]) -> None:
    english, french = seen["written"]
    assert "Your mandate ended on 5 January 2027." in english
    assert "Votre mandat a expiré le 5 janvier 2027." in french


def test_its_template_is_listed_by_its_name(seen: dict[str, Any]) -> None:
    assert seen["listed"] == ["Votre mandat a expiré", {"en": "Mandate ended", "fr": "Mandat expiré"}]
    assert seen["on the page"] == [
        "| `mandate_ended` | Mandate ended | the client | `MandateEnded` "
        "| A mandate has ended: the family is asked for another (PAY-18). |"
    ]


def test_carnet_verify_reads_it_beside_its_mandate_and_finds_it_missing_or_wrong(seen: dict[str, Any]) -> None:
    assert seen["beside mandates"]
    right, missing, wrong = seen["verified"]
    assert (right, missing, wrong) == ([], [["NOT-3", True]], [["NOT-1", False]])
