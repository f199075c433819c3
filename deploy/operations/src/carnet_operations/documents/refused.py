"""Every problem that an API may answer with, found where the code raises it.

A refusal is raised with its slug, a sentence and its parameters in one call: these are read from the
source, not by running it. A slug or a sentence that is put together shows its parts in braces.
"""

import ast
import importlib.util
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from carnet.http.problems import STATUSES
from carnet.refusals import Kind

KIT = "carnet"

PUT_TOGETHER: Mapping[str, tuple[str, ...]] = {"{peer}-unavailable": ("catalog-unavailable", "payments-unavailable")}
"""The slugs that a value decides, each with those that it may be."""

_USED_BY: Mapping[str, frozenset[str]] = {
    "requests/kept.py": frozenset({"contracts", "credits"}),
    "requests/uncovered.py": frozenset({"contracts", "credits"}),
    "requests/refused_uses.py": frozenset({"credits", "payments"}),
}
"""The modules of the kit that only some services use."""

_PASSED_ON = ("unknown-{what}", "unknown-{...}", "{slug}")
"""The slugs of functions that others call with one of theirs."""

_BY_FUNCTION = {"invalid": Kind.INVALID, "conflict": Kind.CONFLICT, "stale": Kind.STALE}
_NO_PARAMETERS = {"rule", "errors", "headers", "params"}


@dataclass
class Problem:
    """A type of problem: its statuses, rules and services, what it is about, and what it says to do."""

    slug: str
    statuses: set[int] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    services: set[str] = field(default_factory=set)
    params: dict[str, None] = field(default_factory=dict)
    details: dict[str, None] = field(default_factory=dict)


FRONT = Path(__file__).parents[4] / "front" / "Caddyfile"
"""Where the front says which problems it answers itself, in lines such as ``problem 404 unknown-route "..." "..."``."""

_OF_THE_FRONT = re.compile(r'import problem (\d{3}) ([a-z-]+) "[^"]*" "([^"]*)"')


@cache
def problems(services: tuple[str, ...]) -> tuple[Problem, ...]:
    """All of them, by their slugs: what the services raise, what the kit raises in each, and what the front answers."""
    found: dict[str, Problem] = {}
    for status, slug, detail in _OF_THE_FRONT.findall(FRONT.read_text(encoding="utf-8")):
        answered = {detail.replace("{vars.service}", "{service}"): None}
        _merge(found.setdefault(slug, Problem(slug)), Problem(slug, {int(status)}, set(), {"front"}, {}, answered))
    for package in (KIT, *services):
        for path in sorted(_root(package).rglob("*.py")):
            used_by = next((by for end, by in _USED_BY.items() if path.as_posix().endswith(f"/{end}")), {package})
            for raised in _Module(path, used_by).raised():
                for slug in _slugs(raised.slug, path):
                    _merge(found.setdefault(slug, Problem(slug)), raised)
    return tuple(found[slug] for slug in sorted(found))


def _slugs(written: str, path: Path) -> tuple[str, ...]:
    """The slugs that an expression stands for. Raises ``ValueError`` if they can't be derived."""
    if written in _PASSED_ON:
        return ()
    if "{" in written and written not in PUT_TOGETHER:
        raise ValueError(f"{path} raises the problem {written}: say in {__name__}.PUT_TOGETHER what it may be")
    return PUT_TOGETHER.get(written, (written,))


