"""docs/contributing/README.md shows the code as it is: a guide that drifts misleads."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from carnet_operations import verify
from tests.pages import ROOT, blocks, quoted

BLOCKS = blocks("contributing/README.md")


@pytest.mark.parametrize("title", BLOCKS)
def test_what_the_page_quotes_is_the_code(title: str) -> None:
    assert BLOCKS[title] == quoted(title)


def test_the_page_shows_a_reaction_and_a_route_whole() -> None:
    shown = " ".join(BLOCKS)
    for room in ("domain", "store.py", "reactions.py", "api", "tests/integration"):
        assert room in shown


def test_the_map_names_every_room() -> None:
    page = (ROOT / "docs/contributing/map.md").read_text(encoding="utf-8")
    services = [
        room for room in ROOT.glob("services/*/src/*/*/") if room.parent.name in ("contracts", "payments", "credits")
    ]
    rooms = [*services, *ROOT.glob("libs/common/src/carnet/*/"), *ROOT.glob("deploy/*/"), *ROOT.glob("apps/*/")]
    own = {"api", "domain", "http"}  # the parts of a service and of the kit that are not named alone
    names = {room.name for room in rooms if (room / "__init__.py").exists() or room.parent.name in ("deploy", "apps")}
    assert {name for name in names - own if f"/{name}`" not in page and f"/{name}/" not in page} == set()


def test_a_query_is_in_a_store() -> None:
    asks = re.compile(r"database\[|\"\$(?!ref\")")  # a collection, or an operator of MongoDB
    modules = [
        module
        for module in ROOT.glob("services/*/src/**/*.py")
        if "store" not in module.relative_to(ROOT).with_suffix("").parts
    ]
    assert len(modules) > 300
    assert [str(module) for module in modules if asks.search(module.read_text(encoding="utf-8"))] == []


def lines_of_routes(module: Path) -> Iterator[tuple[str, int]]:
    """The routes of a module, and how many lines the body of each has below its docstring."""
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        methods = {getattr(getattr(each, "func", None), "attr", "") for each in getattr(node, "decorator_list", [])}
        if isinstance(node, ast.AsyncFunctionDef) and methods & {"get", "post", "put", "delete"}:
            first = node.body[1 if ast.get_docstring(node) else 0]
            yield node.name, (node.end_lineno or 0) - first.lineno + 1


def test_a_route_is_short() -> None:
    routes = dict(route for module in ROOT.glob("services/*/src/**/*.py") for route in lines_of_routes(module))
    assert len(routes) > 200
    assert {name: lines for name, lines in routes.items() if lines > 20} == {}
    assert sum(lines <= 15 for lines in routes.values()) > 0.9 * len(routes)


def test_verify_names_each_promise_that_it_proves() -> None:
    folders = {each.parent for each in Path(verify.__path__[0]).glob("*/__init__.py")}
    promises = {each.name for each in folders if (each / "__init__.py").read_text().startswith('"""Promise: ')}
    (listed,) = re.findall(r"A folder per promise: (.*?)\. Here:", verify.__doc__ or "", flags=re.DOTALL)
    assert set(re.findall(r"``(\w+)``", listed)) == promises
    page = (ROOT / "docs/operations/operating.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^- \*\*(\w+)\*\*: .*[;.]$", page.partition("## Proving it")[2], re.MULTILINE)) == promises
