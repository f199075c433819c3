"""Each mail is one whole folder, and text that several have is a partial."""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

import notifications.mails
from carnet.events.contracts import CONTRACTS
from carnet.events.credits import CREDITS
from carnet.events.payments import SCHEDULES
from notifications.mails import DUE, KINDS, MAILS
from notifications.mails.samples import CONTRACT
from notifications.templates.values import LOCALES

FOLDER = Path(notifications.mails.__path__[0])
FOLLOWED = (CONTRACTS, SCHEDULES, CREDITS)
"""The topics with events that make mails due."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_is_whole(kind: str) -> None:
    folder, mail = FOLDER / kind, MAILS[kind]
    there = {path.name for path in folder.iterdir() if path.is_file()}
    assert there == {"__init__.py", *(f"{language}.md" for language in LOCALES)}
    assert mail.facts.model_fields["kind"].default == kind
    facts = mail.sample("EUR")
    assert facts.kind == kind
    assert facts.contract in {None, CONTRACT}
    assert type(facts) is mail.facts
    # The facts have the names of the fields of the event; one without a contract is about an account, one without a
    # currency about no amount.
    defaults = {name: field.default for name, field in mail.facts.model_fields.items() if not field.is_required()}
    for event in mail.due:
        assert event.topic in FOLLOWED
        assert {"account", mail.about} <= event.model_fields.keys()
        for name, none in (("contract", None), ("currency", "XXX")):
            assert name in event.model_fields or defaults[name] == none
        assert kind in DUE[event]


def test_every_folder_is_a_mail_and_every_partial_is_there_in_every_language() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == {*KINDS, "partials"}
    named = {
        name for path in FOLDER.glob("*/*.md") for name in re.findall(r"^@([a-z_]+)$", path.read_text("utf-8"), re.M)
    }
    partials = {path.name for path in (FOLDER / "partials").iterdir()}
    assert partials == {f"{name}.{language}.md" for name in named for language in LOCALES}


@pytest.mark.parametrize("language", LOCALES)
def test_text_that_several_mails_share_is_a_partial(language: str) -> None:
    runs: Counter[tuple[str, ...]] = Counter()
    for kind in KINDS:
        lines = [line for line in (FOLDER / kind / f"{language}.md").read_text("utf-8").splitlines() if len(line) > 40]
        runs.update(set(pairwise(lines)))
    assert [run for run, count in runs.items() if count > 2] == []


@pytest.mark.parametrize("language", LOCALES)
def test_both_languages_say_the_same_values(language: str) -> None:
    for kind in KINDS:
        texts = [(FOLDER / kind / f"{each}.md").read_text("utf-8") for each in ("en", language)]
        first, second = ({*re.findall(r"\{\{ (.*?) \}\}", text)} for text in texts)
        assert first == second, kind