def _root(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise LookupError(f"the package {package} is not installed")
    return Path(spec.origin).parent


def _merge(known: Problem, raised: Problem) -> None:
    known.statuses |= raised.statuses
    known.rules |= raised.rules
    known.services |= raised.services
    known.params |= raised.params
    known.details |= raised.details


class _Module:
    """One file: its functions, the calls that raise in them, and what their arguments may be."""

    def __init__(self, path: Path, services: AbstractSet[str]) -> None:
        self._tree = ast.parse(path.read_text(encoding="utf-8"))
        self._services = set(services)
        nodes = list(ast.walk(self._tree))
        self._functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        self._calls = [node for node in nodes if isinstance(node, ast.Call)]
        self._constants = _constants(self._tree.body)
        self._sentences = _sentences(self._tree.body)

    def raised(self) -> Iterator[Problem]:
        """The problems that the calls of this file raise, one by one."""
        for call in self._calls:
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            arguments = list(call.args)
            if name == "one":
                yield from self._unknown(call, _keyword(call, "what"))
            elif name == "unknown" and len(arguments) == 2:
                yield from self._unknown(call, arguments[0])
            elif name in _BY_FUNCTION and len(arguments) >= 2:
                yield from self._found(call, {STATUSES[_BY_FUNCTION[name]]}, arguments[0], arguments[1])
            elif name == "Refusal" and len(arguments) >= 3 and getattr(arguments[0], "attr", "") in Kind.__members__:
                kind = Kind[getattr(arguments[0], "attr", "")]
                yield from self._found(call, {STATUSES[kind]}, arguments[1], arguments[2])
            elif name == "ProblemError" and len(arguments) >= 3 and isinstance(arguments[0], ast.Constant):
                yield from self._found(call, {int(str(arguments[0].value))}, arguments[1], arguments[2])
            elif name == "TokenRefusedError" and len(arguments) == 2:
                yield from self._found(call, {401}, arguments[0], arguments[1])

    def _unknown(self, call: ast.Call, what: ast.expr | None) -> Iterator[Problem]:
        if what is None:
            return
        for each in self._texts(what, call):
            detail = f"There is no {each} {{id}} in this organisation. Check the id."
            yield Problem(
                f"unknown-{each.replace(' ', '-')}",
                {404},
                {"ORG-1"},
                set(self._services),
                {"what": None, "id": None},
                {detail: None},
            )

    def _found(self, call: ast.Call, statuses: set[int], slug: ast.expr, detail: ast.expr) -> Iterator[Problem]:
        rule = _keyword(call, "rule")
        params = dict.fromkeys(each.arg for each in call.keywords if each.arg and each.arg not in _NO_PARAMETERS)
        given = _keyword(call, "params")
        if isinstance(given, ast.Dict):
            params |= dict.fromkeys(str(key.value) for key in given.keys if isinstance(key, ast.Constant))
        rules = set(self._texts(rule, call)) if rule is not None else set()
        rules = {each for each in rules if "{" not in each}
        for each, texts in self._described(slug, detail, call):
            yield Problem(each, statuses, rules, set(self._services), params, dict.fromkeys(texts))

    def _described(self, slug: ast.expr, detail: ast.expr, call: ast.Call) -> Iterator[tuple[str, list[str]]]:
        """Each slug with its sentences; where a table has a sentence for each of its keys, a slug for each."""
        if isinstance(detail, ast.Subscript) and _name_of(detail) in self._sentences:
            chosen = f"{{{_name_of(detail.slice)}}}"
            for key, sentence in self._sentences[_name_of(detail)].items():
                yield from ((each.replace(chosen, key), [sentence]) for each in self._texts(slug, call))
            return
        for each in self._texts(slug, call):
            yield each, [text for text in self._texts(detail, call) if " " in text]

    def _texts(self, node: ast.expr, call: ast.Call) -> list[str]:
        """The texts that an expression may be; parts that are not known here are in braces."""
        match node:
            case ast.Constant(value=str()):
                return [str(node.value)]
            case ast.IfExp():
                return [*self._texts(node.body, call), *self._texts(node.orelse, call)]
            case ast.JoinedStr():
                return self._joined(node, call)
            case ast.Name():
                return self._named(node.id, call) or [f"{{{node.id}}}"]
            case ast.BinOp(op=ast.Add()):
                return [a + b for a in self._texts(node.left, call) for b in self._texts(node.right, call)]
        return [f"{{{_name_of(node)}}}"]

    def _joined(self, node: ast.JoinedStr, call: ast.Call) -> list[str]:
        texts = [""]
        for part in node.values:
            following = [str(part.value)] if isinstance(part, ast.Constant) else ["{}"]
            if isinstance(part, ast.FormattedValue):
                name = _name_of(part.value)
                known = self._named(name, call) if isinstance(part.value, ast.Name) else []
                following = known if known and len(known) <= 8 else [f"{{{name}}}"]
            texts = [text + each for text in texts for each in following]
        return texts

    def _named(self, name: str, call: ast.Call) -> list[str]:
        """The texts that a name may be: a constant of the module or of the function, or what callers give for it."""
        function = next((each for each in self._functions if call in ast.walk(each)), None)
        if function is not None:
            within = _constants(list(ast.walk(function)))
            if name in within:
                return within[name]
            parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
            if name in (*parameters, *(each.arg for each in function.args.kwonlyargs)):
                return self._given(function, parameters, name)
        return self._constants.get(name, [])

    def _given(self, function: ast.FunctionDef | ast.AsyncFunctionDef, parameters: list[str], name: str) -> list[str]:
        place = parameters.index(name) if name in parameters else None
        found: list[str] = []
        for call in self._calls:
            called = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            if called != function.name:
                continue
            # A method is called without what its definition names first.
            shift = 1 if isinstance(call.func, ast.Attribute) and parameters[:1] == ["self"] else 0
            given = _keyword(call, name)
            if given is None and place is not None and place - shift < len(call.args):
                given = call.args[place - shift]
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                found.append(given.value)
        return list(dict.fromkeys(found))


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)


def _name_of(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
        case ast.Call(args=[first, *_]):
            return _name_of(first)
        case ast.Subscript():
            return _name_of(node.value)
    return "..."


def _constants(nodes: list[ast.stmt] | list[ast.AST]) -> dict[str, list[str]]:
    """The texts that are assigned to names."""
    found: dict[str, list[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found.setdefault(node.targets[0].id, []).append(value.value)
    return found


def _sentences(nodes: list[ast.stmt]) -> dict[str, dict[str, str]]:
    """The tables of texts by a key that are assigned to names."""
    found: dict[str, dict[str, str]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            pairs = zip(node.value.keys, node.value.values, strict=True)
            texts = {
                str(key.value): value.value
                for key, value in pairs
                if isinstance(key, ast.Constant) and isinstance(value, ast.Constant) and isinstance(value.value, str)
            }
            if isinstance(target, ast.Name) and texts:
                found[target.id] = texts
    return found
