"""The pages for people: what they point to is there, and the commands that they name exist."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.main import get_group

from carnet.events import TOPICS
from carnet_operations.cli import commands
from carnet_operations.documents.asyncapi import HEADERS
from carnet_suite.commands.display import variables
from carnet_suite.welcome import Welcome
from tests.pages import ROOT

PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "services").glob("*/README.md")),
]
FOUND_BY_THE_READER = {"ACCOUNT", "CONTRACT"}
"""Variables of the pages that `make up` cannot print: ids that the reader makes."""
CODE = re.compile(r"```.*?```|^ {4}[^\n]*$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def code_of(page: Path) -> list[str]:
    return CODE.findall(page.read_text(encoding="utf-8"))


def prose_of(page: Path) -> str:
    return re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose_of(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose_of(page)):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def test_every_page_is_found_from_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    targets = re.findall(r"\]\(([^)\s]+)\)", prose_of(index))
    linked = {(index.parent / target.partition("#")[0]).resolve() for target in targets}
    for page in (ROOT / "docs").rglob("*.md"):
        assert page == index or page in linked or page.parent in linked, page


def test_the_map_names_what_is_there() -> None:
    rows = re.findall(r"^\| (`[^|]+) \|", (ROOT / "docs" / "contributing" / "map.md").read_text(), flags=re.MULTILINE)
    for name in (name for row in rows for name in re.findall(r"`([^`]+)`", row)):
        where = re.sub(r"^services/(\w+)/\.\.\.", r"services/\1/src/\1", name)
        where = re.sub(r"^\.\.\.", "services/payments/src/payments", where)
        assert (ROOT / where).exists(), name


def test_the_variables_of_the_pages_are_those_that_the_suite_prints() -> None:
    running: Any = SimpleNamespace(
        front="http://front", sandbox="http://box", servers=SimpleNamespace(kafka_bootstrap="k")
    )
    printed = variables(running, Welcome("organisation", "token", "tomorrow")).keys()
    for page in PAGES:
        named = {name for code in code_of(page) for name in re.findall(r"\$([A-Z]+)\b", code)}
        assert named <= printed | FOUND_BY_THE_READER, page.name


def test_every_command_of_the_pages_exists() -> None:
    known = set(get_group(commands()).commands)
    for page in PAGES:
        for code in code_of(page):
            named = set(re.findall(r"(?<![\w./-])carnet ([a-z]+)", code))
            assert named <= known, f"{page.name}: {named - known}"


def test_every_option_of_the_pages_is_taken_by_its_command() -> None:
    for page in PAGES:
        for line in (line for code in code_of(page) for line in code.splitlines()):
            for words in re.findall(r"(?<![\w./-])carnet ([a-z]+[^#`|&;]*)", line):
                command: Any = get_group(commands())
                for word in words.split():
                    command = getattr(command, "commands", {}).get(word, command)
                known = {name for parameter in command.params for name in parameter.opts}
                named = set(re.findall(r"(?<=\s)--[a-z-]+", words))
                assert named <= known, f"{page.name}: {line}"


def test_every_target_of_make_in_the_pages_exists() -> None:
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    for page in PAGES:
        for code in code_of(page):
            named = set(re.findall(r"\bmake ([a-z]+)", code))
            assert named <= known, f"{page.name}: {named - known}"


MEASURED = {
    "changes of contracts, confirmed": "Confirmations per second over HTTP, 16 clients",
    "events to apply, per service": "Events applied per second by the payments worker",
    "events to publish, per service": "Events published per second by the relay",
    "instalments to collect": "Instalments collected per second by one payments worker",
    "instalments to collect, by two": "Instalments collected per second by two payments workers",
    "periods of subscriptions to bill": "Periods of subscriptions billed per second",
    "PDFs of invoices": "PDFs of invoices per second",
}
"""What the page about capacity says of a load, and the figure that it is derived from."""


def number(page: str, row: str, unit: str) -> int:
    """The first number in that unit of the row of a table that begins so."""
    text = (ROOT / "docs" / "operations" / page).read_text(encoding="utf-8")
    (found,) = re.findall(rf"^\| {re.escape(row)}[^|]*\|.*?([\d,]+){unit}", text, flags=re.MULTILINE)
    return int(found.replace(",", ""))


@pytest.mark.parametrize("load", MEASURED)
def test_capacity_is_derived_from_what_was_measured(load: str) -> None:
    said = number("capacity.md", f"{load} |", " a second")
    assert said == pytest.approx(number("performance.md", MEASURED[load], "/s"), rel=0.15)


def first_cells(page: str, heading: str) -> list[str]:
    """The words in code quotes in the first cells of the first table below a heading."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n", maxsplit=1)[1].split("\n## ", maxsplit=1)[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


def test_subscribers_have_a_description_of_every_header_of_the_envelope() -> None:
    assert set(first_cells("integration/subscribing.md", "The envelope")) == set(HEADERS)


def test_subscribers_have_a_description_of_every_topic_and_what_it_holds() -> None:
    assert set(first_cells("integration/subscribing.md", "The topics")) == {topic.name for topic in TOPICS}
    page = (ROOT / "docs" / "integration" / "subscribing.md").read_text(encoding="utf-8")
    for topic in TOPICS:
        assert re.search(rf"^\| `{re.escape(topic.name)}` \| {topic.kind} \|", page, flags=re.MULTILINE)
