"""The code in the pages of docs/, by the comment before each block."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_BLOCK = re.compile(r"^<!-- (?P<title>[^\n]+) -->\n```[a-z]*\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> dict[str, str]:
    """The marked blocks of ``docs/<page>``: what the comment before each says, and the code."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = [(match["title"], match["code"]) for match in _BLOCK.finditer(text)]
    assert len(dict(found)) == len(found), f"two blocks of {page} have the same title"
    return dict(found)


def quoted(title: str) -> str:
    """The source that a title ``path: name, other`` speaks of: these names of that module, decorators included."""
    path, names = title.split(": ")
    source = (ROOT / path).read_text(encoding="utf-8")
    defined = {name: node for node in ast.parse(source).body for name in _names(node)}
    nodes = [defined[name] for name in names.split(", ")]
    between = "\n" if all(isinstance(node, ast.Assign) for node in nodes) else "\n\n\n"
    return between.join(_lines(source, node) for node in nodes) + "\n"


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def _lines(source: str, node: ast.stmt) -> str:
    decorators = getattr(node, "decorator_list", [])
    first = min(each.lineno for each in [node, *decorators])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])
